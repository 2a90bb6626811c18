//! The life of one alert as the log shows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::stamp::{Stamp, keep_earliest};
use crate::fact::ours::{AlertAcknowledged, AlertEscalated, AlertRaised, AlertResolved, Severity};
use crate::role::Actor;

/// One alert.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// How it began; none while only a later fact about it has arrived.
    pub raised: Option<(Stamp, AlertRaised)>,
    /// Who took it on: the earliest.
    pub acknowledged: Option<(Stamp, AlertAcknowledged)>,
    /// When somebody last took it on: what is told again after that is new to them.
    pub heard: Option<Stamp>,
    /// Who ended it: the earliest.
    pub resolved: Option<(Stamp, AlertResolved)>,
    /// When carebus found that its truth is gone; a person's resolution ends the talk, not a hold.
    pub truth_gone: Option<Stamp>,
    /// Each telling again, by step.
    pub escalated: BTreeMap<u16, (Stamp, AlertEscalated)>,
}

impl Alert {
    pub(super) fn acknowledge(&mut self, stamp: Stamp, fact: &AlertAcknowledged) {
        self.heard = self.heard.take().max(Some(stamp.clone()));
        keep_earliest(&mut self.acknowledged, stamp, fact);
    }

    pub(super) fn resolve(&mut self, stamp: Stamp, fact: &AlertResolved) {
        if fact.by.role == Actor::Carebus && self.truth_gone.as_ref().is_none_or(|known| stamp < *known) {
            self.truth_gone = Some(stamp.clone());
        }
        keep_earliest(&mut self.resolved, stamp, fact);
    }

    /// Raised, and nobody has ended it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.raised.is_some() && self.resolved.is_none()
    }

    /// Raised, urgent or an emergency, and nobody has taken it on or ended it.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.is_open() && self.acknowledged.is_none() && self.severity().is_some_and(Severity::is_immediate)
    }

    /// Raised, and the truth it rests on is not known to be gone: its holds stand.
    #[must_use]
    pub const fn is_true(&self) -> bool {
        self.raised.is_some() && self.truth_gone.is_none()
    }

    /// Severity now: the highest it was raised or escalated to.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        let escalated = self.escalated.values().map(|(_, e)| e.severity).max();
        self.raised
            .as_ref()
            .map(|(_, r)| escalated.map_or(r.severity, |e| e.max(r.severity)))
    }
}
