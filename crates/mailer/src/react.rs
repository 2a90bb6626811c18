//! Who must be told what now: notices that ought to go out and have not, and the mails that carry them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use care::chart::{NoticeRecord, TryState};
use care::fact::Fact;
use care::fact::ours::{Notice, WhyAbandoned};
use care::id::{MemberId, NoticeId, derived};
use care::time::Timestamp;
use care::{About, Chart, Draft, Policy};

use crate::compose::{Parcel, compose, message_id};
use crate::delivery::draft;
use crate::hours::next_open;
use crate::mail::Mail;
use crate::occasion::{Occasion, occasions};
use crate::recipient::{Recipient, recipients};
use crate::wording::Wording;

/// What the mailer knows beyond the chart and the policy.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    /// Tries this process has claimed and handed to the carrier, and whose outcome is not in the log yet.
    pub sending: BTreeSet<(NoticeId, u32)>,
    /// Whether sending the same message again does no harm (a directory overwrites the same file).
    pub resend_is_harmless: bool,
    /// A fault of ours holds the queue up: routine mail is not claimed meanwhile, so that a process that dies then
    /// leaves no claim of which nobody knows whether it was sent.
    pub is_paused: bool,
    /// The organisation's own words and templates.
    pub wording: Arc<Wording>,
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

/// What ought to be told now. Everything is judged at this moment: an alert that was acknowledged, a plan that ended,
/// an Oswestry that was answered since is not told any more, whatever was planned before.
#[must_use]
pub fn react(chart: &Chart, policy: &Policy, desk: &Desk, now: Timestamp) -> Round {
    let occasions = occasions(chart, policy, now);
    let wanted: Vec<(Recipient, &Occasion<'_>)> = occasions
        .iter()
        .flat_map(|o| recipients(chart, policy, o).into_iter().map(move |r| (r, o)))
        .collect();
    let mut round = Round::default();
    let sorter = Sorter {
        chart,
        policy,
        desk,
        now,
    };
    sorter.again(&wanted, &mut round);
    sorter.anew(&wanted, &mut round);
    round
}

struct Sorter<'a> {
    chart: &'a Chart,
    policy: &'a Policy,
    desk: &'a Desk,
    now: Timestamp,
}

impl<'a> Sorter<'a> {
    fn about(&self) -> About {
        About::Patient(self.chart.patient.clone())
    }

    /// Notices that were tried and are not done.
    fn again(&self, wanted: &[(Recipient, &'a Occasion<'a>)], round: &mut Round) {
        for (id, record) in &self.chart.notices {
            let Some((attempt, last)) = record.last() else {
                continue;
            };
            if record.is_sent() {
                continue;
            }
            match last.state {
                TryState::Attempted if !self.desk.sending.contains(&(id.clone(), attempt)) => {
                    round.facts.push(self.interrupted(id, record, attempt));
                }
                TryState::Deferred => {
                    let due = last.next_attempt_at.unwrap_or(last.stamp.time);
                    if due > self.now {
                        look_again(round, due);
                    } else {
                        self.retry(wanted, record, attempt, false, round);
                    }
                }
                // The stated bound: one more copy, urgent only, and marked.
                TryState::Unknown if unknowns(record) < 2 => self.retry(wanted, record, attempt, true, round),
                _ => {}
            }
        }
    }

    /// A claim whose process is gone: the mail may be out. Where a second copy does no harm it simply goes again.
    fn interrupted(&self, id: &NoticeId, record: &NoticeRecord, attempt: u32) -> Draft {
        let mut notice = Notice {
            attempt,
            ..record.notice.clone()
        };
        if self.desk.resend_is_harmless {
            notice.next_attempt_at = Some(self.now);
            return draft(
                &self.about(),
                id,
                attempt,
                "deferred",
                Fact::NoticeDeferred(notice),
                None,
            );
        }
        draft(
            &self.about(),
            id,
            attempt,
            "unknown",
            Fact::NoticeUnknown(notice),
            None,
        )
    }

    /// The next try of a notice, with what is still worth telling of it.
    fn retry(
        &self,
        wanted: &[(Recipient, &'a Occasion<'a>)],
        record: &NoticeRecord,
        attempt: u32,
        urgent_only: bool,
        round: &mut Round,
    ) {
        let told = |(r, o): &&(Recipient, &Occasion<'_>)| {
            r.member == record.notice.member_id && record.notice.about.contains(&o.key)
        };
        let still: Vec<&(Recipient, &Occasion<'_>)> = wanted
            .iter()
            .filter(told)
            .filter(|(_, o)| !urgent_only || o.severity.is_immediate())
            .collect();
        let id = &record.notice.notice_id;
        let Some((to, _)) = still.first() else {
            if !urgent_only {
                // Nothing of it is true any more: said so once, and not looked at again.
                let notice = Notice {
                    attempt,
                    reason: Some(WhyAbandoned::NoLongerTrue),
                    ..record.notice.clone()
                };
                round.facts.push(draft(
                    &self.about(),
                    id,
                    attempt,
                    "abandoned",
                    Fact::NoticeAbandoned(notice),
                    None,
                ));
            }
            return;
        };
        // What is not told any more does not stand in the claim either.
        let is_of = |about: &str, key: &str| {
            about
                .strip_prefix(key)
                .is_some_and(|role| role.is_empty() || role.starts_with("/for-"))
        };
        let about: Vec<String> = record
            .notice
            .about
            .iter()
            .filter(|about| still.iter().any(|(_, o)| is_of(about, &o.key)))
            .cloned()
            .collect();
        let occasions = still.iter().map(|(_, o)| *o).collect();
        let parcel = Parcel {
            notice_id: id.to_string(),
            attempt: attempt + 1,
            to,
            occasions,
            possible_repeat: urgent_only || unknowns(record) > 0,
        };
        self.claim(&parcel, &about, round);
    }

    /// What nobody has tried to tell somebody yet.
    fn anew(&self, wanted: &[(Recipient, &'a Occasion<'a>)], round: &mut Round) {
        let mut letters: BTreeMap<(&MemberId, bool), (&Recipient, Vec<&'a Occasion<'a>>)> = BTreeMap::new();
        for (to, occasion) in wanted.iter().filter(|(r, o)| !self.is_told(r, o)) {
            let open = next_open(self.now, &to.zone, to.quiet);
            let immediate = occasion.severity.is_immediate();
            if !immediate && open > self.now {
                look_again(round, open);
            } else if occasion.matter.stands_alone() {
                self.tell(to, vec![*occasion], round);
            } else {
                // What is immediate does not share a letter with what is not, or neither would be seen.
                letters
                    .entry((&to.member, !immediate))
                    .or_insert_with(|| (to, Vec::new()))
                    .1
                    .push(*occasion);
            }
        }
        for (to, mut occasions) in letters.into_values() {
            occasions.sort_by_key(|o| Reverse(o.severity));
            self.tell(to, occasions, round);
        }
    }

    fn is_told(&self, to: &Recipient, occasion: &Occasion<'_>) -> bool {
        let theirs = || {
            self.chart
                .notices
                .values()
                .filter(|n| n.notice.member_id == to.member)
        };
        told_as(to, occasion)
            .iter()
            .all(|key| theirs().any(|n| n.notice.about.contains(key)))
    }

    fn tell(&self, to: &Recipient, occasions: Vec<&'a Occasion<'a>>, round: &mut Round) {
        let about: Vec<String> = occasions.iter().flat_map(|o| told_as(to, o)).collect();
        let id = derived(&[
            "notice",
            self.chart.patient.as_str(),
            to.member.as_str(),
            &about.join("\n"),
        ]);
        let parcel = Parcel {
            notice_id: id.to_string(),
            attempt: 1,
            to,
            occasions,
            possible_repeat: false,
        };
        self.claim(&parcel, &about, round);
    }

    fn claim(&self, parcel: &Parcel<'_>, about: &[String], round: &mut Round) {
        let urgent = parcel.occasions.iter().any(|o| o.severity.is_immediate());
        if self.desk.is_paused && !urgent {
            look_again(
                round,
                self.now
                    .saturating_add(care::time::minutes(1))
                    .unwrap_or(self.now),
            );
            return;
        }
        let Ok(id) = NoticeId::new(&parcel.notice_id) else {
            return;
        };
        let Some(mail) = compose(self.chart, self.policy, &self.desk.wording, parcel, self.now) else {
            return;
        };
        let notice = Notice {
            notice_id: id.clone(),
            member_id: parcel.to.member.clone(),
            channel: "mail".to_owned(),
            about: about.to_vec(),
            message_id: message_id(&parcel.notice_id, self.policy),
            attempt: parcel.attempt,
            reply: None,
            next_attempt_at: None,
            reason: None,
        };
        let cause = parcel
            .occasions
            .first()
            .map(|o| (o.stamp.id.clone(), o.stamp.chain().clone()));
        round.facts.push(draft(
            &self.about(),
            &id,
            parcel.attempt,
            "attempted",
            Fact::NoticeAttempted(notice),
            cause,
        ));
        round.mails.push(mail);
    }
}

/// What the log remembers of a telling: the occasion, and each role in whose place the person is told. So somebody who
/// knows the thing still hears of a role that turns out to be unreachable.
fn told_as(to: &Recipient, occasion: &Occasion<'_>) -> Vec<String> {
    let instead = to
        .instead_of
        .iter()
        .map(|role| format!("{}/for-{role}", occasion.key));
    std::iter::once(occasion.key.clone()).chain(instead).collect()
}

fn unknowns(record: &NoticeRecord) -> usize {
    record
        .tries
        .values()
        .filter(|t| t.state == TryState::Unknown)
        .count()
}

fn look_again(round: &mut Round, at: Timestamp) {
    round.look_again = Some(round.look_again.map_or(at, |known| known.min(at)));
}
