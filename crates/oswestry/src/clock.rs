//! The two-week clock: state of each due, what ought to have been said, and when to look again.
//!
//! Everything here is a function of the facts in [`Clock`] and the instant of asking, never of a job having run.
//! All comparisons are between instants: a local day begins at its first midnight, or where a change of clocks
//! skips midnight at the first moment after it.

use std::collections::BTreeMap;

use care::chart::Reminder;
use care::time::{Date, SignedDuration, Timestamp, hours};

use crate::facts::Facts;
use crate::grid::Window;
use crate::state::{Ought, State, Timing};

/// How far back misses are put on record: a limit on the work of one look, and nobody acts on an older one.
const LOOK_BACK: SignedDuration = hours(366 * 24);

/// The clock of one patient.
#[derive(Clone, Debug)]
pub struct Clock {
    facts: Facts,
    /// The day of the answer of each due that has one.
    answered: BTreeMap<u32, Date>,
}

impl Clock {
    /// The clock that these facts make.
    #[must_use]
    pub fn new(facts: Facts) -> Self {
        let mut answered = BTreeMap::new();
        for day in &facts.days {
            if let Some(k) = facts.grid.number_on(*day) {
                let first = answered.entry(k).or_insert(*day);
                *first = (*first).min(*day);
            }
        }
        Self { facts, answered }
    }

    /// The due that an Oswestry of `day` answers; `None` if it is unscheduled because an earlier one does, or the
    /// day lies before the first window.
    #[must_use]
    pub fn answers(&self, day: Date) -> Option<Window> {
        let k = self.facts.grid.number_on(day)?;
        self.facts
            .grid
            .window(k)
            .filter(|_| self.answered.get(&k) == Some(&day))
    }

    /// State of the due of number `k`; `None` where the calendar ends.
    #[must_use]
    pub fn state(&self, k: u32, now: Timestamp) -> Option<State> {
        let window = self.facts.grid.window(k)?;
        let instants = self.instants(&window)?;
        if let Some(day) = self.answered.get(&k) {
            return Some(State::Answered(timing(&window, *day)));
        }
        if self.ended_by(now).is_some_and(|ended| ended < instants.missed) {
            return Some(State::Waived);
        }
        Some(if now >= instants.missed {
            let asked = self.facts.since < instants.missed && !self.paused_at(instants.missed);
            if asked || self.facts.recorded.contains(&window.due_on) {
                State::Missed
            } else {
                State::Waived
            }
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
        let oldest = now
            .checked_sub(LOOK_BACK)
            .map_or(self.facts.since, |limit| limit.max(self.facts.since));
        (self.number_at(oldest)..=last)
            .filter_map(|k| self.said_of(k, now))
            .collect()
    }

    /// The next instant after `now` at which something may have to be said, if no new fact comes before.
    #[must_use]
    pub fn wake_after(&self, now: Timestamp) -> Option<Timestamp> {
        if self.ended_by(now).is_some() {
            return None;
        }
        let of_dues = (self.number_at(now)..=u32::MAX)
            .filter(|k| !self.answered.contains_key(k))
            .map_while(|k| self.instants(&self.facts.grid.window(k)?))
            .find_map(|instants| instants.said().into_iter().find(|instant| *instant > now));
        let of_pauses = self
            .facts
            .pauses
            .iter()
            .filter_map(|pause| pause.until)
            .filter(|until| *until > now);
        of_pauses.chain(of_dues).min()
    }

    fn said_of(&self, k: u32, now: Timestamp) -> Option<Ought> {
        let window = self.facts.grid.window(k)?;
        let instants = self.instants(&window)?;
        let reminder = match self.state(k, now)? {
            State::Missed => Reminder::Missed,
            _ if self.paused_at(now) => return None,
            State::Late => Reminder::Overdue(2),
            State::Overdue => Reminder::Overdue(1),
            State::Due if now >= instants.announced => Reminder::Due,
            _ => return None,
        };
        Some(Ought {
            due_on: window.due_on,
            k,
            reminder,
        })
    }

    /// The plan's end, if it has come.
    fn ended_by(&self, now: Timestamp) -> Option<Timestamp> {
        self.facts.ended.filter(|ended| *ended <= now)
    }

    fn paused_at(&self, instant: Timestamp) -> bool {
        self.facts
            .pauses
            .iter()
            .any(|p| p.from <= instant && p.until.is_none_or(|until| instant < until))
    }

    /// Number of the due whose window holds the local date at `instant`; 0 before the first.
    fn number_at(&self, instant: Timestamp) -> u32 {
        self.facts
            .grid
            .number_on(instant.to_zoned(self.facts.zone.clone()).date())
            .unwrap_or(0)
    }

    fn instants(&self, window: &Window) -> Option<Instants> {
        let begin = |day: Date| self.at(day, 0);
        let end = |day: Date| begin(day.tomorrow().ok()?);
        Some(Instants {
            opens: begin(window.opens_on)?,
            day: begin(window.due_on)?,
            announced: self.at(window.due_on, self.facts.remind_at.minutes())?,
            first: end(window.first_after)?,
            second: end(window.second_after)?,
            missed: end(window.closes_on)?,
        })
    }

    /// A local time of a day as an instant: after a gap that swallows it, the first of two in a fold, and the end
    /// of the day for 24:00.
    fn at(&self, day: Date, minutes: u16) -> Option<Timestamp> {
        let day = if minutes < DAY { day } else { day.tomorrow().ok()? };
        let (hour, minute) = (minutes % DAY / 60, minutes % 60);
        let local = day.at(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0);
        local
            .to_zoned(self.facts.zone.clone())
            .ok()
            .map(|zoned| zoned.timestamp())
    }
}

/// Minutes of a day on the clock: 24 × 60.
const DAY: u16 = 1440;

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
