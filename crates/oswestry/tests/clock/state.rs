//! States of a due as days go by.

use super::{clock, clock_with, day, days, facts, state, toronto};
use oswestry::{Clock, Facts, Grid, Pause, State, Timing};

#[test]
fn an_unanswered_due_goes_from_upcoming_to_missed_at_local_midnights() {
    let clock = clock(&[]);
    let steps = [
        ("2026-06-08 23:59", State::Upcoming),
        ("2026-06-09 00:00", State::Open),
        ("2026-06-14 23:59", State::Open),
        ("2026-06-15 00:00", State::Due),
        ("2026-06-18 23:59", State::Due),
        ("2026-06-19 00:00", State::Overdue),
        ("2026-06-21 23:59", State::Overdue),
        ("2026-06-22 00:00", State::Late),
        ("2026-06-22 23:59", State::Late),
        ("2026-06-23 00:00", State::Missed),
        ("2027-06-23 00:00", State::Missed),
    ];
    for (now, expected) in steps {
        assert_eq!(state(&clock, 1, now), expected, "{now}");
    }
}

#[test]
fn three_days_early_answers_the_due_and_the_next_stays_on_the_grid() {
    let clock = clock(&["2026-06-01", "2026-06-12"]);
    assert_eq!(
        clock.answers(day("2026-06-12")).unwrap().due_on,
        day("2026-06-15")
    );
    assert_eq!(
        state(&clock, 1, "2026-06-12 12:00"),
        State::Answered(Timing::Early)
    );
    let next = clock.wake_after(toronto("2026-06-12 12:00"));
    assert_eq!(
        next,
        Some(toronto("2026-06-29 08:00")),
        "17 days after the answer"
    );
}

#[test]
fn five_days_late_answers_the_due_as_late_and_the_next_stays_on_the_grid() {
    let clock = clock(&["2026-06-01", "2026-06-20"]);
    assert_eq!(
        state(&clock, 1, "2026-06-20 12:00"),
        State::Answered(Timing::Late)
    );
    let next = clock.wake_after(toronto("2026-06-20 12:00"));
    assert_eq!(next, Some(toronto("2026-06-29 08:00")), "9 days after the answer");
}

#[test]
fn an_answer_is_on_time_until_the_due_is_overdue() {
    assert_eq!(
        state(&clock(&["2026-06-15"]), 1, "2026-06-30 00:00"),
        State::Answered(Timing::OnTime)
    );
    assert_eq!(
        state(&clock(&["2026-06-18"]), 1, "2026-06-30 00:00"),
        State::Answered(Timing::OnTime)
    );
    assert_eq!(
        state(&clock(&["2026-06-19"]), 1, "2026-06-30 00:00"),
        State::Answered(Timing::Late)
    );
}

#[test]
fn the_first_in_a_window_answers_and_the_second_is_unscheduled() {
    let clock = clock(&["2026-06-16", "2026-06-14"]);
    assert_eq!(
        clock.answers(day("2026-06-14")).unwrap().due_on,
        day("2026-06-15")
    );
    assert_eq!(clock.answers(day("2026-06-16")), None);
}

#[test]
fn days_before_the_first_window_are_unscheduled() {
    assert_eq!(clock(&["2026-05-20"]).answers(day("2026-05-20")), None);
}

#[test]
fn a_due_whose_window_closes_during_an_admission_is_waived() {
    let hold = |from: &str, until: &str| Pause {
        from: toronto(from),
        until: Some(toronto(until)),
    };
    let across = clock_with(None, &[hold("2026-06-17 10:00", "2026-06-24 10:00")], &[]);
    assert_eq!(
        state(&across, 1, "2026-06-20 00:00"),
        State::Overdue,
        "the grid runs on"
    );
    assert_eq!(state(&across, 1, "2026-06-25 00:00"), State::Waived);
    let home_again = clock_with(None, &[hold("2026-06-14 10:00", "2026-06-21 10:00")], &[]);
    assert_eq!(state(&home_again, 1, "2026-06-25 00:00"), State::Missed);
}

#[test]
fn dues_that_were_open_or_to_come_when_the_plan_ended_are_waived() {
    let ended = clock_with(Some(toronto("2026-06-20 10:00")), &[], &["2026-06-02"]);
    assert_eq!(
        state(&ended, 0, "2026-07-30 00:00"),
        State::Answered(Timing::OnTime)
    );
    assert_eq!(state(&ended, 1, "2026-06-20 09:59"), State::Overdue);
    assert_eq!(state(&ended, 1, "2026-06-20 10:00"), State::Waived);
    assert_eq!(state(&ended, 2, "2026-06-20 10:00"), State::Waived);
    assert_eq!(ended.wake_after(toronto("2026-06-20 10:00")), None);
}

#[test]
fn dues_that_closed_before_the_grid_was_set_are_waived() {
    let since = toronto("2026-07-10 12:00");
    let late = Clock::new(Facts { since, ..facts() });
    let seen: Vec<State> = (0..4).map(|k| late.state(k, since).unwrap()).collect();
    assert_eq!(seen, [State::Waived, State::Waived, State::Waived, State::Open]);
    assert_eq!(late.ought(since), []);
}

#[test]
fn a_new_baseline_rebuilds_the_grid_and_answers_stay_where_a_window_holds_them() {
    let days = days(&["2026-06-01", "2026-06-15", "2026-06-29"]);
    let grid = Grid::new(day("2026-06-08"), 14).unwrap();
    let rebuilt = Clock::new(Facts {
        grid,
        since: toronto("2026-06-30 12:00"),
        days,
        ..facts()
    });
    assert_eq!(
        rebuilt.answers(day("2026-06-01")),
        None,
        "before the first window of 2 June"
    );
    assert_eq!(
        rebuilt.answers(day("2026-06-15")).unwrap().due_on,
        day("2026-06-08")
    );
    assert_eq!(
        rebuilt.answers(day("2026-06-29")).unwrap().due_on,
        day("2026-06-22")
    );
}

#[test]
fn a_miss_on_record_stays_one_when_the_grid_is_set_again() {
    let recorded = [day("2026-06-15")].into();
    let later = Clock::new(Facts {
        since: toronto("2026-07-10 12:00"),
        recorded,
        ..facts()
    });
    assert_eq!(state(&later, 1, "2026-07-10 12:00"), State::Missed);
    assert_eq!(state(&later, 0, "2026-07-10 12:00"), State::Waived);
}

#[test]
fn a_plan_that_ends_at_the_midnight_that_closes_a_window_leaves_a_miss() {
    let ended = clock_with(Some(toronto("2026-06-23 00:00")), &[], &[]);
    assert_eq!(state(&ended, 1, "2026-06-23 00:00"), State::Missed);
    assert_eq!(state(&ended, 2, "2026-06-23 00:00"), State::Waived);
}
