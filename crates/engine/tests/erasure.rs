//! A patient who is erased leaves nothing behind in the state, in the checkpoint, or in anybody's diary; and what the
//! log says of itself is said once.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::{BTreeMap, BTreeSet};

use care::fact::ours::{LogChanged, LogFound};
use care::id::{MemberId, OrgId, PatientId, PractitionerId};
use care::time::Timestamp;
use care::{About, Event, Fact, Policy};
use engine::{Engine, LogChange, Settings};

fn event(id: &str, kind: &str, about: &str, data: &str) -> Event {
    let line = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"urn:test:clinic","type":"carebus.{kind}.v1","subject":"acme/{about}","time":"2026-06-01T14:00:00Z","data":{data}}}"#
    );
    Event::decode_line(&line).unwrap_or_else(|fault| panic!("{id}: {fault}"))
}

fn now() -> Timestamp {
    "2026-06-01T14:00:00Z".parse().unwrap()
}

fn append(engine: &mut Engine, events: &[Event]) {
    for event in events {
        engine.apply(event, engine.position() + 1);
    }
}

/// Lets the workers say all they have to say.
fn settle(engine: &mut Engine) -> Vec<Event> {
    let mut said = Vec::new();
    while engine.is_due(now()) {
        for decision in engine.poll(now()) {
            append(engine, &decision.events);
            said.extend(decision.events);
        }
    }
    said
}

fn patient(n: usize) -> [Event; 2] {
    let plan = format!(
        r#"{{"plan_id":"cp-{n}","revision":1,"timezone":"America/Toronto","started_on":"2026-06-01","patient":{{}},"team":[{{"role":"acupuncturist","member_id":"m-3","email":"m-3@acu.example","practitioner":"acu-1"}}],"ea":{{"duration_min":45,"points":["BL23"]}}}}"#
    );
    let pt = format!(
        r#"{{"session_id":"pt-{n}","revision":1,"modality":"pt","clinic":"east","start":"2026-06-10T1{n}:00:00Z","end":"2026-06-10T1{n}:50:00Z"}}"#
    );
    let about = format!("patient/p-{n}");
    [
        event(&format!("plan-{n}"), "plan.activated", &about, &plan),
        event(&format!("pt-{n}"), "session.booked", &about, &pt),
    ]
}

fn erased(n: usize) -> Event {
    event(
        &format!("erased-{n}"),
        "patient.erased",
        &format!("patient/p-{n}"),
        r#"{"removed":7}"#,
    )
}

fn settings() -> Settings {
    let mut policy = Policy::default();
    policy.mail.on_call = "on-call@clinic.example".to_owned();
    Settings::new(OrgId::new("acme").unwrap(), policy)
}

fn engine_with_two() -> Engine {
    let mut engine = Engine::new(settings());
    let week =
        r#"{"revision":1,"timezone":"America/Toronto","weekly":[{"day":"mon","from":"08:00","to":"18:00"}]}"#;
    append(
        &mut engine,
        &[event("c", "calendar.published", "practitioner/acu-1", week)],
    );
    for n in [3, 5] {
        append(&mut engine, &patient(n));
    }
    settle(&mut engine);
    engine
}

fn busy(engine: &Engine) -> BTreeSet<String> {
    let (from, to) = (
        "2026-06-01T00:00:00Z".parse().unwrap(),
        "2026-07-01T00:00:00Z".parse().unwrap(),
    );
    let acupuncturist = PractitionerId::new("acu-1").unwrap();
    let slots = engine.diary().busy(&acupuncturist, from, to);
    slots.map(|slot| slot.patient.to_string()).collect()
}

#[test]
fn an_erased_patient_is_gone_from_state_diary_agenda_and_checkpoint() {
    let mut engine = engine_with_two();
    let mut saved: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let save = |engine: &mut Engine, saved: &mut BTreeMap<Vec<u8>, Vec<u8>>| {
        for (key, value) in engine.take_changes() {
            match value {
                Some(value) => drop(saved.insert(key, value.concat())),
                None => drop(saved.remove(&key)),
            }
        }
    };
    save(&mut engine, &mut saved);
    let one = |n: usize| format!("p-{n}");
    assert_eq!(busy(&engine), BTreeSet::from([one(3), one(5)]));
    assert!(saved.contains_key(&b"p/p-3"[..]));

    append(&mut engine, &[erased(3)]);
    assert_eq!(busy(&engine), BTreeSet::from([one(5)]));
    let id = PatientId::new("p-3").unwrap();
    assert!(engine.chart(&id).is_none() && engine.is_erased(&About::Patient(id.clone())));
    assert!(engine.agenda().all(|(_, about)| about.id() != "p-3"));
    settle(&mut engine);
    save(&mut engine, &mut saved);
    assert!(!saved.contains_key(&b"p/p-3"[..]));

    let mut again = Engine::restore(settings(), saved.clone(), engine.position()).unwrap();
    assert_eq!(again.state_hash(), engine.state_hash());
    for engine in [&mut engine, &mut again] {
        append(engine, &patient(3));
        assert!(engine.chart(&id).is_none(), "what comes later is no new patient");
        assert!(settle(engine).iter().all(|event| event.about.id() != "p-3"));
        assert_eq!(busy(engine), BTreeSet::from([one(5)]));
    }
    // The log without what was erased, and the mark first or last: the same state.
    let mut shorter = Engine::new(settings());
    append(&mut shorter, &[erased(3)]);
    append(&mut shorter, &patient(5));
    let mut other = Engine::new(settings());
    append(&mut other, &patient(3));
    append(&mut other, &patient(5));
    append(&mut other, &[erased(3)]);
    assert_eq!(shorter.state_hash(), other.state_hash());
}

fn change(position: u64, said_before: BTreeSet<care::id::EventId>) -> LogChange {
    LogChange {
        key: format!("from {position}"),
        found: LogChanged {
            found: LogFound::Shorter,
            known_created: now(),
            known_position: position,
            created: now(),
            last_position: 3,
        },
        said_before,
    }
}

#[test]
fn a_log_that_changed_is_told_once_whoever_found_it_and_a_second_change_is_told_again() {
    let mut engine = Engine::new(settings());
    engine.report_log_change(change(9, BTreeSet::new()));
    let said = settle(&mut engine);
    let names: Vec<String> = said.iter().map(|event| event.fact.name()).collect();
    assert_eq!(names[..2], ["log.changed", "notice.attempted"], "{names:?}");
    assert_eq!(engine.log_change(), None);
    let on_call = MemberId::new("on-call").unwrap();
    assert!(
        said.iter()
            .all(|event| event.about == About::Member(on_call.clone()))
    );

    // Another node found the same at another position, and had heard of nothing before.
    engine.report_log_change(change(8, BTreeSet::new()));
    assert!(
        settle(&mut engine)
            .iter()
            .all(|event| !matches!(event.fact, Fact::LogChanged(_)))
    );

    let known = engine.log_changes();
    engine.report_log_change(change(7, known));
    let again = settle(&mut engine);
    assert_eq!(
        again
            .iter()
            .filter(|event| matches!(event.fact, Fact::LogChanged(_)))
            .count(),
        1
    );
}
