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
