//! The cauda equina and nerve damage incident: one per patient, told again for every new item.

use care::fact::ours::{Action, Severity};
use serde_json::json;

use crate::story::{NOTHING, PATIENT, Story};

const T1: &str = "2026-06-02T10:00";
const T2: &str = "2026-06-03T10:00";
const T3: &str = "2026-06-04T10:00";
const T4: &str = "2026-06-05T10:00";

#[test]
fn a_bladder_change_is_an_emergency_for_everybody_and_holds_all() {
    let mut story = Story::new();
    story.flag(T1, &["bladder_change"], json!({}));
    assert_eq!(story.poll(T1), ["red-flag-bowel-bladder emergency"]);
    let raised = story.raised();
    assert_eq!(raised.roles.len(), 5);
    assert_eq!(raised.values["items"], "bladder_change");
    assert!(raised.actions.iter().any(|a| a.what == Action::ADVISE_PT_HOLD));
    let holds = story.chart.holds();
    assert_eq!(
        (holds.len(), holds[0].electro_only, holds[0].zones.len()),
        (1, false, 0)
    );
}

#[test]
fn a_red_flag_without_a_plan_is_raised_all_the_same_and_never_too_late() {
    let mut story = Story::bare();
    story.flag(T1, &["bowel_change"], json!({}));
    assert_eq!(
        story.poll("2027-01-01T10:00"),
        ["red-flag-bowel-bladder emergency"]
    );
}

#[test]
fn an_old_change_is_urgent_only_if_it_is_said_to_be_stable() {
    for (onset, worsening, severity) in [
        ("2026-05-19T10:00:00Z", "no", "emergency"), // 14 days exactly
        ("2026-05-19T09:59:59Z", "no", "urgent"),
        ("2026-05-19T09:59:59Z", "unknown", "emergency"),
        ("2026-05-19T09:59:59Z", "yes", "emergency"),
    ] {
        let mut story = Story::new();
        story.flag(
            T1,
            &["saddle_sensory_change"],
            json!({"onset_at": onset, "worsening": worsening}),
        );
        assert_eq!(
            story.poll(T1),
            [format!("red-flag-ces-other {severity}")],
            "{onset} {worsening}"
        );
    }
    let mut story = Story::new();
    story.flag(T1, &["bladder_change"], json!({"worsening": "no"}));
    assert_eq!(
        story.poll(T1),
        ["red-flag-bowel-bladder emergency"],
        "an unknown onset is no old one"
    );
}

#[test]
fn foot_drop_fires_unless_strength_and_course_are_both_known_to_be_good() {
    for (with, said) in [
        (json!({"mrc_grade": 4, "worsening": "no"}), None),
        (
            json!({"mrc_grade": 3, "worsening": "no"}),
            Some("red-flag-progressive-neuro emergency"),
        ),
        (
            json!({"mrc_grade": 5}),
            Some("red-flag-progressive-neuro emergency"),
        ),
        (
            json!({"worsening": "no"}),
            Some("red-flag-progressive-neuro emergency"),
        ),
        (json!({}), Some("red-flag-progressive-neuro emergency")),
    ] {
        let mut story = Story::new();
        story.flag(T1, &["foot_drop"], with.clone());
        assert_eq!(story.poll(T1), said.into_iter().collect::<Vec<_>>(), "{with}");
    }
    for item in ["progressive_motor_deficit", "gait_disturbance"] {
        let mut story = Story::new();
        story.flag(T1, &[item], json!({}));
        assert_eq!(story.poll(T1), ["red-flag-progressive-neuro emergency"]);
    }
}

#[test]
fn what_is_denied_or_harmless_raises_nothing() {
    let mut story = Story::new();
    story.flag(T1, &[], json!({"denied": ["bladder_change", "foot_drop"]}));
    assert_eq!(story.poll(T1), NOTHING);
}

#[test]
fn a_new_item_tells_everybody_again_under_the_same_alert_and_an_old_one_does_not() {
    let mut story = Story::new();
    story.flag(T1, &["bladder_change"], json!({}));
    story.poll(T1);
    story.flag(T2, &["bladder_change"], json!({}));
    assert_eq!(story.poll(T2), NOTHING);
    story.flag(
        T3,
        &["bladder_change", "foot_drop", "bilateral_sciatica"],
        json!({}),
    );
    assert_eq!(story.poll(T3), ["red-flag-bowel-bladder again: new-item"]);
    let again = story.escalated();
    assert_eq!(
        (again.step, again.values["items"].as_str()),
        (1, "bilateral_sciatica, foot_drop")
    );
    assert_eq!(again.roles.len(), 5);
    story.flag(T4, &["gait_disturbance"], json!({}));
    assert_eq!(story.poll(T4), ["red-flag-bowel-bladder again: new-item"]);
    assert_eq!(story.escalated().step, 2);
    assert_eq!(story.chart.holds().len(), 1);
}

#[test]
fn a_new_item_raises_the_severity_it_is_told_with() {
    let mut story = Story::new();
    let stable = json!({"onset_at": "2026-01-01T10:00:00Z", "worsening": "no"});
    story.flag(T1, &["saddle_sensory_change"], stable);
    assert_eq!(story.poll(T1), ["red-flag-ces-other urgent"]);
    story.flag(T2, &["bladder_change"], json!({}));
    assert_eq!(story.poll(T2), ["red-flag-ces-other again: new-item"]);
    assert_eq!(story.escalated().severity, Severity::Emergency);
}

#[test]
fn an_earlier_report_that_comes_late_joins_the_incident_it_does_not_raise_another() {
    let mut story = Story::new();
    story.flag(T2, &["foot_drop"], json!({}));
    assert_eq!(story.poll(T2), ["red-flag-progressive-neuro emergency"]);
    story.flag(T1, &["bladder_change"], json!({}));
    assert_eq!(story.poll(T3), ["red-flag-progressive-neuro again: new-item"]);
}

#[test]
fn the_first_report_names_the_rule_in_whatever_order_reports_came() {
    let mut story = Story::new();
    story.flag(T2, &["foot_drop"], json!({}));
    story.flag(T1, &["bladder_change"], json!({}));
    assert_eq!(story.poll(T3), ["red-flag-bowel-bladder emergency"]);
    assert_eq!(story.raised().values["items"], "bladder_change, foot_drop");
}

#[test]
fn only_a_review_that_clears_ends_the_hold_and_every_review_is_told() {
    let mut story = Story::new();
    story.flag(T1, &["bladder_change"], json!({}));
    story.poll(T1);
    story.review(T2, "referred");
    assert_eq!(story.poll(T2), ["red-flag-resolved info"]);
    assert_eq!(story.raised().values["hold"], "stays");
    assert_eq!(story.chart.holds().len(), 1);
    story.review(T3, "admitted");
    assert_eq!(story.poll(T3), ["red-flag-resolved info"]);
    assert_eq!(story.chart.holds().len(), 1);
    story.review(T4, "cleared_for_treatment");
    assert_eq!(
        story.poll(T4),
        ["red-flag-resolved info", "red-flag-bowel-bladder ends: cleared"]
    );
    assert_eq!(story.raised().values["hold"], "lifted");
    assert_eq!(story.chart.holds(), []);
}

#[test]
fn a_report_after_a_review_is_a_new_incident_and_one_clearing_ends_both() {
    let mut story = Story::new();
    story.flag(T1, &["bladder_change"], json!({}));
    story.poll(T1);
    story.review(T2, "referred");
    story.poll(T2);
    story.flag(T3, &["bladder_change"], json!({}));
    assert_eq!(story.poll(T3), ["red-flag-bowel-bladder emergency"]);
    assert_eq!(story.chart.holds().len(), 2);
    story.review(T4, "cleared_for_treatment");
    assert_eq!(story.poll(T4).len(), 3);
    assert_eq!(story.chart.holds(), []);
}

#[test]
fn a_review_does_not_clear_what_is_reported_after_it() {
    let mut story = Story::new();
    story.review(T2, "cleared_for_treatment");
    story.flag(T2, &["bladder_change"], json!({}));
    assert_eq!(
        story.poll(T2),
        ["red-flag-bowel-bladder emergency", "red-flag-resolved info"]
    );
}

#[test]
fn neither_a_denial_nor_a_closed_alert_ends_the_hold() {
    let mut story = Story::new();
    story.flag(T1, &["bladder_change"], json!({}));
    story.poll(T1);
    story.assess(
        "red_flag",
        T2,
        PATIENT,
        json!({"items": [], "denied": ["bladder_change"]}),
    );
    story.close_last(T2);
    assert_eq!(story.poll(T2), NOTHING);
    assert_eq!(story.chart.holds().len(), 1);
}

#[test]
fn a_new_item_after_a_person_closed_the_alert_is_an_alert_of_its_own() {
    let mut story = Story::new();
    story.flag(T1, &["bladder_change"], json!({}));
    story.poll(T1);
    story.close_last(T2);
    story.flag(T3, &["foot_drop"], json!({}));
    assert_eq!(story.poll(T3), ["red-flag-bowel-bladder emergency"]);
    assert_eq!(story.raised().values["items"], "bladder_change, foot_drop");
    story.review(T4, "cleared_for_treatment");
    assert_eq!(
        story.poll(T4),
        [
            "red-flag-resolved info",
            "red-flag-bowel-bladder ends: cleared",
            "red-flag-bowel-bladder ends: cleared"
        ]
    );
}

#[test]
fn a_retracted_report_ends_its_incident_unless_another_carries_it() {
    let mut story = Story::new();
    let first = story.flag(T1, &["bladder_change"], json!({}));
    story.poll(T1);
    let second = story.flag(T2, &["foot_drop"], json!({}));
    assert_eq!(story.poll(T2), ["red-flag-bowel-bladder again: new-item"]);
    story.retract(T3, &first);
    assert_eq!(story.poll(T3), NOTHING);
    assert_eq!(story.chart.holds().len(), 1);
    story.retract(T4, &second);
    assert_eq!(story.poll(T4), ["red-flag-bowel-bladder ends: retracted"]);
    assert_eq!(story.chart.holds(), []);
}

#[test]
fn a_retracted_clearing_brings_the_hold_back() {
    let mut story = Story::new();
    story.flag(T1, &["bladder_change"], json!({}));
    story.poll(T1);
    let review = story.review(T2, "cleared_for_treatment");
    story.poll(T2);
    assert_eq!(story.chart.holds(), []);
    story.retract(T3, &review);
    assert_eq!(
        story.poll(T3),
        [
            "red-flag-bowel-bladder emergency",
            "red-flag-resolved ends: retracted"
        ]
    );
    assert_eq!(story.chart.holds().len(), 1);
}
