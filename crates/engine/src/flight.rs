//! What is under way about one patient, practitioner or member: the same for all three.

use std::collections::{BTreeMap, BTreeSet};

use care::chart::{NoticeRecord, TryState};
use care::id::{EventId, NoticeId};
use care::time::Timestamp;
use care::{About, Draft};
use mailer::Delivery;

use crate::tally::Tally;

/// Every notice about one of them, as the log shows it.
pub(crate) type Notices = BTreeMap<NoticeId, NoticeRecord>;

/// Where the log is with somebody, and what was handed out and is not in it yet.
#[derive(Debug, Default)]
pub(crate) struct Flight {
    /// Last log position of any message about them, unreadable ones included.
    pub(crate) last: u64,
    /// When to look again.
    pub(crate) wake: Option<Timestamp>,
    /// Events handed out and not yet back through the log.
    pub(crate) in_flight: BTreeSet<EventId>,
    /// Tries handed out; true once their claim is known to be in the log.
    pub(crate) sending: BTreeMap<(NoticeId, u32), bool>,
    /// How tries ended and when, until the log says so. Kept as the carrier said it, because it may be faster than the
    /// claim's way back through the log: only then does the record know what there is to say.
    outcomes: BTreeMap<(NoticeId, u32), (Delivery, Timestamp)>,
    /// What of them is in the counts of an operator.
    pub(crate) tally: Tally,
}

impl Flight {
    /// Settled up to a position.
    pub(crate) fn at(last: u64) -> Self {
        Self {
            last,
            ..Self::default()
        }
    }

    /// Everything handed out is back: a new decision has seen all there is.
    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// An event came back through the log. Whether it was the last one handed out.
    pub(crate) fn settle(&mut self, id: &EventId, notices: &Notices) -> bool {
        let was_last = self.in_flight.remove(id) && self.in_flight.is_empty();
        let is_over = |key: &(NoticeId, u32)| {
            let tried = notices.get(&key.0).and_then(|n| n.tries.get(&key.1));
            tried.is_some_and(|t| t.state != TryState::Attempted)
        };
        self.outcomes.retain(|key, _| !is_over(key));
        self.sending.retain(|key, _| !is_over(key));
        was_last
    }

    /// What was handed out is not in the log, or nobody can say.
    pub(crate) fn give_up(&mut self) {
        self.in_flight.clear();
        self.sending.retain(|_, claimed| *claimed);
    }

    /// The carrier has answered.
    pub(crate) fn answered(&mut self, key: (NoticeId, u32), delivery: Delivery, now: Timestamp) {
        self.outcomes.insert(key, (delivery, now));
    }

    /// How tries ended, as facts: of those whose claim the record shows.
    pub(crate) fn outcomes(&self, about: &About, notices: &Notices) -> Vec<Draft> {
        let fact = |((notice, attempt), (delivery, at)): (&(NoticeId, u32), &(Delivery, Timestamp))| {
            mailer::outcome(about, notices, notice, *attempt, *delivery, *at)
        };
        self.outcomes.iter().filter_map(fact).collect()
    }
}
