//! `[reports]`: when the outcome is told, and how long a progress report is worth sending.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[reports]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Reports {
    pub outcome_day: u16,
    pub useful_days: u16,
}

impl Reports {
    /// What single keys cannot say.
    pub(super) fn checks(&self) -> [(bool, &'static str); 2] {
        [
            (
                (7..=366).contains(&self.outcome_day),
                "reports.outcome_day: expected 7 to 366 days",
            ),
            (
                (1..=90).contains(&self.useful_days),
                "reports.useful_days: expected 1 to 90 days",
            ),
        ]
    }
}
