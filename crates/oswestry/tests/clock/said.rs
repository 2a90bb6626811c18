//! What is said when, and what is not said any more.

use super::{at, clock, clock_with, day, days, facts, said, toronto, zone};
use Reminder::{Due, Missed, Overdue};
use care::chart::Reminder;
use care::time::Timestamp;
use oswestry::{Clock, Facts, Grid, Pause};

#[test]
fn nothing_is_said_before_eight_on_the_day() {
    let clock = clock(&["2026-06-01"]);
    assert_eq!(said(&clock, "2026-06-15 07:59"), []);
    assert_eq!(said(&clock, "2026-06-15 08:00"), [(1, Due)]);
}

#[test]
fn each_step_takes_the_place_of_the_one_before() {
    let clock = clock(&["2026-06-01"]);
    assert_eq!(said(&clock, "2026-06-18 23:59"), [(1, Due)]);
    assert_eq!(said(&clock, "2026-06-19 00:00"), [(1, Overdue(1))]);
    assert_eq!(said(&clock, "2026-06-22 00:00"), [(1, Overdue(2))]);
    assert_eq!(said(&clock, "2026-06-23 00:00"), [(1, Missed)]);
}

#[test]
fn the_next_instant_is_that_of_the_next_step() {
    let clock = clock(&["2026-06-01"]);
    let mut now = toronto("2026-06-02 12:00");
    let mut seen = Vec::new();
    for _ in 0..5 {
        now = clock.wake_after(now).unwrap();
        seen.push(now);
    }
    let expected = [
        "2026-06-15 08:00",
        "2026-06-19 00:00",
        "2026-06-22 00:00",
        "2026-06-23 00:00",
        "2026-06-29 08:00",
    ];
    assert_eq!(seen, expected.map(toronto));
}

#[test]
fn a_baseline_that_never_comes_is_due_overdue_and_missed_like_any_other() {
    let clock = clock(&[]);
    assert_eq!(said(&clock, "2026-06-01 08:00"), [(0, Due)]);
    assert_eq!(said(&clock, "2026-06-05 00:00"), [(0, Overdue(1))]);
    assert_eq!(said(&clock, "2026-06-08 00:00"), [(0, Overdue(2))]);
    assert_eq!(said(&clock, "2026-06-09 00:00"), [(0, Missed)]);
}

#[test]
fn an_answer_ends_the_reminders() {
    let clock = clock(&["2026-06-01", "2026-06-20"]);
    assert_eq!(said(&clock, "2026-06-20 12:00"), []);
    assert_eq!(said(&clock, "2026-06-29 07:59"), []);
    assert_eq!(said(&clock, "2026-06-29 08:00"), [(2, Due)]);
}

#[test]
fn after_six_weeks_of_standstill_one_overdue_is_said_and_what_was_missed_is_on_record() {
    let clock = clock(&["2026-06-01"]);
    assert_eq!(
        said(&clock, "2026-07-18 10:00"),
        [(1, Missed), (2, Missed), (3, Overdue(1))]
    );
}

#[test]
fn an_admission_pauses_reminders_and_the_grid_runs_on() {
    let hold = Pause {
        from: toronto("2026-06-14 10:00"),
        until: Some(toronto("2026-06-20 10:00")),
    };
    let clock = clock_with(None, &[hold], &["2026-06-01"]);
    assert_eq!(said(&clock, "2026-06-15 08:00"), []);
    assert_eq!(said(&clock, "2026-06-19 00:00"), []);
    assert_eq!(
        said(&clock, "2026-06-20 10:00"),
        [(1, Overdue(1))],
        "the step that holds, not those that were paused"
    );
    assert_eq!(
        clock.wake_after(toronto("2026-06-19 12:00")),
        Some(toronto("2026-06-20 10:00"))
    );
}

#[test]
fn an_admission_that_still_stands_says_nothing_about_what_it_covers() {
    let hold = Pause {
        from: toronto("2026-06-24 10:00"),
        until: None,
    };
    let clock = clock_with(None, &[hold], &["2026-06-01"]);
    assert_eq!(
        said(&clock, "2026-08-30 10:00"),
        [(1, Missed)],
        "only what was missed before it"
    );
}

#[test]
fn reminders_stop_when_the_plan_ends() {
    let clock = clock_with(Some(toronto("2026-06-16 10:00")), &[], &["2026-06-01"]);
    assert_eq!(said(&clock, "2026-06-16 09:59"), [(1, Due)]);
    assert_eq!(said(&clock, "2026-06-16 10:00"), []);
    assert_eq!(said(&clock, "2026-08-16 10:00"), []);
}

#[test]
fn eight_in_the_morning_is_local_before_and_after_clocks_change() {
    // Toronto leaves daylight saving time on 2026-11-01.
    let grid = Grid::new(day("2026-10-25"), 7).unwrap();
    let since = toronto("2026-10-25 12:00");
    let clock = Clock::new(Facts {
        grid,
        since,
        days: days(&["2026-10-25"]),
        ..facts()
    });
    let before: Timestamp = "2026-11-01T12:59:59Z".parse().unwrap();
    let after: Timestamp = "2026-11-01T13:00:00Z".parse().unwrap();
    assert_eq!(clock.ought(before), []);
    assert_eq!(clock.ought(after)[0].reminder, Due);
}

#[test]
fn a_zone_change_moves_the_instants_and_not_the_dates() {
    let vancouver = Clock::new(Facts {
        zone: zone("America/Vancouver"),
        days: days(&["2026-06-01"]),
        ..facts()
    });
    let now = at("America/Toronto", "2026-06-15 09:00");
    assert_eq!(vancouver.ought(now), [], "six in the morning there");
    let ought = vancouver.ought(at("America/Vancouver", "2026-06-15 08:00"));
    assert_eq!((ought[0].due_on, ought[0].reminder), (day("2026-06-15"), Due));
}

#[test]
fn a_midnight_that_clocks_skip_begins_the_day_after_the_gap() {
    // In Beirut 2026-03-29 begins at 01:00; a due on 2026-03-25 is overdue from then on.
    let grid = Grid::new(day("2026-03-25"), 14).unwrap();
    let since = at("Asia/Beirut", "2026-03-25 00:00");
    let clock = Clock::new(Facts {
        grid,
        zone: zone("Asia/Beirut"),
        since,
        ..facts()
    });
    let gap = at("Asia/Beirut", "2026-03-29 01:00");
    assert_eq!(clock.ought(gap)[0].reminder, Overdue(1));
    assert_eq!(
        clock.ought(Timestamp::from_second(gap.as_second() - 1).unwrap())[0].reminder,
        Due
    );
}

#[test]
fn a_clinic_may_announce_at_another_time() {
    for (minutes, when) in [
        (9 * 60 + 30, "2026-06-15 09:30"),
        (0, "2026-06-15 00:00"),
        (24 * 60, "2026-06-16 00:00"),
    ] {
        let remind_at = care::fact::value::ClockTime::from_minutes(minutes).unwrap();
        let clock = Clock::new(Facts {
            remind_at,
            days: days(&["2026-06-01"]),
            ..facts()
        });
        assert_eq!(clock.wake_after(toronto("2026-06-10 12:00")), Some(toronto(when)));
    }
}
