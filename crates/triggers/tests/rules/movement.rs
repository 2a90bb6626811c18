//! Exercise in central sensitisation, and movement beside the late sessions.

use serde_json::json;

use crate::story::{ACU, NOTHING, PATIENT, Story, at};

const EXERCISE: &str = "central-sensitisation-no-exercise";
const REHAB: &str = "rehab-absent-late";

fn sensitised(value: &str, time: &str, story: &mut Story) {
    story.assess("central_sensitisation", time, ACU, json!({"value": value}));
}

fn exercise(story: &mut Story, on: &str, minutes: u16) {
    let time = format!("{on}T22:{minutes:02}");
    story.assess("exercise", &time, PATIENT, json!({"on": on, "minutes": minutes}));
}

#[test]
fn three_days_of_the_seven_are_enough_and_two_are_not() {
    for (days, fires) in [
        (&["2026-06-03", "2026-06-05"][..], true),
        (&["2026-06-03", "2026-06-05", "2026-06-09"][..], false),
        (&["2026-06-02", "2026-06-05", "2026-06-09"][..], true), // the day of the flag is not of the week
        (&["2026-06-03", "2026-06-05", "2026-06-10"][..], true), // nor is the day of the check
        (&["2026-06-03", "2026-06-03", "2026-06-05"][..], true), // days, not times
    ] {
        let mut story = Story::new();
        sensitised("yes", "2026-06-02T15:00", &mut story);
        for (index, day) in days.iter().enumerate() {
            exercise(&mut story, day, 20 + u16::try_from(index).unwrap_or(0));
        }
        assert_eq!(story.said(EXERCISE, "2026-06-10T03:59"), NOTHING);
        let said = story.said(EXERCISE, "2026-06-10T04:00");
        assert_eq!(!said.is_empty(), fires, "{days:?}");
    }
}

#[test]
fn pt_counts_as_exercise_and_no_minutes_do_not() {
    let mut story = Story::new();
    sensitised("yes", "2026-06-02T15:00", &mut story);
    exercise(&mut story, "2026-06-03", 20);
    exercise(&mut story, "2026-06-04", 0);
    story.attend_pt("2026-06-05T15:00");
    assert_eq!(
        story.said(EXERCISE, "2026-06-10T04:00"),
        ["central-sensitisation-no-exercise advisory"]
    );
    story.attend_pt("2026-06-06T15:00");
    assert_eq!(
        story.said(EXERCISE, "2026-06-10T05:00"),
        ["central-sensitisation-no-exercise ends: corrected"]
    );
}

#[test]
fn unknown_is_no_flag_and_no_ends_the_weeks() {
    let mut story = Story::new();
    sensitised("unknown", "2026-06-02T15:00", &mut story);
    assert_eq!(story.said(EXERCISE, "2026-06-20T04:00"), NOTHING);
    sensitised("yes", "2026-06-20T15:00", &mut story);
    sensitised("no", "2026-06-27T15:00", &mut story);
    assert_eq!(story.said(EXERCISE, "2026-07-10T04:00"), NOTHING);
}

#[test]
fn weeks_without_a_plan_in_force_are_nobodys() {
    let mut story = Story::new();
    sensitised("yes", "2026-06-02T15:00", &mut story);
    let mark = |revision: u8| json!({"plan_id": "cp-1", "revision": revision, "reason": "admission"});
    story.tell("plan.held", "2026-06-03T10:00", mark(2));
    assert_eq!(story.said(EXERCISE, "2026-06-10T04:00"), NOTHING);
    story.tell("plan.resumed", "2026-06-11T10:00", mark(3));
    assert_eq!(
        story.said(EXERCISE, "2026-06-11T10:00"),
        NOTHING,
        "that week was in the pause"
    );
    assert_eq!(story.said(EXERCISE, "2026-06-17T04:00").len(), 1);
    story.tell("plan.completed", "2026-06-20T10:00", mark(4));
    assert_eq!(story.said(EXERCISE, "2026-06-24T04:00"), NOTHING);
}

#[test]
fn the_third_week_goes_to_the_physiatrist_and_then_every_fourth() {
    let mut story = Story::new();
    sensitised("yes", "2026-06-02T15:00", &mut story);
    let mut told = Vec::new();
    for week in 1..=12_i64 {
        let check = at("2026-06-03T04:00") + care::time::hours(24 * 7 * week);
        if !story.said(EXERCISE, &check.to_string()).is_empty() {
            told.push((week, story.raised_by(EXERCISE).roles.len()));
        }
    }
    assert_eq!(told, [(1, 3), (2, 3), (3, 1), (7, 1), (11, 1)]);
}

#[test]
fn movement_in_the_fourteen_days_before_session_seven_is_enough() {
    // Session 7 is on 15 June.
    for (day, fires) in [
        ("2026-05-31", true),
        ("2026-06-01", false),
        ("2026-06-15", false),
        ("2026-06-16", true),
    ] {
        let mut story = Story::new();
        story.attend_every_second_day(7);
        exercise(&mut story, day, 20);
        assert_eq!(!story.said(REHAB, "2026-06-16T23:00").is_empty(), fires, "{day}");
    }
    let mut story = Story::new();
    story.attend_every_second_day(12);
    assert_eq!(
        story.said(REHAB, "2026-06-25T15:00").len(),
        2,
        "session 7 and session 10"
    );
}
