//! The grid of due dates: local days counted from the baseline, with windows that tile the calendar.

use care::time::{Date, Span};

/// Due dates `baseline_on + every_days × k`, `k = 0` being the baseline itself. It never slides.
///
/// An Oswestry done on day `d` belongs to the one due whose window `[due − before, due + after]` holds `d`.
/// With `after = every / 2` and `before = (every − 1) / 2`, `before + 1 + after = every`, so windows tile the
/// calendar for any interval: 14 days give 6 before and 7 after, 7 days 3 and 3, 28 days 13 and 14.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grid {
    baseline_on: Date,
    every_days: u16,
    overdue_days: u16,
    late_days: u16,
}

/// One due date with the days that belong to it, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// First day on which an Oswestry answers this due.
    pub opens_on: Date,
    /// The due date.
    pub due_on: Date,
    /// After this day the due is overdue; until then an answer is on time.
    pub first_after: Date,
    /// After this day it is late.
    pub second_after: Date,
    /// Last day; after it the due is missed.
    pub closes_on: Date,
}

impl Grid {
    /// A grid that is overdue after 3 days and late after 6; `None` for an interval of zero days.
    #[must_use]
    pub const fn new(baseline_on: Date, every_days: u16) -> Option<Self> {
        if every_days == 0 {
            return None;
        }
        Some(Self {
            baseline_on,
            every_days,
            overdue_days: 3,
            late_days: 6,
        })
    }

    /// The same grid, overdue and late after other numbers of days.
    ///
    /// Where a window is too short for them, late begins on its last day at the latest, and overdue half as many
    /// days after the due as late does: 7 days give 1 and 2.
    #[must_use]
    pub const fn reminding(self, overdue_days: u16, late_days: u16) -> Self {
        Self {
            overdue_days,
            late_days,
            ..self
        }
    }

    /// Days of a window before its due.
    const fn before(self) -> i64 {
        (self.every_days as i64 - 1) / 2
    }

    /// Days of a window after its due.
    const fn after(self) -> i64 {
        self.every_days as i64 / 2
    }

    /// After how many days the second reminder comes: no later than on the last day of the window.
    fn late(self) -> i64 {
        i64::from(self.late_days).min(self.after() - 1).max(0)
    }

    /// After how many days the first comes: before the second, if there is a day between.
    fn overdue(self) -> i64 {
        let asked = i64::from(self.overdue_days);
        if asked < self.late() {
            asked
        } else {
            self.late() / 2
        }
    }

    /// The due of number `k`; `None` where the calendar ends.
    #[must_use]
    pub fn window(self, k: u32) -> Option<Window> {
        let due_on = shifted(self.baseline_on, i64::from(self.every_days) * i64::from(k))?;
        Some(Window {
            opens_on: shifted(due_on, -self.before())?,
            due_on,
            first_after: shifted(due_on, self.overdue())?,
            second_after: shifted(due_on, self.late())?,
            closes_on: shifted(due_on, self.after())?,
        })
    }

    /// Number of the due whose window holds `day`; `None` before the first window opens.
    #[must_use]
    pub fn number_on(self, day: Date) -> Option<u32> {
        let since_baseline = i64::from(self.baseline_on.until(day).ok()?.get_days());
        let since_first_window = since_baseline + self.before();
        if since_first_window < 0 {
            return None;
        }
        u32::try_from(since_first_window / i64::from(self.every_days)).ok()
    }
}

fn shifted(day: Date, days: i64) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}
