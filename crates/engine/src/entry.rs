//! What the engine keeps beside a patient's chart.

use care::chart::Chart;
use care::diary::Busy;
use care::fact::Fact;
use care::feed::Posting;
use care::id::{EventId, PatientId, PractitionerId, SessionId};
use xxhash_rust::xxh3::xxh3_64;

use crate::flight::Flight;
use crate::kept::Kept;

/// One patient.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The chart.
    pub(crate) chart: Kept,
    /// What is under way.
    pub(crate) flight: Flight,
    /// Slots kept for events in flight.
    pub(crate) reserved: Vec<(PractitionerId, Busy)>,
    /// The round in which the chart was last worked on.
    pub(crate) touched: u64,
    /// What the feed was last told of each session: hashes of where and what, because the feed itself compares them
    /// once more before it takes anything.
    posted: Vec<(u64, u64)>,
}

impl Entry {
    pub(crate) fn new(patient: PatientId) -> Self {
        Self::of(Kept::new(Chart::new(patient)), Flight::default())
    }

    pub(crate) const fn of(chart: Kept, flight: Flight) -> Self {
        Self {
            chart,
            flight,
            reserved: Vec::new(),
            touched: 0,
            posted: Vec::new(),
        }
    }

    /// An event came back through the log; once all did, nothing is kept for them any more: the chart says it now.
    pub(crate) fn settle(&mut self, id: &EventId) {
        if self.flight.settle(id, &self.chart.read().notices) {
            self.reserved.clear();
        }
    }

    /// Feed entries that differ from what the feed was last told.
    pub(crate) fn new_postings(&mut self) -> Vec<Posting> {
        let mut new = Vec::new();
        for posting in scheduler::postings(&self.chart.read()) {
            let (place, says) = (place(&posting), says(&posting));
            match self.posted.iter_mut().find(|(known, _)| *known == place) {
                Some((_, said)) if *said == says => continue,
                Some((_, said)) => *said = says,
                None => self.posted.push((place, says)),
            }
            new.push(posting);
        }
        new
    }

    pub(crate) fn forget_postings(&mut self) {
        self.posted.clear();
    }

    pub(crate) fn forget_posting(&mut self, posting: &Posting) {
        let place = place(posting);
        self.posted.retain(|(known, _)| *known != place);
    }
}

/// Where a posting goes. Neither id holds a dot.
fn place(posting: &Posting) -> u64 {
    xxh3_64(format!("{}.{}", posting.clinic, posting.entry.session_id).as_bytes())
}

/// What it says there.
fn says(posting: &Posting) -> u64 {
    xxh3_64(&postcard::to_allocvec(&posting.entry).unwrap_or_default())
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
