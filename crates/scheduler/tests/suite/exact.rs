//! An exact solver for small worlds: every combination of slots and links, cut off only where it cannot win.

use care::time::{SignedDuration, Timestamp, hours, minutes};

use crate::law::Plain;

/// A patient with nothing but PT starts, in order.
pub(crate) type Pts = Vec<Timestamp>;

/// (PT sessions served, total distance from the targets in minutes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Score {
    pub(crate) served: usize,
    pub(crate) off_min: i64,
}

pub(crate) struct Exact<'a> {
    plain: &'a Plain,
    /// (patient, PT start), earliest first.
    wants: Vec<(usize, Timestamp)>,
    starts: Vec<Timestamp>,
    /// Least distance possible for the wants from here on, for the cut.
    busy_pt: Vec<(usize, Timestamp)>,
    placed: Vec<(usize, Timestamp)>,
    best: Score,
    /// Gives up beyond this many steps.
    pub(crate) steps_left: u64,
}

const LENGTH: SignedDuration = minutes(45);

impl<'a> Exact<'a> {
    pub(crate) fn new(plain: &'a Plain, patients: &[Pts], now: Timestamp) -> Self {
        let mut wants: Vec<(usize, Timestamp)> = patients
            .iter()
            .enumerate()
            .flat_map(|(p, pts)| pts.iter().map(move |pt| (p, *pt)))
            .collect();
        wants.sort_by_key(|w| (w.1, w.0));
        let last = wants.iter().map(|w| w.1).max().unwrap_or(now);
        let mut starts = Vec::new();
        let mut at = now + hours(2);
        while at < last {
            if plain.allows(at, LENGTH) {
                starts.push(at);
            }
            at += minutes(plain.step_min);
        }
        let best = Score {
            served: 0,
            off_min: 0,
        };
        Self {
            plain,
            busy_pt: wants.clone(),
            wants,
            starts,
            placed: vec![],
            best,
            steps_left: 3_000_000,
        }
    }

    /// The optimum, or none when it takes too long to prove.
    pub(crate) fn solve(mut self) -> Option<Score> {
        self.explore(
            0,
            Score {
                served: 0,
                off_min: 0,
            },
        );
        (self.steps_left > 0).then_some(self.best)
    }

    fn explore(&mut self, next: usize, so_far: Score) {
        if self.steps_left == 0 {
            return;
        }
        self.steps_left -= 1;
        let better =
            |a: Score, b: Score| a.served > b.served || (a.served == b.served && a.off_min < b.off_min);
        let Some(&(patient, pt)) = self.wants.get(next) else {
            if better(so_far, self.best) {
                self.best = so_far;
            }
            return;
        };
        let hope = Score {
            served: so_far.served + self.wants.len() - next,
            off_min: so_far.off_min,
        };
        if self.best.served > 0 && !better(hope, self.best) {
            return;
        }
        let off = |start: Timestamp| (pt.duration_since(start) - hours(48)).abs().as_mins();
        let fits = |start: Timestamp| {
            let gap = pt.duration_since(start);
            hours(24) <= gap && gap <= hours(72)
        };
        let mut options: Vec<(i64, Timestamp, bool)> = Vec::new();
        for &(p, start) in &self.placed {
            if p == patient && fits(start) {
                options.push((off(start), start, false));
            }
        }
        for &start in self.starts.iter().filter(|s| fits(**s)) {
            if self.may_place(patient, start) {
                options.push((off(start), start, true));
            }
        }
        options.sort_by_key(|o| (o.0, o.2));
        for (cost, start, new) in options {
            if new {
                self.placed.push((patient, start));
            }
            self.explore(
                next + 1,
                Score {
                    served: so_far.served + 1,
                    off_min: so_far.off_min + cost,
                },
            );
            if new {
                self.placed.pop();
            }
        }
        self.explore(next + 1, so_far);
    }

    fn may_place(&self, patient: usize, start: Timestamp) -> bool {
        let end = start + LENGTH;
        if self
            .busy_pt
            .iter()
            .any(|(p, pt)| *p == patient && *pt < end && start < *pt + hours(1))
        {
            return false;
        }
        let mut own: Vec<Timestamp> = self
            .placed
            .iter()
            .filter(|(p, _)| *p == patient)
            .map(|(_, s)| *s)
            .collect();
        if own
            .iter()
            .any(|other| other.duration_since(start).abs() < hours(44))
        {
            return false;
        }
        own.push(start);
        own.sort();
        if own.windows(4).any(|w| w[3].duration_since(w[0]) < hours(168)) || own.len() > 8 {
            return false;
        }
        let reach = LENGTH + minutes(self.plain.buffer_min);
        let beside: Vec<Timestamp> = self
            .placed
            .iter()
            .map(|(_, s)| *s)
            .filter(|s| s.duration_since(start).abs() < reach)
            .collect();
        // All sessions are equally long, so the most at once are found at a beginning.
        let at_once = |at: Timestamp| {
            beside
                .iter()
                .chain([&start])
                .filter(|s| **s <= at && at < **s + reach)
                .count()
        };
        beside
            .iter()
            .chain([&start])
            .all(|at| at_once(*at) <= self.plain.capacity)
    }
}
