//! What a reader can know of a rule without running it: one row of the catalogue.

use care::Policy;
use care::fact::ours::{Evidence, Severity};
use care::role::Role;
use care::time::Timestamp;
use serde::Serialize;

use crate::case::Case;
use crate::finding::Finding;

/// Where a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Origin {
    /// Stated by the text the clinics started from; that it is stated there does not make it true.
    #[serde(rename = "source text")]
    SourceText,
    /// From the literature, not in the source text.
    #[serde(rename = "addition")]
    Addition,
    /// Needed by a running system; no source.
    #[serde(rename = "assumption")]
    Assumption,
}

/// How a rule shows in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ShowsAs {
    /// As `alert.raised`.
    Alert,
    /// As another fact, named here, that speaks for itself; no alert beside it.
    Fact(&'static str),
    /// As a part of the composite rule named here.
    Part(&'static str),
    /// As a number of the registry report (`carebus outcomes`); nobody is told of it.
    Registry,
    /// As a test of what is shipped; nothing at run time.
    BuildTest,
}

/// What kind of truth an alert states, which decides when carebus takes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It stands until something ends it; a second report of it is the same truth.
    Standing,
    /// It happened; only taking back a fact it rests on undoes it.
    Event,
}

/// Whether a rule looks at the patient for life or at one care plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Outlives plans.
    Patient,
    /// Ends with its plan; the plan's id begins the key.
    Plan,
}

/// What becomes of a rule when the plan has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterPlan {
    /// It raises no alert any more, unless it is a safety rule.
    Silent,
    /// It still speaks, as every safety rule does, and only to those who stay responsible.
    AsSafety,
    /// It still speaks, to whom it always does: the end is what it is about.
    Speaks,
}

/// One row of the catalogue.
#[derive(Debug, PartialEq, Serialize)]
pub struct RuleInfo {
    /// Kebab-case id, for good.
    pub id: &'static str,
    /// Rises when the predicate changes.
    pub version: u16,
    /// For people.
    pub name: &'static str,
    /// The room it lives in.
    pub group: &'static str,
    /// How soon; some findings of a rule are more or less severe, as `effect` says.
    pub severity: Severity,
    /// Who is told.
    pub roles: &'static [Role],
    /// What it does, in words.
    pub effect: &'static str,
    /// What counts as the same truth.
    pub dedupe: &'static str,
    /// What makes a new alert.
    pub rearm: &'static str,
    /// The label shown with each message.
    pub evidence: Evidence,
    /// What that label rests on.
    pub evidence_note: &'static str,
    /// Where the rule comes from.
    pub source: Origin,
    /// How it shows in the log.
    pub shows_as: ShowsAs,
    /// What kind of truth it states.
    pub condition: Condition,
    /// Off unless the policy names it in `rules.enabled`.
    pub default_on: bool,
    /// A policy may make it stricter, never switch it off, and nothing but what its text names ends it.
    pub safety: bool,
    /// Rules with one incident name between them share their alerts.
    #[serde(skip)]
    pub(crate) incident: Option<&'static str>,
    #[serde(skip)]
    pub(crate) scope: Scope,
    #[serde(skip)]
    pub(crate) after_plan: AfterPlan,
    /// Outcome when carebus finds the truth gone and nothing says more exactly why.
    #[serde(skip)]
    pub(crate) ends_as: &'static str,
}

impl RuleInfo {
    /// What most rules share; each names what differs.
    pub(crate) const BASE: Self = Self {
        id: "",
        version: 1,
        name: "",
        group: "",
        severity: Severity::Info,
        roles: &[],
        effect: "",
        dedupe: "",
        rearm: "",
        evidence: Evidence::Assumption,
        evidence_note: "",
        source: Origin::Assumption,
        shows_as: ShowsAs::Alert,
        condition: Condition::Event,
        default_on: true,
        safety: false,
        incident: None,
        scope: Scope::Patient,
        after_plan: AfterPlan::Silent,
        ends_as: "corrected",
    };

    /// Whether the rule runs under a policy.
    #[must_use]
    pub fn is_on(&self, policy: &Policy) -> bool {
        self.default_on || policy.rules.enabled.iter().any(|id| id == self.id)
    }

    /// What becomes of it when the plan has ended.
    pub(crate) const fn after_plan(&self) -> AfterPlan {
        match self.after_plan {
            AfterPlan::Silent if self.safety => AfterPlan::AsSafety,
            known => known,
        }
    }

    /// What the ids of its alerts are derived from: the incident it shares, or the rule itself.
    pub(crate) const fn identity(&self) -> &'static str {
        match self.incident {
            Some(incident) => incident,
            None => self.id,
        }
    }
}

/// A row with its function; a row without one is said by another fact, by its composite or incident, or is
/// about practitioners.
pub(crate) struct Rule {
    pub(crate) info: &'static RuleInfo,
    pub(crate) find: Option<fn(&Case<'_>) -> Vec<Finding>>,
    /// The next instant at which time alone may change the answer.
    pub(crate) wake: Option<fn(&Case<'_>) -> Option<Timestamp>>,
}

impl Rule {
    pub(crate) const fn listed(info: &'static RuleInfo) -> Self {
        Self {
            info,
            find: None,
            wake: None,
        }
    }

    pub(crate) const fn new(info: &'static RuleInfo, find: fn(&Case<'_>) -> Vec<Finding>) -> Self {
        Self {
            info,
            find: Some(find),
            wake: None,
        }
    }

    pub(crate) const fn waking(self, wake: fn(&Case<'_>) -> Option<Timestamp>) -> Self {
        Self {
            wake: Some(wake),
            ..self
        }
    }
}
