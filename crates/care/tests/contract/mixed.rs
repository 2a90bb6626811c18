//! Random facts of every kind about few things, so that they collide: same sessions, plans, alerts, times, revisions.

use care::measure::odi::MaxMissing;
use care::{Chart, Diary, Event};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{event, examples};

/// What makes one fact out of an example.
#[derive(Debug, Clone)]
struct Mix {
    example: usize,
    id: u8,
    source: u8,
    time: usize,
    thing: u8,
    revision: Option<u8>,
    salt: u8,
}

const TIMES: [&str; 3] = [
    "2026-06-01T14:00:00Z",
    "2026-06-01T14:00:00.000000001Z",
    "2026-06-09T08:00:00Z",
];
/// Ids of things; each becomes one of two.
const THINGS: [&str; 6] = [
    "session_id",
    "plan_id",
    "assessment_id",
    "alert_id",
    "notice_id",
    "report_id",
];
/// Fields of free text, one of which makes two payloads differ.
const WORDS: [&str; 6] = ["key", "message_id", "note", "instrument_version", "goal", "payer"];

fn mix() -> impl Strategy<Value = Mix> {
    let parts = (
        0..100_usize,
        0..40_u8,
        0..3_u8,
        0..TIMES.len(),
        0..2_u8,
        prop::option::of(1..4_u8),
        0..3_u8,
    );
    parts.prop_map(|(example, id, source, time, thing, revision, salt)| Mix {
        example,
        id,
        source,
        time,
        thing,
        revision,
        salt,
    })
}

fn made(mix: &Mix, about: &[Value]) -> Event {
    let mut value = about[mix.example % about.len()].clone();
    value["id"] = json!(format!("e-{}", mix.id));
    value["source"] = json!(format!("urn:test:{}", mix.source));
    value["time"] = json!(TIMES[mix.time]);
    let kind = value["type"].as_str().unwrap();
    // Their reasons are one of a few words.
    let is_code = kind.starts_with("carebus.plan") || kind.starts_with("carebus.notice");
    let data = value["data"].as_object_mut().unwrap();
    for key in THINGS
        .iter()
        .filter(|key| data.contains_key(**key))
        .collect::<Vec<_>>()
    {
        data.insert((*key).to_owned(), json!(format!("{key}-{}", mix.thing)));
    }
    for key in WORDS
        .iter()
        .filter(|key| data.contains_key(**key))
        .collect::<Vec<_>>()
    {
        data.insert((*key).to_owned(), json!(format!("word-{}", mix.salt)));
    }
    if data.contains_key("reason") && !is_code {
        data.insert("reason".to_owned(), json!(format!("reason-{}", mix.salt)));
    }
    if data.contains_key("attempt") || data.contains_key("step") {
        let key = if data.contains_key("step") {
            "step"
        } else {
            "attempt"
        };
        data.insert(key.to_owned(), json!(1 + mix.salt % 2));
    }
    if data.contains_key("modality") && data.contains_key("start") {
        let start = format!("2026-06-1{}T14:00:00Z", mix.salt);
        data.extend([
            ("start".to_owned(), json!(start)),
            ("end".to_owned(), json!(start.replace("14:", "15:"))),
        ]);
        data.insert("practitioner".to_owned(), json!(format!("acu-{}", mix.thing)));
    }
    if data.contains_key("revision") && !value["type"].as_str().unwrap().contains("unprepared") {
        value["data"]["revision"] = json!(mix.revision);
    }
    event(&value)
}

/// Facts of distinct identities about one kind of subject.
fn facts_about(kind: &'static str) -> impl Strategy<Value = Vec<Event>> {
    let prefix = format!("acme/{kind}/");
    let mut about = examples();
    for value in &mut about {
        // Notices of the examples are spread over the kinds; here each of them is about this one.
        let is_notice = value["type"].as_str().unwrap().starts_with("carebus.notice")
            && value["data"]["notice_id"].is_string();
        match kind {
            "patient" if is_notice => value["subject"] = json!("acme/patient/p-7f3a"),
            "member" if is_notice => value["subject"] = json!("acme/member/m-1"),
            _ => {}
        }
    }
    about.retain(|e| e["subject"].as_str().unwrap().starts_with(&prefix));
    prop::collection::vec(mix(), 0..48).prop_map(move |mixes| {
        let mut identities = std::collections::BTreeSet::new();
        let distinct = mixes.iter().filter(|m| identities.insert((m.id, m.source)));
        distinct.map(|m| made(m, &about)).collect()
    })
}

/// Facts of distinct identities about one patient.
pub(crate) fn facts() -> impl Strategy<Value = Vec<Event>> {
    facts_about("patient")
}

/// Facts of distinct identities about one practitioner.
pub(crate) fn practitioner_facts() -> impl Strategy<Value = Vec<Event>> {
    facts_about("practitioner")
}

/// Facts of distinct identities about one member.
pub(crate) fn member_facts() -> impl Strategy<Value = Vec<Event>> {
    facts_about("member")
}

/// The same facts twice: as they are, and in another order with some repeated.
pub(crate) fn twice(
    facts: impl Strategy<Value = Vec<Event>>,
) -> impl Strategy<Value = (Vec<Event>, Vec<Event>)> {
    facts
        .prop_flat_map(|facts| {
            let repeated = prop::collection::vec(0..facts.len().max(1), 0..8);
            (Just(facts), repeated)
        })
        .prop_flat_map(|(facts, repeated)| {
            let again = repeated.iter().filter_map(|i| facts.get(*i).cloned());
            let all: Vec<Event> = facts.iter().cloned().chain(again).collect();
            (Just(facts), Just(all).prop_shuffle())
        })
}

pub(crate) fn chart(facts: &[Event]) -> Chart {
    let mut chart = Chart::new(care::id::PatientId::new("p-7f3a").unwrap());
    facts.iter().for_each(|fact| {
        chart.apply(fact);
    });
    chart
}

/// Reads everything off a chart that can be read, for its panics.
pub(crate) fn read_all(chart: &Chart) -> String {
    let limits = [0, 1, 2].map(|n| MaxMissing::try_from(n).unwrap());
    let mut diary = Diary::default();
    diary.enter_all(chart);
    let sessions: Vec<String> = chart
        .sessions
        .iter()
        .map(|(id, s)| {
            let busy = s
                .practitioner()
                .zip(s.start())
                .map(|(p, at)| diary.busy(p, at, s.end().unwrap_or(at)).count());
            let last = (
                s.status(),
                s.start(),
                s.end(),
                s.revision(),
                s.modality(),
                s.clinic().cloned(),
                busy,
            );
            format!(
                "{id} {last:?} {:?} {:?}",
                s.declined_starts().collect::<Vec<_>>(),
                s.prepares()
            )
        })
        .collect();
    let plan = chart.plan().map(|p| {
        (
            p.status(),
            p.reason(),
            p.zone(),
            p.practitioner().cloned(),
            p.status_since().cloned(),
        )
    });
    let readings = limits.map(|limit| chart.oswestries(limit));
    let attended = (
        chart.attended_ea().len(),
        chart.attended(care::fact::session::Modality::Pt).len(),
    );
    let alerts: Vec<_> = chart
        .alerts
        .values()
        .map(|a| (a.is_open(), a.is_true(), a.severity()))
        .collect();
    let notices: Vec<_> = chart
        .notices
        .values()
        .map(|n| (n.is_sent(), n.last().map(|(k, _)| k)))
        .collect();
    let plan = format!(
        "{plan:?} {:?} {:?} {}",
        chart.episode_start(),
        chart.zone(),
        chart.is_active()
    );
    format!(
        "{plan} {:?} {} {:?} {readings:?} {attended:?} {alerts:?} {notices:?} {sessions:?}",
        chart.holds(),
        chart.taken().len(),
        chart.pains()
    )
}
