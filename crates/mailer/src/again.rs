//! Notices that were tried and are not done, whomever they are about.

use std::collections::BTreeMap;

use care::chart::{NoticeRecord, TryState};
use care::fact::Fact;
use care::fact::ours::{Notice, WhyAbandoned};
use care::id::NoticeId;
use care::time::Timestamp;
use care::{About, Draft};

use crate::delivery::draft;
use crate::desk::{Desk, Round};

/// A notice whose next try may be now.
pub(crate) struct Retry<'a> {
    pub(crate) record: &'a NoticeRecord,
    /// The last try.
    pub(crate) attempt: u32,
    /// Nobody knows whether it arrived: only what is urgent may go twice.
    pub(crate) urgent_only: bool,
}

/// Says of interrupted tries that they are, and hands everything that may be tried again to `retry`.
pub(crate) fn again(
    about: &About,
    notices: &BTreeMap<NoticeId, NoticeRecord>,
    desk: &Desk<'_>,
    now: Timestamp,
    round: &mut Round,
    mut retry: impl FnMut(&Retry<'_>, &mut Round),
) {
    for (id, record) in notices {
        let Some((attempt, last)) = record.last() else {
            continue;
        };
        if record.is_sent() {
            continue;
        }
        let urgent_only = last.state == TryState::Unknown;
        let next = Retry {
            record,
            attempt,
            urgent_only,
        };
        match last.state {
            TryState::Attempted if !desk.sending.contains(&(id.clone(), attempt)) => {
                round.facts.push(interrupted(about, &next, desk, now));
            }
            TryState::Deferred => {
                let due = last.next_attempt_at.unwrap_or(last.stamp.time);
                // While no server could be reached, waiting longer was no use to anybody: now it is.
                if due > now && !desk.lanes.was_out(last.stamp.time) {
                    round.look_again_at(due);
                } else {
                    retry(&next, round);
                }
            }
            // The stated bound: one more copy, urgent only, and marked.
            TryState::Unknown if next.unknowns() < 2 => retry(&next, round),
            _ => {}
        }
    }
}

/// A claim whose process is gone: the mail may be out. Where a second copy does no harm it simply goes again.
fn interrupted(about: &About, last: &Retry<'_>, desk: &Desk<'_>, now: Timestamp) -> Draft {
    let mut notice = last.notice();
    let (verb, fact) = if desk.resend_is_harmless {
        notice.next_attempt_at = Some(now);
        ("deferred", Fact::NoticeDeferred(notice))
    } else {
        ("unknown", Fact::NoticeUnknown(notice))
    };
    draft(
        about,
        &last.record.notice.notice_id,
        last.attempt,
        verb,
        fact,
        None,
    )
}

impl Retry<'_> {
    /// The notice as its last try said it.
    fn notice(&self) -> Notice {
        Notice {
            attempt: self.attempt,
            ..self.record.notice.clone()
        }
    }

    /// Nothing of it is true any more: said so once, and not looked at again.
    pub(crate) fn abandoned(&self, about: &About) -> Option<Draft> {
        let fact = Fact::NoticeAbandoned(Notice {
            reason: Some(WhyAbandoned::NoLongerTrue),
            ..self.notice()
        });
        let id = &self.record.notice.notice_id;
        (!self.urgent_only).then(|| draft(about, id, self.attempt, "abandoned", fact, None))
    }

    /// What the next claim lists: of what the notice listed, that which is still told under one of these keys, and the
    /// roles in whose place it is. What is not told any more does not stand in the claim either.
    pub(crate) fn still_about<'k>(&self, keys: impl Iterator<Item = &'k String> + Clone) -> Vec<String> {
        let is_of = |about: &str, key: &str| {
            about
                .strip_prefix(key)
                .is_some_and(|role| role.is_empty() || role.starts_with("/for-"))
        };
        let listed = self.record.notice.about.iter();
        listed
            .filter(|about| keys.clone().any(|key| is_of(about, key)))
            .cloned()
            .collect()
    }

    /// Tries of which nobody knows how they ended.
    fn unknowns(&self) -> usize {
        let tries = self.record.tries.values();
        tries.filter(|t| t.state == TryState::Unknown).count()
    }

    /// The reader may have it already.
    pub(crate) fn may_be_a_repeat(&self) -> bool {
        self.unknowns() > 0
    }
}
