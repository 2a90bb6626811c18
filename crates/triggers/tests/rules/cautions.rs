//! What asks for care and holds nothing.

use serde_json::{Value, json};

use crate::story::{ACU, NOTHING, PATIENT, Story, at};

fn medicine(story: &mut Story, time: &str, class: &str, status: &str, with: Value) -> String {
    let mut data = json!({"medication_id": "med-1", "class": class, "status": status});
    for (key, value) in with.as_object().into_iter().flatten() {
        data[key] = value.clone();
    }
    story.assess("medication", time, PATIENT, data)
}

#[test]
fn an_anticoagulant_asks_for_care_once_per_course_of_it() {
    let mut story = Story::new();
    medicine(
        &mut story,
        "2026-06-02T10:00",
        "anticoagulant",
        "active",
        json!({"starts_on": "2019-01-01"}),
    );
    assert_eq!(story.poll("2026-06-02T10:00"), ["caution-anticoagulant advisory"]);
    assert_eq!(story.chart.holds(), []);
    medicine(
        &mut story,
        "2026-06-03T10:00",
        "anticoagulant",
        "active",
        json!({}),
    );
    assert_eq!(story.poll("2026-06-03T10:00"), NOTHING);
    medicine(
        &mut story,
        "2026-06-04T10:00",
        "anticoagulant",
        "stopped",
        json!({}),
    );
    assert_eq!(
        story.poll("2026-06-04T10:00"),
        ["caution-anticoagulant ends: stopped"]
    );
    medicine(
        &mut story,
        "2026-06-05T10:00",
        "anticoagulant",
        "active",
        json!({}),
    );
    assert_eq!(story.poll("2026-06-05T10:00"), ["caution-anticoagulant advisory"]);
}

#[test]
fn two_antiplatelets_count_and_other_medicines_do_not() {
    let mut story = Story::new();
    medicine(&mut story, "2026-06-02T10:00", "nsaid", "active", json!({}));
    assert_eq!(story.poll("2026-06-02T10:00"), NOTHING);
    medicine(
        &mut story,
        "2026-06-03T10:00",
        "antiplatelet_dual",
        "active",
        json!({}),
    );
    assert_eq!(story.poll("2026-06-03T10:00"), ["caution-anticoagulant advisory"]);
}

#[test]
fn a_course_that_begins_later_and_ends_on_a_day_is_followed_by_the_clock() {
    let mut story = Story::new();
    let days = json!({"starts_on": "2026-06-05", "stops_on": "2026-06-10"});
    medicine(&mut story, "2026-06-02T10:00", "anticoagulant", "active", days);
    assert_eq!(story.poll("2026-06-02T10:00"), NOTHING);
    let wake = triggers::react(&story.chart, &story.policy, at("2026-06-02T10:00")).look_again;
    assert_eq!(wake, Some(at("2026-06-05T04:00")), "midnight in Toronto");
    assert_eq!(story.poll("2026-06-05T04:00"), ["caution-anticoagulant advisory"]);
    assert_eq!(story.poll("2026-06-11T03:59"), NOTHING);
    assert_eq!(
        story.poll("2026-06-11T04:00"),
        ["caution-anticoagulant ends: stopped"]
    );
}

#[test]
fn an_uncontrolled_coagulopathy_says_it_all() {
    let mut story = Story::new();
    story.screening("2026-06-02T10:00", ACU, "coagulopathy", "uncontrolled", json!({}));
    medicine(
        &mut story,
        "2026-06-02T11:00",
        "anticoagulant",
        "active",
        json!({}),
    );
    assert_eq!(
        story.poll("2026-06-02T11:00"),
        ["contra-uncontrolled-coagulopathy urgent"]
    );
}

#[test]
fn epilepsy_is_off_unless_the_policy_names_it() {
    let mut story = Story::new();
    story.screening("2026-06-02T10:00", PATIENT, "epilepsy", "uncontrolled", json!({}));
    assert_eq!(story.poll("2026-06-02T10:00"), NOTHING);
    story.policy.rules.enabled.push("caution-epilepsy".to_owned());
    assert_eq!(story.poll("2026-06-02T10:00"), ["caution-epilepsy advisory"]);
    assert_eq!(story.chart.holds(), []);
    story.screening("2026-06-03T10:00", ACU, "epilepsy", "controlled", json!({}));
    assert_eq!(story.poll("2026-06-03T10:00"), ["caution-epilepsy ends: cleared"]);
}

#[test]
fn a_rule_that_is_switched_off_takes_its_alerts_along() {
    let mut story = Story::new();
    story.policy.rules.enabled.push("caution-epilepsy".to_owned());
    story.screening("2026-06-02T10:00", PATIENT, "epilepsy", "uncontrolled", json!({}));
    story.poll("2026-06-02T10:00");
    story.policy.rules.enabled.clear();
    assert_eq!(
        story.poll("2026-06-03T10:00"),
        ["caution-epilepsy ends: rule-off"]
    );
}

fn screen_all_but(story: &mut Story, time: [&str; 4], unknown: &str) {
    let items = [
        ("local_infection", "no"),
        ("coagulopathy", "none"),
        ("implanted_device", "no"),
        ("pregnancy", "no"),
    ];
    for ((item, no), time) in items.into_iter().zip(time) {
        let value = if item == unknown { "unknown" } else { no };
        story.screening(time, ACU, item, value, json!({}));
    }
}

const TIMES: [&str; 4] = [
    "2026-06-02T10:00",
    "2026-06-02T10:01",
    "2026-06-02T10:02",
    "2026-06-02T10:03",
];

#[test]
fn screening_that_is_incomplete_a_day_before_an_ea_is_asked_for() {
    let mut story = Story::new();
    story.book("ea-1", "2026-06-10T14:00", json!(["BL23"]));
    screen_all_but(&mut story, TIMES, "pregnancy");
    assert_eq!(story.poll("2026-06-09T13:59"), NOTHING);
    let wake = triggers::react(&story.chart, &story.policy, at("2026-06-09T13:59")).look_again;
    assert_eq!(wake, Some(at("2026-06-09T14:00")));
    assert_eq!(story.poll("2026-06-09T14:00"), ["screening-incomplete advisory"]);
    assert_eq!(story.raised().values["missing"], "pregnancy");
    story.screening("2026-06-09T15:00", PATIENT, "pregnancy", "no", json!({}));
    assert_eq!(
        story.poll("2026-06-09T15:00"),
        ["screening-incomplete ends: answered"]
    );
}

#[test]
fn complete_screening_and_bookings_that_are_off_are_silent() {
    let mut story = Story::new();
    story.book("ea-1", "2026-06-10T14:00", json!(["BL23"]));
    screen_all_but(&mut story, TIMES, "nothing");
    assert_eq!(story.poll("2026-06-10T13:00"), NOTHING);
    let mut story = Story::new();
    story.book("ea-1", "2026-06-10T14:00", json!(["BL23"]));
    story.tell(
        "session.cancelled",
        "2026-06-02T10:00",
        json!({"session_id": "ea-1", "revision": 2}),
    );
    assert_eq!(story.poll("2026-06-10T13:00"), NOTHING);
}

#[test]
fn each_booking_asks_once_and_a_session_that_is_over_asks_no_more() {
    let mut story = Story::new();
    story.policy.scheduling.spacing_hours = 20;
    story.book("ea-1", "2026-06-10T14:00", json!(["BL23"]));
    story.book("ea-2", "2026-06-11T12:00", json!(["BL23"]));
    assert_eq!(
        story.poll("2026-06-10T13:00"),
        ["screening-incomplete advisory", "screening-incomplete advisory"]
    );
    assert_eq!(
        story.raised().values["missing"],
        "local_infection, coagulopathy, implanted_device, pregnancy"
    );
    assert_eq!(
        story.poll("2026-06-10T14:00"),
        ["screening-incomplete ends: session-over"]
    );
    // Moved a week ahead, it is the same booking: nothing is taken back, and nothing asked again.
    story.tell(
        "session.moved",
        "2026-06-10T15:00",
        json!({"session_id": "ea-2", "revision": 2, "modality": "ea", "start": "2026-06-18T12:00:00Z",
               "end": "2026-06-18T12:45:00Z"}),
    );
    assert_eq!(story.poll("2026-06-10T15:00"), NOTHING);
    assert_eq!(story.poll("2026-06-17T15:00"), NOTHING);
}
