//! How fast facts are read and folded, and what a chart costs in memory.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and may panic"
)]

use std::hint::black_box;

use care::id::{EventId, PatientId};
use care::time::Timestamp;
use care::{About, Chart, Event, Message};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};

const PATIENTS: usize = 100_000;
const EXAMPLES: &str = include_str!("../tests/data/examples.jsonl");
/// What a patient's log is made of.
const USUAL: [&str; 6] = [
    "plan.activated",
    "session.booked",
    "session.moved",
    "session.completed",
    "assessment.oswestry",
    "assessment.pain",
];

fn main() {
    memory();
    divan::main();
}

fn line(name: &str) -> &'static str {
    let kind = format!("\"carebus.{name}.v1\"");
    EXAMPLES.lines().find(|line| line.contains(&kind)).unwrap()
}

/// The usual facts of a patient, each event with allocations of its own, as decoding would leave it.
fn facts_of(patient: usize) -> Vec<Event> {
    let about = About::Patient(PatientId::new(format!("p-{patient}")).unwrap());
    let fact = |name: &&str| {
        let mut event = Event::decode_line(line(name)).unwrap();
        event.id = EventId::new(format!("{patient}-{name}")).unwrap();
        event.about = about.clone();
        event
    };
    USUAL.iter().map(fact).collect()
}

fn empty(patient: usize) -> Chart {
    Chart::new(PatientId::new(format!("p-{patient}")).unwrap())
}

fn fold(chart: &mut Chart, facts: &[Event]) {
    for fact in facts {
        black_box(chart.apply(fact));
    }
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok())
        .unwrap_or(0)
        * 4096
}

/// Memory of charts while the facts they came from are gone again.
fn memory() {
    let before = resident_bytes();
    let charts: Vec<Chart> = (0..PATIENTS)
        .map(|patient| {
            let mut chart = empty(patient);
            fold(&mut chart, &facts_of(patient));
            chart
        })
        .collect();
    let resident = resident_bytes().saturating_sub(before) / PATIENTS;
    let encoded = postcard::to_allocvec(&charts[0]).unwrap().len();
    println!(
        "a chart of {} facts: {resident} bytes resident, {encoded} bytes in the checkpoint",
        USUAL.len()
    );
}

/// A booking of about 600 bytes, as it comes from the log.
#[divan::bench]
fn decode_structured(bencher: Bencher<'_, '_>) {
    let payload = line("session.moved").as_bytes();
    let received_at: Timestamp = "2026-06-01T16:00:00Z".parse().unwrap();
    let subject = "care.acme.patient.p-7f3a.session.moved";
    bencher
        .counter(BytesCount::new(payload.len()))
        .counter(ItemsCount::new(1_usize))
        .bench(|| {
            let message = Message {
                subject,
                headers: &[],
                payload: black_box(payload),
                received_at,
            };
            Event::decode(message).unwrap()
        });
}

#[divan::bench]
fn encode(bencher: Bencher<'_, '_>) {
    let event = Event::decode_line(line("session.moved")).unwrap();
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| black_box(&event).encode());
}

/// Each kind of fact once for each of 100 000 patients, interleaved as a log is.
#[divan::bench(args = ["all", "plan.activated", "session.moved", "assessment.pain"], sample_count = 5, sample_size = 1)]
fn apply_over_100_000_patients(bencher: Bencher<'_, '_>, which: &str) {
    let facts: Vec<Vec<Event>> = (0..PATIENTS)
        .map(|patient| {
            let wanted = |e: &Event| which == "all" || e.fact.name() == which;
            facts_of(patient).into_iter().filter(wanted).collect()
        })
        .collect();
    let per_patient = facts[0].len();
    bencher
        .counter(ItemsCount::new(PATIENTS * per_patient))
        .with_inputs(|| (0..PATIENTS).map(empty).collect::<Vec<Chart>>())
        .bench_local_values(|mut charts| {
            for kind in 0..per_patient {
                for (chart, facts) in charts.iter_mut().zip(&facts) {
                    black_box(chart.apply(&facts[kind]));
                }
            }
            charts
        });
}

/// What a redelivery costs.
#[divan::bench]
fn apply_again(bencher: Bencher<'_, '_>) {
    let facts = facts_of(1);
    let mut chart = empty(1);
    fold(&mut chart, &facts);
    bencher
        .counter(ItemsCount::new(facts.len()))
        .bench_local(|| facts.iter().map(|f| chart.apply(f)).count());
}

/// What the checkpoint does with each chart that changed.
#[divan::bench]
fn chart_to_postcard(bencher: Bencher<'_, '_>) {
    let mut chart = empty(1);
    fold(&mut chart, &facts_of(1));
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| postcard::to_allocvec(black_box(&chart)).unwrap());
}
