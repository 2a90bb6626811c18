//! Patterns: recorded or not, and whether the points follow.

use serde_json::{Value, json};

use crate::story::{NOTHING, Story, plan, with};

/// A plan whose course has no pattern yet.
fn unread() -> Story {
    let mut story = Story::bare();
    story.tell("plan.activated", "2026-06-01T10:00", plan(json!({})));
    story
}

#[test]
fn the_first_ea_asks_for_a_pattern_once_and_any_answer_ends_it() {
    let mut story = unread();
    assert_eq!(story.poll("2026-06-02T10:00"), NOTHING);
    story.attend("s1", "2026-06-03T14:00", json!(null));
    assert_eq!(story.poll("2026-06-03T15:00"), ["pattern-not-recorded info"]);
    story.attend("s2", "2026-06-05T14:00", json!(null));
    assert_eq!(story.poll("2026-06-05T15:00"), NOTHING);
    story.pattern("2026-06-06T14:00", "none_applied");
    assert_eq!(
        story.poll("2026-06-06T15:00"),
        ["pattern-not-recorded ends: recorded"]
    );
}

#[test]
fn a_pattern_recorded_before_the_plan_is_enough_and_one_of_the_course_before_is_not() {
    let mut story = unread();
    story.pattern("2026-05-28T14:00", "other");
    story.attend("s1", "2026-06-03T14:00", json!(null));
    assert_eq!(story.poll("2026-06-03T15:00"), NOTHING);
    let next = json!({"plan_id": "cp-2", "started_on": "2026-08-03"});
    story.tell("plan.activated", "2026-08-03T10:00", plan(next));
    story.attend("s2", "2026-08-05T14:00", json!(null));
    assert_eq!(story.poll("2026-08-05T15:00"), ["pattern-not-recorded info"]);
}

#[test]
fn a_pattern_recorded_after_the_last_session_of_a_course_belongs_to_that_course() {
    let mut story = unread();
    story.attend("s1", "2026-06-03T14:00", json!(null));
    story.pattern("2026-06-04T14:00", "other");
    assert_eq!(story.poll("2026-06-04T15:00"), NOTHING);
    let ended = json!({"plan_id": "cp-1", "revision": 2, "reason": "recovered"});
    story.tell("plan.completed", "2026-06-05T10:00", ended);
    let next = json!({"plan_id": "cp-2", "started_on": "2026-08-03"});
    story.tell("plan.activated", "2026-08-03T10:00", plan(next));
    story.attend("s2", "2026-08-05T14:00", json!(null));
    assert_eq!(story.poll("2026-08-05T15:00"), ["pattern-not-recorded info"]);
    story.pattern("2026-08-03T09:00", "other");
    assert_eq!(
        story.poll("2026-08-05T15:00"),
        ["pattern-not-recorded ends: recorded"],
        "recorded just before the plan"
    );
}

/// What a session is told for under a pattern.
fn under(pattern: &str, delivered: Value) -> Vec<String> {
    let mut story = unread();
    story.pattern("2026-06-03T14:45", pattern);
    story.attend("s1", "2026-06-03T14:00", delivered);
    story.poll("2026-06-03T15:00")
}

#[test]
fn cold_damp_wants_bl25_and_an_ashi_site() {
    let said = ["pattern-cold-damp info"];
    let with_site = json!({"ashi_sites": ["L4 left"]});
    assert_eq!(under("cold_damp", with(with_site.clone())), NOTHING);
    assert_eq!(under("cold_damp", with(json!({}))), said, "no site");
    let mut other_points = with_site;
    other_points["points"] = json!(["BL23", "BL40", "GB34"]);
    assert_eq!(under("cold_damp", with(other_points)), said, "no BL25");
    assert_eq!(under("cold_damp", with(json!({"points": null}))), NOTHING);
    assert_eq!(under("other", with(json!({}))), NOTHING);
}

#[test]
fn liver_qi_stagnation_wants_lr3() {
    assert_eq!(
        under("liver_qi_stagnation", with(json!({}))),
        ["pattern-liver-qi info"]
    );
    let four = json!({"points": ["BL23", "BL25", "GB34", "LR3"]});
    assert_eq!(under("liver_qi_stagnation", with(four)), NOTHING);
    let no_distal = json!({"points": ["BL23", "LR3", "BL25", "BL40"]});
    assert_eq!(
        under("liver_qi_stagnation", with(no_distal)),
        ["fidelity-deviation advisory"],
        "it is no distal point"
    );
}

#[test]
fn a_session_is_judged_by_the_pattern_of_its_day() {
    let mut story = unread();
    story.pattern("2026-06-01T14:00", "liver_qi_stagnation");
    story.pattern("2026-06-03T14:46", "none_applied");
    story.attend("s1", "2026-06-03T14:00", json!(null));
    assert_eq!(story.poll("2026-06-03T15:00"), ["pattern-liver-qi info"]);
    story.attend("s2", "2026-06-05T14:00", json!(null));
    assert_eq!(story.poll("2026-06-05T15:00"), NOTHING);
}
