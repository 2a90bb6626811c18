//! Structural dominance: slips, what ends a hold, and stricter clinics.

use care::fact::ours::Severity;
use serde_json::{Value, json};

use crate::story::{ACU, NOTHING, PCP, PHYS, Story};

const SLIP: &str = "structural-slip-over-12mm";

fn slip(mm: f64) -> Value {
    json!({"slip_mm": mm, "level": "L4/L5", "meyerding_grade": 2})
}

fn course_review(story: &mut Story, time: &str, by: &str, decision: &str) {
    story.assess("course_review", time, by, json!({"decision": decision}));
}

#[test]
fn twelve_millimetres_are_no_severe_slip_and_a_hair_more_is() {
    let mut story = Story::new();
    story.imaging("2026-06-02T10:00", slip(12.0));
    assert_eq!(story.poll("2026-06-02T10:00"), NOTHING);
    story.imaging("2026-06-02T11:00", slip(12.01));
    assert_eq!(
        story.poll("2026-06-02T11:00"),
        ["structural-slip-over-12mm advisory"]
    );
    assert_eq!(story.raised().values["meyerding_grade"], "2");
    assert_eq!(story.chart.holds().len(), 1);
}

#[test]
fn a_slip_is_news_again_when_it_has_grown_by_three_or_is_elsewhere() {
    let mut story = Story::new();
    story.imaging("2026-06-02T10:00", slip(12.1));
    story.poll("2026-06-02T10:00");
    story.imaging("2026-06-03T10:00", slip(15.0));
    assert_eq!(story.poll("2026-06-03T10:00"), NOTHING);
    story.imaging("2026-06-04T10:00", slip(15.1));
    assert_eq!(
        story.poll("2026-06-04T10:00"),
        ["structural-slip-over-12mm advisory"]
    );
    let elsewhere = json!({"slip_mm": 13, "level": "l5/s1"});
    story.imaging("2026-06-05T10:00", elsewhere);
    assert_eq!(
        story.poll("2026-06-05T10:00"),
        ["structural-slip-over-12mm advisory"]
    );
    assert_eq!(story.raised().values["level"], "L5/S1");
    assert_eq!(story.raised().values["meyerding_grade"], "not recorded");
}

#[test]
fn a_weak_muscle_or_an_open_incident_makes_a_slip_urgent() {
    let mut story = Story::new();
    story.exam("2026-06-01T12:00", "L5", 5, "no");
    story.imaging("2026-06-02T10:00", slip(13.0));
    assert_eq!(
        story.poll("2026-06-02T10:00"),
        ["structural-slip-over-12mm advisory"]
    );
    story.exam("2026-06-02T10:05", "L5", 4, "no");
    assert_eq!(
        story.poll("2026-06-02T10:05"),
        ["structural-slip-over-12mm again: new-item"]
    );
    assert_eq!(story.escalated().severity, Severity::Urgent);
    story.flag("2026-06-02T10:10", &["gait_disturbance"], json!({}));
    assert_eq!(
        story.poll("2026-06-02T10:10"),
        [
            "red-flag-progressive-neuro emergency",
            "structural-slip-over-12mm again: new-item"
        ]
    );
}

#[test]
fn strength_that_came_back_is_no_sign() {
    let mut story = Story::new();
    story.exam("2026-06-01T12:00", "L5", 4, "no");
    story.exam("2026-06-02T08:00", "l5", 5, "no");
    story.imaging("2026-06-02T10:00", slip(13.0));
    assert_eq!(
        story.poll("2026-06-02T10:00"),
        ["structural-slip-over-12mm advisory"]
    );
}

#[test]
fn only_a_physician_who_clears_or_the_physiatrist_who_goes_on_ends_the_hold_of_a_slip() {
    let mut story = Story::new();
    story.imaging("2026-06-02T10:00", slip(13.0));
    story.poll("2026-06-02T10:00");
    story.imaging("2026-06-03T10:00", slip(5.0));
    course_review(&mut story, "2026-06-03T11:00", ACU, "continue");
    course_review(&mut story, "2026-06-03T12:00", PCP, "continue");
    course_review(&mut story, "2026-06-03T13:00", PHYS, "stop");
    course_review(
        &mut story,
        "2026-06-03T14:00",
        r#"{"role":"physiatrist"}"#,
        "continue",
    );
    assert_eq!(story.poll("2026-06-03T15:00"), NOTHING);
    assert_eq!(story.chart.holds().len(), 1);
    course_review(&mut story, "2026-06-04T10:00", PHYS, "adjust");
    assert_eq!(
        story.poll("2026-06-04T10:00"),
        ["structural-slip-over-12mm ends: cleared"]
    );
    assert!(story.chart.holds().is_empty());
    story.imaging("2026-06-05T10:00", slip(13.5));
    assert_eq!(story.poll("2026-06-05T10:00"), NOTHING, "the same slip");
}

#[test]
fn a_review_that_did_not_know_of_it_clears_nothing() {
    let mut story = Story::new();
    story.review("2026-06-02T10:00", "cleared_for_treatment");
    story.poll("2026-06-02T10:00");
    story.imaging("2026-06-02T10:00", slip(13.0));
    assert_eq!(
        story.poll("2026-06-02T10:00"),
        ["structural-slip-over-12mm advisory"]
    );
}

#[test]
fn a_hold_that_is_told_late_is_still_a_hold() {
    let mut story = Story::new();
    story.imaging("2026-06-02T10:00", slip(13.0));
    assert_eq!(
        story.poll("2026-09-02T10:00"),
        ["structural-slip-over-12mm advisory"]
    );
}

#[test]
fn a_slip_taken_back_is_gone() {
    let mut story = Story::new();
    let image = story.imaging("2026-06-02T10:00", slip(13.0));
    story.poll("2026-06-02T10:00");
    story.retract("2026-06-02T11:00", &image);
    assert_eq!(
        story.poll("2026-06-02T11:00"),
        ["structural-slip-over-12mm ends: retracted"]
    );
}

#[test]
fn the_smaller_of_two_slips_carries_the_hold_on() {
    let mut story = Story::new();
    let first = story.imaging("2026-06-02T10:00", slip(13.0));
    story.poll("2026-06-02T10:00");
    story.imaging("2026-06-03T10:00", slip(17.0));
    assert_eq!(story.poll("2026-06-03T10:00").len(), 1);
    story.retract("2026-06-04T10:00", &first);
    story.poll("2026-06-04T10:00");
    assert_eq!(story.chart.holds().len(), 1, "{:?}", story.raised_by(SLIP));
}

#[test]
fn a_clinic_may_be_stricter() {
    let mut story = Story::new();
    story.policy.structure.slip_over_mm = 10.0;
    story.policy.structure.emergency_mrc_grade = 4;
    story.imaging(
        "2026-06-02T10:00",
        json!({"slip_mm": 11, "disc_herniation": "yes"}),
    );
    story.exam("2026-06-02T11:00", "L5", 4, "no");
    assert_eq!(
        story.poll("2026-06-02T11:00"),
        [
            "structural-slip-over-12mm urgent",
            "structural-disc-motor-deficit emergency"
        ]
    );
}
