//! When advisory mail may go out: the recipient's next open moment, in their zone and around their quiet hours.

use care::fact::plan::QuietHours;
use care::time::{Date, Span, Time, TimeZone, Timestamp, ToSpan};

/// Minutes of a day; `24:00` is the midnight that begins the next one.
const DAY_MIN: u16 = 24 * 60;

/// The first moment from `now` on at which the recipient's clock is outside the quiet hours; `now` itself if it is.
///
/// Quiet hours are half-open: `from` is quiet, `to` is open again. `from` later than `to` wraps midnight;
/// equal times, and a whole day from 00:00 to 24:00, mean none, because mail must not wait for ever.
/// Judged by what the clock on the wall shows, so it is right when clocks change: an end that is
/// skipped in spring counts as reached when the clock jumps over it, and an hour that comes twice
/// in autumn is quiet or open both times.
#[must_use]
pub fn next_open(now: Timestamp, zone: &TimeZone, quiet: Option<QuietHours>) -> Timestamp {
    let Some(quiet) = quiet else { return now };
    let open = |at: &Timestamp| !is_quiet(quiet, zone.to_datetime(*at).time());
    if open(&now) {
        return now;
    }
    let end = clock(quiet.to.minutes() % DAY_MIN);
    let today = zone.to_datetime(now).date();
    // Yesterday too: where clocks go back over midnight the local date does as well.
    let ends = (-1..=2)
        .filter_map(|n: i64| shifted(today, n.days()))
        .flat_map(|day| ends_on(day, zone, end));
    // A jump of the clock is the only other way out of the quiet hours. Two, in case one leads nowhere.
    let jumps = zone
        .following(now)
        .take(2)
        .map(|transition| transition.timestamp());
    // None: the whole day is quiet, or representable time ends. Then mail goes out rather than never.
    ends.chain(jumps)
        .filter(|at| *at >= now)
        .filter(open)
        .min()
        .unwrap_or(now)
}

/// Whether a clock that shows `time` is inside the quiet hours.
fn is_quiet(quiet: QuietHours, time: Time) -> bool {
    let (from, to) = (quiet.from.minutes(), quiet.to.minutes());
    let now = u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs());
    if from <= to {
        from <= now && now < to
    } else {
        now >= from || now < to
    }
}

/// The time of day `minutes` after midnight, 0..1440.
fn clock(minutes: u16) -> Time {
    Time::midnight().wrapping_add(i64::from(minutes).minutes())
}

fn shifted(day: Date, by: Span) -> Option<Date> {
    day.checked_add(by).ok()
}

/// Both instants at which the clock may show `time` on `day`: the same one, except where clocks change.
fn ends_on(day: Date, zone: &TimeZone, time: Time) -> impl Iterator<Item = Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(day.to_datetime(time));
    [ambiguous.earlier(), ambiguous.later()].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use care::fact::value::ClockTime;
    use care::time::minutes;
    use proptest::prelude::*;

    use super::*;

    fn quiet(from: &str, to: &str) -> Option<QuietHours> {
        let clock = |text: &str| ClockTime::try_from(text.to_owned()).unwrap();
        Some(QuietHours {
            from: clock(from),
            to: clock(to),
        })
    }

    fn check(zone: &str, quiet: Option<QuietHours>, now: &str, expected: &str) {
        let zone = TimeZone::get(zone).unwrap();
        let open = next_open(now.parse().unwrap(), &zone, quiet);
        assert_eq!(open, expected.parse().unwrap(), "{now} gave {open}");
    }

    #[test]
    fn an_evening_mail_waits_for_the_morning_of_the_recipient() {
        let night = quiet("20:00", "07:00");
        check(
            "America/Toronto",
            night,
            "2026-06-01T22:15:00-04:00",
            "2026-06-02T07:00:00-04:00",
        );
        check(
            "America/Toronto",
            night,
            "2026-06-02T03:00:00-04:00",
            "2026-06-02T07:00:00-04:00",
        );
        check(
            "America/Toronto",
            night,
            "2026-06-02T07:00:00-04:00",
            "2026-06-02T07:00:00-04:00",
        );
        check(
            "America/Toronto",
            night,
            "2026-06-02T19:59:59-04:00",
            "2026-06-02T19:59:59-04:00",
        );
        check(
            "Asia/Tokyo",
            night,
            "2026-06-02T20:00:00+09:00",
            "2026-06-03T07:00:00+09:00",
        );
    }

    #[test]
    fn no_quiet_hours_means_now() {
        check("UTC", None, "2026-06-01T03:00:00Z", "2026-06-01T03:00:00Z");
        check(
            "UTC",
            quiet("07:00", "07:00"),
            "2026-06-01T07:00:00Z",
            "2026-06-01T07:00:00Z",
        );
    }

    #[test]
    fn quiet_hours_may_end_at_midnight_and_never_last_all_day() {
        check(
            "UTC",
            quiet("20:00", "24:00"),
            "2026-06-01T21:00:00Z",
            "2026-06-02T00:00:00Z",
        );
        check(
            "UTC",
            quiet("00:00", "24:00"),
            "2026-06-01T21:00:00Z",
            "2026-06-01T21:00:00Z",
        );
    }

    #[test]
    fn quiet_hours_within_a_day_do_not_wrap() {
        check(
            "UTC",
            quiet("12:00", "13:30"),
            "2026-06-01T12:10:00Z",
            "2026-06-01T13:30:00Z",
        );
        check(
            "UTC",
            quiet("12:00", "13:30"),
            "2026-06-01T23:10:00Z",
            "2026-06-01T23:10:00Z",
        );
    }

    #[test]
    fn an_end_that_spring_skips_is_reached_when_the_clock_jumps() {
        check(
            "America/Toronto",
            quiet("20:00", "02:30"),
            "2026-03-08T01:00:00-05:00",
            "2026-03-08T03:00:00-04:00",
        );
    }

    #[test]
    fn an_end_that_autumn_repeats_is_open_the_first_time_and_quiet_again_after() {
        let night = quiet("20:00", "01:30");
        check(
            "America/Toronto",
            night,
            "2026-11-01T00:10:00-04:00",
            "2026-11-01T01:30:00-04:00",
        );
        check(
            "America/Toronto",
            night,
            "2026-11-01T01:10:00-05:00",
            "2026-11-01T01:30:00-05:00",
        );
    }

    proptest! {
        #[test]
        fn the_answer_is_open_and_every_minute_before_it_is_quiet(
            second in 1_760_000_000i64..1_830_000_000,
            zone in prop::sample::select(vec!["America/Toronto", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Tokyo", "UTC"]),
            from in 0u16..=48, to in 0u16..=48,
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let quiet = QuietHours {
                from: ClockTime::from_minutes(from * 30).unwrap(),
                to: ClockTime::from_minutes(to * 30).unwrap(),
            };
            prop_assume!(from != 0 || to != 48);
            let now = Timestamp::constant(second, 0);
            let open = next_open(now, &zone, Some(quiet));
            prop_assert!(open >= now && !is_quiet(quiet, zone.to_datetime(open).time()));
            prop_assert_eq!(next_open(open, &zone, Some(quiet)), open);
            let mut at = now;
            while at < open {
                prop_assert!(is_quiet(quiet, zone.to_datetime(at).time()), "{} is open before {}", at, open);
                at += minutes(1);
            }
        }
    }
}
