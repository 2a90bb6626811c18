//! Symptoms that an NSAID may cause: how bad, how long after it, and one incident at a time.

use serde_json::json;

use crate::medicines::{nsaid, told};
use crate::story::{NOTHING, PATIENT, Story};

fn symptom(story: &mut Story, time: &str, items: &[&str]) -> String {
    story.assess("symptom", time, PATIENT, json!({"items": items}))
}

#[test]
fn a_symptom_on_an_nsaid_is_an_emergency_when_it_bleeds_and_urgent_else() {
    for (item, severity) in [
        ("black_stool", "emergency"),
        ("haematemesis", "emergency"),
        ("reduced_urine", "urgent"),
        ("oedema", "urgent"),
    ] {
        let mut story = nsaid(json!({"starts_on": "2026-06-01", "days_supply": 10}));
        symptom(&mut story, "2026-06-05T10:00", &[item]);
        assert_eq!(
            story.poll("2026-06-05T10:00"),
            [format!("nsaid-harm-symptom {severity}")]
        );
        assert_eq!(story.chart.holds(), []);
    }
}

#[test]
fn an_nsaid_counts_for_seven_days_after_it_was_stopped() {
    let stopped = |time: &str| {
        let mut story = nsaid(json!({"starts_on": "2026-05-25", "stops_on": "2026-06-01"}));
        story.poll("2026-06-01T12:00");
        symptom(&mut story, time, &["black_stool"]);
        story.poll(time)
    };
    assert_eq!(stopped("2026-06-08T10:00"), ["nsaid-harm-symptom emergency"]);
    assert_eq!(stopped("2026-06-09T10:00"), NOTHING);
    assert_eq!(Story::new().poll("2026-06-09T10:00"), NOTHING);
}

#[test]
fn it_is_one_incident_until_a_person_resolves_it() {
    let mut story = nsaid(json!({"starts_on": "2026-06-01"}));
    symptom(&mut story, "2026-06-05T10:00", &["oedema"]);
    assert_eq!(story.poll("2026-06-05T10:00"), ["nsaid-harm-symptom urgent"]);
    symptom(&mut story, "2026-06-06T10:00", &["oedema"]);
    assert_eq!(story.poll("2026-06-06T10:00"), NOTHING);
    symptom(&mut story, "2026-06-07T10:00", &["black_stool"]);
    assert_eq!(
        story.poll("2026-06-07T10:00"),
        ["nsaid-harm-symptom again: new-item"]
    );
    assert_eq!(story.escalated().severity.code(), "emergency");
    story.close_last("2026-06-08T10:00");
    assert_eq!(story.poll("2026-06-08T11:00"), NOTHING);
    symptom(&mut story, "2026-06-09T10:00", &["oedema"]);
    assert_eq!(story.poll("2026-06-09T10:00"), ["nsaid-harm-symptom urgent"]);
}

#[test]
fn a_symptom_told_before_its_nsaid_is_told_of_when_the_nsaid_is() {
    let mut story = Story::new();
    let id = symptom(&mut story, "2026-06-05T10:00", &["black_stool"]);
    assert_eq!(story.poll("2026-06-05T10:00"), NOTHING);
    told(
        &mut story,
        "2026-06-06T12:00",
        "ibu",
        "nsaid",
        json!({"starts_on": "2026-06-01"}),
    );
    assert_eq!(story.poll("2026-06-06T12:00"), ["nsaid-harm-symptom emergency"]);
    story.retract("2026-06-06T13:00", &id);
    assert_eq!(
        story.poll("2026-06-06T13:00"),
        ["nsaid-harm-symptom ends: retracted"]
    );
}

#[test]
fn an_nsaid_of_which_only_the_end_was_told_counts() {
    let mut story = nsaid(json!({"status": "stopped", "stops_on": "2026-05-30"}));
    symptom(&mut story, "2026-06-02T10:00", &["black_stool"]);
    assert_eq!(story.poll("2026-06-02T10:00"), ["nsaid-harm-symptom emergency"]);
}
