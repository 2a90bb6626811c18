//! Who must be told what now: notices that ought to go out and have not, and the mails that carry them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use care::fact::Fact;
use care::fact::ours::{Lane, Notice};
use care::id::{MemberId, NoticeId, derived};
use care::time::Timestamp;
use care::{About, Chart, Policy};

use crate::again::{Retry, again};
use crate::case::{Case, Wanted, told_as};
use crate::compose::{Parcel, compose, message_id};
use crate::delivery::draft;
use crate::desk::{Desk, Held, Round};
use crate::occasion::{Occasion, occasions};
use crate::recipient::Recipient;
use crate::traffic::{Asking, Claim, Gate};

/// What ought to be told now. Everything is judged at this moment: an alert that was acknowledged, a plan that ended,
/// an Oswestry that was answered since is not told any more, whatever was planned before.
#[must_use]
pub fn react(chart: &Chart, policy: &Policy, desk: &Desk<'_>, now: Timestamp) -> Round {
    let case = Case {
        chart,
        policy,
        desk,
        now,
    };
    let occasions = occasions(&case);
    let wanted = case.wanted(&occasions);
    let mut round = Round::default();
    let sorter = Sorter {
        about: About::Patient(chart.patient.clone()),
        case,
    };
    again(
        &sorter.about,
        &chart.notices,
        desk,
        now,
        &mut round,
        |last, round| {
            sorter.retry(&wanted, last, round);
        },
    );
    sorter.anew(&wanted, &mut round);
    round
}

struct Sorter<'a> {
    about: About,
    case: Case<'a>,
}

/// What one person is told in one letter: each thing with the roles in whose place they are told of that very thing.
#[derive(Default)]
struct Bundle<'w, 'o, 'a> {
    in_time: Vec<&'w Wanted<'o, 'a>>,
    late: Vec<&'w Wanted<'o, 'a>>,
}

impl<'a> Sorter<'a> {
    /// The next try of a notice, with what is still worth telling of it.
    fn retry(&self, wanted: &[Wanted<'_, 'a>], last: &Retry<'_>, round: &mut Round) {
        let notice = &last.record.notice;
        let told = |(r, o): &&Wanted<'_, 'a>| r.member == notice.member_id && notice.about.contains(&o.key);
        let still: Vec<&Wanted<'_, 'a>> = wanted
            .iter()
            .filter(told)
            .filter(|(_, o)| !last.urgent_only || o.severity.is_immediate())
            .collect();
        let Some(to) = &reader_of(&still) else {
            round.facts.extend(last.abandoned(&self.about));
            return;
        };
        let immediate = still.iter().any(|(_, o)| o.severity.is_immediate());
        if !to.may_be_told(immediate, self.case.now, round) {
            return;
        }
        let about = last.still_about(still.iter().map(|(_, o)| &o.key));
        let parcel = Parcel {
            notice_id: notice.notice_id.to_string(),
            attempt: last.attempt + 1,
            to,
            occasions: still.iter().map(|(_, o)| *o).collect(),
            possible_repeat: last.may_be_a_repeat(),
            is_in_doubt: self.case.desk.is_in_doubt,
        };
        self.claim(&parcel, &about, notice.lane, round);
    }

    /// What nobody has tried to tell somebody yet.
    fn anew(&self, wanted: &[Wanted<'_, 'a>], round: &mut Round) {
        let case = &self.case;
        let mut letters: BTreeMap<(&MemberId, bool), Bundle<'_, '_, 'a>> = BTreeMap::new();
        for of in wanted.iter().filter(|(r, o)| !case.is_told(r, o)) {
            let (to, occasion) = of;
            let immediate = occasion.severity.is_immediate();
            if !immediate && case.waits_for_the_digest(of, wanted) {
                continue;
            }
            if !to.may_be_told(immediate, case.now, round) {
                continue;
            }
            let mut alone = Bundle::default();
            // What is immediate does not share a letter with what is not, or neither would be seen.
            let bundle = if occasion.matter.stands_alone() {
                &mut alone
            } else {
                letters.entry((&to.member, !immediate)).or_default()
            };
            if !immediate && case.is_late(case.due(to, occasion)) {
                bundle.late.push(of);
            } else {
                bundle.in_time.push(of);
            }
            self.send(alone, round);
        }
        for bundle in letters.into_values() {
            self.send(bundle, round);
        }
    }

    /// One letter: what is in time now, what is late when its turn has come. A letter that goes anyway takes along
    /// what only waits for its turn.
    fn send(&self, bundle: Bundle<'_, '_, 'a>, round: &mut Round) {
        let mut told = bundle.in_time;
        let in_time = !told.is_empty();
        let mut lane = in_time.then_some(Lane::Routine);
        for of in bundle.late {
            let (to, occasion) = of;
            match self.gate(to, occasion, round) {
                Gate::Open(_) | Gate::Spaced(_) if in_time => told.push(of),
                Gate::Open(through) => {
                    lane = lane.min(Some(through)).or(Some(through));
                    told.push(of);
                }
                Gate::Spaced(until) => round.look_again_at(until),
                Gate::Held(until) => {
                    let (member, due) = (to.member.clone(), self.case.due(to, occasion));
                    round.held.push(Held { member, due });
                    until.into_iter().for_each(|at| round.look_again_at(at));
                }
            }
        }
        let Some(lane) = lane else { return };
        told.sort_by_key(|(_, o)| Reverse(o.severity));
        let lane = told
            .first()
            .filter(|(_, o)| o.severity.is_immediate())
            .map_or(lane, |_| Lane::Urgent);
        self.tell(&told, lane, round);
    }

    fn gate(&self, to: &Recipient, occasion: &Occasion<'_>, round: &Round) -> Gate {
        let Case {
            policy, desk, now, ..
        } = self.case;
        let released = desk.postboxes.get(&to.member).and_then(|p| p.released);
        let asking = Asking {
            member: &to.member,
            due: self.case.due(to, occasion),
            is_released: released.is_some_and(|before| occasion.stamp.time < before),
            beside: &claims(round, now),
        };
        desk.traffic.gate(&asking, &policy.mail, now)
    }

    fn tell(&self, told: &[&Wanted<'_, 'a>], lane: Lane, round: &mut Round) {
        let Some(to) = reader_of(told) else { return };
        let about: Vec<String> = told.iter().flat_map(|(to, o)| told_as(to, o)).collect();
        let id = derived(&[
            "notice",
            self.case.chart.patient.as_str(),
            to.member.as_str(),
            &about.join("\n"),
        ]);
        let parcel = Parcel {
            notice_id: id.to_string(),
            attempt: 1,
            to: &to,
            occasions: told.iter().map(|(_, o)| *o).collect(),
            possible_repeat: false,
            is_in_doubt: self.case.desk.is_in_doubt,
        };
        self.claim(&parcel, &about, Some(lane), round);
    }

    fn claim(&self, parcel: &Parcel<'_>, about: &[String], lane: Option<Lane>, round: &mut Round) {
        let Case {
            chart,
            policy,
            desk,
            now,
        } = self.case;
        let urgent = parcel.occasions.iter().any(|o| o.severity.is_immediate());
        if !round.has_room(urgent, &parcel.to.email, desk, now) {
            return;
        }
        let Ok(notice_id) = NoticeId::new(&parcel.notice_id) else {
            return;
        };
        let Some(mail) = compose(chart, policy, desk.wording, parcel, now) else {
            return;
        };
        let notice = Notice {
            notice_id: notice_id.clone(),
            member_id: parcel.to.member.clone(),
            channel: "mail".to_owned(),
            about: about.to_vec(),
            message_id: message_id(&parcel.notice_id, policy),
            attempt: parcel.attempt,
            reply: None,
            next_attempt_at: None,
            reason: None,
            lane,
        };
        let cause = parcel
            .occasions
            .first()
            .map(|o| (o.stamp.id.clone(), o.stamp.chain().clone()));
        round.facts.push(draft(
            &self.about,
            &notice_id,
            parcel.attempt,
            "attempted",
            Fact::NoticeAttempted(notice),
            cause,
        ));
        round.mails.push(mail);
    }
}

/// Whom a letter is to, with every role in whose place they are told of something in it.
fn reader_of(told: &[&Wanted<'_, '_>]) -> Option<Recipient> {
    let (first, _) = told.first()?;
    let mut reader = first.clone();
    reader.instead_of = told.iter().flat_map(|(to, _)| to.instead_of.clone()).collect();
    reader.instead_of.sort_unstable();
    reader.instead_of.dedup();
    Some(reader)
}

/// The first tries that a round claims.
fn claims(round: &Round, now: Timestamp) -> Vec<Claim> {
    let facts = round.facts.iter();
    facts.filter_map(|draft| Claim::of(&draft.fact, now)).collect()
}
