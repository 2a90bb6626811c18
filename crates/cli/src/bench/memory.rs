//! (e) Memory and the cost of a poll, at so many active patients: the engine alone, each size in a process of its own.

use std::process::Stdio;

use care::Policy;
use care::time::hours;
use engine::{Engine, Settings};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::Instant;

use super::figure::{Found, Line, percentile};
use super::{Scale, catch_up, facts, machine};
use crate::exit::{Exit, Failure};

/// Seconds after which a node has folded small whatever nobody touched meanwhile.
const ROUNDS_TO_REST: usize = 20;
/// Polls of which the median is told.
const POLLS: usize = 1000;

pub(crate) async fn measure(scale: &Scale) -> Result<Found, Failure> {
    let sizes: &[usize] = scale.pick(&[10_000, 100_000, 1_000_000], &[1_000]);
    let mut found = Vec::new();
    if let Some(patients) = scale.patients {
        found.push(one(patients)?);
    } else {
        for size in sizes {
            scale.say(&format!("memory: {size} patients"));
            found.push(in_a_process(*size).await?);
        }
    }
    let number = |size: &Value, name: &str| size[name].as_f64().unwrap_or(f64::NAN);
    let mut lines = Vec::new();
    for size in &found {
        let (patients, mb) = (number(size, "patients"), |name| number(size, name) / 1e6);
        let goal = if patients == 100_000.0 { "≤ 250 MB" } else { "" };
        lines.push(Line::new(
            format!("memory at {patients} patients at rest, MB"),
            format!("{:.0}", mb("resident_at_rest")),
            goal,
        ));
        lines.push(Line::new(
            "… when the log was read / everybody was asked / a checkpoint was taken, MB",
            format!(
                "{:.0} / {:.0} / {:.0}",
                mb("resident_read"),
                mb("resident_asked"),
                mb("resident_saved")
            ),
            "",
        ));
        lines.push(Line::new(
            format!("a poll at {patients} patients with nothing due: median / p99, ns"),
            format!(
                "{:.0} / {:.0}",
                number(size, "poll_ns_median"),
                number(size, "poll_ns_p99")
            ),
            "",
        ));
    }
    Ok(Found {
        json: json!({ "sizes": found }),
        lines,
    })
}

/// Another process of ours that measures one size: memory that was used once would blur the next size's.
async fn in_a_process(patients: usize) -> Result<Value, Failure> {
    let program = std::env::current_exe().map_err(|e| Failure::new(Exit::Other, e.to_string()))?;
    let done = Command::new(&program)
        .args([
            "bench",
            "--only",
            "memory",
            "--patients",
            &patients.to_string(),
            "--json",
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|e| Failure::file(&program, &e))?;
    let value: Value = serde_json::from_slice(&done.stdout).unwrap_or_default();
    let size = value["measurements"]["memory"]["sizes"][0].clone();
    if size.is_null() {
        return Err(Failure::new(
            Exit::Other,
            format!("measuring {patients} patients ended with {}", done.status),
        ));
    }
    Ok(size)
}

/// Reads, asks everybody, takes the checkpoint and rests, as a node does, and looks at the memory after each.
fn one(patients: usize) -> Result<Value, Failure> {
    let before = machine::resident();
    let mut engine = Engine::new(Settings::new(facts::org()?, Policy::default()));
    // Nobody is booked and nobody is written to: this is about what is kept, not about what is said.
    engine.set_workers([care::Worker::Oswestry, care::Worker::Triggers].into());
    engine.begin_backlog();
    let mut position = 0;
    let mut folding = 0.0;
    for chunk in super::chunks(patients) {
        let events = catch_up::usual_of(chunk)?;
        let began = Instant::now();
        for event in &events {
            position += 1;
            engine.apply(event, position);
        }
        folding += began.elapsed().as_secs_f64();
    }
    let began = Instant::now();
    engine.end_backlog();
    folding += began.elapsed().as_secs_f64();
    let read = machine::resident();
    let began = Instant::now();
    let said = settle(&mut engine, &mut position);
    let asking = began.elapsed().as_secs_f64();
    let asked = machine::resident();
    let began = Instant::now();
    let taken: usize = engine
        .take_changes()
        .iter()
        .filter_map(|(_, value)| value.as_ref())
        .flatten()
        .map(|part| part.len())
        .sum();
    let taking = began.elapsed().as_secs_f64();
    let saved = machine::resident();
    for _ in 0..ROUNDS_TO_REST {
        engine.fold_idle(patients);
    }
    let rested = machine::resident();
    let nanoseconds = polls(&mut engine);
    Ok(json!({
        "patients": patients,
        "facts": position,
        "said": said,
        "resident_before": before,
        "resident_read": read,
        "resident_asked": asked,
        "resident_saved": saved,
        "resident_at_rest": rested,
        "bytes_per_patient": rested.saturating_sub(before) / patients.max(1) as u64,
        "checkpoint_bytes_per_patient": taken / patients.max(1),
        "folded_per_second": (position - said) as f64 / folding,
        "asked_per_second": patients as f64 / asking,
        "checkpoint_taken_seconds": taking,
        "poll_ns_median": percentile(&nanoseconds, 0.5),
        "poll_ns_p99": percentile(&nanoseconds, 0.99),
    }))
}

/// Asks until nobody has anything to say now; what is said is folded as the log would give it back.
fn settle(engine: &mut Engine, position: &mut u64) -> u64 {
    let mut said = 0;
    while engine.is_due(facts::now()) {
        for decision in engine.poll(facts::now()) {
            for event in &decision.events {
                *position += 1;
                said += 1;
                engine.apply(event, *position);
            }
        }
    }
    said
}

/// Nanoseconds of polls at which nothing is due, sorted.
fn polls(engine: &mut Engine) -> Vec<f64> {
    let later = facts::now().saturating_add(hours(1)).unwrap_or_default();
    let at = engine.wake_at().map_or(later, |due| due.min(later));
    let before_it = at
        .saturating_sub(care::time::SignedDuration::from_millis(1))
        .unwrap_or(at);
    let mut nanoseconds: Vec<f64> = (0..POLLS)
        .map(|_| {
            let began = Instant::now();
            std::hint::black_box(engine.poll(before_it));
            began.elapsed().as_secs_f64() * 1e9
        })
        .collect();
    nanoseconds.sort_by(f64::total_cmp);
    nanoseconds
}
