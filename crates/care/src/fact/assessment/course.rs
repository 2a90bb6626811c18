//! Decisions and events of the course: reviews, return to work, referrals, costs, and what is taken back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::bound::{Bound, CalendarDay, Code, Key, Note, Number, Opt, Text};
use crate::id::AssessmentId;
use crate::role::Role;
use crate::time::Date;

/// Whether return-to-work planning is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanningState {
    /// Under way.
    Open,
    /// Done.
    Closed,
}

/// `assessment.return_to_work`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReturnToWork {
    /// Under way or done.
    pub state: PlanningState,
    /// Since when.
    #[serde(with = "CalendarDay")]
    pub on: Date,
}

/// What a course review decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CourseDecision {
    /// Go on.
    Continue,
    /// Go on differently.
    Adjust,
    /// Stop needling.
    Stop,
}

/// `assessment.course_review`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CourseReview {
    /// What was decided.
    pub decision: CourseDecision,
    /// Why, a code.
    #[serde(default, with = "Opt::<Code>")]
    pub note_code: Option<String>,
}

/// `assessment.referral`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Referral {
    /// To whom.
    pub to: Role,
    /// The day.
    #[serde(with = "CalendarDay")]
    pub on: Date,
}

/// `assessment.cost`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// How much.
    #[serde(with = "Number::<0, 1_000_000_000>")]
    pub amount: f64,
    /// ISO 4217 code.
    #[serde(with = "Text::<3, 3>")]
    pub currency: String,
    /// For what, a code.
    #[serde(with = "Key")]
    pub what: String,
    /// The day.
    #[serde(with = "CalendarDay")]
    pub on: Date,
}

/// `assessment.retracted`: takes one assessment back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Retraction {
    /// The one taken back.
    pub assessment_id: AssessmentId,
    /// Why.
    #[serde(default, with = "Opt::<Note>")]
    pub reason: Option<String>,
}
