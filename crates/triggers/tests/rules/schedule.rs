//! What people booked by hand against a rule, and EA that was missed.

use care::role::Role;
use care::time::minutes;
use serde_json::{Value, json};

use crate::story::{NOTHING, Story, at, good, plan};

const NOW: &str = "2026-06-01T13:00";
const CLOSE: [&str; 1] = ["ea-min-spacing info"];
const MANY: [&str; 1] = ["ea-weekly-cap info"];

/// EA booked by hand.
fn by_hand(starts: &[(&str, &str)]) -> Story {
    let mut story = Story::new();
    starts
        .iter()
        .for_each(|(id, start)| story.book(id, start, json!(null)));
    story
}

/// EA moved to another start; with a placement it is one that carebus placed.
fn move_to(story: &mut Story, id: &str, start: &str, placement: Value) {
    let mut data = json!({"session_id": id, "revision": 2, "modality": "ea", "start": at(start).to_string(),
        "end": (at(start) + minutes(45)).to_string(), "practitioner": "acu-1", "status": "booked"});
    if !placement.is_null() {
        data["placement"] = placement;
    }
    story.tell("session.moved", "2026-06-01T14:00", data);
}

fn ours(story: &mut Story, id: &str, start: &str) {
    let placement = json!({"target": at(start).to_string(), "deviation_min": 0, "rule": "on-target"});
    move_to(story, id, start, placement);
}

/// What one revision says of an EA, e.g. that it was cancelled.
fn mark(story: &mut Story, name: &str, id: &str, revision: u64) {
    let data = json!({"session_id": id, "revision": revision, "status": null});
    story.tell(&format!("session.{name}"), "2026-06-01T15:00", data);
}

fn miss(story: &mut Story, id: &str, start: &str) {
    story.book(id, start, json!(null));
    mark(story, "missed", id, 3);
}

#[test]
fn ea_booked_by_hand_too_close_to_another_is_told_once() {
    let mut story = by_hand(&[("ea-2", "2026-06-09T14:00")]);
    ours(&mut story, "ea-1", "2026-06-08T14:00");
    assert_eq!(story.poll(NOW), CLOSE);
    let raised = story.raised();
    assert_eq!(raised.roles, [Role::Acupuncturist]);
    assert_eq!(raised.because.len(), 2, "both bookings");
    assert_eq!(raised.values["session"], "ea-2");
    assert_eq!(raised.values["other_starts"], "2026-06-08T14:00:00Z");
    assert_eq!(raised.values["hours_apart"], "24.0");
    assert_eq!(raised.threshold["hours_apart_at_least"], "44");
    assert_eq!(story.poll("2026-06-20T10:00"), NOTHING);
}

#[test]
fn forty_four_hours_are_far_enough_and_a_minute_less_is_not() {
    let first = ("ea-1", "2026-06-08T14:00");
    assert_eq!(by_hand(&[first, ("ea-2", "2026-06-10T10:00")]).poll(NOW), NOTHING);
    let mut story = by_hand(&[first, ("ea-2", "2026-06-10T09:59")]);
    assert_eq!(story.poll(NOW), CLOSE);
    assert_eq!(story.raised().values["hours_apart"], "43.9");
}

#[test]
fn the_spacing_is_what_the_policy_says() {
    let mut story = by_hand(&[("ea-1", "2026-06-08T14:00"), ("ea-2", "2026-06-09T14:00")]);
    story.policy.scheduling.spacing_hours = 24;
    assert_eq!(story.poll(NOW), NOTHING);
}

#[test]
fn what_carebus_placed_is_never_reported() {
    let mut story = Story::new();
    ours(&mut story, "ea-1", "2026-06-08T14:00");
    ours(&mut story, "ea-2", "2026-06-09T14:00");
    story.attend("ea-3", "2026-06-10T14:00", json!(null));
    assert_eq!(story.poll(NOW), NOTHING, "nor is a walk-in");
}

#[test]
fn ea_booked_close_after_one_that_took_place_is_told() {
    let mut story = Story::new();
    story.attend("ea-1", "2026-06-08T14:00", json!(null));
    story.book("ea-2", "2026-06-09T14:00", json!(null));
    assert_eq!(
        story.poll("2026-06-08T15:00"),
        ["screening-incomplete advisory", "ea-min-spacing info"]
    );
}

#[test]
fn two_booked_by_hand_are_one_alert_about_the_later_in_whatever_order_they_come() {
    let (first, second) = (("ea-1", "2026-06-08T14:00"), ("ea-2", "2026-06-09T14:00"));
    for told in [[first, second], [second, first]] {
        let mut story = by_hand(&told[..1]);
        assert_eq!(story.poll(NOW), NOTHING);
        story.book(told[1].0, told[1].1, json!(null));
        assert_eq!(story.poll(NOW), CLOSE);
        assert_eq!(story.raised().values["session"], "ea-2");
    }
}

#[test]
fn a_booking_moved_away_or_cancelled_or_missed_takes_it_back() {
    let close = [("ea-1", "2026-06-08T14:00"), ("ea-2", "2026-06-09T14:00")];
    for id in ["ea-1", "ea-2"] {
        for name in ["cancelled", "missed", "declined"] {
            let mut story = by_hand(&close);
            story.poll(NOW);
            mark(&mut story, name, id, 2);
            let said = story.poll(NOW);
            assert!(
                said.contains(&"ea-min-spacing ends: corrected".to_owned()),
                "{id} {name}: {said:?}"
            );
        }
    }
    let mut story = by_hand(&close);
    story.poll(NOW);
    move_to(&mut story, "ea-2", "2026-06-10T14:00", json!(null));
    assert_eq!(story.poll(NOW), ["ea-min-spacing ends: corrected"]);
}

#[test]
fn a_move_to_another_start_that_is_too_close_is_told_anew() {
    let mut story = by_hand(&[("ea-1", "2026-06-08T14:00"), ("ea-2", "2026-06-09T14:00")]);
    story.poll(NOW);
    move_to(&mut story, "ea-2", "2026-06-09T18:00", json!(null));
    assert_eq!(
        story.poll(NOW),
        ["ea-min-spacing info", "ea-min-spacing ends: corrected"]
    );
    assert_eq!(story.raised().values["hours_apart"], "28.0");
}

#[test]
fn a_move_told_before_its_booking_counts() {
    let mut story = by_hand(&[("ea-1", "2026-06-08T14:00")]);
    move_to(&mut story, "ea-2", "2026-06-10T14:00", json!(null));
    story.book("ea-2", "2026-06-09T14:00", json!(null));
    assert_eq!(story.poll(NOW), NOTHING);
}

#[test]
fn a_hold_says_nothing_and_takes_nothing_back() {
    let close = [("ea-1", "2026-06-08T14:00"), ("ea-2", "2026-06-09T14:00")];
    for id in ["ea-1", "ea-2"] {
        let mut held = by_hand(&close);
        mark(&mut held, "held", id, 2);
        assert_eq!(held.poll(NOW), NOTHING, "{id}");
        let mut told = by_hand(&close);
        told.poll(NOW);
        mark(&mut told, "held", id, 2);
        assert_eq!(told.poll(NOW), NOTHING, "{id}");
        mark(&mut told, "released", id, 3);
        assert_eq!(told.poll(NOW), NOTHING, "{id}");
    }
}

#[test]
fn it_can_be_acted_on_until_a_week_after_the_start() {
    let close = [("ea-1", "2026-06-08T14:00"), ("ea-2", "2026-06-09T14:00")];
    assert_eq!(by_hand(&close).poll("2026-06-16T14:00"), CLOSE);
    assert_eq!(by_hand(&close).poll("2026-06-16T14:01"), NOTHING);
}

#[test]
fn that_it_took_place_takes_nothing_back() {
    let mut story = by_hand(&[("ea-1", "2026-06-08T14:00"), ("ea-2", "2026-06-09T14:00")]);
    story.poll(NOW);
    story.attend("ea-1", "2026-06-08T14:05", json!(null));
    story.attend("ea-2", "2026-06-09T14:10", json!(null));
    assert_eq!(story.poll("2026-06-09T15:00"), NOTHING);
}

#[test]
fn without_a_plan_in_force_nothing_is_said_and_its_end_ends_it() {
    let mut story = by_hand(&[("ea-1", "2026-06-08T14:00"), ("ea-2", "2026-06-09T14:00")]);
    story.poll(NOW);
    let data = json!({"plan_id": "cp-1", "revision": 2});
    story.tell("plan.completed", "2026-06-02T10:00", data);
    assert_eq!(
        story.poll("2026-06-02T10:00"),
        ["discharge-closes advisory", "ea-min-spacing ends: plan-ended"]
    );
    let mut story = Story::bare();
    story.book("ea-1", "2026-06-08T14:00", json!(null));
    story.book("ea-2", "2026-06-09T14:00", json!(null));
    assert_eq!(story.poll(NOW), NOTHING);
    story.tell("plan.activated", NOW, plan(json!({})));
    assert_eq!(story.poll(NOW), CLOSE);
}

#[test]
fn any_number_of_bookings_makes_an_alert_that_the_contract_takes() {
    let mut story = Story::new();
    for n in 0..60 {
        let start = at("2026-06-08T14:00") + minutes(n);
        story.book(&format!("ea-{n:02}"), &start.to_string(), json!(null));
    }
    assert_eq!(story.poll(NOW).len(), 59 + 57);
    assert_eq!(story.raised().values["starts_in_168_h"], "60");
    assert_eq!(story.raised().because.len(), 21);
}

/// Sunday evening, Tuesday, Thursday: 44 hours and more apart.
const THREE: [(&str, &str); 3] = [
    ("ea-1", "2026-06-07T22:00"),
    ("ea-2", "2026-06-09T20:00"),
    ("ea-3", "2026-06-11T18:00"),
];

#[test]
fn a_fourth_ea_in_a_week_is_told_once() {
    let mut story = by_hand(&THREE);
    assert_eq!(story.poll(NOW), NOTHING);
    story.book("ea-4", "2026-06-13T16:00", json!(null));
    assert_eq!(story.poll(NOW), MANY);
    let raised = story.raised();
    assert_eq!(raised.roles, [Role::Acupuncturist, Role::CareCoordinator]);
    assert_eq!(raised.because.len(), 4);
    assert_eq!(raised.values["session"], "ea-4");
    assert_eq!(raised.values["starts_in_168_h"], "4");
    assert_eq!(raised.threshold["starts_in_168_h_at_most"], "3");
    assert_eq!(story.poll("2026-06-20T10:00"), NOTHING);
}

#[test]
fn the_same_hour_a_week_later_is_outside_and_a_minute_earlier_is_not() {
    let with = |start| {
        let mut story = by_hand(&THREE);
        story.book("ea-4", start, json!(null));
        story.poll(NOW)
    };
    assert_eq!(with("2026-06-14T22:00"), NOTHING);
    assert_eq!(with("2026-06-14T21:59"), MANY);
}

#[test]
fn the_cap_is_what_the_policy_says() {
    let mut story = by_hand(&THREE);
    story.policy.scheduling.weekly_cap = 2;
    assert_eq!(story.poll(NOW), MANY);
}

#[test]
fn a_booking_by_hand_before_what_carebus_placed_counts_with_it() {
    let mut story = by_hand(&THREE[..1]);
    ours(&mut story, "ea-2", THREE[1].1);
    ours(&mut story, "ea-3", THREE[2].1);
    assert_eq!(story.poll(NOW), NOTHING);
    ours(&mut story, "ea-4", "2026-06-13T16:00");
    assert_eq!(story.poll(NOW), MANY);
    assert_eq!(story.raised().values["session"], "ea-1");
}

#[test]
fn the_week_is_counted_in_whatever_order_bookings_come() {
    let mut story = by_hand(&[("ea-4", "2026-06-13T16:00"), THREE[2], THREE[0]]);
    assert_eq!(story.poll(NOW), NOTHING);
    story.book(THREE[1].0, THREE[1].1, json!(null));
    assert_eq!(story.poll(NOW), MANY);
    assert_eq!(story.raised().values["session"], "ea-4");
}

#[test]
fn a_count_that_falls_takes_it_back() {
    for id in ["ea-1", "ea-4"] {
        let mut story = by_hand(&THREE);
        story.book("ea-4", "2026-06-13T16:00", json!(null));
        story.poll(NOW);
        mark(&mut story, "cancelled", id, 2);
        assert_eq!(story.poll(NOW), ["ea-weekly-cap ends: corrected"], "{id}");
    }
}

#[test]
fn a_miss_is_told_once_to_those_who_book() {
    let mut story = Story::new();
    miss(&mut story, "ea-1", "2026-06-08T14:00");
    assert_eq!(story.poll("2026-06-08T15:00"), ["ea-missed info"]);
    assert_eq!(story.raised().roles, [Role::CareCoordinator, Role::Acupuncturist]);
    assert_eq!(story.poll("2026-06-30T15:00"), NOTHING);
}

#[test]
fn ea_that_nobody_reported_on_is_no_miss() {
    let mut story = by_hand(&[("ea-1", "2026-06-08T14:00")]);
    mark(&mut story, "cancelled", "ea-2", 2);
    assert_eq!(story.poll("2026-06-09T15:00"), NOTHING);
}

#[test]
fn the_second_in_a_row_is_advisory_and_one_attended_in_between_parts_them() {
    let mut story = Story::new();
    miss(&mut story, "ea-1", "2026-06-08T14:00");
    story.poll("2026-06-08T15:00");
    miss(&mut story, "ea-2", "2026-06-10T14:00");
    assert_eq!(story.poll("2026-06-10T15:00"), ["ea-missed advisory"]);
    assert_eq!(
        story.raised().roles,
        [Role::CareCoordinator, Role::Acupuncturist, Role::Physiatrist]
    );
    assert_eq!(story.raised().because.len(), 2);
    miss(&mut story, "ea-3", "2026-06-12T14:00");
    assert_eq!(story.poll("2026-06-12T15:00"), ["ea-missed advisory"]);
    assert_eq!(story.raised().values["missed_in_a_row"], "3");
    story.attend("ea-4", "2026-06-15T14:00", json!(null));
    miss(&mut story, "ea-5", "2026-06-17T14:00");
    assert_eq!(story.poll("2026-06-17T15:00"), ["ea-missed info"]);
}

#[test]
fn a_miss_told_late_makes_the_next_one_the_second() {
    let mut story = Story::new();
    miss(&mut story, "ea-2", "2026-06-10T14:00");
    assert_eq!(story.poll("2026-06-10T15:00"), ["ea-missed info"]);
    miss(&mut story, "ea-1", "2026-06-08T14:00");
    assert_eq!(
        story.poll("2026-06-10T16:00"),
        [
            "ea-missed info",
            "ea-missed advisory",
            "ea-missed ends: corrected"
        ]
    );
}

#[test]
fn a_miss_before_its_booking_is_known_counts_once_it_is() {
    let mut story = Story::new();
    mark(&mut story, "missed", "ea-1", 3);
    assert_eq!(story.poll("2026-06-08T15:00"), NOTHING);
    story.book("ea-1", "2026-06-08T14:00", json!(null));
    assert_eq!(story.poll("2026-06-08T15:00"), ["ea-missed info"]);
}

#[test]
fn a_miss_of_an_earlier_plan_begins_no_row() {
    let mut story = Story::new();
    miss(&mut story, "ea-1", "2026-05-29T14:00");
    miss(&mut story, "ea-2", "2026-06-02T14:00");
    assert_eq!(story.poll("2026-06-02T15:00"), ["ea-missed info"]);
}

#[test]
fn a_record_that_it_took_place_takes_it_back() {
    let mut story = Story::new();
    miss(&mut story, "ea-1", "2026-06-08T14:00");
    story.poll("2026-06-08T15:00");
    story.tell(
        "session.completed",
        "2026-06-08T16:00",
        json!({"session_id": "ea-1", "revision": 4, "modality": "ea", "started_at": "2026-06-08T14:00:00Z",
               "delivered": good()}),
    );
    assert_eq!(story.poll("2026-06-08T16:00"), ["ea-missed ends: corrected"]);
}

#[test]
fn an_old_miss_is_no_news() {
    let mut story = Story::new();
    miss(&mut story, "ea-1", "2026-06-08T14:00");
    assert_eq!(story.poll("2026-06-15T14:01"), NOTHING);
}
