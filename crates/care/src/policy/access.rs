//! `[access]`: waiting for physical therapy, and what a payer allows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::{Check, within};

/// `[access]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Access {
    pub pt_wait_days: u16,
    pub pt_wait_repeat_days: u16,
    pub payer_visits: u16,
    pub payer_days: u16,
    pub payer_visits_a_year: u16,
}

impl Access {
    pub(super) fn checks(&self) -> Vec<Check> {
        vec![
            within(
                (1..=366).contains(&self.pt_wait_days),
                "access.pt_wait_days: expected 1 to 366 days",
            ),
            within(
                (1..=366).contains(&self.pt_wait_repeat_days),
                "access.pt_wait_repeat_days: expected 1 to 366 days",
            ),
            within(
                (1..=366).contains(&self.payer_days),
                "access.payer_days: expected 1 to 366 days",
            ),
            within(
                1 <= self.payer_visits && self.payer_visits <= self.payer_visits_a_year,
                "access.payer_visits: expected from 1 to payer_visits_a_year",
            ),
        ]
    }
}
