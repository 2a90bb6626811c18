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

/// A plan, then up to twelve things over six weeks, each at its own hour, oldest id first.
pub(crate) fn log() -> impl Strategy<Value = Vec<Event>> {
    let who = prop::sample::select(vec![ACU, PATIENT, PCP]);
    prop::collection::vec((happening(), who, 1_i64..24 * 42), 0..12).prop_map(|happened| {
        let mut log = vec![event("plan", "plan.activated", begin(), plan(json!({})))];
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

/// One thing that may happen, without who, when and its id.
fn happening() -> impl Strategy<Value = (&'static str, Value)> {
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
        prop::bool::ANY.prop_map(|met| ("assessment.function", json!({"goal_met": met}))),
        prop::sample::select(vec!["plan.completed", "plan.revoked"])
            .prop_map(|name| (name, json!({"plan_id": "cp-1", "revision": 2}))),
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
        "plan.completed"
        | "plan.revoked"
        | "assessment.retracted"
        | "session.missed"
        | "session.cancelled"
        | "session.held" => {}
        "session.completed" => {
            data["session_id"] = json!(format!("s-{index}"));
            data["modality"] = json!("ea");
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
            data["by"] = serde_json::from_str(who).expect("who");
            data["assessment_id"] = json!(format!("a-{index}"));
            data["performed_at"] = json!(time.to_string());
        }
    }
    data
}
