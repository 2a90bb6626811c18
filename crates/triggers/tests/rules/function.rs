//! Function by session 6 and by session 12.

use serde_json::{Value, json};

use crate::story::{NOTHING, PATIENT, Story};

const SIX: &str = "expect-session-6";
const TWELVE: &str = "expect-session-12";

fn function(story: &mut Story, time: &str, data: Value) -> String {
    story.assess("function", time, PATIENT, data)
}

fn doses(story: &mut Story, time: &str, doses: u16) {
    let data = json!({"medication_id": "r", "class": "rescue", "status": "active", "doses": doses});
    story.assess("medication", time, PATIENT, data);
}

/// Six sessions, the last on 13 June; what is known before the first is 300 m and 6 doses.
fn six() -> Story {
    let mut story = Story::new();
    function(&mut story, "2026-06-02T10:00", json!({"pain_free_walk_m": 300}));
    doses(&mut story, "2026-06-02T10:01", 6);
    story.attend_every_second_day(6);
    story
}

#[test]
fn neither_a_longer_walk_nor_fewer_doses_is_not_seen() {
    for (walk, taken, fires) in [(300, 6, true), (301, 6, false), (300, 5, false), (299, 7, true)] {
        let mut story = six();
        doses(&mut story, "2026-06-14T09:00", taken);
        function(&mut story, "2026-06-14T10:00", json!({"pain_free_walk_m": walk}));
        let said = story.said(SIX, "2026-06-14T10:00");
        assert_eq!(!said.is_empty(), fires, "{walk} {taken}");
    }
}

#[test]
fn without_a_baseline_or_without_doses_nothing_is_judged() {
    let mut story = six();
    function(&mut story, "2026-06-14T10:00", json!({"pain_free_walk_m": 200}));
    assert_eq!(
        story.said(SIX, "2026-06-20T10:00"),
        NOTHING,
        "doses of this week are unknown"
    );
    doses(&mut story, "2026-06-20T10:00", 9);
    assert_eq!(story.said(SIX, "2026-06-20T10:00"), ["expect-session-6 info"]);
    let mut story = Story::new();
    story.attend_every_second_day(6);
    doses(&mut story, "2026-06-14T09:00", 9);
    function(&mut story, "2026-06-14T10:00", json!({"pain_free_walk_m": 200}));
    assert_eq!(
        story.said(SIX, "2026-06-14T10:00"),
        NOTHING,
        "nothing is known from before"
    );
}

#[test]
fn doses_are_those_of_seven_local_days_and_the_walk_that_of_the_week_after_session_six() {
    // The walk is told late on 20 June in Toronto: 14 June is the first of its seven days.
    for (report, fires) in [("2026-06-14T03:59", false), ("2026-06-14T04:00", true)] {
        let mut story = six();
        doses(&mut story, report, 6);
        function(&mut story, "2026-06-21T03:00", json!({"pain_free_walk_m": 300}));
        function(&mut story, "2026-06-21T03:30", json!({"pain_free_walk_m": 999}));
        let said = story.said(SIX, "2026-06-21T03:30");
        assert_eq!(!said.is_empty(), fires, "{report}");
    }
    for (time, fires) in [("2026-06-21T03:59", true), ("2026-06-21T04:00", false)] {
        let mut story = six();
        doses(&mut story, "2026-06-20T12:00", 6);
        function(&mut story, time, json!({"pain_free_walk_m": 300}));
        assert_eq!(!story.said(SIX, "2026-06-21T05:00").is_empty(), fires, "{time}");
    }
}

#[test]
fn a_retracted_report_takes_the_verdict_back() {
    let mut story = six();
    doses(&mut story, "2026-06-14T09:00", 6);
    let wrong = function(&mut story, "2026-06-14T10:00", json!({"pain_free_walk_m": 30}));
    story.said(SIX, "2026-06-14T10:00");
    story.retract("2026-06-14T11:00", &wrong);
    assert_eq!(
        story.said(SIX, "2026-06-14T11:00"),
        ["expect-session-6 ends: retracted"]
    );
}

/// Twelve sessions, the seventh on 15 June and the last on 25 June, with PT between them.
fn twelve(before: Value) -> Story {
    let mut story = Story::new();
    function(&mut story, "2026-06-02T10:00", before);
    story.attend_every_second_day(12);
    story.attend_pt("2026-06-18T10:00");
    story
}

#[test]
fn any_gain_of_lifting_sitting_or_work_is_one() {
    let before = json!({"lifting_kg": 5.5, "sitting_min": 30, "work_status": "partial"});
    for (lifting, sitting, work, fires) in [
        (5.5, 30, "partial", true),
        (5.6, 30, "partial", false),
        (5.5, 31, "off", false),
        (5.0, 20, "full", false),
        (5.0, 20, "off", true),
    ] {
        let mut story = twelve(before.clone());
        let now = json!({"lifting_kg": lifting, "sitting_min": sitting, "work_status": work});
        function(&mut story, "2026-06-26T10:00", now.clone());
        assert_eq!(!story.said(TWELVE, "2026-06-26T10:00").is_empty(), fires, "{now}");
    }
}

#[test]
fn what_was_measured_at_first_must_be_measured_again_and_the_rest_is_left_out() {
    let mut story = twelve(json!({"lifting_kg": 5, "sitting_min": 30}));
    function(
        &mut story,
        "2026-06-26T10:00",
        json!({"lifting_kg": 5, "work_status": "full"}),
    );
    assert_eq!(
        story.said(TWELVE, "2026-06-26T10:00"),
        NOTHING,
        "sitting is unknown"
    );
    function(&mut story, "2026-06-27T10:00", json!({"sitting_min": 30}));
    assert_eq!(story.said(TWELVE, "2026-06-27T10:00"), ["expect-session-12 info"]);
    assert!(!story.raised_by(TWELVE).values.contains_key("work_status_now"));
}

#[test]
fn without_pt_since_session_seven_nothing_was_expected() {
    for (time, fires) in [
        ("2026-06-15T13:59", false),
        ("2026-06-15T14:00", true),
        ("2026-06-26T10:01", false),
    ] {
        let mut story = Story::new();
        function(&mut story, "2026-06-02T10:00", json!({"sitting_min": 30}));
        story.attend_every_second_day(12);
        story.attend_pt(time);
        function(&mut story, "2026-06-26T10:00", json!({"sitting_min": 30}));
        assert_eq!(
            !story.said(TWELVE, "2026-06-26T11:00").is_empty(),
            fires,
            "{time}"
        );
    }
}

#[test]
fn a_plan_that_ends_earlier_is_judged_at_its_end_from_seven_sessions_on() {
    for (sessions, fires) in [(6, false), (7, true), (11, true)] {
        let mut story = Story::new();
        function(&mut story, "2026-06-02T10:00", json!({"sitting_min": 30}));
        story.attend_every_second_day(sessions);
        story.attend_pt("2026-06-18T10:00");
        function(&mut story, "2026-06-19T10:00", json!({"sitting_min": 30}));
        let end = json!({"plan_id": "cp-1", "revision": 2, "reason": "recovered"});
        story.tell("plan.completed", "2026-06-24T15:00", end);
        assert_eq!(
            !story.said(TWELVE, "2026-06-24T15:00").is_empty(),
            fires,
            "{sessions}"
        );
    }
}
