//! On whose clock a member's week runs, and when their digest is due.

use care::Chart;
use care::chart::Stamp;
use care::fact::plan::{Member, Plan, QuietHours};
use care::fact::value::ZoneName;
use care::id::MemberId;
use care::policy::{Mail as MailPolicy, Policy};
use care::time::{Date, Time, TimeZone, Timestamp, ToSpan};

use crate::recipient::ON_CALL;

/// A member's zone, and when routine mail waits. The newest plan that names them decides, whatever became of the
/// address in it: a mail server that refuses it does not move their week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    pub(crate) zone: TimeZone,
    pub(crate) quiet: Option<QuietHours>,
}

impl Clock {
    /// As a plan says of one of its team; `zone` is the plan's.
    #[must_use]
    pub fn of(member: &Member, zone: TimeZone, policy: &Policy) -> Self {
        let default = QuietHours {
            from: policy.mail.quiet_from,
            to: policy.mail.quiet_to,
        };
        Self {
            zone: member.timezone.as_ref().map_or(zone, ZoneName::zone),
            quiet: Some(member.quiet_hours.unwrap_or(default)),
        }
    }

    /// Of the organisation's last resort, whom no plan names.
    pub(crate) const fn of_on_call() -> Self {
        Self {
            zone: TimeZone::UTC,
            quiet: None,
        }
    }

    /// As the newest plan says of somebody.
    pub(crate) fn newest<'a>(
        member: &MemberId,
        charts: impl IntoIterator<Item = &'a Chart>,
        policy: &Policy,
    ) -> Option<Self> {
        if member.as_str() == ON_CALL {
            return Some(Self::of_on_call());
        }
        let words = charts.into_iter().flat_map(|chart| said_of(member, chart));
        let (_, member, plan) = words.max_by(|(a, ..), (b, ..)| a.cmp(b))?;
        Some(Self::of(member, plan.timezone.zone(), policy))
    }
}

/// What a patient's plans say of a member, and by which event each says it.
pub fn said_of<'a>(
    id: &MemberId,
    chart: &'a Chart,
) -> impl Iterator<Item = (&'a Stamp, &'a Member, &'a Plan)> {
    let snapshots = chart.plans.values().filter_map(|record| record.snapshot.as_ref());
    snapshots.filter_map(move |said| {
        let named = said.value.team.iter().find(|m| m.member_id == *id)?;
        Some((&said.version.stamp, named, &said.value))
    })
}

/// Three digests in a row: the last that was due, the one before and the next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Week {
    pub(crate) before: Timestamp,
    pub(crate) due: Timestamp,
    pub(crate) next: Timestamp,
}

impl Week {
    pub(crate) fn at(now: Timestamp, zone: &TimeZone, policy: &MailPolicy) -> Option<Self> {
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
