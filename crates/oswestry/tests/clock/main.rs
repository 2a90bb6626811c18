//! The two-week clock by itself: windows, states, what is said when, and its laws.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod grid;
mod laws;
mod said;
mod state;

use std::collections::BTreeSet;

use care::chart::Reminder;
use care::fact::value::ClockTime;
use care::time::{Date, TimeZone, Timestamp};
use oswestry::{Clock, Facts, Grid, Pause, State};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// `2026-06-15 08:00` in a zone.
fn at(zone_name: &str, text: &str) -> Timestamp {
    let (date, time) = text.split_once(' ').unwrap();
    day(date)
        .to_datetime(time.parse().unwrap())
        .to_zoned(zone(zone_name))
        .unwrap()
        .timestamp()
}

/// The same in Toronto, where most of these patients live.
fn toronto(text: &str) -> Timestamp {
    at("America/Toronto", text)
}

/// Baseline on 1 June 2026: dues on 1, 15 and 29 June, 13 July.
fn grid() -> Grid {
    Grid::new(day("2026-06-01"), 14).unwrap()
}

/// Nothing but the grid, set on the morning of the baseline.
fn facts() -> Facts {
    Facts {
        grid: grid(),
        zone: zone("America/Toronto"),
        remind_at: ClockTime::from_minutes(8 * 60).unwrap(),
        since: toronto("2026-06-01 00:00"),
        ended: None,
        pauses: Vec::new(),
        recorded: BTreeSet::new(),
        days: Vec::new(),
    }
}

fn days(days: &[&str]) -> Vec<Date> {
    days.iter().map(|text| day(text)).collect()
}

fn clock_with(ended: Option<Timestamp>, pauses: &[Pause], answers: &[&str]) -> Clock {
    Clock::new(Facts {
        ended,
        pauses: pauses.to_vec(),
        days: days(answers),
        ..facts()
    })
}

fn clock(answers: &[&str]) -> Clock {
    clock_with(None, &[], answers)
}

/// What ought to have been said at a Toronto time, as (number, reminder).
fn said(clock: &Clock, text: &str) -> Vec<(u32, Reminder)> {
    clock
        .ought(toronto(text))
        .into_iter()
        .map(|ought| (ought.k, ought.reminder))
        .collect()
}

fn state(clock: &Clock, k: u32, text: &str) -> State {
    clock.state(k, toronto(text)).unwrap()
}
