//! Responders, what was expected by session 3, and pain that got worse.

use serde_json::json;

use crate::story::{NOTHING, Story, at};

/// The published vectors: scale, before, now, 30 %, 50 %, and whether session 3 is below what was expected.
const VECTORS: [(&str, u8, u8, bool, bool, bool); 18] = [
    ("vas", 70, 49, true, false, false),
    ("vas", 70, 50, false, false, false),
    ("vas", 100, 70, true, false, false),
    ("vas", 60, 51, false, false, false), // 15.00, the lower edge
    ("vas", 60, 45, false, false, false), // 25.00, the upper edge
    ("vas", 60, 44, false, false, false),
    ("vas", 60, 52, false, false, true),
    ("vas", 50, 25, true, true, false),
    ("vas", 51, 26, true, false, false),
    ("vas", 1, 0, true, true, false),
    ("nrs", 7, 5, false, false, false),
    ("nrs", 7, 4, true, false, false),
    ("nrs", 8, 4, true, true, false),
    ("nrs", 3, 2, true, false, false),
    ("nrs", 10, 9, false, false, true),
    ("nrs", 9, 9, false, false, true),
    ("nrs", 0, 0, false, false, false),
    ("nrs", 0, 3, false, false, false),
];

#[test]
fn the_published_vectors_come_out_as_they_must() {
    for (scale, before, now, thirty, fifty, below) in VECTORS {
        let mut story = Story::course(scale, before, 3);
        story.score("2026-06-09T10:00", scale, now, "now");
        let said = story.poll("2026-06-09T10:00");
        let says = |line: &str| said.iter().any(|said| said == line);
        assert_eq!(
            (
                says("responder-30 info"),
                says("responder-50 info"),
                says("expect-session-3 info")
            ),
            (thirty, fifty, below),
            "{scale} {before} {now}"
        );
    }
}

#[test]
fn a_low_baseline_is_kept_and_footnoted() {
    let mut story = Story::course("vas", 1, 1);
    story.score("2026-06-04T10:00", "vas", 0, "now");
    story.poll("2026-06-04T10:00");
    assert_eq!(story.raised_by("responder-50").values["low_baseline"], "true");
}

#[test]
fn a_responder_is_told_once_with_the_number_of_sessions() {
    let mut story = Story::course("vas", 70, 2);
    story.score("2026-06-06T10:00", "vas", 40, "now");
    assert_eq!(
        story.said("responder-30", "2026-06-06T10:00"),
        ["responder-30 info"]
    );
    let raised = story.raised_by("responder-30");
    assert_eq!(raised.values["attended_sessions"], "2");
    assert_eq!(raised.because.len(), 2);
    story.score("2026-06-07T10:00", "vas", 70, "now");
    story.score("2026-06-08T10:00", "vas", 30, "now");
    assert_eq!(story.said("responder-30", "2026-06-08T10:00"), NOTHING);
}

#[test]
fn whether_the_next_score_confirms_it_is_a_note_and_no_alert() {
    for (next, confirmed) in [(None, "not yet"), (Some(49), "yes"), (Some(50), "no")] {
        let mut story = Story::course("vas", 70, 2);
        story.score("2026-06-06T10:00", "vas", 40, "now");
        if let Some(next) = next {
            story.score("2026-06-07T10:00", "vas", next, "now");
        }
        let found = triggers::findings(&story.chart, &story.policy, at("2026-06-07T10:00"));
        let thirty = found
            .iter()
            .find(|f| f.rule.id == "responder-30")
            .expect("a finding");
        assert_eq!(thirty.values["confirmed_by_next_score"], confirmed);
    }
}

#[test]
fn the_score_thirty_minutes_after_insertion_is_never_a_response() {
    let mut story = Story::course("vas", 70, 3);
    story.score("2026-06-08T14:30", "vas", 10, "post_30min");
    let said = story.poll("2026-06-08T15:00");
    assert!(!said.iter().any(|line| line.starts_with("responder")), "{said:?}");
}

#[test]
fn what_is_told_of_a_response_after_the_plan_ended_is_no_news() {
    let mut story = Story::course("vas", 70, 3);
    story.tell(
        "plan.completed",
        "2026-06-09T10:00",
        json!({"plan_id": "cp-1", "revision": 2, "reason": "recovered"}),
    );
    story.score("2026-06-09T10:00", "vas", 30, "now");
    assert_eq!(story.said("responder-30", "2026-06-09T11:00"), NOTHING);
    story.score("2026-06-09T09:59", "vas", 30, "now");
    assert_eq!(story.said("responder-30", "2026-06-09T11:00"), NOTHING);
}

#[test]
fn session_three_is_judged_by_the_first_score_after_it_began_until_session_four_begins() {
    for (time, fires) in [
        ("2026-06-08T14:00", false),
        ("2026-06-08T14:01", true),
        ("2026-06-10T14:00", true), // just before the next needles
        ("2026-06-10T14:01", false),
    ] {
        let mut story = Story::course("vas", 70, 4);
        story.score(time, "vas", 70, "now");
        let said = story.said("expect-session-3", "2026-06-10T15:00");
        assert_eq!(!said.is_empty(), fires, "{time}");
    }
    for (time, fires) in [("2026-06-16T03:59", true), ("2026-06-16T04:00", false)] {
        let mut story = Story::course("vas", 70, 3);
        story.score(time, "vas", 70, "now");
        let said = story.said("expect-session-3", "2026-06-16T05:00");
        assert_eq!(!said.is_empty(), fires, "{time}");
    }
}

#[test]
fn an_earlier_score_that_was_as_expected_takes_the_alert_back() {
    let mut story = Story::course("vas", 70, 3);
    story.score("2026-06-09T10:00", "vas", 70, "now");
    assert_eq!(
        story.said("expect-session-3", "2026-06-09T10:00"),
        ["expect-session-3 info"]
    );
    story.score("2026-06-08T18:00", "vas", 56, "now");
    assert_eq!(
        story.said("expect-session-3", "2026-06-09T11:00"),
        ["expect-session-3 ends: corrected"]
    );
}

#[test]
fn what_was_expected_is_kept_and_told_to_nobody() {
    let mut story = Story::course("vas", 60, 3);
    story.score("2026-06-09T10:00", "vas", 51, "now");
    let found = triggers::findings(&story.chart, &story.policy, at("2026-06-09T10:00"));
    let kept = found
        .iter()
        .find(|f| f.rule.id == "expect-session-3")
        .expect("a finding");
    assert_eq!(kept.values["result"], "as_expected");
    assert_eq!(story.said("expect-session-3", "2026-06-09T10:00"), NOTHING);
}

#[test]
fn clearly_worse_is_twenty_millimetres_two_points_or_thirty_and_three_from_zero() {
    for (scale, before, now, fires) in [
        ("vas", 50, 70, true),
        ("vas", 50, 69, false),
        ("nrs", 5, 7, true),
        ("nrs", 5, 6, false),
        ("vas", 0, 30, true),
        ("vas", 0, 29, false),
        ("nrs", 0, 3, true),
        ("nrs", 0, 2, false),
        ("vas", 1, 21, true),
        ("vas", 90, 100, false),
    ] {
        let mut story = Story::course(scale, before, 1);
        story.score("2026-06-04T10:00", scale, now, "now");
        let said = story.said("pain-worsening", "2026-06-04T10:00");
        assert_eq!(!said.is_empty(), fires, "{scale} {before} {now}");
    }
}

#[test]
fn worse_again_within_fourteen_days_is_not_told() {
    for (time, again) in [("2026-06-18T09:59", false), ("2026-06-18T10:00", true)] {
        let mut story = Story::course("vas", 50, 1);
        story.score("2026-06-04T10:00", "vas", 70, "now");
        story.score("2026-06-10T10:00", "vas", 60, "now");
        assert_eq!(story.said("pain-worsening", "2026-06-10T10:00").len(), 1);
        story.score(time, "vas", 75, "now");
        assert_eq!(!story.said("pain-worsening", time).is_empty(), again, "{time}");
    }
}

#[test]
fn pain_that_stays_worse_is_one_truth_however_long() {
    let mut story = Story::course("vas", 50, 1);
    for day in ["04", "12", "20", "28"] {
        story.score(&format!("2026-06-{day}T10:00"), "vas", 75, "now");
    }
    assert_eq!(story.said("pain-worsening", "2026-06-04T10:00").len(), 1);
    assert_eq!(story.said("pain-worsening", "2026-06-28T10:00"), NOTHING);
}

#[test]
fn a_retracted_score_was_no_worsening() {
    let mut story = Story::course("vas", 50, 1);
    let wrong = story.pain("2026-06-04T10:00", 90);
    assert_eq!(
        story.said("pain-worsening", "2026-06-04T10:00"),
        ["pain-worsening advisory"]
    );
    story.retract("2026-06-04T11:00", &wrong);
    assert_eq!(
        story.said("pain-worsening", "2026-06-04T11:00"),
        ["pain-worsening ends: retracted"]
    );
}
