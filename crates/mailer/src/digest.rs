//! The weekly digest: what can wait, of all patients of one person, in one letter.

use std::collections::BTreeSet;

use care::fact::Fact;
use care::fact::ours::{Lane, Notice};
use care::id::{MemberId, NoticeId, derived};
use care::member::Postbox;
use care::time::Timestamp;
use care::{About, Chart, Policy};

use crate::again::{Retry, again};
use crate::case::{Case, told_as, was_emergency_at};
use crate::compose::{DigestParcel, compose_digest, message_id};
use crate::delivery::draft;
use crate::desk::{Desk, Round};
use crate::hours::next_open;
use crate::occasion::{Matter, Occasion, is_for_the_digest, occasions, still_open};
use crate::recipient::{ON_CALL, Recipient, reader, recipients};
use crate::record::Watch;
use crate::week::{Clock, Week};

/// Alerts in one digest, the oldest of each patient first; what is beyond waits another week.
const LINES_MAX: usize = 100;

/// One alert of a digest.
pub(crate) struct Item<'a> {
    pub(crate) chart: &'a Chart,
    pub(crate) occasion: Occasion<'a>,
    /// The reader, as the plan of this patient knows them.
    pub(crate) to: Recipient,
    /// Since when it is true.
    pub(crate) since: Timestamp,
}

/// What a member ought to be told about no single patient: at once what the log says of itself, and once a week what
/// waits for the digest. `charts` are those of every patient whose team names the member.
#[must_use]
pub fn digest(
    member: &MemberId,
    charts: &[&Chart],
    policy: &Policy,
    desk: &Desk<'_>,
    now: Timestamp,
) -> Round {
    let writer = Writer {
        member,
        about: About::Member(member.clone()),
        cases: charts
            .iter()
            .copied()
            .map(|chart| Case {
                chart,
                policy,
                desk,
                now,
            })
            .collect(),
        policy,
        desk,
        now,
    };
    let nothing = Postbox::default();
    let postbox = desk.postboxes.get(member).unwrap_or(&nothing);
    let clock = Clock::newest(member, charts.iter().copied(), policy);
    let reader = reader(member, &writer.cases, clock, policy);
    let watch = Watch {
        member,
        postbox,
        policy,
        desk,
        now,
    };
    let mut round = Round::default();
    again(
        &writer.about,
        &postbox.notices,
        desk,
        now,
        &mut round,
        |last, round| match watch.owns(&last.record.notice) {
            true => watch.retry(reader.as_ref(), last, round),
            false => writer.retry(reader.as_ref(), last, round),
        },
    );
    if let Some(reader) = reader {
        // What is urgent does not wait for what a digest waits for.
        if !watch.anew(&reader, &mut round) {
            writer.weekly(&reader, postbox, &mut round);
        }
    }
    round
}

struct Writer<'a> {
    member: &'a MemberId,
    about: About,
    cases: Vec<Case<'a>>,
    policy: &'a Policy,
    desk: &'a Desk<'a>,
    now: Timestamp,
}

impl<'a> Writer<'a> {
    fn weekly(&self, reader: &Recipient, postbox: &Postbox, round: &mut Round) {
        let Some(week) = Week::at(self.now, &reader.zone, &self.policy.mail) else {
            return;
        };
        round.look_again_at(next_open(week.next, &reader.zone, reader.quiet));
        if has_digest_since(week.due, postbox) || !reader.may_be_told(false, self.now, round) {
            return;
        }
        let of_one = |case: &Case<'a>| untold(case, &week, self.member);
        let mut items: Vec<Item<'a>> = self.cases.iter().flat_map(of_one).collect();
        items.truncate(LINES_MAX);
        if items.is_empty() {
            return;
        }
        let about: Vec<String> = items.iter().flat_map(|i| told_as(&i.to, &i.occasion)).collect();
        let id = derived(&["digest", self.member.as_str(), &about.join("\n")]);
        let parcel = DigestParcel {
            notice_id: id.to_string(),
            attempt: 1,
            to: reader,
            items,
            possible_repeat: false,
        };
        self.claim(&parcel, about, round);
    }

    /// The next try of a digest, with what is still worth telling of it.
    fn retry(&self, reader: Option<&Recipient>, last: &Retry<'_>, round: &mut Round) {
        let notice = &last.record.notice;
        // Whoever began to tell something goes on while it is open, whatever it waited for then.
        let still: Vec<Item<'a>> = self
            .cases
            .iter()
            .filter(|_| !last.urgent_only)
            .flat_map(|case| open_for(case, self.member))
            .filter(|item| notice.about.contains(&item.occasion.key))
            .collect();
        let Some(to) = reader.filter(|_| !still.is_empty()) else {
            round.facts.extend(last.abandoned(&self.about));
            return;
        };
        if !to.may_be_told(false, self.now, round) {
            return;
        }
        let about = last.still_about(still.iter().map(|item| &item.occasion.key));
        let parcel = DigestParcel {
            notice_id: notice.notice_id.to_string(),
            attempt: last.attempt + 1,
            to,
            items: still,
            possible_repeat: last.may_be_a_repeat(),
        };
        self.claim(&parcel, about, round);
    }

    fn claim(&self, parcel: &DigestParcel<'_>, about: Vec<String>, round: &mut Round) {
        if !round.has_room(false, &parcel.to.email, self.desk, self.now) {
            return;
        }
        let (Ok(notice_id), Some(mail)) = (
            NoticeId::new(&parcel.notice_id),
            compose_digest(self.member, self.policy, self.desk.wording, parcel, self.now),
        ) else {
            return;
        };
        let notice = Notice {
            notice_id: notice_id.clone(),
            member_id: self.member.clone(),
            channel: "mail".to_owned(),
            about,
            message_id: message_id(&parcel.notice_id, self.policy),
            attempt: parcel.attempt,
            reply: None,
            next_attempt_at: None,
            reason: None,
            lane: Some(Lane::Routine),
        };
        let first = parcel.items.first().map(|item| item.occasion.stamp);
        let cause = first.map(|stamp| (stamp.id.clone(), stamp.chain().clone()));
        let fact = Fact::NoticeAttempted(notice);
        let attempt = parcel.attempt;
        round
            .facts
            .push(draft(&self.about, &notice_id, attempt, "attempted", fact, cause));
        round.mails.push(mail);
    }
}

/// Whether a digest was begun since an instant. What the log says of itself is urgent, and takes no digest's place.
fn has_digest_since(at: Timestamp, postbox: &Postbox) -> bool {
    let notices = postbox.notices.values();
    let digests = notices.filter(|n| n.notice.lane != Some(Lane::Urgent));
    let claimed = digests.filter_map(care::chart::NoticeRecord::claimed_at);
    { claimed }.any(|claimed| claimed >= at)
}

/// Alerts of one patient that a digest may tell a member of, the oldest first.
fn open_for<'a>(case: &Case<'a>, member: &MemberId) -> Vec<Item<'a>> {
    let to_them = |occasion: Occasion<'a>| {
        let found = recipients(case, &occasion);
        Some(Item {
            chart: case.chart,
            to: found.into_iter().find(|r| r.member == *member)?,
            since: crate::age::since(case.chart, case.policy, &occasion),
            occasion,
        })
    };
    still_open(case.chart).into_iter().filter_map(to_them).collect()
}

/// What this week's digest tells a member of one patient and no letter has told them, the oldest first.
///
/// Judged as of when the digest was due: whoever looks later in the week says what there was to say then, and what
/// became late or was raised since has a digest of its own.
fn untold<'a>(case: &Case<'a>, week: &Week, member: &MemberId) -> Vec<Item<'a>> {
    let is_of_the_week = |item: &Item<'a>| {
        let Matter::Raised(raised) = &item.occasion.matter else {
            return false;
        };
        item.occasion.stamp.time <= week.due
            && raised.actionable_until.is_none_or(|until| until >= week.before)
            && !case.is_told(&item.to, &item.occasion)
            && !case.heard_later(&item.to, raised.alert_id.as_str())
    };
    let mut items = open_for(case, member);
    items.retain(is_of_the_week);
    if items.is_empty() || case.chart.alerts.values().any(|a| was_emergency_at(a, week.due)) {
        return Vec::new();
    }
    let then = Case {
        now: week.due,
        ..*case
    };
    let mut known = occasions(&then);
    known.retain(|occasion| occasion.stamp.time <= week.due);
    let wanted = then.wanted(&known);
    items.retain(|item| {
        let Matter::Raised(raised) = &item.occasion.matter else {
            return false;
        };
        is_for_the_digest(item.occasion.severity, raised)
            || then.waits_for_the_digest(&(item.to.clone(), &item.occasion), &wanted)
    });
    items
}

/// The members whose digest of this week has something to tell of one patient that no letter has told, or of whom
/// `clock` says nothing; each with the moment from which on they may be told.
///
/// A member's own look goes through every chart that names them. Asking this of a chart that changed is cheap, and says
/// when that look is worth it.
pub fn awaited(
    chart: &Chart,
    policy: &Policy,
    desk: &Desk<'_>,
    clock: impl Fn(&MemberId) -> Option<Clock>,
    now: Timestamp,
) -> Vec<(MemberId, Timestamp)> {
    let case = Case {
        chart,
        policy,
        desk,
        now,
    };
    let open = still_open(chart);
    let found = open.iter().flat_map(|occasion| recipients(&case, occasion));
    let members: BTreeSet<MemberId> = found.map(|to| to.member).collect();
    let awaits = |member: MemberId| {
        let clock = match member.as_str() {
            ON_CALL => Some(Clock::of_on_call()),
            _ => clock(&member),
        };
        let Some(clock) = clock else {
            return Some((member, now));
        };
        let week = Week::at(now, &clock.zone, &policy.mail)?;
        let postbox = desk.postboxes.get(&member);
        if postbox.is_some_and(|postbox| has_digest_since(week.due, postbox))
            || untold(&case, &week, &member).is_empty()
        {
            return None;
        }
        Some((member, next_open(now, &clock.zone, clock.quiet)))
    };
    members.into_iter().filter_map(awaits).collect()
}
