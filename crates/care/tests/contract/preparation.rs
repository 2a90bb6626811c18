//! Attended PT is prepared by attended EA, and the ends of every gap count.

use care::chart::Preparation;
use care::id::PatientId;
use care::time::Timestamp;
use care::{Chart, Policy};
use serde_json::{Value, json};

use crate::support::{event, example, with};

fn told(chart: &mut Chart, name: &str, id: &str, data: Value) {
    let mut line = with(example(name), "/data", data);
    line["id"] = id.into();
    line["time"] = "2026-06-30T12:00:00Z".into();
    chart.apply(&event(&line));
}

fn took_place(chart: &mut Chart, id: &str, modality: &str, start: &str) {
    let data = json!({ "session_id": id, "revision": 1, "modality": modality, "started_at": start });
    told(chart, "session.completed", id, data);
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// `(attended, acceptable, on target)` of everything.
fn counted(chart: &Chart, policy: &Policy) -> (u32, u32, u32) {
    let Preparation {
        pt_attended,
        acceptable,
        on_target,
    } = chart.preparation(policy, Timestamp::MIN, Timestamp::MAX);
    (pt_attended, acceptable, on_target)
}

#[test]
fn the_ends_of_every_gap_count() {
    for (ea, expected) in [
        ("2026-06-07T10:00:00Z", (1, 1, 0)), // 72 h
        ("2026-06-07T09:59:00Z", (1, 0, 0)),
        ("2026-06-08T04:00:00Z", (1, 1, 1)), // 54 h
        ("2026-06-08T03:59:00Z", (1, 1, 0)),
        ("2026-06-08T16:00:00Z", (1, 1, 1)), // 42 h
        ("2026-06-08T16:01:00Z", (1, 1, 0)),
        ("2026-06-09T10:00:00Z", (1, 1, 0)), // 24 h
        ("2026-06-09T10:01:00Z", (1, 0, 0)),
        ("2026-06-11T10:00:00Z", (1, 0, 0)), // after the PT
    ] {
        let mut chart = Chart::new(PatientId::new("p-7f3a").unwrap());
        took_place(&mut chart, "pt-1", "pt", "2026-06-10T10:00:00Z");
        took_place(&mut chart, "ea-1", "ea", ea);
        assert_eq!(counted(&chart, &Policy::default()), expected, "{ea}");
    }
}

#[test]
fn one_ea_prepares_two_pt_and_only_what_took_place_counts() {
    let mut chart = Chart::new(PatientId::new("p-7f3a").unwrap());
    took_place(&mut chart, "ea-1", "ea", "2026-06-08T10:00:00Z");
    took_place(&mut chart, "pt-1", "pt", "2026-06-10T10:00:00Z");
    took_place(&mut chart, "pt-2", "pt", "2026-06-10T18:00:00Z");
    took_place(&mut chart, "pt-3", "pt", "2026-06-12T10:00:00Z");
    let booked = json!({ "session_id": "ea-2", "revision": 1, "modality": "ea", "status": "booked",
        "start": "2026-06-10T10:00:00Z", "end": "2026-06-10T10:45:00Z" });
    told(&mut chart, "session.booked", "b", booked);
    assert_eq!(counted(&chart, &Policy::default()), (3, 2, 1));
    let week = chart.preparation(
        &Policy::default(),
        at("2026-06-10T18:00:00Z"),
        at("2026-06-12T10:00:00Z"),
    );
    assert_eq!(
        (week.pt_attended, week.acceptable),
        (1, 1),
        "half-open, and the EA may be earlier"
    );
}

#[test]
fn what_a_plan_aims_at_is_acceptable_to_it() {
    let mut chart = Chart::new(PatientId::new("p-7f3a").unwrap());
    let plan = with(example("plan.activated"), "/data/ea", json!({ "lead_hours": 96 }));
    chart.apply(&event(&plan));
    took_place(&mut chart, "ea-1", "ea", "2026-06-06T10:00:00Z");
    took_place(&mut chart, "pt-1", "pt", "2026-06-10T10:00:00Z");
    assert_eq!(counted(&chart, &Policy::default()), (1, 1, 1));
}
