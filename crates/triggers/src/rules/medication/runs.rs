//! Exact arithmetic of days: stretches of days joined to runs, and the day on which a run reaches a count.

use care::time::Date;

use crate::case::{Case, Told};

/// Days by number, both ends among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Days {
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// Days on which something is taken, with the fact that says so.
#[derive(Clone, Copy)]
pub(crate) struct Stretch<'a> {
    pub(crate) days: Days,
    pub(crate) told: Told<'a>,
    /// Days the prescription lasts, where it says.
    pub(crate) supply: Option<u16>,
}

/// Stretches without a gap that parts them, by first day.
pub(crate) struct Run<'a> {
    pub(crate) stretches: Vec<Stretch<'a>>,
    /// The same days, each once.
    days: Vec<Days>,
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// A day as a number.
pub(crate) fn number(day: Date) -> i64 {
    EPOCH.until(day).map_or(0, |span| i64::from(span.get_days()))
}

/// The day of a number; none where the calendar ends.
pub(crate) fn day(number: i64) -> Option<Date> {
    Case::days_after(EPOCH, number)
}

impl Days {
    /// One day.
    pub(crate) fn of(day: Date) -> Self {
        let only = number(day);
        Self {
            first: only,
            last: only,
        }
    }
}

/// Runs of stretches; so many days without anything, one after the other, part two of them.
pub(crate) fn runs(mut stretches: Vec<Stretch<'_>>, free: i64) -> Vec<Run<'_>> {
    stretches.sort_by_key(|s| (s.days, s.told.stamp()));
    let mut runs: Vec<Run<'_>> = Vec::new();
    for stretch in stretches {
        match runs.last_mut() {
            Some(run) if stretch.days.first - run.last() <= free => run.join(stretch),
            _ => runs.push(Run {
                days: vec![stretch.days],
                stretches: vec![stretch],
            }),
        }
    }
    runs
}

impl<'a> Run<'a> {
    fn join(&mut self, stretch: Stretch<'a>) {
        self.stretches.push(stretch);
        let Days { first, last } = stretch.days;
        match self.days.last_mut() {
            Some(known) if first <= known.last + 1 => known.last = known.last.max(last),
            _ => self.days.push(stretch.days),
        }
    }

    pub(crate) fn first(&self) -> i64 {
        self.days[0].first
    }

    pub(crate) fn last(&self) -> i64 {
        self.days[self.days.len() - 1].last
    }

    /// Days up to a day, that one included, on which something is taken.
    pub(crate) fn count(&self, until: i64) -> i64 {
        let of = |d: &Days| (d.last.min(until) - d.first + 1).max(0);
        self.days.iter().map(of).sum()
    }

    /// The n-th day on which something is taken.
    pub(crate) fn nth(&self, n: i64) -> Option<i64> {
        let mut left = n;
        for days in &self.days {
            let length = days.last - days.first + 1;
            if left <= length {
                return Some(days.first + left - 1);
            }
            left -= length;
        }
        None
    }

    /// Facts that say what is taken up to a day; not more than an alert may name.
    pub(crate) fn told(&self, until: i64) -> impl Iterator<Item = Told<'a>> {
        let known = self.stretches.iter().filter(move |s| s.days.first <= until);
        known.map(|s| s.told).take(500)
    }
}
