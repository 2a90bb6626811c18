//! Who must be told what now: notices that ought to go out and have not, and the mails that carry them.

use std::collections::BTreeSet;

use care::id::NoticeId;
use care::time::Timestamp;
use care::{Chart, Draft, Policy};

use crate::mail::Mail;

/// What the mailer knows beyond the chart and the policy.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    /// Tries this process has claimed and handed to the carrier, and whose outcome is not in the log yet.
    pub sending: BTreeSet<(NoticeId, u32)>,
    /// Whether sending the same message again does no harm (a directory overwrites the same file).
    pub resend_is_harmless: bool,
}

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

/// What the mailer wants about one patient.
#[derive(Debug, Clone, Default)]
pub struct Round {
    /// Facts to append, in this order: claims (`notice.attempted`) among them.
    pub facts: Vec<Draft>,
    /// The mail of each claim, by its `notice_id` and `attempt`; sent only by the one whose claim was appended.
    pub mails: Vec<Mail>,
    /// The next instant at which the answer may differ without a new fact.
    pub look_again: Option<Timestamp>,
}

/// What ought to be told now.
#[must_use]
pub fn react(_chart: &Chart, _policy: &Policy, _desk: &Desk, _now: Timestamp) -> Round {
    Round::default()
}

/// The fact that records how a try ended; none when the chart does not know the try.
#[must_use]
pub fn outcome(
    _chart: &Chart,
    _notice: &NoticeId,
    _attempt: u32,
    _delivery: Delivery,
    _now: Timestamp,
) -> Option<Draft> {
    None
}
