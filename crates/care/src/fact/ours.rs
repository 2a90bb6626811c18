//! Facts that carebus publishes (and the two about alerts that people publish).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::Zone;
use crate::id::{AlertId, AssessmentId, EventId, MemberId, NoticeId, RuleId};
use crate::measure::odi::Band;
use crate::role::{By, Role};
use crate::time::{Date, Timestamp};

/// How soon somebody must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Weekly digest.
    Info,
    /// Next open hour of the recipient.
    Advisory,
    /// Now; acknowledged within four clinic hours.
    Urgent,
    /// Now; acknowledged within fifteen minutes.
    Emergency,
}

impl Severity {
    /// The wire code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Advisory => "advisory",
            Self::Urgent => "urgent",
            Self::Emergency => "emergency",
        }
    }

    /// Urgent and emergency go out now, always.
    #[must_use]
    pub const fn is_immediate(self) -> bool {
        matches!(self, Self::Urgent | Self::Emergency)
    }
}

/// What an independent source says about the ground a rule stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Independent sources agree.
    Supported,
    /// They agree in part.
    Partly,
    /// None was found.
    Unverified,
    /// They say otherwise.
    Contradicted,
    /// A clinic's or payer's policy, not a finding.
    Policy,
    /// Needed by a running system; no source.
    Assumption,
}

impl Evidence {
    /// The label shown with each message.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Partly => "partly supported",
            Self::Unverified => "unverified",
            Self::Contradicted => "contradicted by independent sources",
            Self::Policy => "team policy",
            Self::Assumption => "assumption",
        }
    }
}

/// What an alert does or asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// Kebab-case code; `hold-ea`, `hold-electro` and `advise-pt-hold` are what machines act on, the rest are tasks.
    pub what: String,
    /// Zones a hold is limited to; empty: all.
    #[serde(default)]
    pub zones: Vec<Zone>,
}

impl Action {
    /// Holds every EA that touches the zones (all if none are named).
    pub const HOLD_EA: &'static str = "hold-ea";
    /// Holds electrical stimulation that touches the zones (all if none are named); manual needling stays possible.
    pub const HOLD_ELECTRO: &'static str = "hold-electro";
    /// Tells the PT clinic that a hold is advised; carebus never changes a PT booking.
    pub const ADVISE_PT_HOLD: &'static str = "advise-pt-hold";

    /// A task in words.
    #[must_use]
    pub fn task(what: &str) -> Self {
        Self { what: what.to_owned(), zones: Vec::new() }
    }

    /// Whether the action holds EA.
    #[must_use]
    pub fn is_hold(&self) -> bool {
        self.what == Self::HOLD_EA || self.what == Self::HOLD_ELECTRO
    }
}

/// `alert.raised`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertRaised {
    /// The alert.
    pub alert_id: AlertId,
    /// The rule of the catalogue.
    pub rule: RuleId,
    /// The rule's de-duplication key within the patient.
    pub key: String,
    /// Hash of the policy that decided.
    pub policy: String,
    /// How soon.
    pub severity: Severity,
    /// Ids of the facts it rests on.
    pub because: Vec<EventId>,
    /// What was found: names with their unit, values as text.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// What it was held against.
    #[serde(default)]
    pub threshold: BTreeMap<String, String>,
    /// The label of the rule's evidence.
    pub evidence: Evidence,
    /// Who is told.
    pub roles: Vec<Role>,
    /// What it does or asks for.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Until when acting on it is useful; absent: no end.
    pub actionable_until: Option<Timestamp>,
}

/// `alert.escalated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertEscalated {
    /// The alert.
    pub alert_id: AlertId,
    /// Which step, from 1.
    pub step: u16,
    /// `new-item`, `unacknowledged` or `overdue`.
    pub reason: String,
    /// Severity from now on.
    pub severity: Severity,
    /// Facts that led to it.
    #[serde(default)]
    pub because: Vec<EventId>,
    /// What was found.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Who is told.
    pub roles: Vec<Role>,
}

/// `alert.acknowledged`, by people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertAcknowledged {
    /// The alert.
    pub alert_id: AlertId,
    /// Who.
    pub by: By,
    /// A note.
    pub note: Option<crate::phi::Phi<String>>,
}

/// `alert.resolved`, by people with an outcome or by carebus when the truth is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertResolved {
    /// The alert.
    pub alert_id: AlertId,
    /// Who; `carebus` when the truth it rested on is gone.
    pub by: By,
    /// A code such as `retracted`, `cleared`, `answered`, `plan-adjusted`.
    pub outcome: String,
    /// A note.
    pub note: Option<crate::phi::Phi<String>>,
}

/// `oswestry.scored`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OswestryScored {
    /// The submission.
    pub assessment_id: AssessmentId,
    /// Sum of the answered sections.
    pub sum: u16,
    /// Sections answered.
    pub answered: u16,
    /// One decimal, half up; absent when not valid.
    pub percent: Option<f64>,
    /// Band; absent when not valid.
    pub band: Option<Band>,
    /// Whether it may be used.
    pub valid: bool,
    /// The due it answers, if any.
    pub answers_due: Option<Date>,
}

/// `oswestry.due`, `.overdue`, `.missed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OswestryReminder {
    /// The due date.
    pub due_on: Date,
    /// Number of the due; 0 is the baseline.
    pub k: u32,
    /// On overdue: 1 or 2.
    pub step: Option<u8>,
}

/// `report.progress` and `report.outcome`: what the mail shows, as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The report, derived from what led to it.
    pub report_id: String,
    /// Why now, a code such as `meaningful-change`.
    pub reason: String,
    /// Whether the plan closes with it.
    #[serde(default)]
    pub closing: bool,
    /// Oswestry over time.
    #[serde(default)]
    pub oswestry: Vec<ReportPoint>,
    /// Pain over time.
    #[serde(default)]
    pub pain: Vec<ReportPoint>,
    /// Counts such as `ea_attended`, `pt_attended`, `pt_prepared_on_target`.
    #[serde(default)]
    pub counts: BTreeMap<String, u32>,
}

/// One point of a trend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportPoint {
    /// The day.
    pub on: Date,
    /// Percent, mm or points.
    pub value: f64,
}

/// `notice.attempted`, `.sent`, `.deferred`, `.rejected`, `.unknown`, `.abandoned`: never an address, never the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// The notice.
    pub notice_id: NoticeId,
    /// To whom.
    pub member_id: MemberId,
    /// How; `mail`.
    pub channel: String,
    /// What it tells about: ids of alerts, sessions, facts.
    pub about: Vec<String>,
    /// `Message-ID` without angle brackets.
    pub message_id: String,
    /// Which try, from 1.
    pub attempt: u32,
    /// SMTP reply code.
    pub reply: Option<u16>,
    /// When the next try may be.
    pub next_attempt_at: Option<Timestamp>,
}
