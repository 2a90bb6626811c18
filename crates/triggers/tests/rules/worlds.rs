//! Random logs of one patient, for the laws.

use care::Event;
use care::time::{Timestamp, hours};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::story::{ACU, PATIENT, PCP, PHYS, at, event, plan};

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
    let who = prop::sample::select(vec![ACU, PATIENT, PCP, PHYS]);
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
        seen(),
        delivered(),
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
        medicine(),
        symptom_or_event(),
        access(),
        prop::bool::ANY.prop_map(|met| ("assessment.function", json!({"goal_met": met}))),
        prop::sample::select(vec!["plan.completed", "plan.revoked"])
            .prop_map(|name| (name, json!({"plan_id": "cp-1", "revision": 2}))),
        Just(("assessment.course_review", json!({"decision": "continue"}))),
        (0_u8..=30).prop_map(|min| ("session.completed", json!({"delivered": {"retention_min": min}}))),
        (1_i64..200).prop_map(|ahead| ("session.booked", json!({"ahead": ahead, "points": ["BL23"]}))),
        (1_i64..80, 0_u32..12).prop_map(|(ahead, which)| {
            (
                "session.booked",
                json!({"ahead": ahead, "prepares": [format!("s-{which}")]}),
            )
        }),
        (1_i64..200).prop_map(|ahead| ("session.booked", json!({"ahead": ahead, "modality": "pt"}))),
        (
            prop::sample::select(vec!["session.missed", "session.cancelled", "session.held"]),
            0_u32..12
        )
            .prop_map(|(name, which)| (name, json!({"session_id": format!("s-{which}")}))),
        (
            prop::sample::select(vec!["notice.rejected", "notice.abandoned", "notice.sent"]),
            0_u32..4,
            prop::sample::select(vec!["m-2", "m-5"]),
        )
            .prop_map(|(name, which, member)| {
                let mut notice = json!({"notice_id": format!("n-{which}-{member}"), "member_id": member, "channel": "mail",
                    "about": ["s-1"], "message_id": "n@carebus.local", "attempt": 1});
                if name == "notice.abandoned" {
                    notice["reason"] = json!("given-up");
                }
                (name, notice)
            }),
        (0_u32..12).prop_map(|which| (
            "assessment.retracted",
            json!({"assessment_id": format!("a-{which}")})
        )),
    ]
}

/// What images and examinations show, and symptoms that are denied.
fn seen() -> impl Strategy<Value = (&'static str, Value)> {
    let tri = || prop::sample::select(vec!["yes", "no", "unknown"]);
    let level = prop::sample::select(vec!["L4/L5", "L5/S1"]);
    let symptoms = vec![
        "bladder_change",
        "bowel_change",
        "sensation_of_bladder_or_bowel",
        "saddle_sensory_change",
        "bilateral_leg_weakness",
        "bilateral_sciatica",
        "sexual_dysfunction",
        "anal_tone_loss",
    ];
    prop_oneof![
        (11_u8..20, level)
            .prop_map(|(mm, level)| ("assessment.imaging", json!({"slip_mm": mm, "level": level}))),
        (tri(), tri()).prop_map(|(disc, compression)| {
            let seen = json!({"disc_herniation": disc, "cauda_equina_compression": compression});
            ("assessment.imaging", seen)
        }),
        (2_u8..=5, prop::sample::select(vec!["L5", "S1"]), tri()).prop_map(
            |(grade, myotome, progressive)| {
                let exam = json!({"mrc_grade": grade, "myotome": myotome, "progressive": progressive});
                ("assessment.exam", exam)
            }
        ),
        Just(("assessment.red_flag", json!({"items": [], "denied": symptoms}))),
        Just(("assessment.course_review", json!({"decision": "stop"}))),
    ]
}

/// Sessions that differ in what was recorded of them, and what the rules read beside them.
fn delivered() -> impl Strategy<Value = (&'static str, Value)> {
    let mode = prop::sample::select(vec!["electro", "manual", "other"]);
    let points = prop::sample::subsequence(vec!["BL23", "BL25", "GB34", "LR3", "ST36"], 0..=5);
    let session = (
        mode,
        points,
        prop::option::of(1_u8..12),
        15_u8..40,
        prop::option::of(any::<bool>()),
    );
    let patterns = vec!["cold_damp", "liver_qi_stagnation", "none_applied"];
    let kinds = vec!["flank_pain", "fever", "bruise"];
    prop_oneof![
        session.prop_map(|(mode, points, hertz, depth, single_use)| {
            let delivered = json!({"mode": mode, "points": points, "frequency_hz": hertz, "retention_min": depth,
                "depth_mm": {"BL23": depth, "GB34": depth}, "single_use_sterile": single_use});
            ("session.completed", json!({"delivered": delivered}))
        }),
        prop::sample::select(patterns)
            .prop_map(|pattern| ("assessment.pattern", json!({"pattern": pattern}))),
        prop::sample::select(kinds).prop_map(|kind| {
            let event = json!({"event_id": "ae", "kind": kind, "grade": "minor"});
            ("assessment.adverse_event", event)
        }),
        (17_u8..21, 2_u32..9).prop_map(|(bmi, revision)| {
            let points = if revision % 2 == 0 { json!(["BL23"]) } else { json!([]) };
            let revised = json!({"revision": revision, "patient": {"bmi": bmi}, "ea": {"points": points}});
            ("plan.revised", plan(revised))
        }),
    ]
}

/// A prescription, a word that it is still taken, doses, or an end.
fn medicine() -> impl Strategy<Value = (&'static str, Value)> {
    let class = prop::sample::select(vec!["nsaid", "opioid"]);
    let first = prop::option::of(1_u8..=30);
    let supply = prop::option::of(0_u8..=20);
    let doses = prop::option::of(0_u8..=2);
    (class, any::<bool>(), first, supply, doses, 0_u8..=4).prop_map(
        |(class, again, first, supply, doses, end)| {
            let mut data = json!({"medication_id": format!("{class}-{again}"), "class": class,
                "status": if end == 0 { "stopped" } else { "active" }, "otc": again});
            let given = [
                ("days_supply", supply.map(|d| json!(d))),
                ("doses", doses.map(|d| json!(d))),
            ];
            for (key, value) in given {
                if let Some(value) = value {
                    data[key] = value;
                }
            }
            if let Some(first) = first {
                data["starts_on"] = json!(format!("2026-06-{first:02}"));
                if end == 1 {
                    data["stops_on"] = json!("2026-07-01");
                }
            }
            ("assessment.medication", data)
        },
    )
}

fn symptom_or_event() -> impl Strategy<Value = (&'static str, Value)> {
    let items = prop::sample::subsequence(vec!["black_stool", "reduced_urine", "oedema"], 0..=2);
    let grade = prop::sample::select(vec!["minor", "moderate", "serious"]);
    prop_oneof![
        items.prop_map(|items| ("assessment.symptom", json!({"items": items}))),
        (grade, 0_u8..=1).prop_map(|(grade, which)| {
            let data = json!({"event_id": format!("ae-{which}"), "kind": "bruise", "grade": grade});
            ("assessment.adverse_event", data)
        }),
    ]
}

/// Referrals, return-to-work planning, PT that took place, and a plan that ends.
fn access() -> impl Strategy<Value = (&'static str, Value)> {
    let state = prop::sample::select(vec!["open", "closed"]);
    let on = || (1_u8..=30).prop_map(|day| format!("2026-06-{day:02}"));
    prop_oneof![
        on().prop_map(|on| (
            "assessment.referral",
            json!({"to": "physical_therapist", "on": on})
        )),
        (state, on())
            .prop_map(|(state, on)| { ("assessment.return_to_work", json!({"state": state, "on": on})) }),
        Just(("session.completed", json!({"modality": "pt"}))),
        Just(("plan.completed", json!({"plan_id": "cp-1", "revision": 9}))),
    ]
}

fn placed(name: &str, mut data: Value, who: &str, index: usize, time: Timestamp) -> Value {
    match name {
        "assessment.retracted"
        | "session.missed"
        | "session.cancelled"
        | "session.held"
        | "plan.revised"
        | "plan.completed"
        | "plan.revoked"
        | "plan.held"
        | "plan.resumed"
        | "notice.rejected"
        | "notice.abandoned"
        | "notice.sent" => {}
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
            if data["modality"].is_null() {
                data["modality"] = json!("ea");
            }
            if !data["prepares"].is_null() {
                data["placement"] =
                    json!({"target": start.to_string(), "deviation_min": 0, "rule": "on-target"});
            }
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
