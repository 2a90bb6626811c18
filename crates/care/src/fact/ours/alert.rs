//! Alerts: how they begin, are told again, are taken on and end.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::bound::{Any, Bound, Code, Instant, Int, Key, List, Map, Name, Note, Object, Opt};
use crate::fact::value::Zone;
use crate::id::{AlertId, EventId, RuleId};
use crate::phi::Phi;
use crate::role::{By, Role};
use crate::time::Timestamp;

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
    /// Kebab-case code; `hold-ea`, `hold-electro`, `advise-pt-hold` and `tell-on-call` are what machines act on, the rest are tasks.
    #[serde(with = "Key")]
    pub what: String,
    /// Zones a hold is limited to; empty: all.
    #[serde(default, with = "List::<Any<Zone>, 200>")]
    pub zones: Vec<Zone>,
}

impl Action {
    /// Holds every EA that touches the zones (all if none are named).
    pub const HOLD_EA: &'static str = "hold-ea";
    /// Holds electrical stimulation that touches the zones (all if none are named); manual needling stays possible.
    pub const HOLD_ELECTRO: &'static str = "hold-electro";
    /// Tells the PT clinic that a hold is advised; carebus never changes a PT booking.
    pub const ADVISE_PT_HOLD: &'static str = "advise-pt-hold";

    /// Tells the organisation's on-call address beside the roles.
    pub const TELL_ON_CALL: &'static str = "tell-on-call";
    /// Offers a review after the course: told although the plan has ended.
    pub const OFFER_REVIEW: &'static str = "offer-review";

    /// A task in words.
    #[must_use]
    pub fn task(what: &str) -> Self {
        Self {
            what: what.to_owned(),
            zones: Vec::new(),
        }
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
    /// What the rule looks for, in the words of the catalogue; no personal data.
    #[serde(default, with = "Note")]
    pub title: String,
    /// The rule's de-duplication key within the patient.
    #[serde(with = "Name")]
    pub key: String,
    /// Hash of the policy that decided.
    #[serde(with = "Code")]
    pub policy: String,
    /// How soon.
    pub severity: Severity,
    /// Ids of the facts it rests on.
    #[serde(with = "List::<Any<EventId>, 1000>")]
    pub because: Vec<EventId>,
    /// What was found: names with their unit, values as text.
    #[serde(default, with = "Map::<Key, Note, 200>")]
    pub values: BTreeMap<String, String>,
    /// What it was held against.
    #[serde(default, with = "Map::<Key, Note, 200>")]
    pub threshold: BTreeMap<String, String>,
    /// The label of the rule's evidence.
    pub evidence: Evidence,
    /// Who is told.
    #[serde(with = "List::<Any<Role>, 200>")]
    pub roles: Vec<Role>,
    /// What it does or asks for.
    #[serde(default, with = "List::<Object<Action>, 200>")]
    pub actions: Vec<Action>,
    /// Until when acting on it is useful; absent: no end.
    #[serde(default, with = "Opt::<Instant>")]
    pub actionable_until: Option<Timestamp>,
}

/// `alert.escalated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertEscalated {
    /// The alert.
    pub alert_id: AlertId,
    /// Which step, from 1.
    #[serde(with = "Int::<0, 10_000>")]
    pub step: u16,
    /// `new-item`, `unacknowledged` or `overdue`.
    #[serde(with = "Code")]
    pub reason: String,
    /// Severity from now on.
    pub severity: Severity,
    /// Facts that led to it.
    #[serde(default, with = "List::<Any<EventId>, 1000>")]
    pub because: Vec<EventId>,
    /// What was found.
    #[serde(default, with = "Map::<Key, Note, 200>")]
    pub values: BTreeMap<String, String>,
    /// Who is told.
    #[serde(with = "List::<Any<Role>, 200>")]
    pub roles: Vec<Role>,
}

/// `alert.acknowledged`, by people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertAcknowledged {
    /// The alert.
    pub alert_id: AlertId,
    /// Who.
    #[serde(with = "Object::<By>")]
    pub by: By,
    /// A note.
    #[serde(default, with = "Opt::<Note>")]
    pub note: Option<Phi<String>>,
}

/// `alert.resolved`, by people with an outcome or by carebus when the truth is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertResolved {
    /// The alert.
    pub alert_id: AlertId,
    /// Who; `carebus` when the truth it rested on is gone.
    #[serde(with = "Object::<By>")]
    pub by: By,
    /// A code such as `retracted`, `cleared`, `answered`, `plan-adjusted`.
    #[serde(with = "Name")]
    pub outcome: String,
    /// A note.
    #[serde(default, with = "Opt::<Note>")]
    pub note: Option<Phi<String>>,
}
