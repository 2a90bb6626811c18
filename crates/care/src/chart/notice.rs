//! One notice: each try to tell one thing to one person, and how it ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::stamp::{Stamp, wins};
use crate::chart::Chart;
use crate::fact::ours::{Notice, WhyAbandoned};
use crate::id::{MemberId, NoticeId};
use crate::time::Timestamp;

/// How one try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TryState {
    /// Claimed; the mail server has not answered, or its answer is not in the log yet.
    Attempted,
    /// Not yet: again later.
    Deferred,
    /// Nobody can say.
    Unknown,
    /// The recipient was refused.
    Rejected,
    /// Given up.
    Abandoned,
    /// Taken by the mail server.
    Sent,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// How it ended; the furthest state the log shows.
    pub state: TryState,
    /// When the log said so.
    pub stamp: Stamp,
    /// When the try was claimed.
    pub claimed_at: Timestamp,
    /// SMTP reply.
    pub reply: Option<u16>,
    /// When the next try may be.
    pub next_attempt_at: Option<Timestamp>,
    /// Why it was abandoned.
    pub reason: Option<WhyAbandoned>,
}

impl Try {
    /// Refused, or given up after every retry although there was still something to tell.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        match self.state {
            TryState::Rejected => true,
            TryState::Abandoned => self.reason == Some(WhyAbandoned::GivenUp),
            _ => false,
        }
    }
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRecord {
    /// To whom, about what.
    pub notice: Notice,
    /// Where that comes from: the earliest fact about the notice.
    said_by: Stamp,
    /// Each try by number.
    pub tries: BTreeMap<u32, Try>,
}

impl NoticeRecord {
    pub(super) fn new(stamp: &Stamp, fact: &Notice) -> Self {
        Self {
            notice: shared(fact),
            said_by: stamp.clone(),
            tries: BTreeMap::new(),
        }
    }

    pub(super) fn record(&mut self, state: TryState, stamp: Stamp, fact: &Notice) {
        let notice = shared(fact);
        if wins(self.said_by.cmp(&stamp), &notice, &self.notice) {
            (self.notice, self.said_by) = (notice, stamp.clone());
        }
        let claimed_at = if state == TryState::Attempted {
            stamp.time
        } else {
            Timestamp::MAX
        };
        let mut new = Try {
            state,
            stamp,
            claimed_at,
            reply: fact.reply,
            next_attempt_at: fact.next_attempt_at,
            reason: fact.reason,
        };
        let Some(known) = self.tries.get_mut(&fact.attempt) else {
            self.tries.insert(fact.attempt, new);
            return;
        };
        new.claimed_at = new.claimed_at.min(known.claimed_at);
        known.claimed_at = new.claimed_at;
        // The furthest state wins; between equal ones the earlier.
        let order = new
            .state
            .cmp(&known.state)
            .then_with(|| known.stamp.cmp(&new.stamp));
        if wins(order, &new, known) {
            *known = new;
        }
    }

    /// The newest try.
    #[must_use]
    pub fn last(&self) -> Option<(u32, &Try)> {
        self.tries.iter().next_back().map(|(n, t)| (*n, t))
    }

    /// When it was first claimed.
    #[must_use]
    pub fn claimed_at(&self) -> Option<Timestamp> {
        let first = self.tries.get(&1)?;
        Some(first.claimed_at).filter(|at| *at < Timestamp::MAX)
    }

    /// Whether any try went out, or may have.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        use TryState as S;
        self.tries
            .values()
            .any(|t| matches!(t.state, S::Sent | S::Unknown | S::Attempted))
    }

    /// Whether any try was taken by a mail server.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.tries.values().any(|t| t.state == TryState::Sent)
    }
}

/// Whether a notice was claimed of which the log does not say yet what became of it.
#[must_use]
pub fn has_open_claim(notices: &BTreeMap<NoticeId, NoticeRecord>) -> bool {
    let last = |n: &NoticeRecord| n.last().map(|(_, t)| t.state);
    notices.values().any(|n| last(n) == Some(TryState::Attempted))
}

impl Chart {
    /// The newest try in which a mail server refused a member's address, unless the plan has changed since: then the
    /// address may be another. At one instant the refusal came later: a plan cannot have mended what it did not know.
    #[must_use]
    pub fn refused_address(&self, member: &MemberId) -> Option<&Stamp> {
        let since = self.plan().and_then(|p| p.snapshot.as_ref());
        let since = since.map(|s| s.version.stamp.time);
        let theirs = self.notices.values().filter(|n| n.notice.member_id == *member);
        theirs
            .flat_map(|n| n.tries.values())
            .filter(|t| t.state == TryState::Rejected && since.is_none_or(|since| t.stamp.time >= since))
            .map(|t| &t.stamp)
            .max()
    }
}

/// What every try shares: the parts that belong to one try are blank.
fn shared(notice: &Notice) -> Notice {
    Notice {
        attempt: 0,
        reply: None,
        next_attempt_at: None,
        reason: None,
        ..notice.clone()
    }
}
