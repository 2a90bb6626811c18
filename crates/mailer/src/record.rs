//! The organisation's last resort is told, once, when the log is not the one that was read.

use care::chart::Stamp;
use care::fact::Fact;
use care::fact::ours::{Lane, LogChanged, Notice};
use care::id::{EventId, MemberId, NoticeId, derived};
use care::member::Postbox;
use care::time::Timestamp;
use care::{About, Policy};

use crate::again::Retry;
use crate::compose::{LogParcel, compose_about_the_log, message_id};
use crate::delivery::draft;
use crate::desk::{Desk, Round};
use crate::recipient::Recipient;

/// Tells a member what the log says of itself.
pub(crate) struct Watch<'a> {
    pub(crate) member: &'a MemberId,
    pub(crate) postbox: &'a Postbox,
    pub(crate) policy: &'a Policy,
    pub(crate) desk: &'a Desk<'a>,
    pub(crate) now: Timestamp,
}

impl Watch<'_> {
    /// Whether a notice is one of these and not a digest.
    pub(crate) fn owns(&self, notice: &Notice) -> bool {
        self.change_of(notice).is_some()
    }

    /// What nobody has tried to tell yet, and whether there is any. Urgent: it does not wait for hours or other mail.
    pub(crate) fn anew(&self, reader: &Recipient, round: &mut Round) -> bool {
        let before = round.mails.len();
        for (id, (stamp, changed)) in &self.postbox.log_changes {
            if self.postbox.is_told(id.as_str()) {
                continue;
            }
            let parcel = LogParcel {
                notice_id: derived(&["log", self.member.as_str(), id.as_str()]).to_string(),
                attempt: 1,
                to: reader,
                changed,
                at: stamp.time,
                possible_repeat: false,
            };
            self.claim(&parcel, id, stamp, round);
        }
        round.mails.len() > before
    }

    /// The next try: it happened, and stays true.
    pub(crate) fn retry(&self, reader: Option<&Recipient>, last: &Retry<'_>, round: &mut Round) {
        let about = About::Member(self.member.clone());
        let Some((to, (id, (stamp, changed)))) = reader.zip(self.change_of(&last.record.notice)) else {
            round.facts.extend(last.abandoned(&about));
            return;
        };
        let parcel = LogParcel {
            notice_id: last.record.notice.notice_id.to_string(),
            attempt: last.attempt + 1,
            to,
            changed,
            at: stamp.time,
            possible_repeat: last.may_be_a_repeat(),
        };
        self.claim(&parcel, id, stamp, round);
    }

    fn change_of(&self, notice: &Notice) -> Option<(&EventId, &(Stamp, LogChanged))> {
        let changes = self.postbox.log_changes.iter();
        changes
            .into_iter()
            .find(|(id, _)| notice.about.iter().any(|key| key == id.as_str()))
    }

    fn claim(&self, parcel: &LogParcel<'_>, id: &EventId, stamp: &Stamp, round: &mut Round) {
        let Ok(notice_id) = NoticeId::new(&parcel.notice_id) else {
            return;
        };
        let notice = Notice {
            notice_id: notice_id.clone(),
            member_id: self.member.clone(),
            channel: "mail".to_owned(),
            about: vec![id.to_string()],
            message_id: message_id(&parcel.notice_id, self.policy),
            attempt: parcel.attempt,
            reply: None,
            next_attempt_at: None,
            reason: None,
            lane: Some(Lane::Urgent),
        };
        let cause = Some((stamp.id.clone(), stamp.chain().clone()));
        let (about, fact) = (About::Member(self.member.clone()), Fact::NoticeAttempted(notice));
        let claim = draft(&about, &notice_id, parcel.attempt, "attempted", fact, cause);
        let mail = compose_about_the_log(self.policy, self.desk.wording, parcel, self.now);
        round.facts.push(claim);
        round.mails.push(mail);
    }
}
