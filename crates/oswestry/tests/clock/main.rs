//! The two-week clock by itself: windows, states, what is said when, and its laws.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod grid;
mod laws;
mod said;
mod state;

use care::time::{Date, TimeZone, Timestamp};
use oswestry::{Clock, Grid, Pause, Saying, State};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// `2026-06-15 08:00` in a zone.
fn at(zone_name: &str, text: &str) -> Timestamp {
    let (date, time) = text.split_once(' ').unwrap();
    day(date).to_datetime(time.parse().unwrap()).to_zoned(zone(zone_name)).unwrap().timestamp()
}

/// The same in Toronto, where most of these patients live.
fn toronto(text: &str) -> Timestamp {
    at("America/Toronto", text)
}

/// Baseline on 1 June 2026: dues on 1, 15 and 29 June, 13 July.
fn grid() -> Grid {
    Grid::new(day("2026-06-01"), 14).unwrap()
}

fn clock_with(ended: Option<Timestamp>, pauses: &[Pause], days: &[&str]) -> Clock {
    let since = toronto("2026-06-01 00:00");
    let days: Vec<Date> = days.iter().map(|d| day(d)).collect();
    Clock::new(grid(), zone("America/Toronto"), since, ended, pauses.to_vec(), days)
}

fn clock(days: &[&str]) -> Clock {
    clock_with(None, &[], days)
}

/// What ought to have been said at a Toronto time, as (number, saying).
fn said(clock: &Clock, text: &str) -> Vec<(u32, Saying)> {
    clock.ought(toronto(text)).into_iter().map(|ought| (ought.k, ought.saying)).collect()
}

fn state(clock: &Clock, k: u32, text: &str) -> State {
    clock.state(k, toronto(text)).unwrap()
}
