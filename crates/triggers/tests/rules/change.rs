//! Oswestry got better, worse, or very high.

use serde_json::json;

use crate::story::{NOTHING, PATIENT, Story};

const BASE: &str = "2026-06-01T15:00";
const SECOND: &str = "2026-06-15T15:00";
const THIRD: &str = "2026-06-29T15:00";

fn after(base: u16, now: u16) -> Vec<String> {
    let mut story = Story::new();
    story.oswestry(BASE, base);
    story.poll(BASE);
    story.oswestry(SECOND, now);
    story.poll(SECOND)
}

#[test]
fn ten_points_or_thirty_percent_are_an_improvement() {
    assert_eq!(after(20, 15), ["odi-mcid-improved info"], "10 points, 25 %");
    assert_eq!(after(8, 5), ["odi-mcid-improved info"], "6 points, 37.5 %");
    assert_eq!(after(20, 16), NOTHING, "8 points, 20 %");
    assert_eq!(after(0, 0), NOTHING);
}

#[test]
fn an_improvement_is_told_once_with_both_measures() {
    let mut story = Story::new();
    story.oswestry(BASE, 20);
    story.oswestry(SECOND, 15);
    assert_eq!(story.poll(SECOND), ["odi-mcid-improved info"]);
    let values = &story.raised().values;
    assert_eq!(
        (
            values["better_by_points"].as_str(),
            values["better_by_percent"].as_str()
        ),
        ("10.0", "25.0")
    );
    assert_eq!(
        (
            values["reached_10_points"].as_str(),
            values["reached_30_percent"].as_str()
        ),
        ("true", "false")
    );
    story.oswestry(THIRD, 5);
    assert_eq!(story.poll(THIRD), NOTHING);
}

#[test]
fn an_improvement_whose_result_is_taken_back_is_taken_back_and_the_next_one_is_told() {
    let mut story = Story::new();
    story.oswestry(BASE, 20);
    let wrong = story.oswestry(SECOND, 10);
    story.poll(SECOND);
    story.retract("2026-06-16T10:00", &wrong);
    assert_eq!(
        story.poll("2026-06-16T10:00"),
        ["odi-mcid-improved ends: retracted"]
    );
    story.oswestry(THIRD, 12);
    assert_eq!(story.poll(THIRD), ["odi-mcid-improved info"]);
}

#[test]
fn without_a_baseline_no_change_is_judged() {
    let mut story = Story::new();
    story.oswestry("2026-06-09T15:00", 20); // a day after the window of due 0 has closed
    story.oswestry("2026-06-22T15:00", 10);
    story.oswestry("2026-07-06T15:00", 30);
    assert_eq!(story.poll("2026-07-06T15:00"), NOTHING);
    // It came after all, late but done in time.
    story.oswestry("2026-06-08T15:00", 20);
    assert_eq!(
        story.poll("2026-07-06T15:00"),
        ["odi-worse advisory"],
        "the improvement of 22 June is no news"
    );
}

#[test]
fn another_version_of_the_instrument_is_never_compared() {
    let mut story = Story::new();
    story.oswestry(BASE, 20);
    let items = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
    story.assess(
        "oswestry",
        SECOND,
        PATIENT,
        json!({"instrument_version": "1.0", "items": items}),
    );
    story.assess(
        "oswestry",
        THIRD,
        PATIENT,
        json!({"instrument_version": "3.0", "items": [4, 4, 4, 2, 2, 2, 2, 2, 2, 2]}),
    );
    assert_eq!(story.poll(THIRD), NOTHING);
}

#[test]
fn ten_points_above_the_baseline_or_the_result_before_are_worse() {
    assert_eq!(after(20, 25), ["odi-worse advisory"]);
    assert_eq!(after(20, 24), NOTHING);
    let mut story = Story::new();
    story.oswestry(BASE, 20);
    story.oswestry(SECOND, 15);
    story.poll(SECOND);
    story.oswestry(THIRD, 20);
    assert_eq!(
        story.poll(THIRD),
        ["odi-worse advisory"],
        "the baseline again, but 10 above the one before"
    );
    assert_eq!(story.raised().values["worse_by_points_than_previous"], "10.0");
    assert_eq!(story.raised().values["worse_by_points_than_baseline"], "0.0");
    assert_eq!(
        story.raised().because.len(),
        2,
        "it does not rest on the baseline"
    );
    story.oswestry("2026-07-13T15:00", 22);
    assert_eq!(
        story.poll("2026-07-13T15:00"),
        NOTHING,
        "held against the new one before"
    );
}

#[test]
fn worse_is_told_per_result_and_gone_with_what_it_rests_on() {
    let mut story = Story::new();
    story.oswestry(BASE, 20);
    let second = story.oswestry(SECOND, 25);
    assert_eq!(story.poll(SECOND), ["odi-worse advisory"]);
    story.oswestry(THIRD, 26);
    assert_eq!(
        story.poll(THIRD),
        ["odi-worse advisory"],
        "still above the baseline"
    );
    story.retract("2026-06-30T10:00", &second);
    assert_eq!(story.poll("2026-06-30T10:00"), ["odi-worse ends: retracted"]);
}

#[test]
fn a_result_that_another_of_its_day_replaces_no_longer_counts() {
    let mut story = Story::new();
    story.oswestry(BASE, 20);
    story.oswestry(SECOND, 25);
    story.poll(SECOND);
    story.oswestry("2026-06-15T16:00", 21);
    assert_eq!(
        story.poll("2026-06-15T16:00"),
        ["odi-duplicate info", "odi-worse ends: corrected"]
    );
}

#[test]
fn after_discharge_only_worsening_beside_an_open_red_flag_is_told() {
    let discharged = |flag: bool| {
        let mut story = Story::new();
        story.oswestry(BASE, 20);
        story.poll(BASE);
        story.tell(
            "plan.completed",
            "2026-06-20T10:00",
            json!({"plan_id": "cp-1", "revision": 2, "reason": "recovered"}),
        );
        if flag {
            story.flag("2026-06-25T10:00", &["bladder_change"], json!({}));
            story.poll("2026-06-25T10:00");
        }
        story.oswestry(THIRD, 45);
        story.poll(THIRD)
    };
    assert_eq!(discharged(false), NOTHING);
    assert_eq!(discharged(true), ["odi-worse advisory"]);
}

#[test]
fn entering_the_top_two_bands_is_told_per_crossing() {
    let mut story = Story::new();
    story.oswestry(BASE, 30);
    assert_eq!(story.poll(BASE), NOTHING, "60 % is not above 60 %");
    story.oswestry(SECOND, 31);
    assert_eq!(story.poll(SECOND), ["odi-high-band advisory"]);
    assert_eq!(story.raised().values["band"], "very severe");
    story.oswestry(THIRD, 33);
    assert_eq!(story.poll(THIRD), NOTHING, "still up there");
    story.oswestry("2026-07-13T15:00", 30);
    story.oswestry("2026-07-27T15:00", 31);
    assert_eq!(story.poll("2026-07-27T15:00"), ["odi-high-band advisory"]);
}

#[test]
fn a_first_result_may_enter_the_top_bands() {
    let mut story = Story::new();
    story.oswestry(BASE, 41);
    assert_eq!(story.poll(BASE), ["odi-high-band advisory"]);
    assert_eq!(story.raised().values["band"], "extreme");
}
