//! What a single session is flagged for, beside the composite.

use care::role::Role;
use serde_json::{Value, json};

use crate::story::{NOTHING, Story, with};

/// What one session is told for.
fn said(delivered: Value) -> Vec<String> {
    let mut story = Story::new();
    story.attend("s1", "2026-06-03T14:00", delivered);
    story.poll("2026-06-03T15:00")
}

fn strictly(points: Value) -> Vec<String> {
    let mut story = Story::new();
    story.policy.fidelity.bladder_points_strict = true;
    story.attend("s1", "2026-06-03T14:00", with(json!({"points": points})));
    story.poll("2026-06-03T15:00")
}

#[test]
fn two_points_of_the_bladder_meridian_are_enough_and_one_is_not() {
    assert_eq!(
        said(with(json!({"points": ["BL23", "GB34", "ST36", "KI3"]}))),
        ["point-bl-min-two info"]
    );
    assert_eq!(
        said(with(json!({"points": ["BL23", "BL23", "GB34", "ST36", "KI3"]}))),
        ["point-bl-min-two info"],
        "left and right are one"
    );
    assert_eq!(
        said(with(json!({"points": ["BL24", "BL60", "GB34", "ST36"]}))),
        NOTHING
    );
    assert_eq!(
        said(with(json!({"points": ["BLX1", "BL60", "GB34", "ST36"]}))),
        ["point-bl-min-two info"]
    );
}

#[test]
fn in_strict_mode_only_the_listed_points_count() {
    assert_eq!(
        strictly(json!(["BL24", "BL60", "GB34", "ST36"])),
        ["point-bl-min-two info"]
    );
    assert_eq!(strictly(json!(["BL23", "BL40", "GB34", "ST36"])), NOTHING);
}

#[test]
fn points_that_nobody_recorded_are_no_shortfall() {
    assert_eq!(said(with(json!({"points": null}))), NOTHING);
    assert_eq!(
        said(with(json!({"points": null, "ashi_sites": ["a", "b", "c", "d"]}))),
        ["point-bl-min-two info", "fidelity-deviation advisory"]
    );
}

#[test]
fn stimulation_is_manual_or_electrical_or_flagged() {
    assert_eq!(
        said(with(json!({"mode": "manual", "frequency_hz": null}))),
        NOTHING
    );
    assert_eq!(said(with(json!({"mode": "other"}))), ["stim-mode-valid info"]);
    assert_eq!(said(with(json!({"mode": null}))), ["stim-mode-valid info"]);
}

#[test]
fn each_frequency_used_is_between_two_and_ten() {
    let outside = ["ea-frequency-range info"];
    let one = |hz: f64| said(with(json!({"frequency_hz": hz})));
    assert_eq!(one(2.0), NOTHING);
    assert_eq!(one(10.0), NOTHING);
    assert_eq!(one(1.9), outside);
    assert_eq!(one(10.1), outside);
    let two = |low: Value, high: Value| {
        said(with(
            json!({"frequency_hz": null, "frequency_low_hz": low, "frequency_high_hz": high}),
        ))
    };
    assert_eq!(two(json!(2), json!(10)), NOTHING);
    assert_eq!(two(json!(2), json!(100)), outside);
    assert_eq!(two(json!(1), json!(10)), outside);
    assert_eq!(two(json!(2), json!(null)), outside, "the other is not recorded");
    assert_eq!(two(json!(null), json!(null)), outside, "not recorded");
    assert_eq!(
        said(with(json!({"mode": "manual", "frequency_hz": 100}))),
        NOTHING
    );
}

#[test]
fn between_fifteen_and_twenty_minutes_is_worth_a_word_and_less_is_a_deviation() {
    let retained = |min: f64| said(with(json!({"retention_min": min})));
    assert_eq!(retained(20.0), NOTHING);
    assert_eq!(retained(19.9), ["retention-under-20 info"]);
    assert_eq!(retained(15.0), ["retention-under-20 info"]);
    assert_eq!(retained(14.9), ["fidelity-deviation advisory"]);
}

#[test]
fn needles_used_twice_are_urgent_and_needles_nobody_recorded_are_info() {
    let mut story = Story::new();
    story.attend(
        "s1",
        "2026-06-03T14:00",
        with(json!({"single_use_sterile": null})),
    );
    assert_eq!(story.poll("2026-06-03T15:00"), ["needle-single-use info"]);
    assert_eq!(story.raised().roles, [Role::Acupuncturist]);
    // What is recorded later speaks for itself, whatever was missing before.
    story.tell(
        "session.completed",
        "2026-06-03T16:00",
        json!({"session_id": "s1", "revision": 3, "modality": "ea", "started_at": "2026-06-03T14:00:00Z",
               "delivered": with(json!({"single_use_sterile": false}))}),
    );
    assert_eq!(
        story.poll("2026-06-03T16:00"),
        ["needle-single-use urgent", "needle-single-use ends: corrected"]
    );
    assert_eq!(story.raised().roles, [Role::Acupuncturist, Role::CareCoordinator]);
}

#[test]
fn a_session_without_any_record_is_asked_for_what_has_to_be_recorded() {
    let mut story = Story::new();
    story.tell(
        "session.completed",
        "2026-06-03T16:00",
        json!({"session_id": "s1", "revision": 3, "modality": "ea", "started_at": "2026-06-03T14:00:00Z"}),
    );
    assert_eq!(
        story.poll("2026-06-03T16:00"),
        ["stim-mode-valid info", "needle-single-use info"]
    );
}
