//! When advisory mail may go out: the recipient's next open moment, in their zone and around their quiet hours.

use care::time::{Date, Span, Time, TimeZone, Timestamp, ToSpan};

/// Local wall-clock times between which routine mail waits, half-open: `from` is quiet, `to` is open again.
///
/// `from` later than `to` wraps midnight (20:00 to 07:00); equal times mean no quiet hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// First quiet local time.
    pub from: Time,
    /// First open local time after it.
    pub to: Time,
}

impl QuietHours {
    /// Whether a clock that shows `time` is inside the quiet hours.
    #[must_use]
    pub fn cover(self, time: Time) -> bool {
        if self.from <= self.to {
            self.from <= time && time < self.to
        } else {
            time >= self.from || time < self.to
        }
    }
}

/// The first moment from `now` on at which the recipient's clock is outside the quiet hours; `now` itself if it is.
///
/// Judged by what the clock on the wall shows, so it is right when clocks change: an end that is
/// skipped in spring counts as reached when the clock jumps over it, and an hour that comes twice
/// in autumn is quiet or open both times.
#[must_use]
pub fn next_open(now: Timestamp, zone: &TimeZone, quiet: Option<QuietHours>) -> Timestamp {
    let Some(quiet) = quiet else { return now };
    let open = |at: &Timestamp| !quiet.cover(zone.to_datetime(*at).time());
    if open(&now) {
        return now;
    }
    let today = zone.to_datetime(now).date();
    // Yesterday too: where clocks go back over midnight the local date does as well.
    let ends = (-1..=2)
        .filter_map(|n: i64| shifted(today, n.days()))
        .flat_map(|day| ends_on(day, zone, quiet.to));
    // A jump of the clock is the only other way out of the quiet hours. Two, in case one leads nowhere.
    let jumps = zone
        .following(now)
        .take(2)
        .map(|transition| transition.timestamp());
    // No candidate is possible only at the very end of representable time; then mail goes out rather than never.
    ends.chain(jumps)
        .filter(|at| *at >= now)
        .filter(open)
        .min()
        .unwrap_or(now)
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
    use care::time::minutes;
    use proptest::prelude::*;

    use super::*;

    fn quiet(from: &str, to: &str) -> Option<QuietHours> {
        Some(QuietHours {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
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
            from in 0i8..24, to in 0i8..24, half in prop::bool::ANY,
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let quiet = QuietHours {
                from: Time::constant(from, 0, 0, 0),
                to: Time::constant(to, if half { 30 } else { 0 }, 0, 0),
            };
            let now = Timestamp::constant(second, 0);
            let open = next_open(now, &zone, Some(quiet));
            prop_assert!(open >= now && !quiet.cover(zone.to_datetime(open).time()));
            prop_assert_eq!(next_open(open, &zone, Some(quiet)), open);
            let mut at = now;
            while at < open {
                prop_assert!(quiet.cover(zone.to_datetime(at).time()), "{} is open before {}", at, open);
                at += minutes(1);
            }
        }
    }
}
