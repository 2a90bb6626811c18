//! What the clock answers: where a due stands, and what ought to have been said about it.

use care::chart::Reminder;
use care::time::Date;

/// Where a due stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its window has not opened.
    Upcoming,
    /// Its window is open, its day has not come.
    Open,
    /// Its day has come.
    Due,
    /// Three days went by.
    Overdue,
    /// Six days went by.
    Late,
    /// Its window closed without a valid Oswestry.
    Missed,
    /// A valid Oswestry lies in its window.
    Answered(Timing),
    /// Nobody can be blamed for it: the plan ended before its window closed, an admission stood at that moment, or
    /// the grid was set later.
    Waived,
}

/// When in its window a due was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Before its day.
    Early,
    /// On its day or after, while it was not overdue.
    OnTime,
    /// When it was overdue.
    Late,
}

/// Something that ought to have been said by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ought {
    /// The due date.
    pub due_on: Date,
    /// Its number.
    pub k: u32,
    /// What to say.
    pub reminder: Reminder,
}
