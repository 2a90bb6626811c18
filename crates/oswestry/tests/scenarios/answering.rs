//! Answers: early, late, twice, with blanks, and taken back.

use super::{Story, TEN, TWENTY};
use oswestry::{State, Timing};

/// Where the due of number `k` stands at the end of a story.
fn state(story: &Story, k: u32) -> Option<State> {
    oswestry::clock(&story.chart, &story.policy)?.state(k, story.now)
}

#[test]
fn scenario_1_three_days_early_answers_that_due_and_the_next_stays_on_the_grid() {
    let mut story = Story::with_baseline().odi("2026-06-12 18:00", "a-1", TEN);
    assert_eq!(
        story.until("2026-06-29 12:00"),
        [
            "06-12 18:00 scored a-1 10/10 20.0 %, answers 06-15",
            "06-29 08:00 due 06-29 (2)",
        ]
    );
    assert_eq!(state(&story, 1), Some(State::Answered(Timing::Early)));
}

#[test]
fn scenario_2_five_days_late_closes_the_overdue_and_the_next_stays_on_the_grid() {
    let mut story = Story::with_baseline().odi("2026-06-20 11:00", "a-1", TEN);
    assert_eq!(
        story.until("2026-06-29 12:00"),
        [
            "06-15 08:00 due 06-15 (1)",
            "06-19 00:00 overdue 06-15 (1) step 1",
            "06-20 11:00 scored a-1 10/10 20.0 %, answers 06-15",
            "06-29 08:00 due 06-29 (2)",
        ]
    );
    assert_eq!(state(&story, 1), Some(State::Answered(Timing::Late)));
}

#[test]
fn scenario_3_the_same_id_twice_is_one_result() {
    let mut story =
        Story::with_baseline()
            .odi("2026-06-15 07:00", "a-1", TEN)
            .odi("2026-06-15 20:00", "a-1", TWENTY);
    assert_eq!(
        story.until("2026-06-20 00:00"),
        ["06-15 07:00 scored a-1 10/10 20.0 %, answers 06-15"]
    );
}

#[test]
fn scenario_3_the_same_day_twice_with_equal_items_is_one_result() {
    let mut story =
        Story::with_baseline()
            .odi("2026-06-15 07:00", "a-1", TEN)
            .odi("2026-06-15 20:00", "a-2", TEN);
    assert_eq!(
        story.until("2026-06-20 00:00"),
        ["06-15 07:00 scored a-1 10/10 20.0 %, answers 06-15"]
    );
}

#[test]
fn scenario_3_on_one_day_the_later_of_two_different_results_counts_and_both_are_kept() {
    let mut story =
        Story::with_baseline()
            .odi("2026-06-15 07:00", "a-1", TWENTY)
            .odi("2026-06-15 20:00", "a-2", TEN);
    assert_eq!(
        story.until("2026-06-20 00:00"),
        [
            "06-15 07:00 scored a-1 20/10 40.0 %, answers 06-15",
            "06-15 20:00 scored a-2 10/10 20.0 %, answers 06-15",
        ]
    );
}

#[test]
fn scenario_3_the_later_of_two_counts_when_it_arrives_first() {
    let mut story = Story::with_baseline()
        .late_odi("2026-06-15 21:00", "2026-06-15 07:00", "a-1", TWENTY)
        .late_odi("2026-06-15 07:30", "2026-06-15 07:30", "a-2", TEN);
    assert_eq!(
        story.until("2026-06-20 00:00"),
        [
            "06-15 07:30 scored a-2 10/10 20.0 %, answers 06-15",
            "06-15 21:00 scored a-1 20/10 40.0 %, unscheduled",
        ]
    );
}

#[test]
fn scenario_4_two_blank_sections_are_stored_and_leave_the_due_open() {
    let mut story = Story::with_baseline().odi("2026-06-15 09:00", "a-1", "2,2,2,2,2,2,2,null,1,null");
    assert_eq!(
        story.until("2026-06-19 12:00"),
        [
            "06-15 08:00 due 06-15 (1)",
            "06-15 09:00 scored a-1 15/8 invalid, unscheduled",
            "06-19 00:00 overdue 06-15 (1) step 1",
        ]
    );
    assert_eq!(state(&story, 1), Some(State::Overdue));
}

#[test]
fn scenario_4_the_blanks_filled_in_on_the_same_day_answer_the_due() {
    let mut story = Story::with_baseline()
        .odi("2026-06-15 07:00", "a-1", "2,2,2,2,2,2,2,null,1,null")
        .odi("2026-06-15 07:30", "a-2", TWENTY);
    assert_eq!(
        story.until("2026-06-28 12:00"),
        [
            "06-15 07:00 scored a-1 15/8 invalid, unscheduled",
            "06-15 07:30 scored a-2 20/10 40.0 %, answers 06-15",
        ]
    );
}

#[test]
fn blanks_sent_after_a_valid_result_of_the_day_do_not_undo_it() {
    let mut story = Story::with_baseline().odi("2026-06-15 07:00", "a-1", TWENTY).odi(
        "2026-06-15 07:30",
        "a-2",
        "2,2,2,2,2,2,2,null,1,null",
    );
    story.until("2026-06-28 12:00");
    assert_eq!(state(&story, 1), Some(State::Answered(Timing::OnTime)));
}

#[test]
fn a_clinic_may_accept_two_blank_sections() {
    let mut story = Story::with_baseline().odi("2026-06-15 07:00", "a-1", "2,2,2,2,2,2,2,null,1,null");
    story.policy = care::Policy::parse("[oswestry]\nmax_missing = 2").unwrap();
    assert_eq!(
        story.until("2026-06-20 00:00"),
        ["06-15 07:00 scored a-1 15/8 37.5 %, answers 06-15"]
    );
}

#[test]
fn scenario_9_a_retracted_answer_reopens_its_due_while_the_window_is_open() {
    let mut story = Story::with_baseline()
        .odi("2026-06-16 10:00", "a-1", TEN)
        .retracted("2026-06-19 12:00", "a-1");
    assert_eq!(
        story.until("2026-06-23 12:00"),
        [
            "06-15 08:00 due 06-15 (1)",
            "06-16 10:00 scored a-1 10/10 20.0 %, answers 06-15",
            "06-19 12:00 overdue 06-15 (1) step 1",
            "06-22 00:00 overdue 06-15 (1) step 2",
            "06-23 00:00 missed 06-15 (1)",
        ]
    );
}

#[test]
fn scenario_9_an_answer_retracted_after_its_window_leaves_a_miss() {
    let mut story = Story::with_baseline()
        .odi("2026-06-15 07:00", "a-1", TEN)
        .retracted("2026-06-25 12:00", "a-1");
    assert_eq!(
        story.until("2026-06-26 00:00"),
        [
            "06-15 07:00 scored a-1 10/10 20.0 %, answers 06-15",
            "06-25 12:00 missed 06-15 (1)",
        ]
    );
}

#[test]
fn scenario_9_another_result_of_the_window_takes_the_place_of_a_retracted_one() {
    let mut story = Story::with_baseline()
        .odi("2026-06-15 07:00", "a-1", TEN)
        .odi("2026-06-20 07:00", "a-2", TEN)
        .retracted("2026-06-21 12:00", "a-1");
    assert_eq!(
        story.until("2026-06-28 00:00"),
        [
            "06-15 07:00 scored a-1 10/10 20.0 %, answers 06-15",
            "06-20 07:00 scored a-2 10/10 20.0 %, unscheduled",
        ]
    );
    assert_eq!(state(&story, 1), Some(State::Answered(Timing::Late)));
}

#[test]
fn a_result_that_was_done_in_the_window_and_arrives_after_it_answers_all_the_same() {
    let mut story = Story::with_baseline().late_odi("2026-06-26 12:00", "2026-06-20 09:00", "a-1", TEN);
    assert_eq!(
        story.until("2026-06-28 00:00")[3..],
        [
            "06-23 00:00 missed 06-15 (1)",
            "06-26 12:00 scored a-1 10/10 20.0 %, answers 06-15",
        ]
    );
    assert_eq!(state(&story, 1), Some(State::Answered(Timing::Late)));
}
