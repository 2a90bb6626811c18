//! Contraindications: what holds, what ends a hold, and what does not.

use care::fact::value::Zone;
use serde_json::json;

use crate::story::{ACU, NOTHING, PATIENT, Story, plan};

const T1: &str = "2026-06-02T10:00";
const T2: &str = "2026-06-03T10:00";
const T3: &str = "2026-06-04T10:00";

#[test]
fn an_infection_at_a_planned_zone_holds_that_zone_only() {
    let mut story = Story::new();
    story.screening(
        T1,
        PATIENT,
        "local_infection",
        "yes",
        json!({"zones": ["lumbar"]}),
    );
    assert_eq!(story.poll(T1), ["contra-active-infection-site urgent"]);
    let holds = story.chart.holds();
    assert_eq!(holds.len(), 1);
    assert_eq!(holds[0].zones, [Zone::Lumbar]);
    assert!(!holds[0].electro_only);
}

#[test]
fn an_infection_away_from_every_planned_point_raises_nothing_until_the_plan_goes_there() {
    let mut story = Story::new();
    story.screening(T1, PATIENT, "local_infection", "yes", json!({"zones": ["foot"]}));
    assert_eq!(story.poll(T1), NOTHING);
    story.tell(
        "plan.revised",
        T2,
        plan(json!({"revision": 2, "ea": {"points": ["KI3"]}})),
    );
    assert_eq!(story.poll(T2), ["contra-active-infection-site urgent"]);
    // Planning elsewhere ends no hold.
    story.tell(
        "plan.revised",
        T3,
        plan(json!({"revision": 3, "ea": {"points": ["BL23"]}})),
    );
    assert_eq!(story.poll(T3), NOTHING);
    assert_eq!(story.chart.holds().len(), 1);
}

#[test]
fn unknown_points_overlap_every_zone() {
    for points in [json!([]), json!(null)] {
        let mut story = Story::bare();
        let ea = if points.is_null() {
            json!({})
        } else {
            json!({"points": points})
        };
        story.tell("plan.activated", T1, plan(json!({"ea": ea})));
        story.screening(T1, PATIENT, "local_infection", "yes", json!({"zones": ["foot"]}));
        assert_eq!(story.poll(T1), ["contra-active-infection-site urgent"]);
    }
    let mut story = Story::new();
    story.book("ea-1", "2026-06-20T14:00", json!(null));
    story.screening(T1, PATIENT, "local_infection", "yes", json!({"zones": ["foot"]}));
    assert_eq!(
        story.poll(T1),
        [
            "contra-active-infection-site urgent",
            "contra-after-booking urgent"
        ]
    );
}

#[test]
fn a_point_without_a_zone_lies_elsewhere() {
    let mut story = Story::bare();
    story.tell("plan.activated", T1, plan(json!({"ea": {"points": ["SP6"]}})));
    story.screening(
        T1,
        PATIENT,
        "local_infection",
        "yes",
        json!({"zones": ["lumbar"]}),
    );
    assert_eq!(story.poll(T1), NOTHING);
    story.screening(T2, PATIENT, "local_infection", "yes", json!({"zones": ["other"]}));
    assert_eq!(story.poll(T2), ["contra-active-infection-site urgent"]);
}

#[test]
fn an_infection_without_a_place_is_everywhere_and_only_a_no_without_a_place_ends_it() {
    let mut story = Story::new();
    story.screening(T1, PATIENT, "local_infection", "yes", json!({}));
    assert_eq!(story.poll(T1), ["contra-active-infection-site urgent"]);
    assert_eq!(story.chart.holds()[0].zones, []);
    story.screening(T2, ACU, "local_infection", "no", json!({"zones": ["lumbar"]}));
    assert_eq!(story.poll(T2), NOTHING);
    story.screening(T3, ACU, "local_infection", "no", json!({}));
    assert_eq!(
        story.poll(T3),
        [
            "contra-cleared info",
            "contra-active-infection-site ends: cleared"
        ]
    );
}

#[test]
fn each_zone_is_its_own_hold_and_a_second_yes_is_the_same_truth() {
    let mut story = Story::new();
    story.screening(
        T1,
        PATIENT,
        "local_infection",
        "yes",
        json!({"zones": ["lumbar"]}),
    );
    story.poll(T1);
    story.screening(
        T2,
        ACU,
        "local_infection",
        "yes",
        json!({"zones": ["lumbar", "lower_leg"]}),
    );
    assert_eq!(story.poll(T2), ["contra-active-infection-site urgent"]);
    assert_eq!(story.raised().actions[0].zones, [Zone::LowerLeg]);
}

#[test]
fn a_hold_ends_only_by_a_named_clinician_never_by_unknown_and_never_by_the_patient() {
    for (by, value) in [
        (PATIENT, "none"),
        (ACU, "unknown"),
        (r#"{"role":"acupuncturist"}"#, "none"),
        (r#"{"role":"care_coordinator","member_id":"m-5"}"#, "none"),
    ] {
        let mut story = Story::new();
        story.screening(T1, PATIENT, "coagulopathy", "uncontrolled", json!({}));
        assert_eq!(story.poll(T1), ["contra-uncontrolled-coagulopathy urgent"]);
        story.screening(T2, by, "coagulopathy", value, json!({}));
        assert_eq!(story.poll(T2), NOTHING, "{by} {value}");
        assert_eq!(story.chart.holds().len(), 1);
    }
    for value in ["none", "controlled"] {
        let mut story = Story::new();
        story.screening(T1, PATIENT, "coagulopathy", "uncontrolled", json!({}));
        story.poll(T1);
        story.screening(T2, ACU, "coagulopathy", value, json!({}));
        assert_eq!(
            story.poll(T2),
            [
                "contra-cleared info",
                "contra-uncontrolled-coagulopathy ends: cleared"
            ]
        );
        assert_eq!(story.chart.holds(), []);
    }
}

#[test]
fn controlled_coagulopathy_raises_nothing() {
    let mut story = Story::new();
    for value in ["none", "controlled", "unknown"] {
        story.screening(T1, ACU, "coagulopathy", value, json!({}));
        assert_eq!(story.poll(T1), NOTHING);
    }
}

#[test]
fn a_condition_that_comes_back_is_a_new_alert_even_if_nobody_looked_in_between() {
    let mut story = Story::new();
    story.screening(T1, ACU, "pregnancy", "yes", json!({}));
    assert_eq!(story.poll(T1), ["contra-pregnancy urgent"]);
    story.screening(T2, ACU, "pregnancy", "no", json!({}));
    story.screening(T3, ACU, "pregnancy", "yes", json!({}));
    assert_eq!(
        story.poll(T3),
        [
            "contra-pregnancy urgent",
            "contra-cleared info",
            "contra-pregnancy ends: cleared"
        ]
    );
}

#[test]
fn a_no_that_was_said_before_the_yes_ends_nothing_however_late_it_arrives() {
    let mut story = Story::new();
    story.screening(T2, ACU, "pregnancy", "yes", json!({}));
    story.poll(T2);
    story.screening(T1, ACU, "pregnancy", "no", json!({}));
    assert_eq!(story.poll(T3), NOTHING);
    assert_eq!(story.chart.holds().len(), 1);
}

#[test]
fn a_retracted_yes_takes_the_hold_with_it_and_a_later_yes_is_a_new_alert() {
    let mut story = Story::new();
    let wrong = story.screening(T1, ACU, "pregnancy", "yes", json!({}));
    story.poll(T1);
    story.retract(T2, &wrong);
    assert_eq!(story.poll(T2), ["contra-pregnancy ends: retracted"]);
    assert_eq!(story.chart.holds(), []);
    story.screening(T3, ACU, "pregnancy", "yes", json!({}));
    assert_eq!(story.poll(T3), ["contra-pregnancy urgent"]);
    assert_eq!(story.chart.holds().len(), 1);
}

#[test]
fn a_hold_stands_while_another_yes_says_the_same_as_the_retracted_one() {
    let mut story = Story::new();
    let first = story.screening(T1, ACU, "pregnancy", "yes", json!({}));
    story.poll(T1);
    story.screening(T2, ACU, "pregnancy", "yes", json!({}));
    story.poll(T2);
    story.retract(T3, &first);
    assert_eq!(story.poll(T3), NOTHING);
    assert_eq!(story.chart.holds().len(), 1);
}

#[test]
fn a_retracted_no_brings_the_hold_back() {
    let mut story = Story::new();
    story.screening(T1, ACU, "pregnancy", "yes", json!({}));
    story.poll(T1);
    let no = story.screening(T2, ACU, "pregnancy", "no", json!({}));
    assert_eq!(
        story.poll(T2),
        ["contra-cleared info", "contra-pregnancy ends: cleared"]
    );
    story.retract(T3, &no);
    assert_eq!(
        story.poll(T3),
        ["contra-pregnancy urgent", "contra-cleared ends: retracted"]
    );
    assert_eq!(story.chart.holds().len(), 1);
}

#[test]
fn a_person_who_closes_the_alert_does_not_end_the_hold() {
    let mut story = Story::new();
    story.screening(T1, ACU, "pregnancy", "yes", json!({}));
    story.poll(T1);
    story.close_last(T2);
    assert_eq!(story.poll(T2), NOTHING);
    assert_eq!(story.chart.holds().len(), 1);
    story.screening(T3, ACU, "pregnancy", "no", json!({}));
    assert_eq!(
        story.poll(T3),
        ["contra-cleared info", "contra-pregnancy ends: cleared"]
    );
    assert_eq!(story.chart.holds(), []);
}

#[test]
fn a_device_holds_electricity_in_its_zones_and_grows_with_them() {
    let pump =
        |zones: &[&str]| json!({"device_kind": "intrathecal_pump", "device_id": "d-1", "zones": zones});
    let mut story = Story::new();
    story.screening(T1, PATIENT, "implanted_device", "yes", pump(&["foot"]));
    assert_eq!(story.poll(T1), NOTHING, "no planned point is there");
    story.screening(T2, PATIENT, "implanted_device", "yes", pump(&["lumbar"]));
    assert_eq!(story.poll(T2), ["contra-implanted-device-near-target urgent"]);
    assert_eq!(story.chart.holds()[0].zones, [Zone::Lumbar, Zone::Foot]);
    assert!(story.chart.holds()[0].electro_only);
    story.screening(T3, PATIENT, "implanted_device", "yes", pump(&["popliteal"]));
    assert_eq!(
        story.poll(T3),
        [
            "contra-implanted-device-near-target urgent",
            "contra-implanted-device-near-target ends: corrected"
        ]
    );
    assert_eq!(
        story.chart.holds()[0].zones,
        [Zone::Lumbar, Zone::Popliteal, Zone::Foot]
    );
}

#[test]
fn a_spinal_cord_stimulator_and_a_device_of_unknown_kind_hold_every_zone() {
    for kind in [
        json!({"device_kind": "spinal_cord_stimulator", "zones": ["foot"]}),
        json!({"zones": ["foot"]}),
    ] {
        let mut story = Story::new();
        story.screening(T1, PATIENT, "implanted_device", "yes", kind);
        assert_eq!(story.poll(T1), ["contra-implanted-device-near-target urgent"]);
        assert_eq!(story.chart.holds()[0].zones, []);
    }
}

#[test]
fn a_pacemaker_holds_electricity_whatever_the_zone_and_another_device_is_another_alert() {
    let mut story = Story::new();
    let device = |id: &str, kind: &str| json!({"device_kind": kind, "device_id": id, "zones": ["other"]});
    story.screening(T1, PATIENT, "implanted_device", "yes", device("d-1", "pacemaker"));
    assert_eq!(story.poll(T1), ["contra-cardiac-device-electro urgent"]);
    story.screening(T2, PATIENT, "implanted_device", "yes", device("d-2", "icd"));
    assert_eq!(story.poll(T2), ["contra-cardiac-device-electro urgent"]);
    story.screening(T3, ACU, "implanted_device", "no", json!({"device_id": "d-1"}));
    assert_eq!(story.poll(T3), ["contra-cardiac-device-electro ends: cleared"]);
    assert_eq!(
        story.chart.holds().len(),
        1,
        "the other one stays, so nothing is called cleared"
    );
    story.screening("2026-06-05T10:00", ACU, "implanted_device", "no", json!({}));
    assert_eq!(
        story.poll("2026-06-05T10:00"),
        [
            "contra-cleared info",
            "contra-cardiac-device-electro ends: cleared"
        ]
    );
}

#[test]
fn a_tumour_at_a_planned_zone_holds_it() {
    let mut story = Story::new();
    story.screening(T1, PATIENT, "malignancy", "yes", json!({"zones": ["lower_leg"]}));
    assert_eq!(story.poll(T1), ["contra-malignancy-site urgent"]);
    assert_eq!(story.chart.holds()[0].zones, [Zone::LowerLeg]);
}

#[test]
fn a_contraindication_without_a_plan_is_raised_all_the_same() {
    let mut story = Story::bare();
    story.screening(T1, PATIENT, "local_infection", "yes", json!({"zones": ["foot"]}));
    assert_eq!(story.poll(T1), ["contra-active-infection-site urgent"]);
}

#[test]
fn a_safety_rule_has_no_end_of_usefulness() {
    let mut story = Story::new();
    story.screening(T1, PATIENT, "pregnancy", "yes", json!({}));
    assert_eq!(story.poll("2027-06-02T10:00"), ["contra-pregnancy urgent"]);
    assert_eq!(story.raised().actionable_until, None);
}

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
