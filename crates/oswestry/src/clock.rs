//! The two-week clock: state of each due, what ought to have been said, and when to look again.
//!
//! Everything here is a function of the facts in [`Clock`] and the instant of asking, never of a job having run.
//! All comparisons are between instants: a local day begins at its first midnight, or where a change of clocks
//! skips midnight at the first moment after it.

use std::collections::BTreeMap;

use care::time::{Date, TimeZone, Timestamp};

use crate::grid::{Grid, Window};

/// Local hour at which a due is announced.
const ANNOUNCED_AT: i8 = 8;

/// What the clock of one patient depends on.
#[derive(Clone, Debug)]
pub struct Clock {
    grid: Grid,
    zone: TimeZone,
    since: Timestamp,
    ended: Option<Timestamp>,
    pauses: Vec<Pause>,
    /// The day of the answer of each due that has one.
    answered: BTreeMap<u32, Date>,
}

/// A stretch in which nobody is reminded because the patient is in hospital: `[from, until)`, or still standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Admission.
    pub from: Timestamp,
    /// Return; `None` while it stands.
    pub until: Option<Timestamp>,
}

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
    /// Nobody could be asked until its window closed: the plan ended before, an admission stood at that moment, or
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

/// What is said about a due, each at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Saying {
    /// It is due: from 08:00 local on its day until it is overdue.
    Due,
    /// It is overdue, step 1 or 2: each until the next takes its place.
    Overdue(u8),
    /// It was missed: from then on.
    Missed,
}

/// Something that ought to have been said by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ought {
    /// The due date.
    pub due_on: Date,
    /// Its number.
    pub k: u32,
    /// What to say.
    pub saying: Saying,
}

impl Clock {
    /// The clock of a plan whose grid was set at `since`, judged in the plan's zone.
    ///
    /// `ended` is when the plan was completed or revoked, `pauses` the admissions, in any order, and `days` the local
    /// days of valid Oswestry done while the plan ran, in any order: the first in a window answers it.
    #[must_use]
    pub fn new(
        grid: Grid,
        zone: TimeZone,
        since: Timestamp,
        ended: Option<Timestamp>,
        pauses: Vec<Pause>,
        days: impl IntoIterator<Item = Date>,
    ) -> Self {
        let mut answered = BTreeMap::new();
        for day in days {
            if let Some(k) = grid.number_on(day) {
                let first = answered.entry(k).or_insert(day);
                *first = day.min(*first);
            }
        }
        Self { grid, zone, since, ended, pauses, answered }
    }

    /// The due that an Oswestry of `day` answers; `None` if it is unscheduled because an earlier one does, or the
    /// day lies before the first window.
    #[must_use]
    pub fn answers(&self, day: Date) -> Option<Window> {
        let k = self.grid.number_on(day)?;
        self.grid.window(k).filter(|_| self.answered.get(&k) == Some(&day))
    }

    /// State of the due of number `k`; `None` where the calendar ends.
    #[must_use]
    pub fn state(&self, k: u32, now: Timestamp) -> Option<State> {
        let window = self.grid.window(k)?;
        let instants = self.instants(&window)?;
        if let Some(day) = self.answered.get(&k) {
            return Some(State::Answered(timing(&window, *day)));
        }
        if self.ended_by(now).is_some_and(|ended| ended < instants.missed) {
            return Some(State::Waived);
        }
        Some(if now >= instants.missed {
            if self.since >= instants.missed || self.paused_at(instants.missed) { State::Waived } else { State::Missed }
        } else if now >= instants.second {
            State::Late
        } else if now >= instants.first {
            State::Overdue
        } else if now >= instants.day {
            State::Due
        } else if now >= instants.opens {
            State::Open
        } else {
            State::Upcoming
        })
    }

    /// What ought to have been said by `now`, oldest due first.
    ///
    /// A reminder is said while it is true and no longer: a worker that was down says `due` late as long as it is not
    /// overdue, then one overdue of the step that holds, and never what that step replaced. `missed` is a record
    /// rather than a reminder, so each one is said, however late, but none while or after the plan has ended. While
    /// an admission stands nobody is reminded.
    #[must_use]
    pub fn ought(&self, now: Timestamp) -> Vec<Ought> {
        if self.ended_by(now).is_some() {
            return Vec::new();
        }
        // One further than today's: where clocks go back over midnight the date alone would lag behind the instants.
        let last = self.number_at(now).saturating_add(1);
        (self.number_at(self.since)..=last).filter_map(|k| self.said_of(k, now)).collect()
    }

    /// The next instant after `now` at which something may have to be said, if no new fact comes before.
    #[must_use]
    pub fn wake_after(&self, now: Timestamp) -> Option<Timestamp> {
        if self.ended_by(now).is_some() {
            return None;
        }
        let of_dues = (self.number_at(now)..=u32::MAX)
            .filter(|k| !self.answered.contains_key(k))
            .map_while(|k| self.instants(&self.grid.window(k)?))
            .find_map(|instants| instants.said().into_iter().find(|instant| *instant > now));
        let of_pauses = self.pauses.iter().filter_map(|pause| pause.until).filter(|until| *until > now);
        of_pauses.chain(of_dues).min()
    }

    fn said_of(&self, k: u32, now: Timestamp) -> Option<Ought> {
        let window = self.grid.window(k)?;
        let instants = self.instants(&window)?;
        let saying = match self.state(k, now)? {
            State::Missed => Saying::Missed,
            _ if self.paused_at(now) => return None,
            State::Late => Saying::Overdue(2),
            State::Overdue => Saying::Overdue(1),
            State::Due if now >= instants.announced => Saying::Due,
            _ => return None,
        };
        Some(Ought { due_on: window.due_on, k, saying })
    }

    /// The plan's end, if it has come.
    fn ended_by(&self, now: Timestamp) -> Option<Timestamp> {
        self.ended.filter(|ended| *ended <= now)
    }

    fn paused_at(&self, instant: Timestamp) -> bool {
        self.pauses.iter().any(|p| p.from <= instant && p.until.is_none_or(|until| instant < until))
    }

    /// Number of the due whose window holds the local date at `instant`; 0 before the first.
    fn number_at(&self, instant: Timestamp) -> u32 {
        self.grid.number_on(instant.to_zoned(self.zone.clone()).date()).unwrap_or(0)
    }

    fn instants(&self, window: &Window) -> Option<Instants> {
        let begin = |day: Date| self.at(day, 0);
        let end = |day: Date| self.at(day.tomorrow().ok()?, 0);
        Some(Instants {
            opens: begin(window.opens_on)?,
            day: begin(window.due_on)?,
            announced: self.at(window.due_on, ANNOUNCED_AT)?,
            first: end(window.first_after)?,
            second: end(window.second_after)?,
            missed: end(window.closes_on)?,
        })
    }

    /// A local hour of a day as an instant. In a gap it is the moment after the gap, in a fold the earlier one.
    fn at(&self, day: Date, hour: i8) -> Option<Timestamp> {
        day.at(hour, 0, 0, 0).to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
    }
}

/// The days of a window as instants of a zone.
struct Instants {
    opens: Timestamp,
    day: Timestamp,
    announced: Timestamp,
    first: Timestamp,
    second: Timestamp,
    missed: Timestamp,
}

impl Instants {
    /// Those at which something is said, in order.
    const fn said(&self) -> [Timestamp; 4] {
        [self.announced, self.first, self.second, self.missed]
    }
}

fn timing(window: &Window, day: Date) -> Timing {
    if day < window.due_on {
        Timing::Early
    } else if day <= window.first_after {
        Timing::OnTime
    } else {
        Timing::Late
    }
}
