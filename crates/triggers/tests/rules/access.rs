//! Waiting for PT, points while a return to work is planned, and what a payer grants.

use serde_json::{Value, json};

use crate::story::{ACU, NOTHING, PCP, Story, plan};

const WAIT: [&str; 1] = ["pt-access-wait advisory"];

fn referred(story: &mut Story, time: &str, on: &str) {
    story.assess(
        "referral",
        time,
        PCP,
        json!({"to": "physical_therapist", "on": on}),
    );
}

fn pt(story: &mut Story, id: &str, start: &str) {
    let start = crate::story::at(start).to_string();
    let data = json!({"session_id": id, "revision": 1, "modality": "pt", "started_at": start});
    story.tell("session.completed", &start, data);
}

#[test]
fn day_22_of_a_wait_is_told_and_then_every_14th() {
    let mut story = Story::new();
    referred(&mut story, "2026-06-01T12:00", "2026-06-01");
    assert_eq!(story.poll("2026-06-23T03:59"), NOTHING, "21 days have passed");
    assert_eq!(story.poll("2026-06-23T04:00"), WAIT);
    assert_eq!(story.raised().values["days_waited"], "22");
    assert_eq!(story.poll("2026-07-07T03:59"), NOTHING);
    assert_eq!(story.poll("2026-07-07T04:00"), WAIT);
}

#[test]
fn the_first_pt_ends_the_wait_and_another_referral_begins_another() {
    let mut story = Story::new();
    referred(&mut story, "2026-06-01T12:00", "2026-06-01");
    story.poll("2026-06-23T10:00");
    pt(&mut story, "pt-1", "2026-06-24T14:00");
    assert_eq!(
        story.poll("2026-06-24T15:00"),
        ["pt-access-wait ends: pt-delivered"]
    );
    assert_eq!(story.poll("2026-07-20T10:00"), NOTHING);
    referred(&mut story, "2026-07-01T12:00", "2026-07-01");
    assert_eq!(story.poll("2026-07-23T10:00"), WAIT);
}

#[test]
fn a_second_referral_is_the_same_wait_and_one_elsewhere_is_none() {
    let mut story = Story::new();
    referred(&mut story, "2026-06-01T12:00", "2026-06-01");
    story.assess(
        "referral",
        "2026-06-02T12:00",
        PCP,
        json!({"to": "physiatrist", "on": "2026-06-02"}),
    );
    referred(&mut story, "2026-06-03T12:00", "2026-06-03");
    assert_eq!(story.poll("2026-06-23T10:00"), WAIT);
    assert_eq!(story.poll("2026-06-26T10:00"), NOTHING);
}

#[test]
fn a_pt_before_the_referral_ends_nothing() {
    let mut story = Story::new();
    pt(&mut story, "pt-0", "2026-06-01T14:00");
    referred(&mut story, "2026-06-02T12:00", "2026-06-02");
    assert_eq!(story.poll("2026-06-24T10:00"), WAIT);
}

fn delivered(points: &[&str]) -> Value {
    json!({"points": points, "retention_min": 30.0, "mode": "electro", "frequency_hz": 2.0, "single_use_sterile": true})
}

fn planning(story: &mut Story, time: &str, state: &str, on: &str) {
    story.assess("return_to_work", time, ACU, json!({"state": state, "on": on}));
}

/// What is said of a session with four points, one distal.
fn session(story: &mut Story, start: &str, points: &[&str]) -> Vec<String> {
    story.attend(&format!("ea-{}", &start[..10]), start, delivered(points));
    let mut said = story.poll(&format!("{}T20:00", &start[..10]));
    said.retain(|line| line.starts_with("rtw"));
    said
}

#[test]
fn while_a_return_to_work_is_planned_a_session_without_both_points_is_a_word() {
    const FOUR: [&str; 4] = ["BL23", "BL25", "GB34", "ST36"];
    let mut story = Story::new();
    planning(&mut story, "2026-06-02T12:00", "open", "2026-06-03");
    assert_eq!(
        session(&mut story, "2026-06-02T14:00", &FOUR),
        NOTHING,
        "the day before"
    );
    assert_eq!(
        session(&mut story, "2026-06-03T14:00", &FOUR),
        ["rtw-ki3-bl23 info"]
    );
    let raised = story.raised();
    assert_eq!(raised.values["missing"], "KI3");
    assert_eq!(
        raised.values["rationale"],
        "traditional rationale, no clinical evidence found"
    );
    assert_eq!(
        session(&mut story, "2026-06-05T14:00", &["BL23", "BL25", "KI3", "GB34"]),
        NOTHING
    );
    planning(&mut story, "2026-06-06T12:00", "closed", "2026-06-08");
    assert_eq!(
        session(&mut story, "2026-06-08T14:00", &FOUR),
        NOTHING,
        "closed on that day"
    );
}

#[test]
fn points_that_were_not_recorded_say_nothing() {
    let mut story = Story::new();
    planning(&mut story, "2026-06-02T12:00", "open", "2026-06-01");
    assert_eq!(session(&mut story, "2026-06-03T14:00", &[]), NOTHING);
}

/// `days` days with a visit each, from 1 June on, every third day; the patient is insured with `payer`.
fn insured(payer: &str, visits: i64, every: i64) -> (Story, String) {
    let mut story = Story::bare();
    story.policy.rules.enabled = vec!["payer-cap-cms".to_owned()];
    story.tell(
        "plan.activated",
        "2026-06-01T10:00",
        plan(json!({"patient": {"payer": payer}})),
    );
    let mut last = String::new();
    for visit in 0..visits {
        let start = crate::story::at("2026-06-01T14:00") + care::time::hours(24 * every * visit);
        let start = start.to_string();
        story.attend(&format!("ea-{visit}"), &start, Value::Null);
        last = start;
    }
    (story, last)
}

fn capped(story: &mut Story, now: &str) -> Vec<String> {
    let mut said = story.poll(now);
    said.retain(|line| line.starts_with("payer"));
    said
}

#[test]
fn the_thirteenth_visit_in_90_days_without_improvement_is_told() {
    let (mut story, last) = insured("medicare", 12, 7);
    assert_eq!(capped(&mut story, &last), NOTHING);
    let (mut story, last) = insured("medicare", 13, 7);
    assert_eq!(capped(&mut story, &last), ["payer-cap-cms advisory"], "day 84");
    assert_eq!(story.raised().because.len(), 13);
    let (mut story, last) = insured("medicare", 13, 8);
    assert_eq!(capped(&mut story, &last), NOTHING, "day 96");
    let (mut story, last) = insured("other", 13, 7);
    assert_eq!(capped(&mut story, &last), NOTHING);
}

#[test]
fn improvement_on_the_chart_grants_more_and_the_year_has_its_own_limit() {
    let (mut story, last) = insured("medicare", 20, 4);
    story.pain("2026-06-01T12:00", 70);
    story.pain("2026-06-20T12:00", 49);
    assert_eq!(capped(&mut story, &last), NOTHING);
    let (mut story, last) = insured("medicare", 21, 4);
    story.pain("2026-06-01T12:00", 70);
    story.pain("2026-06-20T12:00", 49);
    assert_eq!(capped(&mut story, &last), ["payer-cap-cms advisory"]);
    assert_eq!(story.raised().values["visit"], "21");
}

#[test]
fn without_being_named_the_payer_rule_is_off() {
    let (mut story, last) = insured("medicare", 13, 7);
    story.policy.rules.enabled.clear();
    assert_eq!(capped(&mut story, &last), NOTHING);
}
