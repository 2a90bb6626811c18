//! When the plan has ended: only safety speaks, to those who stay responsible, and EA booked by hand is told of.

use care::role::Role;
use serde_json::{Value, json};

use crate::story::{NOTHING, PATIENT, Story, at};

const LEFT: [&str; 1] = ["discharge-closes advisory"];

fn end(story: &mut Story, time: &str) {
    story.tell(
        "plan.completed",
        time,
        json!({"plan_id": "cp-1", "revision": 5, "reason": "recovered"}),
    );
}

#[test]
fn a_red_flag_after_the_end_goes_to_pcp_and_coordinator_only() {
    let mut story = Story::new();
    end(&mut story, "2026-06-10T10:00");
    story.flag("2026-06-15T10:00", &["bladder_change"], json!({}));
    assert_eq!(
        story.poll("2026-06-15T10:00"),
        ["red-flag-bowel-bladder emergency"]
    );
    assert_eq!(story.raised().roles, [Role::Pcp, Role::CareCoordinator]);
    story.flag("2026-06-15T11:00", &["saddle_sensory_change"], json!({}));
    assert_eq!(
        story.poll("2026-06-15T11:00"),
        ["red-flag-bowel-bladder again: new-item"]
    );
    assert_eq!(story.escalated().roles, [Role::Pcp, Role::CareCoordinator]);
}

#[test]
fn what_was_told_before_the_end_is_told_again_to_the_same_people() {
    let mut story = Story::new();
    story.flag("2026-06-09T10:00", &["bladder_change"], json!({}));
    story.poll("2026-06-09T10:00");
    end(&mut story, "2026-06-10T10:00");
    story.flag("2026-06-10T11:00", &["saddle_sensory_change"], json!({}));
    story.poll("2026-06-10T11:00");
    assert_eq!(story.escalated().roles.len(), 5);
}

#[test]
fn routine_is_silent_after_the_end_and_speaks_again_under_a_new_plan() {
    let mut story = Story::new();
    end(&mut story, "2026-06-10T10:00");
    story.attend(
        "ea-1",
        "2026-06-09T14:00",
        json!({"mode": "electro", "frequency_hz": 2, "points": ["BL23", "BL25"], "retention_min": 5,
            "single_use_sterile": true}),
    );
    story.assess(
        "medication",
        "2026-06-11T10:00",
        PATIENT,
        json!({"medication_id": "w", "class": "anticoagulant", "status": "active"}),
    );
    assert_eq!(story.poll("2026-06-11T10:00"), NOTHING);
    let with = json!({"plan_id": "cp-2", "started_on": "2026-06-12"});
    story.tell("plan.activated", "2026-06-12T10:00", crate::story::plan(with));
    assert_eq!(
        story.poll("2026-06-12T10:00"),
        ["caution-anticoagulant advisory", "fidelity-deviation advisory"]
    );
}

#[test]
fn medicines_and_adverse_events_still_speak() {
    let mut story = Story::new();
    end(&mut story, "2026-06-02T10:00");
    let by = json!({"event_id": "ae-1", "kind": "burn", "grade": "serious"});
    story.assess("adverse_event", "2026-06-15T10:00", PATIENT, by);
    story.assess(
        "medication",
        "2026-06-15T11:00",
        PATIENT,
        json!({"medication_id": "i", "class": "nsaid", "status": "active", "starts_on": "2026-06-01"}),
    );
    assert_eq!(
        story.poll("2026-06-15T12:00"),
        ["nsaid-over-14-days advisory", "ae-serious emergency"]
    );
    assert_eq!(story.raised().roles, [Role::Pcp, Role::CareCoordinator]);
}

fn book(story: &mut Story, time: &str, id: &str, start: &str, with: Value) {
    let mut data = json!({"session_id": id, "revision": 1, "modality": "ea", "start": at(start).to_string(),
        "end": (at(start) + care::time::minutes(45)).to_string()});
    for (key, value) in with.as_object().into_iter().flatten() {
        data[key] = value.clone();
    }
    story.tell("session.booked", time, data);
}

#[test]
fn ea_booked_by_hand_that_is_ahead_is_told_to_the_coordinator_and_what_carebus_placed_is_not() {
    let mut story = Story::new();
    let ours =
        json!({"placement": {"target": "2026-06-15T14:00:00Z", "deviation_min": 0, "rule": "on-target"}});
    book(&mut story, "2026-06-01T12:00", "ea-0", "2026-06-15T14:00", ours);
    assert_eq!(story.poll("2026-06-01T13:00"), NOTHING);
    end(&mut story, "2026-06-02T10:00");
    assert_eq!(story.poll("2026-06-02T10:00"), NOTHING);
    book(
        &mut story,
        "2026-06-02T12:00",
        "ea-1",
        "2026-06-18T14:00",
        json!({}),
    );
    assert_eq!(story.poll("2026-06-02T12:00"), LEFT);
    assert_eq!(story.raised().roles, [Role::CareCoordinator]);
    assert_eq!(story.raised().values["bookings"], "ea-1");
    book(
        &mut story,
        "2026-06-03T12:00",
        "ea-2",
        "2026-06-20T14:00",
        json!({}),
    );
    assert_eq!(
        story.poll("2026-06-03T12:00"),
        ["discharge-closes again: new-item"]
    );
    story.tell(
        "session.cancelled",
        "2026-06-04T12:00",
        json!({"session_id": "ea-2", "revision": 2}),
    );
    assert_eq!(story.poll("2026-06-04T12:00"), NOTHING);
    assert_eq!(
        story.poll("2026-06-18T14:00"),
        ["discharge-closes ends: session-over"]
    );
}

/// An EA that carebus placed for a PT 48 hours later, both on record since 1 June.
fn placed() -> Story {
    let mut story = Story::new();
    let pt = |start: &str, revision: u8| {
        json!({"session_id": "pt-1", "revision": revision, "modality": "pt", "start": at(start).to_string(),
            "end": (at(start) + care::time::hours(1)).to_string()})
    };
    story.tell("session.booked", "2026-06-01T12:00", pt("2026-06-10T14:00", 1));
    let ours = json!({"placement": {"target": "2026-06-08T14:00:00Z", "deviation_min": 0, "rule": "on-target"},
        "prepares": ["pt-1"]});
    book(&mut story, "2026-06-01T12:00", "ea-1", "2026-06-08T14:00", ours);
    story.screening(
        "2026-06-01T12:00",
        crate::story::ACU,
        "local_infection",
        "no",
        json!({}),
    );
    for (item, value) in [
        ("coagulopathy", "none"),
        ("implanted_device", "no"),
        ("pregnancy", "no"),
    ] {
        story.assess(
            "screening",
            &format!("2026-06-01T12:0{}", item.len() % 10),
            crate::story::ACU,
            json!({"item": item, "value": value}),
        );
    }
    assert_eq!(story.poll("2026-06-01T13:00"), NOTHING);
    story.tell("session.moved", "2026-06-02T12:00", pt("2026-06-12T14:00", 2));
    story
}

#[test]
fn ea_too_near_to_be_moved_whose_pt_moved_away_is_told() {
    let mut story = placed();
    assert_eq!(
        story.poll("2026-06-07T14:00"),
        NOTHING,
        "24 hours ahead: the scheduler moves it"
    );
    assert_eq!(story.poll("2026-06-07T14:01"), ["ea-pt-gap-out-of-window info"]);
    assert!(story.raised().actions.iter().any(|a| a.what.ends_with("-today")));
    assert_eq!(
        story.poll("2026-06-08T14:00"),
        ["ea-pt-gap-out-of-window ends: session-over"]
    );
}

#[test]
fn a_pt_that_takes_the_place_of_it_takes_it_back() {
    let mut story = placed();
    story.poll("2026-06-07T15:00");
    let near = json!({"session_id": "pt-2", "revision": 1, "modality": "pt",
        "start": "2026-06-09T14:00:00Z", "end": "2026-06-09T15:00:00Z"});
    story.tell("session.booked", "2026-06-07T16:00", near);
    assert_eq!(
        story.poll("2026-06-07T16:00"),
        ["ea-pt-gap-out-of-window ends: fits-again"],
        "24 h is within"
    );
}

#[test]
fn ea_whose_pt_is_cancelled_is_the_schedulers_to_call_off() {
    let mut story = placed();
    story.tell(
        "session.cancelled",
        "2026-06-07T14:30",
        json!({"session_id": "pt-1", "revision": 3}),
    );
    assert_eq!(story.poll("2026-06-07T15:00"), NOTHING);
}
