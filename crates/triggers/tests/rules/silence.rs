//! Nobody takes an alert on: who is told again, when, how often, and what stops it.

use care::fact::ours::Severity;
use care::role::Role;
use serde_json::json;
use triggers::nobody_took_it_on;

use crate::story::{ACU, NOTHING, PATIENT, Story, at};

const T: &str = "2026-06-02T22:00";

/// A story in which people are told by mail, and nobody answers.
fn unanswered() -> Story {
    let mut story = Story::new();
    story.answers = false;
    story
}

/// A flag was reported, and the mail about it is out.
fn emergency() -> Story {
    let mut story = unanswered();
    story.flag(T, &["bladder_change"], json!({}));
    assert_eq!(story.poll(T), ["red-flag-bowel-bladder emergency"]);
    let id = story.raised().alert_id.to_string();
    story.mail(T, "n-1", "m-1", &[&id], "sent", json!({}));
    story
}

fn urgent(time: &str) -> Story {
    let mut story = unanswered();
    story.flag(time, &["history_of_cancer"], json!({}));
    assert_eq!(story.poll(time), ["red-flag-malignancy urgent"]);
    let id = story.raised().alert_id.to_string();
    story.mail(time, "n-1", "m-1", &[&id], "sent", json!({}));
    story
}

const AGAIN: [&str; 1] = ["red-flag-bowel-bladder again: unacknowledged"];

/// The next instant within two weeks at which somebody may be told again; the report of week twelve is further off.
fn wakes(story: &Story, now: &str) -> Option<String> {
    let next = triggers::react(&story.chart, &story.policy, at(now)).look_again;
    let soon = at(now) + care::time::hours(14 * 24);
    next.filter(|next| *next < soon).map(|next| next.to_string())
}

#[test]
fn an_emergency_is_told_every_fifteen_minutes_eight_times_by_night_too() {
    let mut story = emergency();
    let mut now = T.to_owned();
    for (number, minutes) in (1_u16..=8).map(|n| (n, i64::from(n) * 15)) {
        let due = at(T) + care::time::minutes(minutes);
        assert_eq!(wakes(&story, &now), Some(due.to_string()));
        let just_before = due - care::time::SignedDuration::from_secs(1);
        assert_eq!(story.poll(&just_before.to_string()), NOTHING);
        now = due.to_string();
        assert_eq!(story.poll(&now), AGAIN, "{now}");
        let told = story.escalated();
        assert_eq!((told.step, told.severity), (number, Severity::Emergency));
        assert_eq!(told.values["told_again"], format!("{number} of 8"));
        assert_eq!(told.roles.len(), 5);
    }
    assert_eq!(wakes(&story, "2026-06-03T00:00"), None);
    assert_eq!(story.poll("2026-06-09T00:00"), NOTHING);
    let stands = |story: &Story| {
        let alert = &story.chart.alerts[&story.raised().alert_id];
        nobody_took_it_on(alert, &story.policy.alerts, &story.chart.zone())
    };
    assert!(stands(&story));
    let id = story.raised().alert_id.to_string();
    story.take_on("2026-06-09T00:01", &id);
    assert!(!stands(&story));
}

#[test]
fn after_a_long_sleep_it_is_told_once_with_the_number_of_the_hour_and_then_on_the_clock() {
    let mut story = emergency();
    assert_eq!(story.poll("2026-06-02T22:50"), AGAIN);
    assert_eq!(
        (
            story.escalated().step,
            story.escalated().values["told_again"].as_str()
        ),
        (3, "3 of 8")
    );
    assert_eq!(story.poll("2026-06-02T22:59"), NOTHING);
    assert_eq!(story.poll("2026-06-02T23:00"), AGAIN);
    assert_eq!(story.escalated().step, 4);
    assert_eq!(story.poll("2026-06-04T10:00"), AGAIN);
    assert_eq!(
        (
            story.escalated().step,
            story.escalated().values["told_again"].as_str()
        ),
        (8, "8 of 8")
    );
    assert_eq!(story.poll("2026-06-04T10:15"), NOTHING);
}

#[test]
fn who_takes_it_on_or_ends_it_ends_the_telling_at_that_moment() {
    for ends in ["alert.acknowledged", "alert.resolved"] {
        let mut story = emergency();
        assert_eq!(story.poll("2026-06-02T22:15"), AGAIN);
        let id = story.raised().alert_id.to_string();
        let by = json!({"role": "pcp", "member_id": "m-1"});
        story.tell(
            ends,
            "2026-06-02T22:29",
            json!({"alert_id": id, "by": by, "outcome": "seen"}),
        );
        assert_eq!(story.poll("2026-06-02T22:30"), NOTHING, "{ends}");
        assert_eq!(wakes(&story, "2026-06-02T22:30"), None, "{ends}");
    }
}

#[test]
fn a_truth_that_is_gone_is_taken_back_and_not_told_again() {
    let mut story = unanswered();
    let flag = story.flag(T, &["bladder_change"], json!({}));
    story.poll(T);
    story.retract("2026-06-02T22:10", &flag);
    assert_eq!(
        story.poll("2026-06-02T22:15"),
        ["red-flag-bowel-bladder ends: retracted"]
    );
}

#[test]
fn a_new_item_and_silence_are_two_reasons_with_two_steps() {
    let mut story = emergency();
    story.flag("2026-06-02T22:15", &["foot_drop"], json!({}));
    assert_eq!(
        story.poll("2026-06-02T22:15"),
        ["red-flag-bowel-bladder again: new-item", AGAIN[0]]
    );
    assert_eq!(
        (
            story.escalated().step,
            story.escalated().values["told_again"].as_str()
        ),
        (2, "1 of 8")
    );
    assert_eq!(story.poll("2026-06-02T22:30"), AGAIN);
    assert_eq!(story.escalated().step, 3);
}

#[test]
fn an_urgent_alert_is_told_once_to_the_next_role_after_four_clinic_hours() {
    // 22:00 UTC on Tuesday 2 June is 18:00 in Toronto: the clinic has just closed.
    for (raised, told) in [
        (T, "2026-06-03T16:00"),
        ("2026-06-02T14:00", "2026-06-02T18:00"),
        ("2026-06-05T21:00", "2026-06-08T15:00"),
    ] {
        let mut story = urgent(raised);
        assert_eq!(wakes(&story, raised), Some(format!("{told}:00Z")));
        assert_eq!(story.poll(told), ["red-flag-malignancy again: unacknowledged"]);
        let said = story.escalated();
        let next = [
            Role::Pcp,
            Role::Physiatrist,
            Role::Acupuncturist,
            Role::CareCoordinator,
        ];
        assert_eq!((said.step, said.values["told_again"].as_str()), (1, "1 of 1"));
        assert_eq!(said.roles, next);
        assert_eq!(story.poll("2026-06-20T10:00"), NOTHING);
    }
}

#[test]
fn an_urgent_incident_that_grows_to_an_emergency_begins_the_clock_of_emergencies() {
    let mut story = unanswered();
    let stable = json!({"onset_at": "2026-01-01T10:00:00Z", "worsening": "no"});
    story.flag(T, &["saddle_sensory_change"], stable);
    assert_eq!(story.poll(T), ["red-flag-ces-other urgent"]);
    let id = story.raised().alert_id.to_string();
    story.mail(T, "n-1", "m-1", &[&id], "sent", json!({}));
    story.flag("2026-06-02T23:10", &["bladder_change"], json!({}));
    assert_eq!(
        story.poll("2026-06-02T23:10"),
        ["red-flag-ces-other again: new-item"]
    );
    assert_eq!(story.poll("2026-06-02T23:24"), NOTHING);
    assert_eq!(
        story.poll("2026-06-02T23:25"),
        ["red-flag-ces-other again: unacknowledged"]
    );
}

#[test]
fn what_can_wait_is_never_told_again_for_silence() {
    let mut story = unanswered();
    story.flag(T, &["fever"], json!({}));
    assert_eq!(story.poll(T), ["red-flag-infection advisory"]);
    assert_eq!(story.poll("2026-06-06T22:00"), NOTHING);
}

#[test]
fn a_clinic_may_ask_sooner_and_more_often() {
    let mut story = urgent("2026-06-02T14:00");
    story.policy.alerts.urgent_again_hours = 1;
    assert_eq!(
        wakes(&story, "2026-06-02T14:00"),
        Some("2026-06-02T15:00:00Z".to_owned())
    );
    let mut story = emergency();
    story.policy.alerts.emergency_again_min = 5;
    assert_eq!(story.poll("2026-06-02T22:05"), AGAIN);
}

#[test]
fn the_next_role_is_one_that_was_not_told() {
    let mut story = unanswered();
    story.screening(
        "2026-06-02T14:00",
        ACU,
        "local_infection",
        "yes",
        json!({"zones": ["lumbar"]}),
    );
    assert_eq!(
        story.poll("2026-06-02T14:00"),
        ["contra-active-infection-site urgent"]
    );
    let id = story.raised().alert_id.to_string();
    story.mail("2026-06-02T14:00", "n-1", "m-1", &[&id], "sent", json!({}));
    assert_eq!(
        story.poll("2026-06-02T18:00"),
        ["contra-active-infection-site again: unacknowledged"]
    );
    let next = [
        Role::Pcp,
        Role::Physiatrist,
        Role::Acupuncturist,
        Role::CareCoordinator,
    ];
    assert_eq!(story.escalated().roles, next);
    // Somebody who only reports is nobody who takes it on.
    story.screening("2026-06-02T18:10", PATIENT, "pregnancy", "unknown", json!({}));
    assert_eq!(story.poll("2026-06-02T18:10"), NOTHING);
}
