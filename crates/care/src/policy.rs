//! The policy: every number a decision uses, with one commented TOML file as documentation, default and example.

mod access;
mod adverse_events;
mod clinic_hours;
mod course;
mod fidelity;
mod file;
mod medication;
mod practitioners;
mod reports;
mod response;
mod structure;

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use access::Access;
pub use adverse_events::AdverseEvents;
pub use course::Course;
pub use fidelity::Fidelity;
pub use file::BadPolicy;
pub use medication::Medicines;
pub use practitioners::Practitioners;
pub use reports::Reports;
pub use response::Response;
pub use structure::Structure;

use crate::fact::practitioner::Day;
use crate::fact::value::{ClockTime, PointCode};
use crate::measure::odi::MaxMissing;

/// The file that is documentation, default and example at once.
pub const DEFAULT_TOML: &str = include_str!("../../../deploy/policy.toml");

/// Every number carebus decides by; units are in the names, meanings and evidence in [`DEFAULT_TOML`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the sections are documented in the file")]
pub struct Policy {
    pub scheduling: Scheduling,
    pub oswestry: Oswestry,
    pub alerts: Alerts,
    pub rules: Rules,
    pub practitioners: Practitioners,
    pub reports: Reports,
    pub structure: Structure,
    pub fidelity: Fidelity,
    pub access: Access,
    pub medication: Medicines,
    pub adverse_events: AdverseEvents,
    pub course: Course,
    pub response: Response,
    pub mail: Mail,
}

/// How the 48 hours are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeadMode {
    /// Exact hours.
    Elapsed,
    /// The same local time on an earlier calendar day.
    WallClock,
}

/// Whether an EA in a published calendar stands at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confirm {
    /// It stands.
    Book,
    /// It waits for `session.confirmed`.
    Ask,
}

/// `[scheduling]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Scheduling {
    pub lead_hours: u16,
    pub lead_mode: LeadMode,
    pub on_target_hours: u16,
    pub acceptable_min_hours: u16,
    pub acceptable_max_hours: u16,
    pub spacing_hours: u16,
    pub weekly_cap: u16,
    pub course_sessions: u16,
    pub course_grace_sessions: u16,
    pub notice_hours: u16,
    pub freeze_hours: u16,
    pub horizon_days: u16,
    pub duration_min: u16,
    pub confirm: Confirm,
}

/// `[oswestry]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Oswestry {
    pub every_days: u16,
    pub max_missing: MaxMissing,
    pub overdue_days: u16,
    pub late_days: u16,
    pub remind_at: ClockTime,
}

/// `[alerts]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Alerts {
    pub advisory_actionable_days: u16,
    pub info_actionable_days: u16,
    pub emergency_again_min: u16,
    pub emergency_again_times: u16,
    pub urgent_again_hours: u16,
    pub clinic_days: Vec<Day>,
    pub clinic_from: ClockTime,
    pub clinic_to: ClockTime,
    pub untold_after_min: u16,
}

/// `[rules]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Rules {
    pub cauda_equina_new_days: u16,
    pub screening_lead_hours: u16,
    pub no_change_below_percent: u16,
    pub no_change_window_days: u16,
    pub fidelity_points_min: u16,
    pub fidelity_retention_min: f64,
    pub fidelity_distal_points: Vec<PointCode>,
    pub course_review_days: u16,
    pub diary_reports_min: u16,
    pub enabled: Vec<String>,
}

/// What a missing consent means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Given.
    Assumed,
    /// Not given.
    Required,
}

/// How much a mail says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// That something waits, and where.
    LinkOnly,
    /// The recipient's own reference or the bus id, rule and values.
    Pseudonymous,
    /// Names too, to allowed domains over TLS only.
    Identified,
}

/// `[mail]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Mail {
    pub consent: Consent,
    pub disclosure: Disclosure,
    pub allowed_domains: Vec<String>,
    pub from: String,
    pub from_name: String,
    pub reply_to: String,
    pub domain: String,
    pub on_call: String,
    pub quiet_from: ClockTime,
    pub quiet_to: ClockTime,
    pub digest_day: Day,
    pub digest_at: ClockTime,
    pub late_after_min: u16,
    pub spacing_min: u16,
    pub burst_floor: u32,
    pub burst_times_mean: u32,
}

impl Default for Policy {
    fn default() -> Self {
        static DEFAULT: LazyLock<Policy> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "the file is compiled in, and a test reads it")]
            Policy::parse("").expect("the default policy is valid")
        });
        DEFAULT.clone()
    }
}

impl Policy {
    /// Sixteen hex digits that name this policy: in every alert, so that a decision can be traced to its numbers.
    #[must_use]
    pub fn hash(&self) -> String {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&bytes))
    }
}
