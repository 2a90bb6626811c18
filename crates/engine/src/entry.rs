//! What the engine keeps beside a patient's chart.

use std::collections::{BTreeMap, BTreeSet};

use care::Draft;
use care::chart::Chart;
use care::diary::Busy;
use care::fact::Fact;
use care::feed::{FeedEntry, Posting};
use care::id::{ClinicId, EventId, NoticeId, PatientId, PractitionerId, SessionId};
use care::time::Timestamp;
use mailer::Delivery;

/// One patient.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The chart.
    pub(crate) chart: Chart,
    /// Last log position of any message about the patient, unreadable ones included.
    pub(crate) last: u64,
    /// When to look again.
    pub(crate) wake: Option<Timestamp>,
    /// Events handed out and not yet back through the log.
    pub(crate) in_flight: BTreeSet<EventId>,
    /// Slots kept for events in flight.
    pub(crate) reserved: Vec<(PractitionerId, Busy)>,
    /// Tries handed out; true once their claim is known to be in the log.
    pub(crate) sending: BTreeMap<(NoticeId, u32), bool>,
    /// How tries ended and when, until the log says so. Kept as the carrier said it, because it may be faster than the
    /// claim's way back through the log: only then does the chart know what there is to say.
    pub(crate) outcomes: BTreeMap<(NoticeId, u32), (Delivery, Timestamp)>,
    /// A PT session found no EA: worth another look when a slot becomes free.
    pub(crate) waits_for_a_slot: bool,
    /// What the feed was last told.
    posted: BTreeMap<(ClinicId, SessionId), FeedEntry>,
}

impl Entry {
    pub(crate) fn new(patient: PatientId) -> Self {
        Self::of(Chart::new(patient), 0, None)
    }

    pub(crate) fn of(chart: Chart, last: u64, wake: Option<Timestamp>) -> Self {
        Self {
            chart,
            last,
            wake,
            in_flight: BTreeSet::new(),
            reserved: Vec::new(),
            sending: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            waits_for_a_slot: false,
            posted: BTreeMap::new(),
        }
    }

    /// An event came back through the log; once all did, nothing is kept for them any more: the chart says it now.
    pub(crate) fn settle(&mut self, id: &EventId) {
        if self.in_flight.remove(id) && self.in_flight.is_empty() {
            self.reserved.clear();
        }
        let chart = &self.chart;
        let is_over = |key: &(NoticeId, u32)| {
            let tried = chart.notices.get(&key.0).and_then(|n| n.tries.get(&key.1));
            tried.is_some_and(|t| t.state != care::chart::TryState::Attempted)
        };
        self.outcomes.retain(|key, _| !is_over(key));
        self.sending.retain(|key, _| !is_over(key));
    }

    /// How tries ended, as facts: of those whose claim the chart shows.
    pub(crate) fn outcomes(&self) -> Vec<Draft> {
        let fact = |((notice, attempt), (delivery, at)): (&(NoticeId, u32), &(Delivery, Timestamp))| {
            mailer::outcome(&self.chart, notice, *attempt, *delivery, *at)
        };
        self.outcomes.iter().filter_map(fact).collect()
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
