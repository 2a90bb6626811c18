//! Depths, what follows a deep needle at BL23, and thin patients.

use care::fact::ours::Severity;
use care::role::Role;
use serde_json::{Value, json};

use crate::story::{ACU, NOTHING, Story, plan, with};

fn deep(story: &mut Story, id: &str, start: &str, depths: Value) {
    story.attend(id, start, with(json!({"depth_mm": depths})));
}

fn said(depths: Value) -> Vec<String> {
    let mut story = Story::new();
    deep(&mut story, "s1", "2026-06-03T14:00", depths);
    story.poll("2026-06-03T15:00")
}

#[test]
fn the_limits_are_inches_in_millimetres_and_equal_is_not_deeper() {
    assert_eq!(said(json!({"BL23": 30.48, "GB34": 20.32})), NOTHING);
    assert_eq!(said(json!({"bl23": 30.49})), ["depth-bl23 advisory"]);
    assert_eq!(said(json!({"GB34": 20.33})), ["depth-gb34 info"]);
    assert_eq!(
        said(json!({"BL25": 90, "ST36": 90})),
        NOTHING,
        "no other point has a limit"
    );
}

fn adverse(story: &mut Story, time: &str, kind: &str, session: Option<&str>) -> String {
    let mut event = json!({"event_id": "ae-1", "kind": kind, "grade": "minor"});
    if let Some(session) = session {
        event["session_id"] = json!(session);
    }
    story.assess("adverse_event", time, ACU, event)
}

#[test]
fn a_symptom_in_the_day_after_a_deep_needle_is_urgent_and_tells_the_pcp() {
    let mut story = Story::new();
    deep(&mut story, "s1", "2026-06-03T14:00", json!({"BL23": 32}));
    assert_eq!(story.poll("2026-06-03T15:00"), ["depth-bl23 advisory"]);
    assert_eq!(story.raised().roles, [Role::Acupuncturist]);
    assert_eq!(story.raised().actions[0].what, "symptom-check-for-24-hours");
    adverse(&mut story, "2026-06-04T14:40", "bruise", None);
    assert_eq!(story.said("depth-bl23", "2026-06-04T14:45"), NOTHING);
    adverse(&mut story, "2026-06-04T14:45", "flank-pain", None);
    assert_eq!(
        story.said("depth-bl23", "2026-06-04T14:45"),
        ["depth-bl23 again: new-item"]
    );
    let told = story.escalated();
    assert_eq!(told.severity, Severity::Urgent);
    assert_eq!(told.roles, [Role::Pcp, Role::Acupuncturist]);
}

#[test]
fn the_check_ends_after_a_day_unless_the_report_names_the_session() {
    let mut story = Story::new();
    deep(&mut story, "s1", "2026-06-03T14:00", json!({"BL23": 32}));
    story.poll("2026-06-03T15:00");
    adverse(&mut story, "2026-06-04T14:46", "haematuria", None);
    adverse(&mut story, "2026-06-03T13:59", "haematuria", None);
    adverse(&mut story, "2026-06-03T16:00", "haematuria", Some("s0"));
    assert_eq!(story.said("depth-bl23", "2026-06-05T15:00"), NOTHING);
    adverse(&mut story, "2026-06-05T15:00", "Haematuria", Some("s1"));
    assert_eq!(
        story.said("depth-bl23", "2026-06-05T15:00"),
        ["depth-bl23 again: new-item"]
    );
}

#[test]
fn a_fever_that_is_known_when_the_depth_is_makes_it_urgent_at_once() {
    let mut story = Story::new();
    deep(&mut story, "s1", "2026-06-03T14:00", json!({"BL23": 32}));
    story.flag("2026-06-04T10:00", &["fever"], json!({}));
    assert_eq!(
        story.poll("2026-06-04T10:00"),
        ["red-flag-infection advisory", "depth-bl23 urgent"]
    );
}

fn thin(bmi: f64, points: Value, revision: u32) -> Value {
    plan(json!({"revision": revision, "patient": {"bmi": bmi}, "ea": {"points": points}}))
}

#[test]
fn a_thin_patient_gets_a_note_once_and_again_when_thin_again() {
    let mut story = Story::bare();
    story.tell(
        "plan.activated",
        "2026-06-01T10:00",
        thin(18.5, json!(["BL23"]), 1),
    );
    assert_eq!(story.poll("2026-06-01T10:00"), NOTHING);
    story.tell("plan.revised", "2026-06-02T10:00", thin(18.4, json!(["BL23"]), 2));
    assert_eq!(story.poll("2026-06-02T10:00"), ["kidney-zone-thin advisory"]);
    assert_eq!(story.raised().threshold["depth_mm_set_by_the_clinic"], "<= 30.48");
    story.tell("plan.revised", "2026-06-03T10:00", thin(18.0, json!(["BL23"]), 3));
    assert_eq!(story.poll("2026-06-03T10:00"), NOTHING);
    story.tell("plan.revised", "2026-06-04T10:00", thin(19.0, json!(["BL23"]), 4));
    assert_eq!(
        story.poll("2026-06-04T10:00"),
        ["kidney-zone-thin ends: corrected"]
    );
    story.tell("plan.revised", "2026-06-05T10:00", thin(18.0, json!(["BL23"]), 5));
    assert_eq!(story.poll("2026-06-05T10:00"), ["kidney-zone-thin advisory"]);
}

#[test]
fn bl23_on_a_single_booking_is_enough_and_its_day_ends_nothing() {
    let mut story = Story::bare();
    story.tell(
        "plan.activated",
        "2026-06-01T10:00",
        thin(17.0, json!(["BL25"]), 1),
    );
    story.book("s0", "2026-06-08T14:00", json!(null));
    assert_eq!(
        story.poll("2026-06-01T12:00"),
        NOTHING,
        "points that nobody has named"
    );
    story.book("s1", "2026-06-09T14:00", json!(["BL23"]));
    let of_this = |said: Vec<String>| {
        said.into_iter()
            .filter(|s| s.starts_with("kidney"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of_this(story.poll("2026-06-01T12:00")),
        ["kidney-zone-thin advisory"]
    );
    story.book("s2", "2026-06-11T14:00", json!(["BL23"]));
    assert_eq!(of_this(story.poll("2026-06-01T12:00")), NOTHING);
    assert_eq!(of_this(story.poll("2026-06-20T12:00")), NOTHING, "both are past");
}
