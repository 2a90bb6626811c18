//! `[adverse_events]`: when the rate of adverse events itself looks wrong.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::{Check, within};

/// `[adverse_events]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct AdverseEvents {
    pub signal_low_per_10000: u16,
    pub signal_high_per_10000: u16,
    pub signal_min_treatments: u32,
}

impl AdverseEvents {
    /// Safety: a clinic may look at its rate sooner, never later.
    pub(super) fn checks(&self) -> Vec<Check> {
        vec![
            within(
                self.signal_low_per_10000 >= 100,
                "adverse_events.signal_low_per_10000: expected at least 100 (safety rule)",
            ),
            within(
                self.signal_low_per_10000 < self.signal_high_per_10000 && self.signal_high_per_10000 <= 2000,
                "adverse_events.signal_high_per_10000: expected above signal_low_per_10000, at most 2000 \
                 (safety rule)",
            ),
            within(
                (1..=300).contains(&self.signal_min_treatments),
                "adverse_events.signal_min_treatments: expected 1 to 300 (safety rule)",
            ),
        ]
    }
}
