//! How fast the engine folds and how little a poll with nothing due costs, however many patients there are.

use std::hint::black_box;

use care::Event;
use care::id::OrgId;
use care::time::{Timestamp, hours};
use engine::{Engine, Settings};

fn main() {
    divan::main();
}

const START: &str = "2026-06-01T12:00:00Z";

fn start() -> Timestamp {
    START.parse().unwrap_or_default()
}

/// One pain score of about 600 bytes per patient, over so many patients.
fn facts(patients: usize, facts: usize) -> Vec<Event> {
    (0..facts)
        .map(|n| {
            let patient = n % patients;
            let filler = "x".repeat(220);
            let line = format!(
                r#"{{"specversion":"1.0","id":"e-{n}","source":"urn:carebus:bench:clinic-of-the-bench","type":"carebus.assessment.pain.v1","subject":"bench/patient/p-{patient}","time":"{START}","datacontenttype":"application/json","data":{{"assessment_id":"a-{n}","performed_at":"{START}","by":{{"role":"patient"}},"scale":"vas","value":{},"context":"now","kept_and_ignored":"{filler}"}}}}"#,
                n % 101
            );
            Event::decode_line(&line).unwrap_or_else(|fault| panic!("{fault}"))
        })
        .collect()
}

fn engine() -> Engine {
    let org = OrgId::new("bench").unwrap_or_else(|e| panic!("{e}"));
    Engine::new(Settings::new(org, care::Policy::default()))
}

/// Everybody folded and asked once; nobody has anything to do.
fn rested(patients: usize) -> Engine {
    let mut engine = engine();
    for (position, event) in facts(patients, patients).iter().enumerate() {
        engine.apply(event, position as u64 + 1);
    }
    while engine.is_due(start()) {
        black_box(engine.poll(start()));
    }
    engine
}

/// 200 000 facts about 100 000 patients.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn apply(bencher: divan::Bencher<'_, '_>) {
    let events = facts(100_000, 200_000);
    bencher
        .counter(divan::counter::ItemsCount::new(events.len()))
        .with_inputs(engine)
        .bench_local_refs(|engine| {
            for (position, event) in events.iter().enumerate() {
                engine.apply(event, position as u64 + 1);
            }
        });
}

/// A poll an hour later, when nothing is due.
#[divan::bench(args = [10_000, 100_000, 1_000_000], sample_count = 20, sample_size = 100)]
fn poll_with_nothing_due(bencher: divan::Bencher<'_, '_>, patients: usize) {
    let mut engine = rested(patients);
    let later = start().saturating_add(hours(1)).unwrap_or_default();
    bencher.bench_local(|| black_box(engine.poll(later)));
}
