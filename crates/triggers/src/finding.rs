//! What a rule answers: one truth about one chart, with everything an alert about it has to say.

use std::collections::BTreeMap;

use care::Policy;
use care::chart::Stamp;
use care::fact::ours::{Action, Severity};
use care::id::EventId;
use care::role::Role;
use care::time::{SignedDuration, Timestamp, hours};

use crate::rule::RuleInfo;

/// How a truth stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// True: it raises an alert while acting on it is useful, and keeps the one there is.
    Holds,
    /// No reason to raise an alert any more, none to take one back either.
    Lasts,
    /// It ended.
    Over {
        /// Outcome of the alert, a code such as `cleared`.
        outcome: &'static str,
        /// The fact that ended it, where one did.
        by: Option<Stamp>,
    },
}

/// One truth that a rule found, past ones included: an alert without its finding has lost its ground.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static RuleInfo,
    /// De-duplication key within the patient; a new episode of the same condition has a new one.
    pub key: String,
    /// When it became true; whether an alert is still useful counts from here.
    pub since: Timestamp,
    /// How soon somebody must know.
    pub severity: Severity,
    /// The facts it rests on.
    pub because: Vec<EventId>,
    /// The fact that decided.
    pub decisive: Stamp,
    /// What was found: names with their unit, values as text.
    pub values: BTreeMap<String, String>,
    /// What it was held against.
    pub threshold: BTreeMap<String, String>,
    /// Who is told.
    pub roles: Vec<Role>,
    /// What it does or asks for.
    pub actions: Vec<Action>,
    /// Items of an incident: one that the alert has not told yet is told by escalating it.
    pub items: Vec<String>,
    /// From when on an alert that nobody took on is told again as overdue.
    pub overdue_from: Option<Timestamp>,
    /// Its alert is told again as overdue each time so much has passed, not once.
    pub again_every: Option<SignedDuration>,
    /// How it stands.
    pub truth: Truth,
}

impl Finding {
    pub(crate) fn new(rule: &'static RuleInfo, key: String, since: Timestamp, decisive: &Stamp) -> Self {
        Self {
            rule,
            key,
            since,
            severity: rule.severity,
            because: vec![decisive.id.clone()],
            decisive: decisive.clone(),
            values: BTreeMap::new(),
            threshold: BTreeMap::new(),
            roles: rule.roles.to_vec(),
            actions: Vec::new(),
            items: Vec::new(),
            overdue_from: None,
            again_every: None,
            truth: Truth::Holds,
        }
    }

    /// Another fact it rests on.
    pub(crate) fn because(mut self, stamp: &Stamp) -> Self {
        if !self.because.contains(&stamp.id) {
            self.because.push(stamp.id.clone());
        }
        self
    }

    pub(crate) fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    pub(crate) fn value(mut self, name: &str, value: impl ToString) -> Self {
        self.values.insert(name.to_owned(), value.to_string());
        self
    }

    pub(crate) fn threshold(mut self, name: &str, value: impl ToString) -> Self {
        self.threshold.insert(name.to_owned(), value.to_string());
        self
    }

    pub(crate) fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }

    pub(crate) fn task(self, code: &str) -> Self {
        self.action(Action::task(code))
    }

    pub(crate) fn truth(self, truth: Truth) -> Self {
        Self { truth, ..self }
    }

    /// Whether it is over.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.truth, Truth::Over { .. })
    }

    /// Last instant at which an alert about it is useful; none for urgent and emergency, and for what holds sessions:
    /// a hold that comes late is still a hold.
    #[must_use]
    pub fn actionable_until(&self, policy: &Policy) -> Option<Timestamp> {
        if self.rule.safety && self.actions.iter().any(Action::is_hold) {
            return None;
        }
        let days = match self.severity {
            Severity::Urgent | Severity::Emergency => return None,
            Severity::Advisory => policy.alerts.advisory_actionable_days,
            Severity::Info => policy.alerts.info_actionable_days,
        };
        Some(
            self.since
                .saturating_add(hours(24 * i64::from(days)))
                .unwrap_or(Timestamp::MAX),
        )
    }
}
