//! `[course]`: the pace of a course.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[course]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Course {
    pub pace_min_days: u16,
    pub pace_max_days: u16,
}

impl Course {
    /// What single keys cannot say: whether it holds, and what was expected.
    pub(super) const fn checks(&self) -> [(bool, &'static str); 1] {
        [(
            self.pace_min_days <= self.pace_max_days && self.pace_max_days <= 366,
            "course.pace_min_days, pace_max_days: expected pace_min_days <= pace_max_days <= 366",
        )]
    }
}
