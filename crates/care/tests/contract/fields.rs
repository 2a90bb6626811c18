//! What is checked inside the payload: each mistake is refused, and the detail names the field and what was expected.

use care::Event;
use serde_json::{Value, json};

use crate::support::{event, example, examples, with};

/// What is said to the example of a name in which one field of the data was changed.
pub(crate) fn said(name: &str, field: &str, new: Value) -> String {
    let line = with(example(name), &format!("/data/{field}"), new).to_string();
    let fault = Event::decode_line(&line).expect_err(&line);
    fault
        .to_string()
        .strip_prefix("invalid-field: data")
        .unwrap_or_else(|| panic!("{fault}"))
        .to_owned()
}

#[test]
fn one_mistake_in_each_kind_of_other_fact() {
    #[rustfmt::skip]
    let mistakes = [
        ("plan.activated", "timezone", json!("Toronto"), ".timezone: expected an IANA time zone"),
        ("plan.activated", "oswestry/every_days", json!(0), ".oswestry.every_days: expected an integer 2 to 366"),
        ("plan.activated", "ea/points", json!(["BL"]), ".ea.points[0]: expected a WHO point code"),
        ("plan.activated", "team/0/email", json!("lee"), ".team[0].email: expected one mail address"),
        ("plan.activated", "team/0/email", json!("a@b.example\r\nBcc: c@d.example"), ".team[0].email: expected one mail"),
        ("plan.activated", "team/0/name", json!("Lee\nSubject: x"), ".team[0].name: expected 0 to 200 characters"),
        ("plan.activated", "team/0/name", json!("x".repeat(201)), ".team[0].name: expected 0 to 200 characters"),
        ("plan.activated", "team/0/quiet_hours/from", json!("8pm"), ".team[0].quiet_hours.from: expected a local time HH:MM"),
        ("plan.held", "reason", json!("bored"), ".reason: expected one of `recovered`"),
        ("plan.held", "revision", json!(u64::MAX), ".revision: expected an integer 0 to 9007199254740990"),
        ("plan.held", "revision", json!(-1), ".revision: expected an integer 0 to"),
        ("plan.held", "until", json!("9999-12-31"), ".until: expected a date YYYY-MM-DD from 1900 to 2199"),
        ("session.booked", "end", json!("2026-06-10T14:00:00Z"), ".end: expected a time after start"),
        ("session.booked", "end", json!("2126-06-10T14:00:00Z"), ".end: expected at most 24 hours after start"),
        ("session.booked", "start", json!("2026-06-10T10:00:00"), ".start: expected RFC 3339 with an offset"),
        ("session.booked", "modality", json!("yoga"), ".modality: expected one of `pt`"),
        ("session.completed", "ended_at", json!("2026-06-01T12:00:00Z"), ".ended_at: expected a time after start"),
        ("session.completed", "delivered/depth_mm", json!({ "BL23": -1 }), ".delivered.depth_mm.*: expected a number"),
        ("session.cancelled", "reason", json!("x".repeat(2001)), ".reason: expected 0 to 2000 characters"),
        ("calendar.published", "capacity", json!(0), ".capacity: expected an integer 1 to 20"),
        ("calendar.published", "step_min", json!(70_000), ".step_min: expected an integer 1 to 240"),
        ("calendar.published", "weekly/0/to", json!("08:00"), ".weekly: expected `to` after `from`"),
        ("calendar.published", "closures/0/to", json!("2026-06-30T00:00:00Z"), ".closures: expected `to` after `from`"),
        ("credentials.published", "expires_on", json!("20270430"), ".expires_on: expected a date YYYY-MM-DD"),
        ("alert.acknowledged", "note", json!("x".repeat(2001)), ".note: expected 0 to 2000 characters"),
        ("alert.raised", "values", json!({ "k": 7 }), ".values.*: expected a string"),
        ("notice.sent", "attempt", json!(-3), ".attempt: expected an integer 0 to 1000000"),
    ];
    for (name, field, wrong, expected) in mistakes {
        let said = said(name, field, wrong);
        assert!(said.starts_with(expected), "{name}: {said}");
    }
}

#[test]
fn nothing_is_done_long_after_it_was_told() {
    let value = with(example("session.completed"), "/data/ended_at", Value::Null);
    let early = with(value, "/data/started_at", json!("2026-06-02T14:00:01Z"));
    let fault = Event::decode_line(&early.to_string()).unwrap_err();
    assert_eq!(
        fault.detail,
        "data.started_at: expected at most 24 hours after `time`"
    );
}

#[test]
fn a_structure_in_an_array_is_not_read_by_position() {
    for (name, field, array) in [
        ("plan.activated", "patient", json!([])),
        ("plan.activated", "team", json!([["pcp", "m-1"]])),
        ("plan.activated", "team/0/quiet_hours", json!(["20:00", "07:00"])),
        ("session.completed", "delivered", json!(["manual"])),
        ("assessment.pain", "by", json!(["pcp", "m-1"])),
        ("calendar.published", "weekly", json!([["mon", "09:00", "17:00"]])),
        ("alert.raised", "actions", json!([["hold-ea", []]])),
        ("report.outcome", "pain", json!([["2026-06-01", 7]])),
    ] {
        let said = said(name, field, array);
        assert!(said.ends_with(": expected an object"), "{name}: {said}");
    }
}

#[test]
fn a_payload_in_an_array_is_not_read_by_position() {
    let value = with(
        example("session.missed"),
        "/data",
        json!(["pt-3", 2, "no_show", null, null]),
    );
    let fault = Event::decode_line(&value.to_string()).unwrap_err();
    assert_eq!(fault.to_string(), "invalid-field: data: expected an object");
}

#[test]
fn a_field_twice_is_never_a_choice() {
    let line =
        example("session.missed")
            .to_string()
            .replacen("\"reason\":", "\"reason\":\"x\",\"reason\":", 1);
    let fault = Event::decode_line(&line).unwrap_err();
    assert_eq!(fault.to_string(), "invalid-field: data.reason: expected once");
}

#[test]
fn every_text_every_list_and_every_whole_number_has_an_end() {
    // Whatever field is blown up, the event is refused, or the field is one that the contract does not bound.
    for example in examples() {
        for pointer in pointers(&example["data"], "/data") {
            let absurd = match example.pointer(&pointer).unwrap() {
                Value::String(_) => json!("x".repeat(5000)),
                Value::Number(_) => json!(u64::MAX),
                Value::Array(list) => json!(vec![list.first().cloned().unwrap_or(json!(1)); 3000]),
                _ => continue,
            };
            let line = with(example.clone(), &pointer, absurd).to_string();
            assert!(
                Event::decode_line(&line).is_err(),
                "{pointer} of {} has no bound",
                example["type"]
            );
        }
    }
}

/// Every value inside a payload.
pub(crate) fn pointers(value: &Value, at: &str) -> Vec<String> {
    let inside: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, v)| (format!("{at}/{key}"), v)).collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(i, v)| (format!("{at}/{i}"), v))
            .collect(),
        _ => Vec::new(),
    };
    inside
        .into_iter()
        .flat_map(|(at, v)| [vec![at.clone()], pointers(v, &at)].concat())
        .collect()
}

#[test]
fn extra_points_have_codes_too() {
    let value = with(
        example("session.completed"),
        "/data/delivered/points",
        json!(["bl23", "EX-B2", "ex-hn1"]),
    );
    let data = event(&value).fact.data();
    assert_eq!(data["delivered"]["points"], json!(["BL23", "EX-B2", "EX-HN1"]));
}
