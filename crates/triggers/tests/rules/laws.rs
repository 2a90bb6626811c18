//! Laws: the order of facts does not matter, asking twice answers nothing, and no hold is lost on the way.

use std::collections::BTreeSet;

use care::chart::Chart;
use care::fact::Fact;
use care::id::{OrgId, PatientId};
use care::time::{Timestamp, hours};
use care::{Event, Policy};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::story::{ACU, PATIENT, PCP, at, event, plan};

/// One thing that may happen to a patient.
fn happening() -> impl Strategy<Value = (&'static str, Value)> {
    let who = prop::sample::select(vec![ACU, PATIENT, PCP]);
    let by = move |body: Value| {
        (who.clone(), Just(body)).prop_map(|(who, mut body)| {
            body["by"] = serde_json::from_str(who).expect("who");
            body
        })
    };
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
        (tri(), zones)
            .prop_flat_map({
                let by = by.clone();
                move |(value, zones)| by(json!({"item": "local_infection", "value": value, "zones": zones}))
            })
            .prop_map(|body| ("assessment.screening", body)),
        tri()
            .prop_flat_map({
                let by = by.clone();
                move |value| by(json!({"item": "pregnancy", "value": value}))
            })
            .prop_map(|body| ("assessment.screening", body)),
        prop::sample::subsequence(flags, 0..=3)
            .prop_flat_map({
                let by = by.clone();
                move |items| by(json!({"items": items}))
            })
            .prop_map(|body| ("assessment.red_flag", body)),
        prop::sample::select(vec!["cleared_for_treatment", "referred"]).prop_map(|outcome| {
            (
                "assessment.red_flag_review",
                json!({"outcome": outcome, "by": {"role": "pcp", "member_id": "m-1"}}),
            )
        }),
        (0_u16..=5)
            .prop_flat_map({
                let by = by.clone();
                move |each| by(json!({"instrument_version": "2.1a", "items": vec![each; 10]}))
            })
            .prop_map(|body| ("assessment.oswestry", body)),
        (0_u8..=100)
            .prop_flat_map(move |value| by(json!({"scale": "vas", "value": value})))
            .prop_map(|body| ("assessment.pain", body)),
        (0_u8..=30).prop_map(|retention| (
            "session.completed",
            json!({"delivered": {"retention_min": retention}})
        )),
        (0_u32..12).prop_map(|which| (
            "assessment.retracted",
            json!({"assessment_id": format!("a-{which}")})
        )),
    ]
}

/// A log over six weeks: what happened, each at its own hour.
fn log() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec((happening(), 0_i64..24 * 42), 0..12).prop_map(|happened| {
        let mut log = vec![event(
            "plan",
            "plan.activated",
            at("2026-06-01T10:00"),
            plan(json!({})),
        )];
        for (index, ((name, mut data), hour)) in happened.into_iter().enumerate() {
            let time = at("2026-06-01T11:00").checked_add(hours(hour)).expect("a time");
            if name == "session.completed" {
                data["session_id"] = json!(format!("s-{index}"));
                data["modality"] = json!("ea");
                data["started_at"] = json!(time.to_string());
            } else if name != "assessment.retracted" {
                data["assessment_id"] = json!(format!("a-{index}"));
                data["performed_at"] = json!(time.to_string());
            }
            log.push(event(&format!("e-{index}"), name, time, data));
        }
        log
    })
}

fn chart(log: &[Event]) -> Chart {
    let mut chart = Chart::new(PatientId::new("p-1").expect("an id"));
    log.iter().for_each(|event| {
        chart.apply(event);
    });
    chart
}

/// Polls, folds the answer, and says what it was.
fn poll(chart: &mut Chart, policy: &Policy, now: Timestamp) -> Vec<Fact> {
    let org = OrgId::new("acme").expect("an org");
    let answer = triggers::react(chart, policy, now).facts;
    for draft in &answer {
        chart.apply(&draft.clone().at(&org, now));
    }
    answer.into_iter().map(|draft| draft.fact).collect()
}

fn end() -> Timestamp {
    at("2026-07-14T10:00")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn facts_in_any_order_give_the_same_answer(
        (log, shuffled) in log().prop_flat_map(|log| (Just(log.clone()), Just(log).prop_shuffle())),
    ) {
        let policy = Policy::default();
        prop_assert_eq!(
            triggers::react(&chart(&log), &policy, end()),
            triggers::react(&chart(&shuffled), &policy, end())
        );
    }

    #[test]
    fn asking_twice_answers_nothing(log in log(), days in 0_i64..60) {
        let policy = Policy::default();
        let now = at("2026-06-01T11:00").checked_add(hours(24 * days)).expect("a time");
        let mut chart = chart(&log);
        poll(&mut chart, &policy, now);
        prop_assert_eq!(triggers::react(&chart, &policy, now).facts, []);
    }

    /// However facts trickle in and whenever carebus looks, it holds at least what a carebus that slept would hold.
    /// It may hold more: what was held on the facts of that hour stays held until a clinician ends it.
    #[test]
    fn no_hold_is_lost_on_the_way(
        (log, shuffled) in log().prop_flat_map(|log| (Just(log.clone()), Just(log).prop_shuffle())),
    ) {
        let policy = Policy::default();
        let mut slept = chart(&log);
        poll(&mut slept, &policy, end());
        let mut awake = chart(&[]);
        for event in &shuffled {
            awake.apply(event);
            poll(&mut awake, &policy, end());
        }
        let lines: Vec<String> = log.iter().map(Event::encode).collect();
        prop_assert!(held(&slept).is_subset(&held(&awake)), "{:?} {:?} {lines:#?}", held(&slept), held(&awake));
    }

    #[test]
    fn an_alert_is_raised_once_and_resolved_by_us_once(log in log().prop_shuffle()) {
        let policy = Policy::default();
        let mut chart = chart(&[]);
        let mut said = BTreeSet::new();
        for event in &log {
            chart.apply(event);
            for fact in poll(&mut chart, &policy, end()) {
                let line = match &fact {
                    Fact::AlertRaised(a) => format!("raised {}", a.alert_id),
                    Fact::AlertResolved(a) => format!("resolved {}", a.alert_id),
                    Fact::AlertEscalated(a) => format!("escalated {} {}", a.alert_id, a.step),
                    other => panic!("not ours: {}", other.name()),
                };
                prop_assert!(said.insert(line.clone()), "twice: {line}");
            }
        }
    }
}

/// What is held, whichever alert says so.
fn held(chart: &Chart) -> BTreeSet<String> {
    chart
        .holds()
        .iter()
        .map(|h| format!("{:?} {}", h.zones, h.electro_only))
        .collect()
}
