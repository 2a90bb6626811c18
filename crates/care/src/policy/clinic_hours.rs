//! The clinic's own hours as a clock that stands still while it is closed.

use super::Alerts;
use crate::fact::value::ClockTime;
use crate::time::{Date, DateTime, SignedDuration, Span, TimeZone, Timestamp};

/// Days looked at: a clinic is open 4 hours on one day a week at the least, as the policy's checks say.
const DAYS: usize = 70;

impl Alerts {
    /// The instant at which `needed` of open clinic time has passed since `from`, in a zone.
    ///
    /// Hours are half-open and read off the clock on the wall: where clocks change inside them, an hour that is
    /// skipped does not count and one that comes twice counts twice. Where the calendar ends, the last instant.
    #[must_use]
    pub fn clinic_time_after(&self, from: Timestamp, needed: SignedDuration, zone: &TimeZone) -> Timestamp {
        let mut left = needed;
        let mut day = zone.to_datetime(from).date();
        for _ in 0..DAYS {
            for (opens, closes) in self.open_on(day, zone) {
                let begins = opens.max(from);
                let lasts = closes.duration_since(begins);
                if lasts.is_positive() && lasts >= left {
                    return begins.saturating_add(left).unwrap_or(Timestamp::MAX);
                }
                left -= lasts.max(SignedDuration::ZERO);
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        Timestamp::MAX
    }

    /// When the clinic is open on a day: one stretch, or more where clocks change in it.
    fn open_on(&self, day: Date, zone: &TimeZone) -> Vec<(Timestamp, Timestamp)> {
        if !self
            .clinic_days
            .iter()
            .any(|open| open.weekday() == day.weekday())
        {
            return Vec::new();
        }
        let midnight = |day: Date| day.to_zoned(zone.clone()).ok().map(|z| z.timestamp());
        let Some((begins, ends)) = midnight(day).zip(day.tomorrow().ok().and_then(midnight)) else {
            return Vec::new();
        };
        let changes = zone.following(begins).map(|change| change.timestamp());
        let mut cuts = vec![begins];
        cuts.extend(changes.take_while(|at| *at < ends));
        cuts.push(ends);
        // Between two cuts the offset is one.
        let open = |cut: &[Timestamp]| {
            let offset = zone.to_offset(cut[0]);
            let at = |clock| offset.to_timestamp(shown(day, clock)?).ok();
            let (opens, closes) = (at(self.clinic_from)?.max(cut[0]), at(self.clinic_to)?.min(cut[1]));
            (opens < closes).then_some((opens, closes))
        };
        cuts.windows(2).filter_map(open).collect()
    }
}

/// What the clock shows on a day; `24:00` is the midnight that ends it.
fn shown(day: Date, clock: ClockTime) -> Option<DateTime> {
    let minutes = Span::new().try_minutes(i64::from(clock.minutes())).ok()?;
    day.at(0, 0, 0, 0).checked_add(minutes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Policy;
    use crate::time::{hours, minutes};

    fn clinic(text: &str) -> Alerts {
        Policy::parse(text).unwrap().alerts
    }

    fn check(clinic: &Alerts, zone: &str, from: &str, expected: &str) {
        let zone = TimeZone::get(zone).unwrap();
        let at = clinic.clinic_time_after(from.parse().unwrap(), hours(4), &zone);
        assert_eq!(at, expected.parse().unwrap(), "{from} gave {}", at.to_zoned(zone));
    }

    #[test]
    fn four_hours_are_those_in_which_the_clinic_is_open() {
        let weekdays = clinic("");
        for (from, expected) in [
            ("2026-06-01T12:00:00-04:00", "2026-06-01T16:00:00-04:00"),
            // Until closing time exactly, and a minute past it.
            ("2026-06-01T14:00:00-04:00", "2026-06-01T18:00:00-04:00"),
            ("2026-06-01T14:01:00-04:00", "2026-06-02T08:01:00-04:00"),
            // At opening time, before it, and at closing time.
            ("2026-06-01T08:00:00-04:00", "2026-06-01T12:00:00-04:00"),
            ("2026-06-01T03:00:00-04:00", "2026-06-01T12:00:00-04:00"),
            ("2026-06-01T18:00:00-04:00", "2026-06-02T12:00:00-04:00"),
            // Over a weekend: an hour on Friday, three on Monday.
            ("2026-06-05T17:00:00-04:00", "2026-06-08T11:00:00-04:00"),
            ("2026-06-06T12:00:00-04:00", "2026-06-08T12:00:00-04:00"),
        ] {
            check(&weekdays, "America/Toronto", from, expected);
        }
    }

    #[test]
    fn a_change_of_clocks_in_open_hours_counts_as_it_is_lived() {
        let nights =
            clinic("[alerts]\nclinic_days = [\"sun\"]\nclinic_from = \"00:00\"\nclinic_to = \"24:00\"\n");
        // 02:00 becomes 03:00 on 8 March, and 02:00 becomes 01:00 on 1 November.
        check(
            &nights,
            "America/Toronto",
            "2026-03-08T00:00:00-05:00",
            "2026-03-08T05:00:00-04:00",
        );
        check(
            &nights,
            "America/Toronto",
            "2026-11-01T00:00:00-04:00",
            "2026-11-01T03:00:00-05:00",
        );
        let small =
            clinic("[alerts]\nclinic_days = [\"sun\"]\nclinic_from = \"01:30\"\nclinic_to = \"05:30\"\n");
        // Three hours of that Sunday are left, the fourth is a week later; in autumn half an hour comes twice.
        check(
            &small,
            "America/Toronto",
            "2026-03-07T00:00:00-05:00",
            "2026-03-15T02:30:00-04:00",
        );
        check(
            &small,
            "America/Toronto",
            "2026-11-01T00:00:00-04:00",
            "2026-11-01T05:00:00-05:00",
        );
    }

    #[test]
    fn at_the_end_of_the_calendar_the_clock_stands() {
        let at = clinic("").clinic_time_after(Timestamp::MAX, hours(4), &TimeZone::UTC);
        assert_eq!(at, Timestamp::MAX);
    }

    /// Minutes from `from` until `until` at which the clock on the wall shows an open hour.
    fn lived(clinic: &Alerts, from: Timestamp, until: Timestamp, zone: &TimeZone) -> i64 {
        let minutes_between = until.duration_since(from).as_mins();
        let open = |n: &i64| {
            let at = zone.to_datetime(from + minutes(*n));
            let clock = u16::try_from(at.hour()).unwrap() * 60 + u16::try_from(at.minute()).unwrap();
            clinic.clinic_days.iter().any(|d| d.weekday() == at.weekday())
                && (clinic.clinic_from.minutes()..clinic.clinic_to.minutes()).contains(&clock)
        };
        (0..minutes_between).filter(open).count().try_into().unwrap()
    }

    fn clinics() -> impl Strategy<Value = Alerts> {
        let days = vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        (prop::sample::subsequence(days, 1..=7), 0u16..=1200, 0u16..=1200).prop_map(|(days, from, more)| {
            let to = (from + 240 + more).min(1440);
            let clock = |m: u16| format!("{:02}:{:02}", m / 60, m % 60);
            clinic(&format!(
                "[alerts]\nclinic_days = {days:?}\nclinic_from = \"{}\"\nclinic_to = \"{}\"\n",
                clock(from),
                clock(to)
            ))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn as_many_open_minutes_pass_as_were_asked_for(
            clinic in clinics(),
            zone in prop::sample::select(vec!["America/Toronto", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"]),
            // Two weeks around each change of clocks, and any other time of that year.
            minute in prop_oneof![0i64..525_600, 90_000i64..110_000, 120_000i64..140_000, 430_000i64..450_000],
            needed in 1i64..=240,
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let begin: Timestamp = "2018-01-01T00:00:00Z".parse().unwrap();
            let from = begin + minutes(minute);
            let until = clinic.clinic_time_after(from, minutes(needed), &zone);
            prop_assert_eq!(lived(&clinic, from, until, &zone), needed);
            prop_assert_eq!(lived(&clinic, from, until - minutes(1), &zone), needed - 1, "no later than that");
        }

        #[test]
        fn who_begins_later_is_not_done_earlier(clinic in clinics(), minute in 0i64..525_600, later in 0i64..3000) {
            let zone = TimeZone::get("America/Toronto").unwrap();
            let begin: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
            let first = clinic.clinic_time_after(begin + minutes(minute), hours(4), &zone);
            let second = clinic.clinic_time_after(begin + minutes(minute + later), hours(4), &zone);
            prop_assert!(first <= second);
        }
    }
}
