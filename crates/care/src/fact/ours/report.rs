//! Oswestry scores and reminders, and the reports: what the mail shows, as data.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::bound::{Bound, CalendarDay, Code, Int, Key, List, Map, Number, Object, Opt, Text};
use crate::id::AssessmentId;
use crate::measure::odi::Band;
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The report, derived from what led to it.
    #[serde(with = "Text::<1, 200>")]
    pub report_id: String,
    /// Why now, a code such as `meaningful-change`.
    #[serde(with = "Code")]
    pub reason: String,
    /// Whether the plan closes with it.
    #[serde(default)]
    pub closing: bool,
    /// Oswestry over time.
    #[serde(default, with = "List::<Object<ReportPoint>, 2000>")]
    pub oswestry: Vec<ReportPoint>,
    /// Pain over time.
    #[serde(default, with = "List::<Object<ReportPoint>, 2000>")]
    pub pain: Vec<ReportPoint>,
    /// Counts such as `ea_attended`, `pt_attended`, `pt_prepared_on_target`.
    #[serde(default, with = "Map::<Key, Int<0, 4_294_967_295>, 200>")]
    pub counts: BTreeMap<String, u32>,
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
}
