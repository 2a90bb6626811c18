//! Whether the wall clock can be believed: judged by the monotonic clock and the server's, on times that are given.

use care::time::Timestamp;

/// Apart by more than this, two clocks disagree; milliseconds.
const APART: i64 = 5 * 60 * 1000;
/// So long wall clock and server must agree, without a jump, before a doubt ends; milliseconds.
const STEADY: i64 = 10 * 60 * 1000;

/// Why the wall clock is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It did not run with the monotonic clock: it was set, it stands still, or the machine slept.
    Jumped,
    /// The server says another time.
    DisagreesWithServer,
}

/// A clock in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// Since when, by the time that was shown.
    pub since: Timestamp,
    /// What began it.
    pub why: Why,
}

/// What two clocks of the machine show at one instant, milliseconds. Only `run` is sure never to be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The wall clock, since 1970.
    pub wall: i64,
    /// The monotonic clock, since anything.
    pub run: i64,
}

/// The time that is shown. It never runs backwards. While the wall clock is in doubt it goes on from what was last
/// believed, by the monotonic clock: nothing comes early, and what is urgent still comes.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// What was shown last, and when that was on the monotonic clock.
    shown: Option<(i64, i64)>,
    /// Wall minus monotonic clock while both were believed, and when that was found.
    pace: Option<(i64, i64)>,
    doubt: Option<Unsure>,
}

#[derive(Debug, Clone, Copy)]
struct Unsure {
    doubt: Doubt,
    /// Wall minus monotonic clock since its last jump.
    pace: i64,
    /// Whether the server last said what the wall clock says.
    has_company: bool,
    /// Since when the two agree and may be believed.
    agreed: Option<i64>,
}

impl Watch {
    /// The time to show, milliseconds since 1970.
    pub fn show(&mut self, now: Reading) -> i64 {
        let pace = now.wall - now.run;
        let (believed, _) = *self.pace.get_or_insert((pace, now.run));
        if self.doubt.is_none() && apart(pace, believed) {
            self.begin(Why::Jumped, now);
        }
        if let Some(unsure) = self.doubt.as_mut().filter(|u| apart(u.pace, pace)) {
            (unsure.pace, unsure.has_company, unsure.agreed) = (pace, false, None);
        }
        let shown = self.continued(now);
        self.shown = Some((shown, now.run));
        shown
    }

    fn continued(&self, now: Reading) -> i64 {
        let Some((shown, at)) = self.shown else {
            return now.wall;
        };
        let passed = (now.run - at).max(0);
        match self.doubt {
            None => now.wall.max(shown),
            // Both went back: at half its speed the time shown meets them again, and what is urgent still comes.
            Some(unsure) if unsure.has_company && now.wall < shown => shown + passed / 2,
            Some(_) => shown + passed,
        }
    }

    /// The server has just said what time it is, milliseconds since 1970.
    pub fn hear(&mut self, server: i64, now: Reading) {
        if self.shown.is_none() {
            // Nothing was believed yet: of two times the earlier one brings nothing too early.
            self.shown = Some((now.wall.min(server), now.run));
            if apart(now.wall, server) {
                self.begin(Why::DisagreesWithServer, now);
            }
        }
        let shown = self.show(now);
        let agrees = !apart(now.wall, server);
        let Some(unsure) = &mut self.doubt else {
            if agrees {
                self.follow(now);
            } else {
                self.begin(Why::DisagreesWithServer, now);
            }
            return;
        };
        unsure.has_company = agrees;
        // A wall clock that went back is believed once it is no longer behind what was shown.
        let caught_up = agrees && now.wall >= shown - APART;
        unsure.agreed = caught_up.then(|| unsure.agreed.unwrap_or(now.run));
        if unsure.agreed.is_some_and(|since| now.run - since >= STEADY) {
            self.doubt = None;
            self.pace = Some((now.wall - now.run, now.run));
        }
    }

    /// Takes a small drift for good. What drifts by more than a twentieth of the time that passed is adding up to a
    /// jump, or stands still.
    fn follow(&mut self, now: Reading) {
        let pace = now.wall - now.run;
        if let Some((believed, at)) = &mut self.pace
            && (pace - *believed).abs() <= (now.run - *at) / 20
        {
            (*believed, *at) = (pace, now.run);
        }
    }

    fn begin(&mut self, why: Why, now: Reading) {
        let since = self.shown.map_or(now.wall, |(shown, _)| shown);
        self.doubt = Some(Unsure {
            doubt: Doubt {
                since: Timestamp::from_millisecond(since).unwrap_or(Timestamp::UNIX_EPOCH),
                why,
            },
            pace: now.wall - now.run,
            has_company: false,
            agreed: None,
        });
    }

    /// Whether the wall clock is in doubt, and since when.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        self.doubt.map(|unsure| unsure.doubt)
    }
}

const fn apart(a: i64, b: i64) -> bool {
    a.abs_diff(b) > APART.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: i64 = 60_000;
    const HOUR: i64 = 60 * MIN;
    const DAY: i64 = 24 * HOUR;

    /// A machine and a server that are told the true time, wrong by so much each.
    #[derive(Default)]
    struct Machine {
        watch: Watch,
        truth: i64,
        wrong: i64,
        server_wrong: i64,
        /// The wall clock stands still at this.
        frozen: Option<i64>,
    }

    impl Machine {
        fn new() -> Self {
            let mut machine = Self {
                truth: 1_000 * DAY,
                ..Self::default()
            };
            machine.ask();
            machine
        }

        fn reading(&self) -> Reading {
            Reading {
                wall: self.frozen.unwrap_or(self.truth + self.wrong),
                run: self.truth - 999 * DAY,
            }
        }

        fn ask(&mut self) {
            let now = self.reading();
            self.watch.hear(self.truth + self.server_wrong, now);
        }

        /// Time shown minus true time, after so long with a question to the server every 30 s.
        fn after(&mut self, passed: i64) -> i64 {
            let mut before = self.watch.show(self.reading());
            let until = self.truth + passed;
            while self.truth < until {
                self.truth = (self.truth + MIN / 2).min(until);
                self.ask();
                let shown = self.watch.show(self.reading());
                assert!(shown >= before, "it ran backwards");
                before = shown;
            }
            before - self.truth
        }

        fn why(&self) -> Option<Why> {
            self.watch.doubt().map(|doubt| doubt.why)
        }
    }

    #[test]
    fn a_clock_that_runs_well_is_believed_and_followed() {
        let mut machine = Machine::new();
        for slow in 0..20 {
            machine.wrong = slow * 100;
            assert_eq!((machine.after(HOUR), machine.why()), (slow * 100, None));
        }
    }

    #[test]
    fn a_jump_ahead_is_doubted_at_once_and_nothing_comes_early() {
        for by in [HOUR, 30 * DAY] {
            let mut machine = Machine::new();
            machine.after(HOUR);
            machine.wrong = by;
            machine.watch.show(machine.reading());
            assert_eq!(machine.why(), Some(Why::Jumped));
            assert_eq!((machine.after(DAY), machine.why()), (0, Some(Why::Jumped)));
            machine.wrong = 0;
            assert_eq!((machine.after(9 * MIN), machine.why()), (0, Some(Why::Jumped)));
            assert_eq!((machine.after(2 * MIN), machine.why()), (0, None));
        }
    }

    #[test]
    fn a_jump_back_does_not_stop_time() {
        let mut machine = Machine::new();
        machine.wrong = -HOUR;
        assert_eq!((machine.after(DAY), machine.why()), (0, Some(Why::Jumped)));
        machine.wrong = 0;
        machine.after(11 * MIN);
        assert_eq!((machine.after(MIN), machine.why()), (0, None));
    }

    #[test]
    fn a_server_that_went_back_with_us_is_believed_once_the_hour_is_over() {
        let mut machine = Machine::new();
        (machine.wrong, machine.server_wrong) = (-HOUR, -HOUR);
        machine.after(HOUR);
        assert_eq!(machine.why(), Some(Why::Jumped));
        machine.after(2 * HOUR);
        assert_eq!(machine.why(), None);
        assert_eq!(machine.after(MIN), -HOUR);
    }

    #[test]
    fn a_frozen_clock_is_noticed_even_with_a_server_that_is_frozen_too() {
        let mut machine = Machine::new();
        machine.frozen = Some(machine.truth);
        machine.after(4 * MIN);
        let freeze_server = |machine: &mut Machine| {
            for _ in 0..20 {
                machine.truth += MIN / 2;
                machine.server_wrong = machine.frozen.unwrap() - machine.truth;
                machine.ask();
            }
        };
        freeze_server(&mut machine);
        assert_eq!(machine.why(), Some(Why::Jumped));
        freeze_server(&mut machine);
        assert!(machine.why().is_some());
        (machine.frozen, machine.server_wrong) = (None, 0);
        machine.after(30 * MIN);
        assert_eq!((machine.after(MIN), machine.why()), (0, None));
    }

    #[test]
    fn a_process_that_begins_with_another_time_than_the_server_shows_the_earlier_one() {
        for (wrong, server_wrong) in [(HOUR, 0), (0, HOUR), (30 * DAY, 0)] {
            let mut machine = Machine {
                truth: 1_000 * DAY,
                wrong,
                server_wrong,
                ..Machine::default()
            };
            machine.ask();
            assert_eq!(machine.why(), Some(Why::DisagreesWithServer));
            assert_eq!(machine.after(HOUR), 0);
            (machine.wrong, machine.server_wrong) = (0, 0);
            machine.after(11 * MIN);
            assert_eq!(machine.why(), None);
        }
    }

    #[test]
    fn a_machine_that_slept_is_believed_after_ten_minutes() {
        let mut machine = Machine::new();
        // Both clocks were right all the time; only the monotonic one stood still.
        (machine.wrong, machine.server_wrong) = (8 * HOUR, 8 * HOUR);
        assert_eq!((machine.after(9 * MIN), machine.why()), (0, Some(Why::Jumped)));
        assert_eq!((machine.after(2 * MIN), machine.why()), (8 * HOUR, None));
    }
}
