//! Contraindications that meet EA already booked, and the word that one ended.

use serde_json::json;

use crate::story::{ACU, NOTHING, PATIENT, Story};

const T1: &str = "2026-06-02T10:00";
const T2: &str = "2026-06-03T10:00";

#[test]
fn the_bookings_a_contraindication_meets_are_listed_once() {
    let mut story = Story::new();
    story.book("ea-1", "2026-06-10T14:00", json!(["BL23"]));
    story.book("ea-2", "2026-06-12T14:00", json!(["KI3"]));
    story.book("ea-3", "2026-06-14T14:00", json!(["BL25", "GB34"]));
    story.screening(
        T1,
        PATIENT,
        "local_infection",
        "yes",
        json!({"zones": ["lumbar"]}),
    );
    assert_eq!(
        story.poll(T1),
        [
            "contra-active-infection-site urgent",
            "contra-after-booking urgent"
        ]
    );
    assert_eq!(story.raised().values["bookings"], "ea-1, ea-3");
    assert_eq!(
        story.raised().values["contraindication"],
        "contra-active-infection-site"
    );
    // The scheduler holds one, a person cancels the other, their days pass: the word stands.
    story.tell("session.held", T2, json!({"session_id": "ea-1", "revision": 2}));
    story.tell(
        "session.cancelled",
        T2,
        json!({"session_id": "ea-3", "revision": 2}),
    );
    assert_eq!(story.poll("2026-07-01T10:00"), NOTHING);
}

#[test]
fn ea_booked_while_a_hold_stands_is_no_alert() {
    let mut story = Story::new();
    story.screening("2026-06-01T11:00", PATIENT, "pregnancy", "yes", json!({}));
    story.book("ea-1", "2026-06-10T14:00", json!(["BL23"]));
    assert_eq!(story.poll(T1), ["contra-pregnancy urgent"]);
}

#[test]
fn ea_that_is_past_or_cancelled_is_not_listed() {
    let mut story = Story::new();
    story.book("ea-1", "2026-06-10T14:00", json!(["BL23"]));
    story.tell(
        "session.cancelled",
        "2026-06-01T13:00",
        json!({"session_id": "ea-1", "revision": 2}),
    );
    story.book("ea-2", "2026-06-02T09:00", json!(["BL23"]));
    story.screening(T1, PATIENT, "pregnancy", "yes", json!({}));
    assert_eq!(story.poll(T1), ["contra-pregnancy urgent"]);
}

#[test]
fn the_end_of_a_hold_nobody_was_told_of_is_not_told() {
    let mut story = Story::new();
    story.screening(T1, PATIENT, "pregnancy", "yes", json!({}));
    story.screening(T2, ACU, "pregnancy", "no", json!({}));
    assert_eq!(story.poll(T2), NOTHING);
}

#[test]
fn what_was_booked_is_taken_back_with_the_hold() {
    let mut story = Story::new();
    story.book("ea-1", "2026-06-10T14:00", json!(["BL23"]));
    story.screening(T1, PATIENT, "pregnancy", "yes", json!({}));
    story.poll(T1);
    story.screening(T2, ACU, "pregnancy", "no", json!({}));
    let mut said = story.poll(T2);
    said.sort();
    assert_eq!(
        said,
        [
            "contra-after-booking ends: cleared",
            "contra-cleared info",
            "contra-pregnancy ends: cleared"
        ]
    );
}
