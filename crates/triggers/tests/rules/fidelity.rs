//! What was delivered, held against the agreed criteria.

use care::role::Role;
use serde_json::{Value, json};

use crate::story::{NOTHING, Story, good, with};

/// The parts that one session falls short of.
fn parts(delivered: Value) -> String {
    let mut story = Story::new();
    story.attend("s1", "2026-06-03T14:00", delivered);
    story.poll("2026-06-03T15:00");
    let raised = story.last_of("fidelity-deviation");
    raised.map_or_else(String::new, |a| a.values["parts"].clone())
}

#[test]
fn a_session_as_agreed_is_silent() {
    assert_eq!(parts(good()), "");
}

#[test]
fn fewer_than_four_points_or_sites_deviate_and_four_do_not() {
    assert_eq!(
        parts(with(json!({"points": ["BL23", "BL25", "GB34"]}))),
        "point-total-min-four"
    );
    assert_eq!(
        parts(with(
            json!({"points": ["BL23", "BL25", "GB34"], "ashi_sites": ["L4 left"]})
        )),
        ""
    );
    let same_site_twice = json!({"points": ["BL23", "GB34"], "ashi_sites": ["L4 left", "L4 left"]});
    assert_eq!(parts(with(same_site_twice)), "point-total-min-four");
    let left_and_right = json!({"points": ["BL23", "bl23", "BL25", "GB34"]});
    assert_eq!(parts(with(left_and_right)), "point-total-min-four");
}

#[test]
fn less_than_fifteen_minutes_deviate_and_fifteen_do_not() {
    assert_eq!(parts(with(json!({"retention_min": 14.9}))), "retention-under-15");
    assert_eq!(parts(with(json!({"retention_min": 15.0}))), "");
}

#[test]
fn a_session_without_a_distal_point_deviates() {
    assert_eq!(
        parts(with(json!({"points": ["BL23", "BL25", "BL40", "LR3"]}))),
        "point-distal-min-one"
    );
    assert_eq!(
        parts(with(json!({"points": ["BL23", "BL25", "BL40", "KI3"]}))),
        ""
    );
}

#[test]
fn parts_that_come_together_are_one_alert() {
    let short = json!({"points": ["BL23"], "retention_min": 5});
    assert_eq!(
        parts(short),
        "point-distal-min-one, point-total-min-four, retention-under-15"
    );
}

#[test]
fn what_was_not_recorded_is_no_deviation() {
    assert_eq!(parts(json!(null)), "");
    assert_eq!(parts(json!({"mode": "electro"})), "");
}

#[test]
fn each_session_is_told_once_and_the_physiatrist_from_the_second_of_three() {
    let mut story = Story::new();
    let short = with(json!({"retention_min": 5}));
    story.attend("s1", "2026-06-03T14:00", short.clone());
    assert_eq!(story.poll("2026-06-03T15:00"), ["fidelity-deviation advisory"]);
    assert_eq!(story.raised().roles, [Role::Acupuncturist]);
    story.attend("s2", "2026-06-05T14:00", short.clone());
    assert_eq!(story.poll("2026-06-05T15:00"), ["fidelity-deviation advisory"]);
    assert_eq!(story.raised().roles, [Role::Acupuncturist, Role::Physiatrist]);
    story.attend("s3", "2026-06-08T14:00", good());
    story.attend("s4", "2026-06-10T14:00", good());
    assert_eq!(story.poll("2026-06-10T15:00"), NOTHING);
    story.attend("s5", "2026-06-12T14:00", short);
    assert_eq!(
        story.said("fidelity-deviation", "2026-06-12T15:00"),
        ["fidelity-deviation advisory"]
    );
    assert_eq!(story.raised_by("fidelity-deviation").roles, [Role::Acupuncturist]);
}

#[test]
fn a_corrected_record_takes_the_alert_back() {
    let mut story = Story::new();
    story.attend("s1", "2026-06-03T14:00", with(json!({"retention_min": 5})));
    story.poll("2026-06-03T15:00");
    story.tell(
        "session.completed",
        "2026-06-03T16:00",
        json!({"session_id": "s1", "revision": 3, "modality": "ea", "started_at": "2026-06-03T14:00:00Z",
               "ended_at": "2026-06-03T14:45:00Z", "delivered": good()}),
    );
    assert_eq!(
        story.poll("2026-06-03T16:00"),
        ["fidelity-deviation ends: corrected"]
    );
}

#[test]
fn time_alone_takes_nothing_back_and_an_old_session_is_no_news() {
    let mut story = Story::new();
    story.attend("s1", "2026-06-03T14:00", with(json!({"retention_min": 5})));
    story.poll("2026-06-03T15:00");
    assert_eq!(story.poll("2027-06-03T15:00"), NOTHING);
    story.attend("s2", "2026-06-05T14:00", with(json!({"retention_min": 5})));
    assert_eq!(story.poll("2027-06-03T15:00"), NOTHING);
}

#[test]
fn no_message_carries_the_figure_that_could_not_be_traced() {
    let mut story = Story::new();
    story.attend("s1", "2026-06-03T14:00", with(json!({"retention_min": 5})));
    story.poll("2026-06-03T15:00");
    let text = format!("{:?}", story.raised());
    assert!(!text.contains(concat!("4", "1")), "{text}");
}
