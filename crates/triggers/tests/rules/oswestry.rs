//! Oswestry that is missing, incomplete or said twice.

use serde_json::{Value, json};

use crate::story::{NOTHING, PATIENT, Story, at};

fn missed(story: &mut Story, time: &str, due_on: &str, k: u32) {
    story.tell("oswestry.missed", time, json!({"due_on": due_on, "k": k}));
}

fn submit(story: &mut Story, time: &str, items: Value) -> String {
    story.assess(
        "oswestry",
        time,
        PATIENT,
        json!({"instrument_version": "2.1a", "items": items}),
    )
}

#[test]
fn the_second_due_missed_in_a_row_tells_the_physicians_once() {
    let mut story = Story::new();
    missed(&mut story, "2026-06-09T04:00", "2026-06-01", 0);
    assert_eq!(story.poll("2026-06-09T04:00"), NOTHING);
    missed(&mut story, "2026-06-23T04:00", "2026-06-15", 1);
    assert_eq!(story.poll("2026-06-23T04:00"), ["odi-overdue advisory"]);
    assert_eq!(story.raised().roles.len(), 2);
    missed(&mut story, "2026-07-07T04:00", "2026-06-29", 2);
    assert_eq!(story.poll("2026-07-07T04:00"), NOTHING);
    story.oswestry("2026-07-10T15:00", 20);
    assert_eq!(story.poll("2026-07-10T15:00"), ["odi-overdue ends: answered"]);
}

#[test]
fn two_misses_with_an_answer_between_are_not_in_a_row() {
    let mut story = Story::new();
    missed(&mut story, "2026-06-09T04:00", "2026-06-01", 0);
    missed(&mut story, "2026-07-07T04:00", "2026-06-29", 2);
    assert_eq!(story.poll("2026-07-07T04:00"), NOTHING);
}

#[test]
fn a_result_that_was_done_in_time_but_came_late_undoes_the_run() {
    let mut story = Story::new();
    missed(&mut story, "2026-06-09T04:00", "2026-06-01", 0);
    missed(&mut story, "2026-06-23T04:00", "2026-06-15", 1);
    story.poll("2026-06-23T04:00");
    story.oswestry("2026-06-20T15:00", 20);
    assert_eq!(story.poll("2026-06-24T04:00"), ["odi-overdue ends: answered"]);
}

#[test]
fn misses_of_another_grid_do_not_count() {
    let mut story = Story::new();
    missed(&mut story, "2026-06-09T04:00", "2026-05-25", 0);
    missed(&mut story, "2026-06-23T04:00", "2026-06-08", 1);
    assert_eq!(story.poll("2026-06-23T04:00"), NOTHING);
}

#[test]
fn too_many_blanks_are_asked_for_and_a_usable_result_ends_that() {
    let mut story = Story::new();
    submit(
        &mut story,
        "2026-06-01T15:00",
        json!([1, 2, null, 1, 1, 1, 1, null, 1, 1]),
    );
    assert_eq!(story.poll("2026-06-01T15:00"), ["odi-invalid info"]);
    assert_eq!(story.raised().values["missing_sections"], "2");
    assert_eq!(story.poll("2026-06-02T15:00"), NOTHING);
    submit(
        &mut story,
        "2026-06-02T16:00",
        json!([1, 2, 1, 1, 1, 1, 1, null, 1, 1]),
    );
    assert_eq!(story.poll("2026-06-02T16:00"), ["odi-invalid ends: answered"]);
}

#[test]
fn one_blank_is_usable_and_a_clinic_may_allow_two() {
    let mut story = Story::new();
    submit(
        &mut story,
        "2026-06-01T15:00",
        json!([1, 2, 1, 1, 1, 1, 1, null, 1, 1]),
    );
    assert_eq!(story.poll("2026-06-01T15:00"), NOTHING);
    submit(
        &mut story,
        "2026-06-15T15:00",
        json!([1, 2, 1, 1, 1, 1, 1, null, null, 1]),
    );
    story.policy.oswestry.max_missing = 2.try_into().expect("0 to 2");
    assert_eq!(story.poll("2026-06-15T15:00"), NOTHING);
}

#[test]
fn each_incomplete_submission_is_asked_about_and_a_retracted_one_is_not() {
    let mut story = Story::new();
    let blank = json!([null, null, null, null, null, null, null, null, null, null]);
    let first = submit(&mut story, "2026-06-01T15:00", blank.clone());
    submit(&mut story, "2026-06-03T15:00", blank);
    assert_eq!(
        story.poll("2026-06-03T15:00"),
        ["odi-invalid info", "odi-invalid info"]
    );
    story.retract("2026-06-04T15:00", &first);
    assert_eq!(story.poll("2026-06-04T15:00"), ["odi-invalid ends: retracted"]);
}

#[test]
fn two_results_of_a_day_that_differ_are_a_conflict_and_equal_ones_are_not() {
    let mut story = Story::new();
    story.oswestry("2026-06-01T15:00", 20);
    story.oswestry("2026-06-01T16:00", 20);
    assert_eq!(story.poll("2026-06-01T16:00"), NOTHING);
    story.oswestry("2026-06-02T16:00", 20);
    submit(
        &mut story,
        "2026-06-02T17:00",
        json!([5, 5, 5, 5, 0, 0, 0, 0, 0, 0]),
    );
    assert_eq!(
        story.poll("2026-06-02T17:00"),
        ["odi-duplicate info"],
        "the same sum, other answers"
    );
    assert_eq!(story.raised().values["counts"], "oswestry-2026-06-02-17-00");
}

#[test]
fn the_later_of_a_day_counts_in_whatever_order_they_arrive() {
    let mut story = Story::new();
    submit(
        &mut story,
        "2026-06-02T17:00",
        json!([5, 5, 5, 5, 0, 0, 0, 0, 0, 0]),
    );
    story.poll("2026-06-02T17:00");
    story.oswestry("2026-06-02T16:00", 21);
    assert_eq!(story.poll("2026-06-02T18:00"), ["odi-duplicate info"]);
    assert_eq!(story.raised().values["counts"], "oswestry-2026-06-02-17-00");
    assert_eq!(
        story.raised().key,
        "oswestry-2026-06-02-16-00+oswestry-2026-06-02-17-00"
    );
}

#[test]
fn three_pain_reports_in_a_fortnight_without_an_oswestry_are_worth_a_word() {
    let mut story = Story::new();
    story.pain("2026-06-02T10:00", 60);
    story.pain("2026-06-03T10:00", 60);
    assert_eq!(story.poll("2026-06-03T10:00"), NOTHING);
    story.pain("2026-06-16T10:00", 60);
    assert_eq!(
        story.poll("2026-06-16T10:00"),
        NOTHING,
        "the first left the fortnight at this instant"
    );
    story.pain("2026-06-16T11:00", 60);
    assert_eq!(story.poll("2026-06-16T11:00"), ["diary-without-odi info"]);
    story.pain("2026-06-17T10:00", 60);
    assert_eq!(story.poll("2026-06-17T10:00"), NOTHING);
    story.oswestry("2026-06-17T11:00", 20);
    assert_eq!(
        story.poll("2026-06-17T11:00"),
        ["diary-without-odi ends: answered"]
    );
}

#[test]
fn after_an_oswestry_there_are_28_days_of_silence_and_then_the_clock_speaks() {
    let mut story = Story::new();
    story.oswestry("2026-06-01T15:00", 20);
    for day in ["20", "22", "24"] {
        story.pain(&format!("2026-06-{day}T10:00"), 60);
    }
    assert_eq!(story.poll("2026-06-29T14:59"), NOTHING);
    let wake = triggers::react(&story.chart, &story.policy, at("2026-06-29T14:59")).look_again;
    assert_eq!(wake, Some(at("2026-06-29T15:00")));
    assert_eq!(story.poll("2026-06-29T15:00"), ["diary-without-odi info"]);
}

#[test]
fn it_is_told_once_per_28_days() {
    let mut story = Story::new();
    let mut said = Vec::new();
    for day in 2..=30 {
        let time = format!("2026-06-{day:02}T10:00");
        story.pain(&time, 60);
        said.extend(story.poll(&time).into_iter().map(|line| format!("{day}: {line}")));
    }
    assert_eq!(said, ["4: diary-without-odi info", "29: diary-without-odi info"]);
}

#[test]
fn a_plan_that_ended_is_not_asked_for_an_oswestry() {
    let mut story = Story::new();
    story.tell(
        "plan.completed",
        "2026-06-02T09:00",
        json!({"plan_id": "cp-1", "revision": 2, "reason": "recovered"}),
    );
    for hour in ["10", "11", "12"] {
        story.pain(&format!("2026-06-02T{hour}:00"), 60);
    }
    assert_eq!(story.poll("2026-06-02T12:00"), NOTHING);
}
