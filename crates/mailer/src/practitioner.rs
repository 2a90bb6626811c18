//! Who is told about a practitioner: those responsible for the patients they treat, each once.

use std::collections::BTreeMap;

use care::chart::{NoticeRecord, TryState};
use care::diary::Practitioner;
use care::fact::Fact;
use care::fact::ours::{Lane, Notice, Severity};
use care::id::{MemberId, NoticeId, PractitionerId, derived};
use care::role::Role;
use care::time::Timestamp;
use care::{About, Chart, Policy};

use crate::again::{Retry, again};
use crate::case::Case;
use crate::compose::{Parcel, compose_about_practitioner, message_id};
use crate::delivery::draft;
use crate::desk::{Desk, Round};
use crate::occasion::{Audience, Matter, Occasion};
use crate::recipient::{ON_CALL, Recipient, on_call, reachable};

/// What people ought to be told about a practitioner now. `charts`: the patients they have to do with. Urgent alerts go
/// out at once, their end with the next open hour, to those who were told; info stands in the list of alerts.
#[must_use]
pub fn react_about_practitioner(
    id: &PractitionerId,
    known: &Practitioner,
    charts: &[&Chart],
    policy: &Policy,
    desk: &Desk<'_>,
    now: Timestamp,
) -> Round {
    let case = |chart| Case {
        chart,
        policy,
        desk,
        now,
    };
    let active = charts.iter().copied().filter(|chart| chart.is_active());
    let writer = Writer {
        id,
        about: About::Practitioner(id.clone()),
        known,
        cases: active.map(case).collect(),
        policy,
        desk,
        now,
    };
    let occasions = occasions(known);
    let with = |o| writer.recipients(o).into_iter().map(move |r| (r, o));
    let wanted: Vec<Wanted<'_>> = occasions.iter().flat_map(with).collect();
    let mut round = Round::default();
    let retry = |last: &Retry<'_>, round: &mut Round| writer.retry(&wanted, last, round);
    again(&writer.about, &known.notices, desk, now, &mut round, retry);
    writer.anew(&wanted, &mut round);
    round
}

type Wanted<'a> = (Recipient, &'a Occasion<'a>);

struct Writer<'a> {
    id: &'a PractitionerId,
    about: About,
    known: &'a Practitioner,
    cases: Vec<Case<'a>>,
    policy: &'a Policy,
    desk: &'a Desk<'a>,
    now: Timestamp,
}

/// Urgent alerts that wait for somebody, the last telling again of each, and ends.
fn occasions(known: &Practitioner) -> Vec<Occasion<'_>> {
    let mut all = Vec::new();
    for (id, alert) in &known.alerts {
        let (Some((stamp, raised)), Some(severity)) = (&alert.raised, alert.severity()) else {
            continue;
        };
        if let Some((stamp, _)) = &alert.resolved {
            all.push(Occasion {
                key: format!("{id}/resolved"),
                severity: Severity::Advisory,
                to: Audience::Members(told_of(known, id.as_str())),
                stamp,
                matter: Matter::Resolved(alert, raised),
            });
            continue;
        }
        if !alert.is_waiting() {
            continue;
        }
        let again = alert.escalated.values().flat_map(|(_, e)| &e.roles);
        let roles = raised.roles.iter().chain(again).copied().collect();
        all.push(Occasion {
            key: id.to_string(),
            severity,
            to: Audience::Roles(roles),
            stamp,
            matter: Matter::Raised(raised),
        });
        if let Some((step, (stamp, escalated))) = alert.escalated.last_key_value() {
            all.push(Occasion {
                key: format!("{id}/{step}"),
                severity,
                to: Audience::Roles(escalated.roles.clone()),
                stamp,
                matter: Matter::Escalated(alert, raised, *step),
            });
        }
    }
    all.sort_by(|a, b| (a.stamp, &a.key).cmp(&(b.stamp, &b.key)));
    all
}

/// People to whom a mail about an alert went out, or may have.
fn told_of(known: &Practitioner, alert: &str) -> Vec<MemberId> {
    let is_about = |key: &String| {
        let rest = key.strip_prefix(alert);
        rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && rest != "/resolved"))
    };
    let went_out = |n: &&NoticeRecord| {
        let may_have = |s| matches!(s, TryState::Sent | TryState::Unknown | TryState::Attempted);
        n.tries.values().any(|t| may_have(t.state))
    };
    let about = known
        .notices
        .values()
        .filter(|n| n.notice.about.iter().any(is_about));
    about
        .filter(went_out)
        .map(|n| n.notice.member_id.clone())
        .collect()
}

impl<'a> Writer<'a> {
    /// Holders of the roles in the plans in force, each once; the organisation's last resort where there is none.
    fn recipients(&self, occasion: &Occasion<'_>) -> Vec<Recipient> {
        let (roles, only): (Vec<Role>, Option<&[MemberId]>) = match &occasion.to {
            Audience::Roles(roles) => (roles.clone(), None),
            Audience::Members(members) => (Role::ALL.to_vec(), Some(members)),
            Audience::Attendee => return Vec::new(),
        };
        let mut found: BTreeMap<MemberId, Recipient> = BTreeMap::new();
        let all = self
            .cases
            .iter()
            .flat_map(|case| roles.iter().map(move |role| (case, *role)));
        for recipient in all.flat_map(|(case, role)| reachable(case, role, None)) {
            if !self.was_refused(&recipient.member) {
                // A patient's number says nothing about a practitioner.
                let recipient = Recipient {
                    patient_ref: None,
                    ..recipient
                };
                found.entry(recipient.member.clone()).or_insert(recipient);
            }
        }
        let last_resort = match only {
            None => found.is_empty(),
            Some(members) => {
                found.retain(|id, _| members.contains(id));
                members.iter().any(|m| m.as_str() == ON_CALL)
            }
        };
        if last_resort && let Some(mut resort) = on_call(self.policy, None) {
            resort.instead_of = if only.is_none() { roles } else { Vec::new() };
            resort.instead_of.sort_unstable();
            resort.instead_of.dedup();
            found.insert(resort.member.clone(), resort);
        }
        found.into_values().collect()
    }

    fn theirs(&self, member: &MemberId) -> impl Iterator<Item = &'a NoticeRecord> {
        let notices = self.known.notices.values();
        notices.filter(move |n| n.notice.member_id == *member)
    }

    /// Whether a mail server refused the address when it was last tried here.
    fn was_refused(&self, member: &MemberId) -> bool {
        let last = self.theirs(member).filter_map(NoticeRecord::last);
        let newest = last.max_by(|(_, a), (_, b)| a.stamp.cmp(&b.stamp));
        newest.is_some_and(|(_, last)| last.state == TryState::Rejected)
    }

    fn is_told(&self, to: &Recipient, key: &String) -> bool {
        self.theirs(&to.member).any(|n| n.notice.about.contains(key))
    }

    /// The next try of a notice, with what is still worth telling of it.
    fn retry(&self, wanted: &[Wanted<'_>], last: &Retry<'_>, round: &mut Round) {
        let notice = &last.record.notice;
        let still: Vec<&Wanted<'_>> = wanted
            .iter()
            .filter(|(r, o)| r.member == notice.member_id && notice.about.contains(&o.key))
            .filter(|(_, o)| !last.urgent_only || o.severity.is_immediate())
            .collect();
        let Some((to, _)) = still.first() else {
            round.facts.extend(last.abandoned(&self.about));
            return;
        };
        let immediate = still.iter().any(|(_, o)| o.severity.is_immediate());
        if !to.may_be_told(immediate, self.now, round) {
            return;
        }
        let parcel = Parcel {
            notice_id: notice.notice_id.to_string(),
            attempt: last.attempt + 1,
            to,
            occasions: still.iter().map(|(_, o)| *o).collect(),
            possible_repeat: last.may_be_a_repeat(),
            is_in_doubt: self.desk.is_in_doubt,
        };
        self.claim(&parcel, round);
    }

    /// What nobody has tried to tell somebody yet: one letter with what is urgent, one with what is not.
    fn anew(&self, wanted: &[Wanted<'_>], round: &mut Round) {
        let mut letters: BTreeMap<(&MemberId, bool), (&Recipient, Vec<&Occasion<'_>>)> = BTreeMap::new();
        for (to, occasion) in wanted.iter().filter(|(r, o)| !self.is_told(r, &o.key)) {
            let immediate = occasion.severity.is_immediate();
            if !to.may_be_told(immediate, self.now, round) {
                continue;
            }
            let letter = letters.entry((&to.member, !immediate));
            letter.or_insert_with(|| (to, Vec::new())).1.push(occasion);
        }
        for (to, occasions) in letters.into_values() {
            let keys: Vec<&str> = occasions.iter().map(|o| o.key.as_str()).collect();
            let about = self.about.to_string();
            let parcel = Parcel {
                notice_id: derived(&["notice", &about, to.member.as_str(), &keys.join("\n")]).to_string(),
                attempt: 1,
                to,
                occasions,
                possible_repeat: false,
                is_in_doubt: self.desk.is_in_doubt,
            };
            self.claim(&parcel, round);
        }
    }

    fn claim(&self, parcel: &Parcel<'_>, round: &mut Round) {
        let urgent = parcel.occasions.iter().any(|o| o.severity.is_immediate());
        if !round.has_room(urgent, &parcel.to.email, self.desk, self.now) {
            return;
        }
        let mail = compose_about_practitioner(self.id, self.policy, self.desk.wording, parcel, self.now);
        let (Ok(notice_id), Some(mail)) = (NoticeId::new(&parcel.notice_id), mail) else {
            return;
        };
        let notice = Notice {
            notice_id: notice_id.clone(),
            member_id: parcel.to.member.clone(),
            channel: "mail".to_owned(),
            about: parcel.occasions.iter().map(|o| o.key.clone()).collect(),
            message_id: message_id(&parcel.notice_id, self.policy),
            attempt: parcel.attempt,
            reply: None,
            next_attempt_at: None,
            reason: None,
            lane: Some(if urgent { Lane::Urgent } else { Lane::Routine }),
        };
        let first = parcel.occasions.first();
        let cause = first.map(|o| (o.stamp.id.clone(), o.stamp.chain().clone()));
        let (attempt, fact) = (parcel.attempt, Fact::NoticeAttempted(notice));
        let claim = draft(&self.about, &notice_id, attempt, "attempted", fact, cause);
        round.facts.push(claim);
        round.mails.push(mail);
    }
}
