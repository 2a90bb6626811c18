//! Oswestry scores and reminders, and the reports: what the mail shows, as data.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::assessment::CourseDecision;
use crate::fact::bound::{
    Any, Bound, CalendarDay, Code, Int, Key, List, Map, Note, Number, Object, Opt, Text,
};
use crate::fact::ours::Severity;
use crate::id::{AlertId, AssessmentId, PlanId};
use crate::measure::odi::Band;
use crate::measure::pain::{Context, Scale};
use crate::role::Role;
use crate::time::Date;

/// `oswestry.scored`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OswestryScored {
    /// The submission.
    pub assessment_id: AssessmentId,
    /// Sum of the answered sections.
    #[serde(with = "Int::<0, 1000>")]
    pub sum: u16,
    /// Sections answered.
    #[serde(with = "Int::<0, 200>")]
    pub answered: u16,
    /// One decimal, half up; absent when not valid.
    #[serde(default, with = "Opt::<Number<0, 100>>")]
    pub percent: Option<f64>,
    /// Band; absent when not valid.
    pub band: Option<Band>,
    /// Whether it may be used.
    pub valid: bool,
    /// The due it answers, if any.
    #[serde(default, with = "Opt::<CalendarDay>")]
    pub answers_due: Option<Date>,
}

/// `oswestry.due`, `.overdue`, `.missed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OswestryReminder {
    /// The due date.
    #[serde(with = "CalendarDay")]
    pub due_on: Date,
    /// Number of the due; 0 is the baseline.
    #[serde(with = "Int::<0, 100_000>")]
    pub k: u32,
    /// On overdue: 1 or 2.
    #[serde(default, with = "Opt::<Int<1, 2>>")]
    pub step: Option<u8>,
}

/// `report.progress` and `report.outcome`: what the mail shows, as data.
///
/// A change always stands beside its baseline, and every count beside what it is counted of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The report, derived from what led to it; a corrected version ends in `-2`, `-3` and so on.
    #[serde(with = "Text::<1, 200>")]
    pub report_id: String,
    /// Why now, a code such as `meaningful-change`.
    #[serde(with = "Code")]
    pub reason: String,
    /// The plan it is about.
    pub plan_id: Option<PlanId>,
    /// Whether the plan closes with it.
    #[serde(default)]
    pub closing: bool,
    /// The report that this one corrects.
    #[serde(default, with = "Opt::<Text<1, 200>>")]
    pub corrects: Option<String>,
    /// The submission that led to it.
    pub assessment_id: Option<AssessmentId>,
    /// Who is told.
    #[serde(default, with = "List::<Any<Role>, 16>")]
    pub roles: Vec<Role>,
    /// Oswestry over time, of one version of the instrument.
    #[serde(default, with = "List::<Object<ReportPoint>, 2000>")]
    pub oswestry: Vec<ReportPoint>,
    /// From the baseline to the last result; absent without a baseline or a later result.
    #[serde(default, with = "Opt::<Object<ReportChange>>")]
    pub oswestry_change: Option<ReportChange>,
    /// Pain over time, of one scale and one question; the last of each day.
    #[serde(default, with = "List::<Object<ReportPoint>, 2000>")]
    pub pain: Vec<ReportPoint>,
    /// The scale of `pain`.
    pub pain_scale: Option<Scale>,
    /// What was asked for `pain`.
    pub pain_context: Option<Context>,
    /// From the baseline to the last score; absent without a baseline or a later score.
    #[serde(default, with = "Opt::<Object<ReportChange>>")]
    pub pain_change: Option<ReportChange>,
    /// Whether the patient's own goal is met, as last reported.
    pub goal_met: Option<bool>,
    /// Doses of sleep aids, first count to last, percent of the first; positive for fewer.
    #[serde(default, with = "Opt::<Number<-1_000_000, 100>>")]
    pub sleep_aid_fewer_percent: Option<f64>,
    /// What the last course review decided.
    pub review: Option<CourseDecision>,
    /// Counts such as `ea_attended`, `pt_attended`, `pt_prepared_on_target`.
    #[serde(default, with = "Map::<Key, Int<0, 4_294_967_295>, 200>")]
    pub counts: BTreeMap<String, u32>,
    /// Alerts that are open, advisory and above.
    #[serde(default, with = "List::<Object<ReportAlert>, 200>")]
    pub open_alerts: Vec<ReportAlert>,
    /// What comes next, soonest first.
    #[serde(default, with = "List::<Object<ReportStep>, 16>")]
    pub next: Vec<ReportStep>,
}

impl Report {
    /// Reason: an Oswestry that is meaningfully better than the baseline.
    pub const IMPROVED: &'static str = "meaningful-change";
    /// Reason: an Oswestry that is at least 10 points worse than the baseline.
    pub const WORSE: &'static str = "meaningful-worsening";
    /// Reason: a course review.
    pub const COURSE_REVIEW: &'static str = "course-review";
    /// Reason: the twelve weeks are over.
    pub const OUTCOME: &'static str = "outcome-12-week";
    /// Reason: a result of the twelve weeks came, or went, after they were reported.
    pub const CORRECTED: &'static str = "outcome-12-week-corrected";
    /// Reason: the plan is completed.
    pub const COMPLETED: &'static str = "plan-completed";
    /// Reason: the plan is revoked.
    pub const REVOKED: &'static str = "plan-revoked";

    /// Whether it states an outcome; else it tells of progress.
    #[must_use]
    pub fn is_outcome(&self) -> bool {
        self.closing || matches!(self.reason.as_str(), Self::OUTCOME | Self::CORRECTED)
    }

    /// A count; zero where there is none.
    #[must_use]
    pub fn count(&self, name: &str) -> u32 {
        self.counts.get(name).copied().unwrap_or(0)
    }
}

/// One point of a trend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportPoint {
    /// The day.
    #[serde(with = "CalendarDay")]
    pub on: Date,
    /// Percent, mm or points.
    #[serde(with = "Number::<0, 1000>")]
    pub value: f64,
    /// Better than the baseline by so many points, exact; absent without a baseline and for the baseline itself.
    #[serde(default, with = "Opt::<Number<-1000, 1000>>")]
    pub better_by: Option<f64>,
    /// Band of an Oswestry.
    pub band: Option<Band>,
}

/// A change from a baseline; positive is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportChange {
    /// Day of the baseline.
    #[serde(with = "CalendarDay")]
    pub baseline_on: Date,
    /// Its value.
    #[serde(with = "Number::<0, 1000>")]
    pub baseline: f64,
    /// Day of the last result.
    #[serde(with = "CalendarDay")]
    pub now_on: Date,
    /// Its value.
    #[serde(with = "Number::<0, 1000>")]
    pub now: f64,
    /// Better by so many points.
    #[serde(with = "Number::<-1000, 1000>")]
    pub better_by_points: f64,
    /// Better by so many percent of the baseline; absent from a baseline of zero.
    #[serde(default, with = "Opt::<Number<-100_000, 100>>")]
    pub better_by_percent: Option<f64>,
    /// Results from the baseline to the last, both counted.
    #[serde(with = "Int::<0, 1_000_000>")]
    pub n: u32,
    /// Better by a meaningful amount: Oswestry 10 points or 30 %, pain 30 %.
    pub improved: bool,
    /// Worse by a meaningful amount: Oswestry 10 points, pain 20 mm or 2 points.
    pub worse: bool,
    /// The baseline is so low that the percentage says little.
    #[serde(default)]
    pub low_baseline: bool,
}

/// An open alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportAlert {
    /// Which.
    pub alert_id: AlertId,
    /// The rule's title.
    #[serde(with = "Note")]
    pub title: String,
    /// How soon somebody must know.
    pub severity: Severity,
}

/// Something that comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportStep {
    /// A code such as `oswestry-due`.
    #[serde(with = "Code")]
    pub what: String,
    /// The day, where it is known.
    #[serde(default, with = "Opt::<CalendarDay>")]
    pub on: Option<Date>,
}
