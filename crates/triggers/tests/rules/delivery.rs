//! The alarm about notices that did not go out.

use care::fact::ours::{Action, Severity};
use care::role::Role;
use serde_json::json;
use triggers::{catalogue, operations, rule};

use crate::story::{NOTHING, Story, at, plan};

const T: &str = "2026-06-02T14:00";
const IN_14_MIN: &str = "2026-06-02T14:14";
const IN_15_MIN: &str = "2026-06-02T14:15";
const IN_20_MIN: &str = "2026-06-02T14:20";
const LATER: &str = "2026-06-03T14:20";

/// An urgent alert at T that nobody has answered; its id.
fn urgent() -> (Story, String) {
    let mut story = Story::new();
    story.answers = false;
    story.flag(T, &["history_of_cancer"], json!({}));
    assert_eq!(story.poll(T), ["red-flag-malignancy urgent"]);
    let id = story.raised().alert_id.to_string();
    (story, id)
}

#[test]
fn the_rule_is_found_and_is_none_of_the_catalogue() {
    assert_eq!(operations().map(|r| r.id).collect::<Vec<_>>(), ["notice-not-out"]);
    assert!(catalogue().all(|r| r.id != "notice-not-out"));
    assert!(rule("notice-not-out").is_some_and(|r| r.safety && !r.rearm.is_empty()));
}

#[test]
fn an_urgent_alert_without_a_mail_after_fifteen_minutes_is_an_emergency_for_on_call() {
    let (mut story, _) = urgent();
    assert_eq!(story.poll(IN_14_MIN), NOTHING);
    let wake = triggers::react(&story.chart, &story.policy, at(IN_14_MIN)).look_again;
    assert_eq!(wake.map(|w| w.to_string()), Some(format!("{IN_15_MIN}:00Z")));
    assert_eq!(story.poll(IN_15_MIN), ["notice-not-out emergency"]);
    let alarm = story.raised();
    assert_eq!(alarm.values["rule"], "red-flag-malignancy");
    assert_eq!(alarm.roles, [Role::CareCoordinator]);
    assert!(alarm.actions.iter().any(|a| a.what == Action::TELL_ON_CALL));
    assert_eq!(story.poll(IN_20_MIN), NOTHING);
}

#[test]
fn a_mail_that_is_out_or_may_be_is_enough_and_others_are_not() {
    for (ended, with, is_alarm) in [
        ("sent", json!({}), false),
        ("unknown", json!({}), false),
        (
            "deferred",
            json!({"next_attempt_at": "2026-06-02T15:00:00Z"}),
            true,
        ),
        ("rejected", json!({}), true),
    ] {
        for step in ["", "/1"] {
            let (mut story, id) = urgent();
            story.mail(T, "n-1", "m-1", &[&format!("{id}{step}")], ended, with.clone());
            let said = story.poll(IN_20_MIN);
            let alarmed = said.contains(&"notice-not-out emergency".to_owned());
            assert_eq!(alarmed, is_alarm, "{ended} {step}: {said:?}");
        }
    }
}

#[test]
fn it_ends_when_the_mail_is_out_or_somebody_answers() {
    let (mut story, id) = urgent();
    story.poll(IN_15_MIN);
    story.mail(IN_20_MIN, "n-1", "m-1", &[&id], "sent", json!({}));
    assert_eq!(story.poll(IN_20_MIN), ["notice-not-out ends: went-out"]);
    let (mut story, id) = urgent();
    story.poll(IN_15_MIN);
    story.take_on(IN_20_MIN, &id);
    assert_eq!(story.poll(IN_20_MIN), ["notice-not-out ends: went-out"]);
}

#[test]
fn what_can_wait_is_not_missed_within_minutes() {
    let mut story = Story::new();
    story.flag(T, &["fever"], json!({}));
    story.poll(T);
    assert_eq!(story.poll(LATER), NOTHING);
}

#[test]
fn a_mail_given_up_is_told_and_one_that_nobody_needs_any_more_is_not() {
    for (reason, said) in [
        ("given-up", vec!["notice-not-out advisory"]),
        ("no-longer-true", vec![]),
    ] {
        let mut story = Story::new();
        story.mail(
            T,
            "n-1",
            "m-5",
            &["oswestry/2026-06-01/due"],
            "abandoned",
            json!({"reason": reason, "reply": 451}),
        );
        assert_eq!(story.poll(IN_14_MIN), NOTHING);
        assert_eq!(story.poll(IN_15_MIN), said, "{reason}");
    }
}

#[test]
fn the_alarm_about_a_mail_names_what_whom_and_why() {
    let mut story = Story::new();
    story.mail(
        T,
        "n-1",
        "m-5",
        &["oswestry/2026-06-01/due"],
        "rejected",
        json!({"reply": 550}),
    );
    assert_eq!(story.poll(IN_15_MIN), ["notice-not-out advisory"]);
    let alarm = story.raised();
    assert_eq!(alarm.severity, Severity::Advisory);
    let values: Vec<(&str, &str)> = alarm
        .values
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    let expected = [
        ("about", "oswestry"),
        ("members", "m-5"),
        ("problem", "refused"),
        ("reply", "550"),
    ];
    assert_eq!(values, expected);
    story.mail(
        LATER,
        "n-2",
        "m-5",
        &["oswestry/2026-06-15/due"],
        "sent",
        json!({}),
    );
    assert_eq!(story.poll(LATER), ["notice-not-out ends: went-out"]);
}

#[test]
fn one_matter_is_one_alarm_however_many_did_not_get_it() {
    let mut story = Story::new();
    for (id, member) in [("n-1", "m-4"), ("n-2", "m-5")] {
        story.mail(
            T,
            id,
            member,
            &["oswestry/2026-06-01/due"],
            "rejected",
            json!({"reply": 550}),
        );
    }
    assert_eq!(story.poll(IN_15_MIN), ["notice-not-out advisory"]);
    assert_eq!(story.raised().values["members"], "m-4, m-5");
    assert_eq!(story.raised().because.len(), 2);
    story.mail(
        LATER,
        "n-3",
        "m-4",
        &["oswestry/2026-06-15/due"],
        "sent",
        json!({}),
    );
    assert_eq!(story.poll(LATER), NOTHING, "the other one still has not heard");
    story.mail(
        LATER,
        "n-4",
        "m-5",
        &["oswestry/2026-06-15/due"],
        "sent",
        json!({}),
    );
    assert_eq!(story.poll(LATER), ["notice-not-out ends: went-out"]);
}

#[test]
fn somebody_told_in_their_place_is_enough() {
    let refused = |told: &str| {
        let mut story = Story::new();
        story.flag(T, &["fever"], json!({}));
        story.poll(T);
        let id = story.raised().alert_id.to_string();
        story.mail(T, "n-1", "m-2", &[&id], "rejected", json!({"reply": 550}));
        story.mail(T, "n-2", "m-5", &[&format!("{id}/{told}")], "sent", json!({}));
        story.poll(IN_15_MIN)
    };
    // The refused address makes the team incomplete, whoever is told instead.
    assert_eq!(refused("for-physiatrist"), ["care-team-complete advisory"]);
    assert_eq!(
        refused("for-pcp"),
        ["care-team-complete advisory", "notice-not-out advisory"]
    );
}

#[test]
fn an_alarm_does_not_breed_alarms() {
    let (mut story, _) = urgent();
    story.answers = false;
    assert_eq!(story.poll(IN_15_MIN), ["notice-not-out emergency"]);
    let alarm = story.raised().alert_id.to_string();
    story.mail(
        IN_15_MIN,
        "n-9",
        "m-5",
        &[&alarm, &format!("{alarm}/1")],
        "rejected",
        json!({"reply": 550}),
    );
    let said = story.poll("2026-06-02T14:45");
    assert_eq!(
        said,
        ["notice-not-out again: unacknowledged"],
        "told again, but no alarm of its own"
    );
}

#[test]
fn an_address_that_was_refused_leaves_its_role_unreachable_until_the_plan_changes() {
    let mut story = Story::new();
    story.mail(T, "n-1", "m-2", &["x-1"], "rejected", json!({"reply": 550}));
    assert_eq!(story.poll(T), ["care-team-complete advisory"]);
    assert_eq!(story.raised().values["problem"], "address refused");
    assert_eq!(story.raised().values["role"], "physiatrist");
    story.mail(LATER, "n-2", "m-5", &["x-1/for-physiatrist"], "sent", json!({}));
    assert_eq!(story.poll(LATER), NOTHING);
    let revised = plan(json!({"revision": 2}));
    story.tell("plan.revised", "2026-06-03T15:00", revised);
    assert_eq!(
        story.poll("2026-06-03T15:00"),
        ["care-team-complete ends: filled"]
    );
}
