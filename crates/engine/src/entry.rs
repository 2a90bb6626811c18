//! What the engine keeps beside a patient's chart.

use std::collections::BTreeMap;

use care::chart::Chart;
use care::diary::Busy;
use care::fact::Fact;
use care::feed::{FeedEntry, Posting};
use care::id::{ClinicId, EventId, PatientId, PractitionerId, SessionId};

use crate::flight::Flight;

/// One patient.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The chart.
    pub(crate) chart: Chart,
    /// What is under way.
    pub(crate) flight: Flight,
    /// Slots kept for events in flight.
    pub(crate) reserved: Vec<(PractitionerId, Busy)>,
    /// A PT session found no EA: worth another look when a slot becomes free.
    pub(crate) waits_for_a_slot: bool,
    /// What the feed was last told.
    posted: BTreeMap<(ClinicId, SessionId), FeedEntry>,
}

impl Entry {
    pub(crate) fn new(patient: PatientId) -> Self {
        Self::of(Chart::new(patient), Flight::default())
    }

    pub(crate) const fn of(chart: Chart, flight: Flight) -> Self {
        Self {
            chart,
            flight,
            reserved: Vec::new(),
            waits_for_a_slot: false,
            posted: BTreeMap::new(),
        }
    }

    /// An event came back through the log; once all did, nothing is kept for them any more: the chart says it now.
    pub(crate) fn settle(&mut self, id: &EventId) {
        if self.flight.settle(id, &self.chart.notices) {
            self.reserved.clear();
        }
    }

    /// Feed entries that differ from what the feed was last told.
    pub(crate) fn new_postings(&mut self) -> Vec<Posting> {
        let mut new = Vec::new();
        for posting in scheduler::postings(&self.chart) {
            let key = (posting.clinic.clone(), posting.entry.session_id.clone());
            if self.posted.get(&key) != Some(&posting.entry) {
                self.posted.insert(key, posting.entry.clone());
                new.push(posting);
            }
        }
        new
    }

    pub(crate) fn forget_postings(&mut self) {
        self.posted.clear();
    }

    pub(crate) fn forget_posting(&mut self, posting: &Posting) {
        self.posted
            .remove(&(posting.clinic.clone(), posting.entry.session_id.clone()));
    }
}

/// Whether a clinic's feed may look different after a fact: sessions, and alerts that advise a hold of PT.
pub(crate) const fn concerns_the_feed(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::SessionUnprepared(_) | Fact::AlertRaised(_) | Fact::AlertResolved(_)
    ) || session_of(fact).is_some()
}

/// The session a fact is about.
pub(crate) const fn session_of(fact: &Fact) -> Option<&SessionId> {
    match fact {
        Fact::SessionBooked(b) | Fact::SessionMoved(b) => Some(&b.session_id),
        Fact::SessionCancelled(m)
        | Fact::SessionHeld(m)
        | Fact::SessionReleased(m)
        | Fact::SessionConfirmed(m)
        | Fact::SessionDeclined(m)
        | Fact::SessionMissed(m) => Some(&m.session_id),
        Fact::SessionCompleted(c) => Some(&c.session_id),
        _ => None,
    }
}

/// Practitioners that a fact ties to the patient.
pub(crate) fn practitioners_of(fact: &Fact) -> impl Iterator<Item = &PractitionerId> {
    let team = match fact {
        Fact::PlanActivated(p) | Fact::PlanRevised(p) => p.team.as_slice(),
        _ => &[],
    };
    team.iter().filter_map(|m| m.practitioner.as_ref())
}

/// Whether a slot may be free after the fact that was taken before it.
pub(crate) const fn may_free_a_slot(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::SessionCancelled(_)
            | Fact::SessionDeclined(_)
            | Fact::SessionMoved(_)
            | Fact::SessionMissed(_)
            | Fact::SessionHeld(_)
    )
}
