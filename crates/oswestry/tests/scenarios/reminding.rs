//! Reminders: when nobody answers, when clocks and plans change, and when the worker was down.

use super::{Story, TEN, TWENTY, plan};

#[test]
fn scenario_5_a_baseline_that_never_comes_is_overdue_and_missed_like_any_other() {
    let mut story = Story::begin();
    assert_eq!(
        story.until("2026-06-15 12:00"),
        [
            "06-01 08:00 due 06-01 (0)",
            "06-05 00:00 overdue 06-01 (0) step 1",
            "06-08 00:00 overdue 06-01 (0) step 2",
            "06-09 00:00 missed 06-01 (0)",
            "06-15 08:00 due 06-15 (1)",
        ]
    );
}

#[test]
fn scenario_6_a_new_time_zone_moves_the_hour_and_not_the_date() {
    let vancouver = plan(2, "America/Vancouver", "2026-06-01");
    let mut story = Story::with_baseline().fact("2026-06-10 12:00", "plan.revised", &vancouver);
    assert_eq!(
        story.until("2026-06-19 12:00"),
        [
            "06-15 11:00 due 06-15 (1)",
            "06-19 03:00 overdue 06-15 (1) step 1",
        ]
    );
}

#[test]
fn scenario_6_eight_in_the_morning_is_local_when_clocks_change() {
    let autumn = plan(1, "America/Toronto", "2026-10-18");
    let mut story = Story::before_any_plan()
        .fact("2026-10-18 07:00", "plan.activated", &autumn)
        .odi("2026-10-18 07:30", "a-0", TWENTY);
    assert_eq!(
        story.until("2026-11-01 12:00"),
        [
            "10-18 07:30 scored a-0 20/10 40.0 %, answers 10-18",
            "11-01 08:00 due 11-01 (1)",
        ]
    );
}

#[test]
fn scenario_7_another_baseline_rebuilds_the_grid_and_keeps_what_a_window_holds() {
    // Dues become 8 and 22 June, 6 July: a-1 answers 22 June early; 8 June was closed before anybody knew of it.
    let mut story = Story::with_baseline().odi("2026-06-16 07:00", "a-1", TEN).fact(
        "2026-06-25 12:00",
        "plan.revised",
        &plan(2, "America/Toronto", "2026-06-08"),
    );
    assert_eq!(
        story.until("2026-07-06 12:00"),
        [
            "06-15 08:00 due 06-15 (1)",
            "06-16 07:00 scored a-1 10/10 20.0 %, answers 06-15",
            "07-06 08:00 due 07-06 (2)",
        ]
    );
}

#[test]
fn scenario_7_what_was_said_about_a_date_is_not_said_again_on_the_new_grid() {
    let moved = plan(2, "America/Toronto", "2026-06-15");
    let mut story = Story::with_baseline().fact("2026-06-16 12:00", "plan.revised", &moved);
    assert_eq!(
        story.until("2026-06-19 12:00"),
        [
            "06-15 08:00 due 06-15 (1)",
            "06-19 00:00 overdue 06-15 (0) step 1",
        ]
    );
}

#[test]
fn a_worker_that_was_down_over_several_dues_says_one_overdue_and_records_the_misses() {
    let mut story = Story::with_baseline();
    assert_eq!(
        story.down_until("2026-07-18 10:00"),
        [
            "07-18 10:00 missed 06-15 (1)",
            "07-18 10:00 missed 06-29 (2)",
            "07-18 10:00 overdue 07-13 (3) step 1",
        ]
    );
}

#[test]
fn a_worker_that_was_down_on_the_morning_says_due_as_long_as_it_is_not_overdue() {
    let mut story = Story::with_baseline();
    assert_eq!(
        story.down_until("2026-06-18 22:00"),
        ["06-18 22:00 due 06-15 (1)"]
    );
}

#[test]
fn a_worker_that_was_down_while_the_answer_came_says_nothing_about_its_due() {
    let mut story = Story::with_baseline().odi("2026-06-16 07:00", "a-1", TEN);
    assert_eq!(
        story.down_until("2026-06-20 10:00"),
        ["06-20 10:00 scored a-1 10/10 20.0 %, answers 06-15"]
    );
}

#[test]
fn a_clinic_may_choose_the_interval_the_hour_and_the_days() {
    let mut story = Story::begin();
    story.policy =
        care::Policy::parse("[oswestry]\nremind_at = \"09:30\"\noverdue_days = 2\nlate_days = 5").unwrap();
    assert_eq!(
        story.until("2026-06-09 12:00"),
        [
            "06-01 09:30 due 06-01 (0)",
            "06-04 00:00 overdue 06-01 (0) step 1",
            "06-07 00:00 overdue 06-01 (0) step 2",
            "06-09 00:00 missed 06-01 (0)",
        ]
    );
}
