//! When a practitioner works: weekly hours on the local clock, closures, and the grid of possible starts.

use care::time::{SignedDuration, TimeZone, Timestamp, Weekday};

use crate::instants::{overlap, shifted};

const DAY_MIN: u16 = 1440;

/// The published hours of a practitioner. All questions are answered instant by instant on the local clock,
/// so an hour that a clock change skips is never open and an hour that it repeats is open twice.
#[derive(Debug, Clone)]
pub struct OpenHours {
    zone: TimeZone,
    /// Ranges per weekday from Monday, minutes after local midnight, `from < to ≤ 1440`.
    weekly: [Vec<(u16, u16)>; 7],
    closures: Vec<(Timestamp, Timestamp)>,
    /// Minutes between possible starts, counted from local midnight.
    step_min: u16,
    /// Sessions at one time.
    pub capacity: u16,
    /// Free minutes that follow every session.
    pub buffer_min: u16,
}

impl OpenHours {
    /// Hours in `zone`: ranges are (weekday, from, to) in minutes after local midnight; `to` may be 1440.
    /// Empty ranges are ignored, a step of 0 counts as 1.
    #[must_use]
    pub fn new(
        zone: TimeZone,
        ranges: impl IntoIterator<Item = (Weekday, u16, u16)>,
        closures: Vec<(Timestamp, Timestamp)>,
        step_min: u16,
    ) -> Self {
        let mut weekly: [Vec<(u16, u16)>; 7] = Default::default();
        for (day, from, to) in ranges {
            if from < to && to <= DAY_MIN {
                weekly[usize::from(day.to_monday_zero_offset().unsigned_abs())].push((from, to));
            }
        }
        weekly.iter_mut().for_each(|day| day.sort_unstable());
        Self {
            zone,
            weekly,
            closures,
            step_min: step_min.max(1),
            capacity: 1,
            buffer_min: 0,
        }
    }

    /// The zone of the local clock.
    #[must_use]
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether `at` is a whole number of steps after local midnight.
    #[must_use]
    pub fn on_grid(&self, at: Timestamp) -> bool {
        self.since_midnight(at).as_nanos() % self.step().as_nanos() == 0
    }

    /// Whether every instant of `[start, end)` lies in the weekly hours; closures are another question.
    #[must_use]
    pub fn covers(&self, start: Timestamp, end: Timestamp) -> bool {
        let mut at = start;
        while at < end {
            match self.open_until(at) {
                Some(until) if until > at => at = until,
                _ => return false,
            }
        }
        start < end
    }

    /// Whether a closure touches `[start, end)`.
    #[must_use]
    pub fn closed(&self, start: Timestamp, end: Timestamp) -> bool {
        self.closures
            .iter()
            .any(|&closure| overlap(closure, (start, end)))
    }

    /// Every grid instant in `[from, to]`, open or not, in order.
    pub fn grid(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> {
        let mut next = self.next_on_grid(from);
        std::iter::from_fn(move || {
            let at = next.filter(|at| *at <= to)?;
            next = self.next_on_grid(shifted(at, SignedDuration::from_nanos(1)));
            Some(at)
        })
    }

    /// Every start in `[from, to]` at which a session of `length` is on the grid, open and not closed, in order.
    pub fn starts(
        &self,
        from: Timestamp,
        to: Timestamp,
        length: SignedDuration,
    ) -> impl Iterator<Item = Timestamp> {
        self.grid(from, to).filter(move |&at| {
            let end = shifted(at, length);
            self.covers(at, end) && !self.closed(at, end)
        })
    }

    /// End of the open range that `at` lies in, or of the stretch of constant offset if that comes first.
    fn open_until(&self, at: Timestamp) -> Option<Timestamp> {
        let local = self.zone.to_datetime(at);
        let since = self.since_midnight(at);
        let today = &self.weekly[usize::from(local.weekday().to_monday_zero_offset().unsigned_abs())];
        // Ranges may overlap; the one that reaches furthest decides.
        let reach = today
            .iter()
            .filter(|(from, to)| minutes(*from) <= since && since < minutes(*to))
            .map(|r| r.1)
            .max()?;
        Some(self.within_offset(at, shifted(at, minutes(reach) - since)))
    }

    /// First grid instant at or after `at`.
    fn next_on_grid(&self, mut at: Timestamp) -> Option<Timestamp> {
        loop {
            let since = self.since_midnight(at);
            let over = since.as_nanos() % self.step().as_nanos();
            if over == 0 {
                return Some(at);
            }
            let over = SignedDuration::from_nanos(i64::try_from(over).ok()?);
            // The grid begins anew at midnight, also when the step does not divide a day.
            let up = (self.step() - over).min(minutes(DAY_MIN) - since);
            let next = self.within_offset(at, shifted(at, up));
            if next <= at {
                return None;
            }
            at = next;
        }
    }

    /// `to`, or the clock change between `at` and `to`: arithmetic on the local clock holds up to there.
    fn within_offset(&self, at: Timestamp, to: Timestamp) -> Timestamp {
        if self.zone.to_offset(at) == self.zone.to_offset(to) {
            return to;
        }
        self.zone
            .following(at)
            .next()
            .map_or(to, |change| change.timestamp().min(to))
    }

    fn since_midnight(&self, at: Timestamp) -> SignedDuration {
        let time = self.zone.to_datetime(at).time();
        SignedDuration::new(
            i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second()),
            time.subsec_nanosecond(),
        )
    }

    fn step(&self) -> SignedDuration {
        minutes(self.step_min)
    }
}

fn minutes(n: u16) -> SignedDuration {
    care::time::minutes(i64::from(n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use care::time::{hours, minutes};

    fn at(zoned: &str) -> Timestamp {
        zoned.parse::<care::time::Zoned>().unwrap().timestamp()
    }

    fn new_york(day: Weekday, from: u16, to: u16) -> OpenHours {
        OpenHours::new(
            TimeZone::get("America/New_York").unwrap(),
            [(day, from, to)],
            vec![],
            15,
        )
    }

    #[test]
    fn a_session_that_ends_at_closing_time_fits_and_one_minute_more_does_not() {
        let open = new_york(Weekday::Monday, 9 * 60, 17 * 60);
        let start = at("2026-06-01T16:15-04:00[America/New_York]");
        assert!(open.covers(start, start + minutes(45)));
        assert!(!open.covers(start, start + minutes(46)));
        assert!(!open.covers(start - hours(8), start));
    }

    #[test]
    fn a_range_to_midnight_joins_the_next_day() {
        let zone = TimeZone::UTC;
        let open = OpenHours::new(
            zone,
            [(Weekday::Monday, 1200, 1440), (Weekday::Tuesday, 0, 60)],
            vec![],
            15,
        );
        let start = at("2026-06-01T23:30+00:00[UTC]");
        assert!(open.covers(start, start + hours(1)));
        assert!(!open.covers(start, start + minutes(91)));
    }

    #[test]
    fn two_ranges_that_touch_are_one_and_a_lunch_break_is_closed() {
        let ranges = [
            (Weekday::Monday, 540, 720),
            (Weekday::Monday, 720, 780),
            (Weekday::Monday, 840, 1020),
        ];
        let open = OpenHours::new(TimeZone::UTC, ranges, vec![], 15);
        let noon = at("2026-06-01T12:00+00:00[UTC]");
        assert!(open.covers(noon - minutes(30), noon + minutes(30)));
        assert!(!open.covers(noon + minutes(30), noon + minutes(75)));
    }

    #[test]
    fn a_skipped_hour_is_never_open_and_has_no_starts() {
        // 2026-03-08: 02:00 EST is followed by 03:00 EDT.
        let open = new_york(Weekday::Sunday, 60, 240);
        let from = at("2026-03-08T01:00-05:00[America/New_York]");
        let starts: Vec<_> = open.starts(from, from + hours(3), minutes(60)).collect();
        assert_eq!(
            starts.len(),
            5,
            "01:00 to 01:45 run through into 03:xx, then 03:00"
        );
        assert!(starts.iter().all(|s| open.on_grid(*s)));
        assert!(
            new_york(Weekday::Sunday, 120, 180)
                .starts(from, from + hours(3), minutes(15))
                .next()
                .is_none()
        );
    }

    #[test]
    fn a_repeated_hour_is_open_twice() {
        // 2026-11-01: 01:00–02:00 comes twice.
        let open = new_york(Weekday::Sunday, 60, 120);
        let from = at("2026-11-01T00:00-04:00[America/New_York]");
        let first = at("2026-11-01T01:00-04:00[America/New_York]");
        let starts: Vec<_> = open.starts(from, from + hours(5), minutes(60)).collect();
        // The clock falls back from 02:00 to 01:00: a session may run through the change.
        assert_eq!(starts, [0, 15, 30, 45, 60].map(|m| first + minutes(m)));
    }

    #[test]
    fn the_grid_begins_anew_at_local_midnight() {
        let open = OpenHours::new(TimeZone::UTC, [], vec![], 50);
        let from = at("2026-06-01T23:00+00:00[UTC]");
        let grid: Vec<_> = open.grid(from, from + hours(2)).collect();
        assert_eq!(
            grid,
            [from + minutes(20), from + minutes(60), from + minutes(110)]
        );
    }

    #[test]
    fn a_half_hour_clock_change_keeps_the_grid_on_the_local_clock() {
        let zone = TimeZone::get("Australia/Lord_Howe").unwrap();
        let open = OpenHours::new(zone.clone(), [], vec![], 60);
        let from = at("2026-10-04T00:00+10:30[Australia/Lord_Howe]");
        for start in open.grid(from, from + hours(6)) {
            assert_eq!(zone.to_datetime(start).minute(), 0);
        }
        assert_eq!(
            open.grid(from, from + hours(6)).count(),
            6,
            "02:00 is skipped: 0, 1, 3, 4, 5, 6"
        );
    }

    #[test]
    fn a_closure_is_half_open() {
        let noon = at("2026-06-01T12:00+00:00[UTC]");
        let open = OpenHours::new(
            TimeZone::UTC,
            [(Weekday::Monday, 0, 1440)],
            vec![(noon, noon + hours(1))],
            15,
        );
        assert!(!open.closed(noon - hours(1), noon));
        assert!(open.closed(noon + minutes(59), noon + hours(2)));
        assert!(!open.closed(noon + hours(1), noon + hours(2)));
    }
}
