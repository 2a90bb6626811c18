//! How tries end, what the log is told of it, and when the next one may be.

use std::collections::BTreeMap;

use care::chart::{NoticeRecord, Try, TryState};
use care::fact::Fact;
use care::fact::ours::{Notice, WhyAbandoned};
use care::id::{EventId, NoticeId, derived};
use care::time::{SignedDuration, Timestamp};
use care::{About, Draft, Worker};

/// How one try ended, as the carrier saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Taken by the mail server.
    Sent {
        /// SMTP reply.
        reply: Option<u16>,
    },
    /// Not yet: again later.
    Deferred {
        /// SMTP reply, if one came.
        reply: Option<u16>,
    },
    /// The recipient was refused.
    Rejected {
        /// SMTP reply.
        reply: Option<u16>,
    },
    /// Nobody can say.
    Unknown,
}

/// Minutes to the next try after the first, second, … that was deferred; after the last the mail is given up.
const RETRY_MIN: [i64; 7] = [1, 5, 30, 2 * 60, 5 * 60, 10 * 60, 10 * 60];

/// The fact that records how a try of a notice about somebody ended; none when the record does not know the try.
#[must_use]
pub fn outcome(
    about: &About,
    notices: &BTreeMap<NoticeId, NoticeRecord>,
    id: &NoticeId,
    attempt: u32,
    delivery: Delivery,
    now: Timestamp,
) -> Option<Draft> {
    let record = notices.get(id)?;
    let tried: &Try = record.tries.get(&attempt)?;
    if tried.state != TryState::Attempted {
        return None;
    }
    let notice = |reply| Notice {
        attempt,
        reply,
        ..record.notice.clone()
    };
    let (verb, fact) = match delivery {
        Delivery::Sent { reply } => ("sent", Fact::NoticeSent(notice(reply))),
        Delivery::Rejected { reply } => ("rejected", Fact::NoticeRejected(notice(reply))),
        Delivery::Unknown => ("unknown", Fact::NoticeUnknown(notice(None))),
        Delivery::Deferred { reply } => match RETRY_MIN.get(attempt as usize - 1) {
            Some(minutes) => {
                let next_attempt_at = Some(later(now, *minutes, id, attempt));
                (
                    "deferred",
                    Fact::NoticeDeferred(Notice {
                        next_attempt_at,
                        ..notice(reply)
                    }),
                )
            }
            None => {
                let reason = Some(WhyAbandoned::GivenUp);
                let notice = Notice {
                    reason,
                    ..notice(reply)
                };
                ("abandoned", Fact::NoticeAbandoned(notice))
            }
        },
    };
    Some(draft(about, id, attempt, verb, fact, None))
}

/// In so many minutes and up to a tenth more, so that what failed together does not come back together. The spread
/// comes from the notice, not from chance: it is the same on every run.
fn later(now: Timestamp, minutes: i64, id: &NoticeId, attempt: u32) -> Timestamp {
    let seed = derived(&["jitter", id.as_str(), &attempt.to_string()]).as_u128() % 1000;
    let spread = minutes * 6 * i64::try_from(seed).unwrap_or(0) / 1000;
    now.saturating_add(SignedDuration::from_secs(minutes * 60 + spread))
        .unwrap_or(Timestamp::MAX)
}

/// A fact of the mailer about somebody.
pub(crate) fn draft(
    about: &About,
    id: &NoticeId,
    attempt: u32,
    verb: &str,
    fact: Fact,
    cause: Option<(EventId, EventId)>,
) -> Draft {
    let (causation, correlation) = cause.unzip();
    Draft {
        worker: Worker::Mailer,
        about: about.clone(),
        key: format!("{id}/{attempt}/{verb}"),
        causation,
        correlation,
        fact,
    }
}
