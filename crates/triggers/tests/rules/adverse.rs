//! Adverse events: one alert each, what holds EA, and who ends that.

use care::fact::ours::Action;
use serde_json::{Value, json};

use crate::story::{ACU, NOTHING, Story};

fn event(story: &mut Story, time: &str, id: &str, kind: &str, grade: &str, with: Value) -> String {
    let mut data = json!({"event_id": id, "kind": kind, "grade": grade});
    for (key, value) in with.as_object().into_iter().flatten() {
        data[key] = value.clone();
    }
    story.assess("adverse_event", time, ACU, data)
}

#[test]
fn a_minor_event_is_one_word_however_often_it_is_told() {
    let mut story = Story::new();
    event(
        &mut story,
        "2026-06-08T15:00",
        "ae-1",
        "bruise",
        "minor",
        json!({"session_id": "ea-1"}),
    );
    assert_eq!(story.poll("2026-06-08T15:00"), ["ae-minor info"]);
    assert_eq!(story.raised().values["session"], "ea-1");
    event(
        &mut story,
        "2026-06-09T15:00",
        "ae-1",
        "bruise",
        "minor",
        json!({}),
    );
    assert_eq!(story.poll("2026-06-09T15:00"), NOTHING);
    event(
        &mut story,
        "2026-06-10T15:00",
        "ae-2",
        "bruise",
        "minor",
        json!({}),
    );
    assert_eq!(story.poll("2026-06-10T15:00"), ["ae-minor info"]);
}

#[test]
fn a_moderate_event_is_urgent_and_holds_nothing() {
    let mut story = Story::new();
    event(
        &mut story,
        "2026-06-08T15:00",
        "ae-1",
        "bleeding",
        "moderate",
        json!({}),
    );
    assert_eq!(story.poll("2026-06-08T15:00"), ["ae-serious urgent"]);
    assert_eq!(story.chart.holds(), []);
}

#[test]
fn a_serious_event_holds_every_ea_until_a_physician_clears_it() {
    let mut story = Story::new();
    event(
        &mut story,
        "2026-06-08T15:00",
        "ae-1",
        "pneumothorax",
        "serious",
        json!({}),
    );
    assert_eq!(story.poll("2026-06-08T15:00"), ["ae-serious emergency"]);
    assert!(
        story
            .raised()
            .actions
            .iter()
            .any(|a| a.what == Action::HOLD_EA && a.zones.is_empty())
    );
    assert_eq!(story.chart.holds().len(), 1);
    story.close_last("2026-06-08T16:00");
    assert_eq!(story.poll("2026-06-08T16:00"), NOTHING);
    assert_eq!(
        story.chart.holds().len(),
        1,
        "that a person closed the talk ends no hold"
    );
    story.review("2026-06-09T10:00", "referred");
    assert_eq!(story.poll("2026-06-09T10:00"), ["red-flag-resolved info"]);
    assert_eq!(story.chart.holds().len(), 1);
    story.review("2026-06-10T10:00", "cleared_for_treatment");
    assert_eq!(
        story.poll("2026-06-10T10:00"),
        ["red-flag-resolved info", "ae-serious ends: cleared"]
    );
    assert_eq!(story.chart.holds(), []);
}

#[test]
fn a_review_before_the_event_ends_nothing() {
    let mut story = Story::new();
    story.review("2026-06-08T14:00", "cleared_for_treatment");
    event(
        &mut story,
        "2026-06-08T15:00",
        "ae-1",
        "burn",
        "serious",
        json!({}),
    );
    assert_eq!(
        story.poll("2026-06-08T15:00"),
        ["red-flag-resolved info", "ae-serious emergency"]
    );
    assert_eq!(story.chart.holds().len(), 1);
}

#[test]
fn what_is_serious_by_its_kind_is_so_whatever_its_grade_says() {
    let mut story = Story::new();
    event(
        &mut story,
        "2026-06-08T15:00",
        "ae-1",
        "Nerve injury",
        "minor",
        json!({}),
    );
    assert_eq!(story.poll("2026-06-08T15:00"), ["ae-serious emergency"]);
}

#[test]
fn an_event_that_turns_out_worse_is_told_as_what_it_is_and_never_as_less() {
    let mut story = Story::new();
    event(
        &mut story,
        "2026-06-08T15:00",
        "ae-1",
        "infection",
        "minor",
        json!({}),
    );
    assert_eq!(story.poll("2026-06-08T15:00"), ["ae-minor info"]);
    event(
        &mut story,
        "2026-06-10T15:00",
        "ae-1",
        "infection",
        "moderate",
        json!({}),
    );
    assert_eq!(
        story.poll("2026-06-10T15:00"),
        ["ae-serious urgent", "ae-minor ends: worse-than-said"]
    );
    event(
        &mut story,
        "2026-06-11T15:00",
        "ae-1",
        "infection",
        "serious",
        json!({}),
    );
    assert_eq!(
        story.poll("2026-06-11T15:00"),
        ["ae-serious emergency", "ae-serious ends: worse-than-said"]
    );
    event(
        &mut story,
        "2026-06-12T15:00",
        "ae-1",
        "infection",
        "minor",
        json!({}),
    );
    assert_eq!(story.poll("2026-06-12T15:00"), NOTHING);
    assert_eq!(story.chart.holds().len(), 1);
}

#[test]
fn an_event_taken_back_ends_its_alert_and_its_hold() {
    let mut story = Story::new();
    let id = event(
        &mut story,
        "2026-06-08T15:00",
        "ae-1",
        "burn",
        "serious",
        json!({}),
    );
    story.poll("2026-06-08T15:00");
    story.retract("2026-06-08T16:00", &id);
    assert_eq!(story.poll("2026-06-08T16:00"), ["ae-serious ends: retracted"]);
    assert_eq!(story.chart.holds(), []);
}
