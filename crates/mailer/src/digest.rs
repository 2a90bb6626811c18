//! The weekly digest: what can wait, of all patients of one person, in one letter.

use care::fact::Fact;
use care::fact::ours::{Lane, Notice};
use care::id::{MemberId, NoticeId, derived};
use care::member::Postbox;
use care::policy::Mail as MailPolicy;
use care::time::{Date, Time, TimeZone, Timestamp, ToSpan};
use care::{About, Chart, Policy};

use crate::again::{Retry, again};
use crate::case::{Case, told_as, was_emergency_at};
use crate::compose::{DigestParcel, compose_digest, message_id};
use crate::delivery::draft;
use crate::desk::{Desk, Round};
use crate::hours::next_open;
use crate::occasion::{Matter, Occasion, is_for_the_digest, occasions, still_open};
use crate::recipient::{Recipient, reader, recipients};
use crate::record::Watch;

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
/// waits for the digest, judged at this very moment. `charts` are those of every patient whose team names the member.
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
    let reader = reader(member, &writer.cases, policy);
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

/// Three digests in a row: the last that was due, the one before and the next.
#[derive(Debug, PartialEq, Eq)]
struct Week {
    before: Timestamp,
    due: Timestamp,
    next: Timestamp,
}

impl Week {
    fn at(now: Timestamp, zone: &TimeZone, policy: &MailPolicy) -> Option<Self> {
        let today = now.to_zoned(zone.clone()).date();
        let past = today.weekday().since(policy.digest_day.weekday());
        let this = today.checked_sub(i64::from(past).days()).ok()?;
        let on = |weeks: i64| digest_on(this.checked_add((7 * weeks).days()).ok()?, zone, policy);
        // On the day itself it may be too early.
        let last = if on(0)? <= now { 0 } else { -1 };
        Some(Self {
            before: on(last - 1)?,
            due: on(last)?,
            next: on(last + 1)?,
        })
    }
}

fn digest_on(day: Date, zone: &TimeZone, policy: &MailPolicy) -> Option<Timestamp> {
    let minutes = i64::from(policy.digest_at.minutes()).minutes();
    let local = day.to_datetime(Time::midnight()).checked_add(minutes).ok()?;
    Some(local.to_zoned(zone.clone()).ok()?.timestamp())
}

impl<'a> Writer<'a> {
    fn weekly(&self, reader: &Recipient, postbox: &Postbox, round: &mut Round) {
        let Some(week) = Week::at(self.now, &reader.zone, &self.policy.mail) else {
            return;
        };
        round.look_again_at(next_open(week.next, &reader.zone, reader.quiet));
        let this_week = |at: Timestamp| at >= week.due;
        // What the log says of itself is urgent, and takes no digest's place.
        let digests = postbox
            .notices
            .values()
            .filter(|n| n.notice.lane != Some(Lane::Urgent));
        let claimed = digests.filter_map(care::chart::NoticeRecord::claimed_at);
        if claimed.into_iter().any(this_week) {
            return;
        }
        if !reader.may_be_told(false, self.now, round) {
            return;
        }
        let untold = |case: &Case<'a>, item: &Item<'a>| {
            let Matter::Raised(raised) = &item.occasion.matter else {
                return false;
            };
            // Whoever looks now sees what was there when the digest was due; what came later has its own.
            raised.actionable_until.is_none_or(|until| until >= week.before)
                && item.occasion.stamp.time <= week.due
                && !case.chart.alerts.values().any(|a| was_emergency_at(a, week.due))
                && !case.is_told(&item.to, &item.occasion)
                && !case.heard_later(&item.to, raised.alert_id.as_str())
        };
        let mut items = self.items(untold);
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

    /// What is kept for this member's digest and `is_wanted`, by patient, the oldest first.
    fn items(&self, is_wanted: impl Fn(&Case<'a>, &Item<'a>) -> bool) -> Vec<Item<'a>> {
        let mut all = Vec::new();
        for case in &self.cases {
            let open = still_open(case.chart);
            if open.is_empty() {
                continue;
            }
            let now_wanted = occasions(case);
            let wanted = case.wanted(&now_wanted);
            for occasion in open {
                let found = recipients(case, &occasion);
                let Some(to) = found.into_iter().find(|r| r.member == *self.member) else {
                    continue;
                };
                let Matter::Raised(raised) = &occasion.matter else {
                    continue;
                };
                let kept = is_for_the_digest(occasion.severity, raised)
                    || case.waits_for_the_digest(&(to.clone(), &occasion), &wanted);
                let item = Item {
                    chart: case.chart,
                    since: crate::age::since(case.chart, case.policy, &occasion),
                    occasion,
                    to,
                };
                if kept && is_wanted(case, &item) {
                    all.push(item);
                }
            }
        }
        all
    }

    /// The next try of a digest, with what is still worth telling of it.
    fn retry(&self, reader: Option<&Recipient>, last: &Retry<'_>, round: &mut Round) {
        let notice = &last.record.notice;
        let told = |_: &Case<'a>, item: &Item<'a>| notice.about.contains(&item.occasion.key);
        let still = if last.urgent_only {
            Vec::new()
        } else {
            self.items(told)
        };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(zone: &str, now: &str, before: &str, due: &str, next: &str) {
        let zone = TimeZone::get(zone).unwrap();
        let policy = Policy::default().mail;
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let expected = Week {
            before: at(before),
            due: at(due),
            next: at(next),
        };
        assert_eq!(Week::at(at(now), &zone, &policy), Some(expected), "{now}");
    }

    #[test]
    fn a_digest_is_due_on_monday_at_eight_on_the_readers_clock() {
        let (first, second, third) = (
            "2026-06-01T08:00:00-04:00",
            "2026-06-08T08:00:00-04:00",
            "2026-06-15T08:00:00-04:00",
        );
        for now in [second, "2026-06-10T00:00:00-04:00", "2026-06-15T07:59:59-04:00"] {
            check("America/Toronto", now, first, second, third);
        }
    }

    #[test]
    fn the_clock_on_the_wall_counts_when_clocks_change() {
        check(
            "America/Toronto",
            "2026-11-02T09:00:00-05:00",
            "2026-10-26T08:00:00-04:00",
            "2026-11-02T08:00:00-05:00",
            "2026-11-09T08:00:00-05:00",
        );
    }
}
