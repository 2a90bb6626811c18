//! Session four without a score, and the second look after the plan was adjusted.

use serde_json::json;

use crate::story::{ACU, NOTHING, Story, at};

#[test]
fn session_four_without_a_score_is_told_when_session_five_begins_or_the_week_is_over() {
    const RULE: &str = "session-four-unmeasured";
    let mut story = Story::course("vas", 70, 4);
    let wake = triggers::react(&story.chart, &story.policy, at("2026-06-10T15:00")).look_again;
    assert_eq!(wake, Some(at("2026-06-18T04:00")));
    assert_eq!(story.said(RULE, "2026-06-18T03:59"), NOTHING);
    assert_eq!(
        story.said(RULE, "2026-06-18T04:00"),
        ["session-four-unmeasured advisory"]
    );
    let mut story = Story::course("vas", 70, 5);
    assert_eq!(
        story.said(RULE, "2026-06-12T15:00"),
        ["session-four-unmeasured advisory"]
    );
    story.score("2026-06-12T16:00", "vas", 40, "now");
    assert_eq!(
        story.said(RULE, "2026-06-12T16:00"),
        ["session-four-unmeasured ends: measured"]
    );
}

#[test]
fn a_score_that_cannot_be_compared_does_not_answer_session_four() {
    const RULE: &str = "session-four-unmeasured";
    for (scale, context, fires) in [
        ("vas", "now", false),
        ("nrs", "now", true),
        ("vas", "avg7d", true),
        ("vas", "post_30min", true),
    ] {
        let mut story = Story::course("vas", 70, 5);
        story.score("2026-06-11T10:00", scale, 7, context);
        assert_eq!(
            !story.said(RULE, "2026-06-12T15:00").is_empty(),
            fires,
            "{scale} {context}"
        );
    }
    let mut unknown = Story::new();
    for day in ["03", "05", "08", "10", "12"] {
        unknown.attend(&format!("s{day}"), &format!("2026-06-{day}T14:00"), json!(null));
    }
    unknown.score("2026-06-11T10:00", "nrs", 7, "avg7d");
    assert_eq!(
        unknown.said(RULE, "2026-06-12T15:00"),
        NOTHING,
        "without a baseline any answer is one"
    );
}

#[test]
fn nobody_is_asked_for_the_score_of_session_four_after_session_six_or_when_the_plan_is_over() {
    const RULE: &str = "session-four-unmeasured";
    assert_eq!(
        Story::course("vas", 70, 6).said(RULE, "2026-06-15T15:00"),
        NOTHING
    );
    for name in ["plan.completed", "plan.held"] {
        let mut story = Story::course("vas", 70, 4);
        story.tell(
            name,
            "2026-06-17T10:00",
            json!({"plan_id": "cp-1", "revision": 2}),
        );
        assert_eq!(story.said(RULE, "2026-06-18T04:00"), NOTHING, "{name}");
    }
}

#[test]
fn the_eighth_session_is_looked_at_only_after_an_adjustment_that_followed() {
    const RULE: &str = "no-change-by-session-four";
    for (time, decision, again) in [
        ("2026-06-11T10:00", "adjust", true),
        ("2026-06-19T14:00", "adjust", true),
        ("2026-06-19T14:01", "adjust", false), // session 8 had begun
        ("2026-06-10T17:59", "adjust", false), // before anybody knew
        ("2026-06-11T10:00", "continue", false),
    ] {
        let mut story = Story::course("vas", 70, 8);
        story.score("2026-06-10T18:00", "vas", 66, "now");
        assert_eq!(story.said(RULE, "2026-06-20T10:00").len(), 1);
        story.assess("course_review", time, ACU, json!({"decision": decision}));
        story.score("2026-06-20T11:00", "vas", 66, "now");
        let said = story.said(RULE, "2026-06-20T11:00");
        assert_eq!(!said.is_empty(), again, "{time} {decision}");
        let told = &story.raised_by(RULE).values;
        assert_eq!(told.contains_key("looked_at_again"), again);
    }
}

#[test]
fn it_is_looked_at_again_only_if_there_was_no_change_at_first() {
    let mut story = Story::course("vas", 70, 8);
    story.score("2026-06-10T18:00", "vas", 60, "now");
    story.assess(
        "course_review",
        "2026-06-11T10:00",
        ACU,
        json!({"decision": "adjust"}),
    );
    story.score("2026-06-20T11:00", "vas", 70, "now");
    assert_eq!(
        story.said("no-change-by-session-four", "2026-06-20T11:00"),
        NOTHING
    );
}
