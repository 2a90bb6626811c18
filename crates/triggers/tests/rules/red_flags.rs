//! The other red flags.

use care::fact::value::Zone;
use serde_json::json;

use crate::story::{NOTHING, Story, plan};

const T1: &str = "2026-06-02T10:00";
const T2: &str = "2026-06-03T10:00";
const T3: &str = "2026-06-04T10:00";

/// What one report says of a patient of 40 with sound bones.
fn said(items: &[&str]) -> Vec<String> {
    let mut story = Story::new();
    story.flag(T1, items, json!({}));
    story.poll(T1)
}

#[test]
fn a_history_of_cancer_fires_alone_and_holds_lumbar_points() {
    let mut story = Story::new();
    story.flag(T1, &["history_of_cancer"], json!({}));
    assert_eq!(story.poll(T1), ["red-flag-malignancy urgent"]);
    assert_eq!(story.chart.holds()[0].zones, [Zone::Lumbar]);
}

#[test]
fn other_signs_of_malignancy_need_a_second() {
    assert_eq!(said(&["unexplained_weight_loss"]), NOTHING);
    assert_eq!(
        said(&["unexplained_weight_loss", "multisite_pain"]),
        ["red-flag-malignancy urgent"]
    );
    assert_eq!(
        said(&["unexplained_weight_loss", "night_pain_unrelieved"]),
        ["red-flag-malignancy urgent"]
    );
}

#[test]
fn signs_of_two_reports_add_up() {
    let mut story = Story::new();
    story.flag(T1, &["unexplained_weight_loss"], json!({}));
    assert_eq!(story.poll(T1), NOTHING);
    story.flag(T2, &["multisite_pain"], json!({}));
    assert_eq!(story.poll(T2), ["red-flag-malignancy urgent"]);
    assert_eq!(story.raised().because.len(), 2);
}

#[test]
fn a_new_onset_counts_above_50_below_20_and_at_an_unknown_age() {
    for (age, fires) in [(19, true), (20, false), (50, false), (51, true)] {
        let mut story = Story::new();
        story.flag(
            T1,
            &["new_onset", "unexplained_weight_loss"],
            json!({"age_at_onset": age}),
        );
        assert_eq!(!story.poll(T1).is_empty(), fires, "{age}");
    }
    let mut story = Story::bare();
    story.flag(T1, &["new_onset", "unexplained_weight_loss"], json!({}));
    assert_eq!(story.poll(T1), ["red-flag-malignancy urgent"]);
    assert_eq!(
        said(&["new_onset", "unexplained_weight_loss"]),
        NOTHING,
        "the plan says 39 or 40"
    );
}

#[test]
fn a_cleared_suspicion_is_not_raised_by_the_same_items_for_90_days_and_is_by_another() {
    let mut story = Story::new();
    story.flag(T1, &["history_of_cancer"], json!({}));
    story.poll(T1);
    story.review(T2, "cleared_for_treatment");
    story.poll(T2);
    story.flag(T3, &["history_of_cancer"], json!({}));
    assert_eq!(story.poll(T3), NOTHING);
    story.flag(
        "2026-06-20T10:00",
        &["history_of_cancer", "unexplained_weight_loss"],
        json!({}),
    );
    assert_eq!(story.poll("2026-06-20T10:00"), ["red-flag-malignancy urgent"]);
    story.review("2026-06-21T10:00", "cleared_for_treatment");
    story.poll("2026-06-21T10:00");
    story.flag("2026-09-19T09:59", &["history_of_cancer"], json!({}));
    assert_eq!(story.poll("2026-09-19T09:59"), NOTHING);
    story.review("2026-09-19T09:59:30Z", "referred");
    story.poll("2026-09-19T09:59:30Z");
    story.flag("2026-09-19T10:00", &["history_of_cancer"], json!({}));
    assert_eq!(story.poll("2026-09-19T10:00"), ["red-flag-malignancy urgent"]);
}

#[test]
fn a_referral_lifts_nothing_and_the_same_items_add_nothing() {
    let mut story = Story::new();
    story.flag(T1, &["history_of_cancer"], json!({}));
    story.poll(T1);
    story.review(T2, "referred");
    story.poll(T2);
    story.flag(T3, &["history_of_cancer"], json!({}));
    assert_eq!(story.poll(T3), NOTHING);
    assert_eq!(story.chart.holds().len(), 1);
    story.review("2026-06-05T10:00", "cleared_for_treatment");
    assert_eq!(
        story.poll("2026-06-05T10:00"),
        ["red-flag-resolved info", "red-flag-malignancy ends: cleared"]
    );
}

#[test]
fn a_sign_and_a_risk_are_a_possible_infection() {
    assert_eq!(
        said(&["chills_rigors", "iv_drug_use"]),
        ["red-flag-infection urgent"]
    );
    assert_eq!(said(&["iv_drug_use", "immunosuppression"]), NOTHING);
    assert_eq!(said(&["systemically_unwell"]), NOTHING);
}

#[test]
fn fever_alone_is_an_advisory_that_holds_nothing_until_a_risk_makes_it_more() {
    let mut story = Story::new();
    story.flag(T1, &["fever"], json!({}));
    assert_eq!(story.poll(T1), ["red-flag-infection advisory"]);
    assert_eq!(story.chart.holds(), []);
    story.flag(T2, &["recent_spinal_procedure"], json!({}));
    assert_eq!(
        story.poll(T2),
        ["red-flag-infection urgent", "red-flag-infection ends: superseded"]
    );
    assert_eq!(story.chart.holds().len(), 1);
}

#[test]
fn an_old_fever_is_no_news() {
    let mut story = Story::new();
    story.flag(T1, &["fever"], json!({}));
    assert_eq!(story.poll("2026-06-16T10:01"), NOTHING);
    let mut story = Story::new();
    story.flag(T1, &["fever"], json!({}));
    assert_eq!(story.poll("2026-06-16T10:00"), ["red-flag-infection advisory"]);
}

#[test]
fn trauma_and_brittle_bones_are_a_possible_fracture() {
    assert_eq!(said(&["major_trauma"]), ["red-flag-fracture urgent"]);
    assert_eq!(said(&["structural_deformity"]), ["red-flag-fracture urgent"]);
    assert_eq!(said(&["minor_trauma"]), NOTHING, "sound bones");
    assert_eq!(said(&["sudden_onset"]), NOTHING);
    for (osteoporosis, steroids, items, expected) in [
        ("yes", "no", "minor_trauma", vec!["red-flag-fracture urgent"]),
        ("unknown", "yes", "sudden_onset", vec!["red-flag-fracture urgent"]),
        (
            "unknown",
            "unknown",
            "minor_trauma",
            vec!["red-flag-fracture advisory"],
        ),
        (
            "no",
            "unknown",
            "minor_trauma",
            vec!["red-flag-fracture advisory"],
        ),
        ("unknown", "unknown", "sudden_onset", vec![]),
    ] {
        let mut story = Story::bare();
        let patient = json!({"osteoporosis": osteoporosis, "prolonged_steroids": steroids});
        story.tell("plan.activated", T1, plan(json!({"patient": patient})));
        story.flag(T1, &[items], json!({}));
        assert_eq!(story.poll(T1), expected, "{osteoporosis} {steroids} {items}");
    }
}

#[test]
fn an_answer_to_the_question_of_brittle_bones_ends_it_either_way_but_ends_no_hold() {
    let patient = |osteoporosis: &str, revision: u32| {
        plan(
            json!({"revision": revision, "patient": {"osteoporosis": osteoporosis, "prolonged_steroids": "no"}}),
        )
    };
    let mut story = Story::bare();
    story.tell("plan.activated", T1, patient("unknown", 1));
    story.flag(T1, &["minor_trauma"], json!({}));
    assert_eq!(story.poll(T1), ["red-flag-fracture advisory"]);
    assert_eq!(story.chart.holds(), []);
    story.tell("plan.revised", T2, patient("yes", 2));
    assert_eq!(
        story.poll(T2),
        ["red-flag-fracture urgent", "red-flag-fracture ends: superseded"]
    );
    story.tell("plan.revised", T3, patient("no", 3));
    assert_eq!(story.poll(T3), NOTHING);
    assert_eq!(story.chart.holds().len(), 1);
    story.review("2026-06-05T10:00", "cleared_for_treatment");
    assert_eq!(
        story.poll("2026-06-05T10:00"),
        ["red-flag-resolved info", "red-flag-fracture ends: cleared"]
    );
}

#[test]
fn inflammatory_features_need_all_three_and_are_told_once() {
    let features = |age: u8, stiff: u16, weeks: u16| json!({"age_at_onset": age, "morning_stiffness_min": stiff, "duration_weeks": weeks});
    for (age, stiff, weeks, fires) in [
        (44, 30, 12, true),
        (45, 30, 12, false),
        (44, 29, 12, false),
        (44, 30, 11, false),
    ] {
        let mut story = Story::new();
        story.flag(T1, &[], features(age, stiff, weeks));
        assert_eq!(!story.poll(T1).is_empty(), fires, "{age} {stiff} {weeks}");
    }
    let mut story = Story::new();
    story.flag(T1, &[], features(30, 45, 20));
    assert_eq!(story.poll(T1), ["red-flag-inflammatory advisory"]);
    story.flag(T2, &[], features(30, 60, 21));
    assert_eq!(story.poll(T2), NOTHING);
}

#[test]
fn one_nonspecific_flag_asks_the_pcp_and_two_are_for_the_other_rules() {
    for item in [
        "night_pain",
        "thoracic_pain",
        "no_improvement_one_month",
        "night_pain_unrelieved",
    ] {
        assert_eq!(said(&[item]), ["red-flag-single-nonspecific advisory"], "{item}");
    }
    assert_eq!(said(&["night_pain", "thoracic_pain"]), NOTHING);
    assert_eq!(said(&["new_onset"]), NOTHING, "at 40");
}

#[test]
fn a_nonspecific_flag_is_told_once_per_item_and_gives_way_to_a_suspicion() {
    let mut story = Story::new();
    story.flag(T1, &["no_improvement_one_month"], json!({}));
    assert_eq!(story.poll(T1), ["red-flag-single-nonspecific advisory"]);
    story.flag(T2, &["no_improvement_one_month"], json!({}));
    assert_eq!(story.poll(T2), NOTHING);
    story.flag(T3, &["unexplained_weight_loss"], json!({}));
    assert_eq!(
        story.poll(T3),
        [
            "red-flag-malignancy urgent",
            "red-flag-single-nonspecific ends: superseded"
        ]
    );
}
