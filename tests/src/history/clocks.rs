//! The clocks of the machines: the true time, and at most one wall clock that is wrong.

use care::time::{SignedDuration, Timestamp, hours};
use node::Reading;

/// How a wall clock is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It is right.
    No,
    /// An hour ahead.
    HourAhead,
    /// An hour behind.
    HourBehind,
    /// Thirty days ahead.
    MonthAhead,
    /// It stands still from now on.
    Frozen,
}

/// True time, and what the wall clocks make of it.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    began: Timestamp,
    /// The true time.
    pub truth: Timestamp,
    /// Whose clock is wrong: a replica by number, or the server beyond them.
    whose: usize,
    wrong: Wrong,
    /// When it went wrong.
    since: Timestamp,
}

impl Clocks {
    /// Clocks that are right.
    #[must_use]
    pub const fn at(truth: Timestamp) -> Self {
        Self {
            began: truth,
            truth,
            whose: 0,
            wrong: Wrong::No,
            since: truth,
        }
    }

    /// Somebody's wall clock goes wrong, or right again; everybody else's is right.
    pub const fn go(&mut self, whose: usize, wrong: Wrong) {
        (self.whose, self.wrong, self.since) = (whose, wrong, self.truth);
    }

    /// Time passes.
    pub fn pass(&mut self, time: SignedDuration) {
        self.truth = self.truth.saturating_add(time).unwrap_or(self.truth);
    }

    /// What somebody's wall clock shows.
    #[must_use]
    pub fn wall(&self, whose: usize) -> Timestamp {
        if whose != self.whose {
            return self.truth;
        }
        match self.wrong {
            Wrong::No => self.truth,
            Wrong::HourAhead => self.truth + hours(1),
            Wrong::HourBehind => self.truth - hours(1),
            Wrong::MonthAhead => self.truth + hours(30 * 24),
            Wrong::Frozen => self.since,
        }
    }

    /// What a replica's machine shows, for the product's own clock.
    #[must_use]
    pub fn reading(&self, whose: usize) -> Reading {
        Reading {
            wall: self.wall(whose).as_millisecond(),
            run: self.truth.as_millisecond() - self.began.as_millisecond(),
        }
    }
}
