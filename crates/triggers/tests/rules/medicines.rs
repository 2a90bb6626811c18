//! NSAIDs and opioids: exact days, gaps, and what is told again.

use serde_json::{Value, json};

use crate::story::{NOTHING, PCP, Story, plan};

const LONG: [&str; 1] = ["nsaid-over-14-days advisory"];
const SUPPLY: [&str; 1] = ["opioid-over-7-days advisory"];

pub(crate) fn told(story: &mut Story, time: &str, id: &str, class: &str, with: Value) -> String {
    let mut data = json!({"medication_id": id, "class": class, "status": "active"});
    for (key, value) in with.as_object().into_iter().flatten() {
        data[key] = value.clone();
    }
    story.assess("medication", time, PCP, data)
}

/// Told on the morning of 1 June.
fn one(id: &str, class: &str, with: Value) -> Story {
    let mut story = Story::new();
    told(&mut story, "2026-06-01T12:00", id, class, with);
    story
}

pub(crate) fn nsaid(with: Value) -> Story {
    one("ibu", "nsaid", with)
}

/// Just after the local midnight that begins a day, and just before it.
fn begins(day: u8) -> String {
    format!("2026-06-{day:02}T04:00")
}

fn before(day: u8) -> String {
    format!("2026-06-{day:02}T03:59")
}

#[test]
fn fourteen_days_are_not_too_long_and_the_fifteenth_is() {
    let mut story = nsaid(json!({"starts_on": "2026-06-01"}));
    assert_eq!(story.poll(&before(15)), NOTHING);
    assert_eq!(story.poll(&begins(15)), LONG);
    let raised = story.raised();
    assert_eq!(
        (
            raised.values["days"].as_str(),
            raised.values["first_day"].as_str()
        ),
        ("15", "2026-06-01")
    );
    assert_eq!(story.poll("2026-06-20T10:00"), NOTHING, "the same truth");
}

#[test]
fn it_is_told_again_after_each_fourteen_further_days() {
    let mut story = nsaid(json!({"starts_on": "2026-06-01"}));
    story.poll("2026-06-15T10:00");
    assert_eq!(story.poll(&before(29)), NOTHING);
    assert_eq!(story.poll(&begins(29)), LONG);
    assert_eq!(story.raised().values["days"], "29");
    assert_eq!(story.poll("2026-07-13T03:59"), NOTHING);
    assert_eq!(story.poll("2026-07-13T04:00"), LONG);
}

#[test]
fn a_prescription_lasts_as_long_as_its_supply_and_no_longer_than_its_stop() {
    assert_eq!(
        nsaid(json!({"starts_on": "2026-06-01", "days_supply": 14})).poll(&begins(20)),
        NOTHING
    );
    assert_eq!(
        nsaid(json!({"starts_on": "2026-06-01", "days_supply": 15})).poll(&begins(15)),
        LONG
    );
    let stops = |on: &str| nsaid(json!({"starts_on": "2026-06-01", "stops_on": on, "days_supply": 60}));
    assert_eq!(stops("2026-06-14").poll(&begins(20)), NOTHING);
    assert_eq!(stops("2026-06-15").poll(&begins(15)), LONG);
}

#[test]
fn two_free_days_begin_a_new_run_and_one_does_not() {
    // Ten days, one free day, then five: the free day does not count, so the fifteenth is a day later.
    let renewed = |from: &str| {
        let mut story = nsaid(json!({"starts_on": "2026-06-01", "days_supply": 10}));
        told(
            &mut story,
            "2026-06-01T13:00",
            "ibu",
            "nsaid",
            json!({"starts_on": from}),
        );
        story
    };
    let mut story = renewed("2026-06-12");
    assert_eq!(story.poll(&before(16)), NOTHING);
    assert_eq!(story.poll(&begins(16)), LONG);
    let mut story = renewed("2026-06-13");
    assert_eq!(story.poll(&before(27)), NOTHING);
    assert_eq!(story.poll(&begins(27)), LONG);
    assert_eq!(story.raised().values["first_day"], "2026-06-13");
}

#[test]
fn one_nsaid_after_another_is_one_run() {
    let mut story = nsaid(json!({"starts_on": "2026-06-01", "stops_on": "2026-06-08"}));
    told(
        &mut story,
        "2026-06-09T12:00",
        "nap",
        "nsaid",
        json!({"starts_on": "2026-06-09"}),
    );
    assert_eq!(story.poll(&before(15)), NOTHING);
    assert_eq!(story.poll(&begins(15)), LONG);
    assert_eq!(story.raised().because.len(), 2);
}

#[test]
fn what_is_used_on_the_skin_does_not_count() {
    let mut story = nsaid(json!({"starts_on": "2026-06-01", "topical": true}));
    assert_eq!(story.poll("2026-06-20T10:00"), NOTHING);
}

#[test]
fn a_run_that_stopped_ends_it_after_two_free_days_and_another_begins_anew() {
    let mut story = nsaid(json!({"starts_on": "2026-06-01"}));
    story.poll("2026-06-15T10:00");
    told(
        &mut story,
        "2026-06-16T12:00",
        "ibu",
        "nsaid",
        json!({"status": "stopped"}),
    );
    assert_eq!(story.poll(&before(19)), NOTHING);
    assert_eq!(story.poll(&begins(19)), ["nsaid-over-14-days ends: stopped"]);
    told(&mut story, "2026-06-20T12:00", "ibu", "nsaid", json!({}));
    assert_eq!(story.poll("2026-07-04T03:59"), NOTHING);
    assert_eq!(story.poll("2026-07-04T04:00"), LONG);
}

#[test]
fn where_doses_are_reported_their_days_count_and_no_others() {
    let mut story = Story::new();
    for day in 1..=15 {
        let doses = u8::from(day != 9);
        told(
            &mut story,
            &format!("2026-06-{day:02}T12:00"),
            "ibu",
            "nsaid",
            json!({"doses": doses}),
        );
        assert_eq!(story.poll(&format!("2026-06-{day:02}T12:00")), NOTHING, "{day}");
    }
    told(
        &mut story,
        "2026-06-16T12:00",
        "ibu",
        "nsaid",
        json!({"doses": 2}),
    );
    assert_eq!(story.poll("2026-06-16T12:00"), LONG, "fifteen days with a dose");
    assert_eq!(story.raised().because.len(), 15);
}

#[test]
fn a_run_told_long_after_it_ended_says_nothing() {
    let mut story = nsaid(json!({"starts_on": "2026-03-01", "stops_on": "2026-05-01"}));
    assert_eq!(story.poll("2026-06-02T10:00"), NOTHING);
}

#[test]
fn of_a_long_run_told_late_only_what_is_still_useful_is_said() {
    let mut story = nsaid(json!({"starts_on": "2026-04-01"}));
    assert_eq!(story.poll("2026-06-02T10:00"), LONG);
    assert_eq!(
        story.raised().values["days"],
        "57",
        "the fourth of them, on 27 May"
    );
}

#[test]
fn the_shop_rule_speaks_only_where_it_is_switched_on() {
    let bought = || nsaid(json!({"starts_on": "2026-06-01", "otc": true}));
    assert_eq!(bought().poll(&begins(11)), NOTHING);
    let mut story = bought();
    story.policy.rules.enabled = vec!["nsaid-otc-10-days".to_owned()];
    assert_eq!(story.poll(&before(11)), NOTHING);
    assert_eq!(story.poll(&begins(11)), ["nsaid-otc-10-days info"]);
    assert_eq!(story.poll(&begins(14)), NOTHING);
}

fn opioid(with: Value) -> Story {
    one("tra", "opioid", with)
}

#[test]
fn seven_days_of_opioid_supply_are_not_asked_about_and_eight_are() {
    let of = |days: u8| opioid(json!({"starts_on": "2026-06-01", "days_supply": days}));
    assert_eq!(of(7).poll("2026-06-12T10:00"), NOTHING);
    assert_eq!(
        of(8).poll("2026-06-01T12:00"),
        SUPPLY,
        "with the prescription, not a week later"
    );
}

#[test]
fn prescriptions_with_a_free_day_between_them_count_together_and_with_two_they_do_not() {
    let renewed = |from: &str| {
        let mut story = opioid(json!({"starts_on": "2026-06-01", "days_supply": 5}));
        story.poll("2026-06-01T12:00");
        told(
            &mut story,
            "2026-06-05T12:00",
            "tra",
            "opioid",
            json!({"starts_on": from, "days_supply": 3}),
        );
        story
    };
    let mut story = renewed("2026-06-07");
    assert_eq!(story.poll("2026-06-07T03:59"), NOTHING);
    assert_eq!(story.poll("2026-06-07T04:00"), SUPPLY);
    assert_eq!(renewed("2026-06-08").poll("2026-06-12T10:00"), NOTHING);
}

#[test]
fn an_opioid_without_a_supply_is_counted_day_by_day() {
    let mut story = opioid(json!({"starts_on": "2026-06-01"}));
    assert_eq!(story.poll(&before(8)), NOTHING);
    assert_eq!(story.poll(&begins(8)), SUPPLY);
    assert_eq!(story.poll(&before(21)), NOTHING);
    assert_eq!(story.poll(&begins(21)), ["opioid-week-3 advisory"]);
    assert_eq!(story.poll("2026-07-06T03:59"), NOTHING);
    assert_eq!(story.poll("2026-07-06T04:00"), SUPPLY, "28 days later");
}

#[test]
fn six_free_days_are_the_same_spell_and_seven_begin_another() {
    let again = |from: &str, now: &str| {
        let mut story = opioid(json!({"starts_on": "2026-06-01", "days_supply": 8}));
        story.poll("2026-06-01T12:00");
        told(
            &mut story,
            "2026-06-08T12:00",
            "tra",
            "opioid",
            json!({"starts_on": from, "days_supply": 8}),
        );
        story.poll(now)
    };
    assert_eq!(again("2026-06-15", "2026-06-15T10:00"), NOTHING);
    assert_eq!(
        again("2026-06-16", "2026-06-16T10:00"),
        ["opioid-over-7-days advisory", "opioid-over-7-days ends: stopped"]
    );
}

#[test]
fn twenty_days_in_a_row_are_not_week_three() {
    let mut story = opioid(json!({"starts_on": "2026-06-01", "days_supply": 20}));
    assert_eq!(story.poll("2026-06-01T12:00"), SUPPLY);
    assert_eq!(story.poll("2026-06-22T10:00"), NOTHING);
}

#[test]
fn an_opioid_begun_for_pain_of_twelve_weeks_is_told_and_a_day_less_is_not() {
    let begun = |onset: &str, with: Value| {
        let mut story = Story::bare();
        story.tell(
            "plan.activated",
            "2026-06-01T10:00",
            plan(json!({"patient": {"onset_on": onset}})),
        );
        told(&mut story, "2026-06-02T12:00", "tra", "opioid", with);
        story.poll("2026-06-02T12:00")
    };
    let week = json!({"starts_on": "2026-06-02", "days_supply": 5});
    assert_eq!(
        begun("2026-03-10", week.clone()),
        ["opioid-chronic-lbp advisory"],
        "84 days"
    );
    assert_eq!(begun("2026-03-11", week), NOTHING);
    let tooth = json!({"starts_on": "2026-06-02", "days_supply": 5, "indication": "dental"});
    assert_eq!(begun("2026-01-01", tooth), NOTHING);
}
