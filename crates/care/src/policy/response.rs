//! `[response]`: when pain, function and exercise are looked at, and against what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[response]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Response {
    pub baseline_max_days: u16,
    pub expectation_window_days: u16,
    pub worsening_again_days: u16,
    pub exercise_days_per_week: u16,
    pub exercise_escalate_weeks: u16,
    pub exercise_repeat_weeks: u16,
    pub rehab_from_session: u16,
    pub rehab_every_sessions: u16,
    pub rehab_days: u16,
    pub recurrence_free_days: u16,
    pub recurrence_free_max_vas_mm: u16,
    pub recurrence_vas_mm: u16,
    pub recurrence_nrs: u16,
    pub recurrence_at_days: u16,
    pub recurrence_within_days: u16,
}

impl Response {
    /// What single keys cannot say: whether it holds, and what was expected.
    pub(super) fn checks(&self) -> [(bool, &'static str); 7] {
        [
            (
                (1..=366).contains(&self.baseline_max_days),
                "response.baseline_max_days: expected 1 to 366 days",
            ),
            (
                (1..=7).contains(&self.exercise_days_per_week),
                "response.exercise_days_per_week: expected 1 to 7 days",
            ),
            (
                self.exercise_escalate_weeks >= 1 && self.exercise_repeat_weeks >= 1,
                "response.exercise_escalate_weeks, exercise_repeat_weeks: expected at least 1 each",
            ),
            (
                self.rehab_from_session >= 1 && self.rehab_every_sessions >= 1,
                "response.rehab_from_session, rehab_every_sessions: expected at least 1 each",
            ),
            (
                self.recurrence_free_max_vas_mm < self.recurrence_vas_mm && self.recurrence_vas_mm <= 100,
                "response.recurrence_vas_mm: expected more than recurrence_free_max_vas_mm and at most 100 mm",
            ),
            (
                (1..=10).contains(&self.recurrence_nrs),
                "response.recurrence_nrs: expected 1 to 10",
            ),
            (
                self.recurrence_within_days <= self.recurrence_at_days && self.recurrence_at_days <= 3660,
                "response.recurrence_within_days, recurrence_at_days: expected recurrence_within_days <= \
                 recurrence_at_days <= 3660",
            ),
        ]
    }
}
