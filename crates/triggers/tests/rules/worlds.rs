//! Random logs of one patient, for the laws.

use care::Event;
use care::time::{Timestamp, hours};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::story::{ACU, PATIENT, PCP, at, event, plan};

/// When every log begins.
pub(crate) fn begin() -> Timestamp {
    at("2026-06-01T10:00")
}

/// When every log is over.
pub(crate) fn end() -> Timestamp {
    at("2026-07-14T10:00")
}

/// A plan, often with a course under it, then up to twelve things over six weeks, each at its own hour, oldest id
/// first.
pub(crate) fn log() -> impl Strategy<Value = Vec<Event>> {
    let who = prop::sample::select(vec![ACU, PATIENT, PCP]);
    let happened = prop::collection::vec((happening(), who, 1_i64..24 * 42), 0..12);
    let course = prop_oneof![Just(Vec::new()), course()];
    (happened, course).prop_map(|(happened, course)| {
        let mut log = vec![event("plan", "plan.activated", begin(), plan(json!({})))];
        log.extend(course);
        for (index, ((name, data), who, hour)) in happened.into_iter().enumerate() {
            let time = begin().checked_add(hours(hour)).expect("a time");
            log.push(event(
                &format!("e-{index}"),
                name,
                time,
                placed(name, data, who, index, time),
            ));
        }
        log
    })
}

/// Up to thirteen sessions of EA, two or three days apart, and the pain before and after some of them.
fn course() -> impl Strategy<Value = Vec<Event>> {
    let pain = || prop::option::of((0_u8..=10).prop_map(|ten| ten * 10));
    let session = (36_i64..90, pain());
    (pain(), prop::collection::vec(session, 0..=13)).prop_map(|(before, sessions)| {
        let mut log = Vec::new();
        let score = |id: String, time: Timestamp, value: u8| {
            let data = json!({"scale": "vas", "value": value});
            event(
                &format!("e-{id}"),
                "assessment.pain",
                time,
                assessed(data, PATIENT, &id, time),
            )
        };
        let mut time = begin();
        log.extend(before.map(|value| score("b-0".to_owned(), time, value)));
        for (index, (pause, pain)) in sessions.into_iter().enumerate() {
            time = time.checked_add(hours(pause)).expect("a time");
            let data =
                json!({"session_id": format!("c-{index}"), "modality": "ea", "started_at": time.to_string()});
            log.push(event(&format!("e-c-{index}"), "session.completed", time, data));
            let evening = time.checked_add(hours(5)).expect("a time");
            log.extend(pain.map(|value| score(format!("b-{}", index + 1), evening, value)));
        }
        log
    })
}

/// One thing that may happen, without who, when and its id.
fn happening() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![3 => safety_and_course(), 2 => response()]
}

/// What the rules about response read beside pain.
fn response() -> impl Strategy<Value = (&'static str, Value)> {
    let nrs = (0_u8..=10).prop_map(|value| ("assessment.pain", json!({"scale": "nrs", "value": value})));
    let average = (0_u8..=100).prop_map(|value| {
        let data = json!({"scale": "vas", "value": value, "context": "avg7d"});
        ("assessment.pain", data)
    });
    let sensitised = prop::sample::select(vec!["yes", "yes", "no", "unknown"])
        .prop_map(|value| ("assessment.central_sensitisation", json!({"value": value})));
    let exercise = (1_u8..=30).prop_map(|day| {
        let data = json!({"on": format!("2026-06-{day:02}"), "minutes": 20});
        ("assessment.exercise", data)
    });
    let function = (0_u16..=3, prop::sample::select(vec!["off", "partial", "full"])).prop_map(|(n, work)| {
        let data = json!({"pain_free_walk_m": n * 100, "lifting_kg": n * 5, "sitting_min": n * 10,
            "work_status": work});
        ("assessment.function", data)
    });
    let rescue = (0_u8..=5).prop_map(|doses| {
        let data = json!({"medication_id": "r", "class": "rescue", "status": "active", "doses": doses});
        ("assessment.medication", data)
    });
    let plan = prop::sample::select(vec![
        "plan.completed",
        "plan.revoked",
        "plan.held",
        "plan.resumed",
    ])
    .prop_map(|name| (name, json!({"plan_id": "cp-1", "reason": "other"})));
    prop_oneof![
        nrs,
        average,
        sensitised,
        exercise,
        function,
        rescue,
        plan,
        Just(("session.completed", json!({"modality": "pt"}))),
        Just(("assessment.course_review", json!({"decision": "adjust"}))),
        (0_u32..=13).prop_map(|which| (
            "assessment.retracted",
            json!({"assessment_id": format!("b-{which}")})
        )),
    ]
}

fn safety_and_course() -> impl Strategy<Value = (&'static str, Value)> {
    let tri = || prop::sample::select(vec!["yes", "no", "unknown"]);
    let zones = prop::sample::subsequence(vec!["lumbar", "foot"], 0..=2);
    let flags = vec![
        "bladder_change",
        "foot_drop",
        "fever",
        "iv_drug_use",
        "history_of_cancer",
        "minor_trauma",
        "night_pain",
    ];
    prop_oneof![
        (tri(), zones).prop_map(|(value, zones)| {
            (
                "assessment.screening",
                json!({"item": "local_infection", "value": value, "zones": zones}),
            )
        }),
        tri().prop_map(|value| (
            "assessment.screening",
            json!({"item": "pregnancy", "value": value})
        )),
        prop::sample::subsequence(flags, 0..=3)
            .prop_map(|items| ("assessment.red_flag", json!({"items": items}))),
        prop::sample::select(vec!["cleared_for_treatment", "referred"])
            .prop_map(|outcome| ("assessment.red_flag_review", json!({"outcome": outcome}))),
        (0_u16..=5).prop_map(|each| {
            (
                "assessment.oswestry",
                json!({"instrument_version": "2.1a", "items": vec![each; 10]}),
            )
        }),
        (0_u8..=100).prop_map(|value| ("assessment.pain", json!({"scale": "vas", "value": value}))),
        prop::sample::select(vec!["active", "stopped"]).prop_map(|status| {
            let days = json!({"medication_id": "m", "class": "anticoagulant", "status": status,
                "starts_on": "2026-06-20", "stops_on": "2026-07-03"});
            ("assessment.medication", days)
        }),
        Just(("assessment.course_review", json!({"decision": "continue"}))),
        (0_u8..=30).prop_map(|min| ("session.completed", json!({"delivered": {"retention_min": min}}))),
        (1_i64..200).prop_map(|ahead| ("session.booked", json!({"ahead": ahead, "points": ["BL23"]}))),
        (
            prop::sample::select(vec!["session.missed", "session.cancelled", "session.held"]),
            0_u32..12
        )
            .prop_map(|(name, which)| (name, json!({"session_id": format!("s-{which}")}))),
        (0_u32..12).prop_map(|which| (
            "assessment.retracted",
            json!({"assessment_id": format!("a-{which}")})
        )),
    ]
}

fn placed(name: &str, mut data: Value, who: &str, index: usize, time: Timestamp) -> Value {
    match name {
        "assessment.retracted" | "session.missed" | "session.cancelled" | "session.held" => {}
        "plan.completed" | "plan.revoked" | "plan.held" | "plan.resumed" => {}
        "session.completed" => {
            data["session_id"] = json!(format!("s-{index}"));
            if data["modality"].is_null() {
                data["modality"] = json!("ea");
            }
            data["started_at"] = json!(time.to_string());
        }
        "session.booked" => {
            let start = time
                .checked_add(hours(data["ahead"].as_i64().expect("hours")))
                .expect("a time");
            data["session_id"] = json!(format!("s-{index}"));
            data["modality"] = json!("ea");
            data["start"] = json!(start.to_string());
            data["end"] = json!(start.checked_add(hours(1)).expect("a time").to_string());
        }
        _ => {
            let who = if name == "assessment.red_flag_review" {
                PCP
            } else {
                who
            };
            return assessed(data, who, &format!("a-{index}"), time);
        }
    }
    data
}

fn assessed(mut data: Value, who: &str, id: &str, time: Timestamp) -> Value {
    data["by"] = serde_json::from_str(who).expect("who");
    data["assessment_id"] = json!(id);
    data["performed_at"] = json!(time.to_string());
    data
}
