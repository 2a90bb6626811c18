//! What the mailer knows beyond a chart and the policy, and what it wants.

use std::collections::BTreeSet;

use care::Draft;
use care::id::{MemberId, NoticeId};
use care::member::Postboxes;
use care::time::Timestamp;

use crate::mail::Mail;
use crate::traffic::Traffic;
use crate::wording::Wording;

/// What the mailer knows beyond the chart and the policy.
#[derive(Debug, Clone)]
pub struct Desk<'a> {
    /// Tries this process has claimed and handed to the carrier, and whose outcome is not in the log yet.
    pub sending: BTreeSet<(NoticeId, u32)>,
    /// Whether sending the same message again does no harm (a directory overwrites the same file).
    pub resend_is_harmless: bool,
    /// A fault of ours holds the queue up: routine mail is not claimed meanwhile, so that a process that dies then
    /// leaves no claim of which nobody knows whether it was sent.
    pub is_paused: bool,
    /// The clock is in doubt: only what is urgent is told, and each letter says how old what it rests on is.
    pub is_in_doubt: bool,
    /// What people were told about no single patient, and what was released for them.
    pub postboxes: &'a Postboxes,
    /// Letters of all patients, counted.
    pub traffic: &'a Traffic,
    /// The organisation's own words and templates.
    pub wording: &'a Wording,
}

/// What the mailer wants about one patient or member.
#[derive(Debug, Clone, Default)]
pub struct Round {
    /// Facts to append, in this order: claims (`notice.attempted`) among them.
    pub facts: Vec<Draft>,
    /// The mail of each claim, by its `notice_id` and `attempt`; sent only by the one whose claim was appended.
    pub mails: Vec<Mail>,
    /// The next instant at which the answer may differ without a new fact.
    pub look_again: Option<Timestamp>,
    /// What waits until a person releases it.
    pub held: Vec<Held>,
}

/// Something late that a person has to release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// To whom it would go.
    pub member: MemberId,
    /// When it should have gone.
    pub due: Timestamp,
}

impl Round {
    pub(crate) fn look_again_at(&mut self, at: Timestamp) {
        self.look_again = Some(self.look_again.map_or(at, |known| known.min(at)));
    }
}
