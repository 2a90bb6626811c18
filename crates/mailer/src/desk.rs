//! What the mailer knows beyond a chart and the policy, and what it wants.

use std::collections::BTreeSet;

use care::Draft;
use care::id::{MemberId, NoticeId};
use care::member::Postboxes;
use care::phi::Phi;
use care::time::Timestamp;

use crate::breaker::Domain;
use crate::lanes::{Lanes, Turn};
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
    /// What is on its way, and what more may be claimed.
    pub lanes: &'a Lanes,
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
    /// What would be claimed if there were room: to be asked again when there is.
    pub waits: BTreeSet<Turn>,
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
    /// Whether a mail to an address may be claimed beside those of this round; if not, it is noted that it waits.
    /// Routine mail is not claimed while the clock is in doubt; everybody is looked at when that is over.
    pub(crate) fn has_room(
        &mut self,
        urgent: bool,
        to: &Phi<String>,
        desk: &Desk<'_>,
        now: Timestamp,
    ) -> bool {
        if desk.is_in_doubt && !urgent {
            return false;
        }
        let turn = desk.lanes.turn(urgent, &Domain::of(to), &self.mails, now);
        let has_room = turn.is_none();
        self.waits.extend(turn);
        has_room
    }

    pub(crate) fn look_again_at(&mut self, at: Timestamp) {
        self.look_again = Some(self.look_again.map_or(at, |known| known.min(at)));
    }
}
