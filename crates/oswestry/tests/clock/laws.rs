//! Laws of the clock for any baseline, interval, zone and history.

use super::{facts, zone};
use care::chart::Reminder;
use care::time::{Date, Span, Timestamp, hours};
use oswestry::{Clock, Facts, Grid, Ought, Pause, State};
use proptest::prelude::*;
use std::collections::BTreeSet;

const ZONES: [&str; 5] = [
    "UTC",
    "America/Toronto",
    "America/St_Johns",
    "Asia/Beirut",
    "Pacific/Apia",
];

fn date() -> impl Strategy<Value = Date> {
    (0..20_000_i32).prop_map(|n| {
        Date::constant(1980, 1, 1)
            .checked_add(Span::new().days(n))
            .unwrap()
    })
}

fn days_after(from: Date, n: i32) -> Date {
    from.checked_add(Span::new().days(n)).unwrap()
}

/// A history of up to 100 days after the baseline, and the instant of the baseline's midnight in UTC.
#[derive(Debug, Clone)]
struct History {
    baseline: Date,
    every: u16,
    zone: &'static str,
    days: Vec<i32>,
    pauses: Vec<(i64, i64)>,
    ended: Option<i64>,
}

impl History {
    fn start(&self) -> Timestamp {
        self.baseline.to_zoned(zone("UTC")).unwrap().timestamp()
    }

    fn hour(&self, n: i64) -> Timestamp {
        self.start().checked_add(hours(n)).unwrap()
    }

    fn clock(&self) -> Clock {
        let pauses = self.pauses.iter().map(|(from, len)| Pause {
            from: self.hour(*from),
            until: Some(self.hour(from + len)),
        });
        Clock::new(Facts {
            grid: Grid::new(self.baseline, self.every).unwrap(),
            zone: zone(self.zone),
            since: self.hour(-48),
            ended: self.ended.map(|n| self.hour(n)),
            pauses: pauses.collect(),
            days: self.days.iter().map(|n| days_after(self.baseline, *n)).collect(),
            ..facts()
        })
    }
}

fn history() -> impl Strategy<Value = History> {
    let pause = (0..2400_i64, 1..500_i64);
    (
        date(),
        prop_oneof![Just(14_u16), 1..=40_u16],
        prop::sample::select(&ZONES[..]),
        prop::collection::vec(-10..100_i32, 0..6),
        prop::collection::vec(pause, 0..3),
        prop::option::of(0..2400_i64),
    )
        .prop_map(|(baseline, every, zone, days, pauses, ended)| History {
            baseline,
            every,
            zone,
            days,
            pauses,
            ended,
        })
}

/// A worker that keeps what it said, asked at any instants: the shape of `react`.
fn say(clock: &Clock, now: Timestamp, log: &mut BTreeSet<Ought>) -> Vec<Ought> {
    let new: Vec<Ought> = clock
        .ought(now)
        .into_iter()
        .filter(|ought| !log.contains(ought))
        .collect();
    log.extend(new.iter().copied());
    new
}

proptest! {
    #[test]
    fn windows_tile_the_calendar(baseline in date(), every in 1..=400_u16, k in 0..200_u32) {
        let grid = Grid::new(baseline, every).unwrap();
        let (this, next) = (grid.window(k).unwrap(), grid.window(k + 1).unwrap());
        prop_assert_eq!(this.closes_on.tomorrow().unwrap(), next.opens_on);
        prop_assert_eq!(this.due_on.until(next.due_on).unwrap().get_days(), i32::from(every));
        prop_assert!(this.opens_on <= this.due_on && this.due_on <= this.first_after);
        prop_assert!(this.first_after <= this.second_after && this.second_after <= this.closes_on);
        for day in [this.opens_on, this.due_on, this.closes_on] {
            prop_assert_eq!(grid.number_on(day), Some(k));
        }
    }

    #[test]
    fn the_order_of_facts_does_not_matter(history in history(), n in 0..2600_i64) {
        let mut turned = history.clone();
        turned.days.reverse();
        turned.pauses.reverse();
        let (now, clock, turned) = (history.hour(n), history.clock(), turned.clock());
        prop_assert_eq!(clock.ought(now), turned.ought(now));
        prop_assert_eq!(clock.wake_after(now), turned.wake_after(now));
        for k in 0..10 {
            prop_assert_eq!(clock.state(k, now), turned.state(k, now));
        }
    }

    #[test]
    fn a_state_never_goes_back(history in history(), n in 0..2600_i64, later in 0..500_i64, k in 0..10_u32) {
        let clock = history.clock();
        let rank = |state| match state {
            State::Upcoming => 0,
            State::Open => 1,
            State::Due => 2,
            State::Overdue => 3,
            State::Late => 4,
            State::Missed | State::Answered(_) => 5,
            State::Waived => 6,
        };
        let before = clock.state(k, history.hour(n)).unwrap();
        let after = clock.state(k, history.hour(n + later)).unwrap();
        prop_assert!(rank(before) <= rank(after), "{before:?} then {after:?}");
        if matches!(before, State::Missed | State::Answered(_) | State::Waived) {
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn asked_twice_it_says_nothing_new(history in history(), n in 0..2600_i64) {
        let (clock, mut log) = (history.clock(), BTreeSet::new());
        say(&clock, history.hour(n), &mut log);
        prop_assert_eq!(say(&clock, history.hour(n), &mut log), []);
    }

    #[test]
    fn woken_when_it_asks_to_be_it_never_has_to_say_anything_between(history in history(), n in 0..2600_i64) {
        let (clock, mut log) = (history.clock(), BTreeSet::new());
        let (end, mut now) = (history.hour(n), history.hour(-48));
        say(&clock, now, &mut log);
        while let Some(next) = clock.wake_after(now).filter(|next| *next <= end) {
            prop_assert!(next > now);
            now = next;
            say(&clock, now, &mut log);
        }
        prop_assert_eq!(say(&clock, end, &mut log), [], "at {}", end);
    }

    #[test]
    fn after_a_standstill_at_most_one_reminder_is_said(history in history(), n in 0..2600_i64) {
        let said = history.clock().ought(history.hour(n));
        let reminders = said.iter().filter(|ought| ought.reminder != Reminder::Missed).count();
        prop_assert!(reminders <= 1, "{said:?}");
    }

    #[test]
    fn what_is_missed_on_record_does_not_depend_on_when_it_was_asked(
        history in history(),
        stops in prop::collection::vec(0..2600_i64, 0..6),
        n in 0..2600_i64,
    ) {
        prop_assume!(history.ended.is_none());
        let clock = history.clock();
        let missed = |log: &BTreeSet<Ought>| -> Vec<u32> {
            log.iter().filter(|ought| ought.reminder == Reminder::Missed).map(|ought| ought.k).collect()
        };
        let mut often = BTreeSet::new();
        for stop in stops.into_iter().filter(|stop| *stop < n) {
            say(&clock, history.hour(stop), &mut often);
        }
        say(&clock, history.hour(n), &mut often);
        let mut once = BTreeSet::new();
        say(&clock, history.hour(n), &mut once);
        prop_assert_eq!(missed(&often), missed(&once));
    }
}
