//! `carebus bench`: what this machine does with it, measured against what it could do, in one run and as ratios.

mod catch_up;
mod facts;
mod figure;
mod ground;
mod importing;
mod live;
mod lived;
mod machine;
mod memory;
mod month;
mod placing;
mod red_flag;
mod restart;
mod sink;

use std::ops::Range;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Map, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::{Bench, Measurement};
use crate::demo::server;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use figure::{Found, Line};

/// Patients whose facts are written together: a whole number of practitioners.
const CHUNK: usize = 2048;

/// How large everything is.
pub(crate) struct Scale {
    program: PathBuf,
    is_quick: bool,
    rounds: usize,
    patients: Option<usize>,
    facts: Option<usize>,
}

impl Scale {
    /// The full size, or the quick one.
    pub(crate) const fn pick<T: Copy>(&self, full: T, quick: T) -> T {
        if self.is_quick { quick } else { full }
    }

    /// Progress, on stderr.
    #[expect(clippy::unused_self, reason = "reads as what it is at the call")]
    pub(crate) fn say(&self, text: &str) {
        crate::output::note(format!("… {text}"));
    }
}

/// So many patients in chunks.
pub(crate) fn chunks(patients: usize) -> impl Iterator<Item = Range<usize>> {
    (0..patients)
        .step_by(CHUNK)
        .map(move |from| from..(from + CHUNK).min(patients))
}

/// Measures until done or told to stop; dropping a measurement on the way ends its server and removes its files.
pub(crate) async fn run(args: &Bench, output: &Output) -> Result<ExitCode, Failure> {
    let listen = |e| Failure::new(Exit::Other, format!("cannot listen for signals: {e}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(listen)?;
    tokio::select! {
        done = Box::pin(measure_all(args, output)) => done,
        _ = tokio::signal::ctrl_c() => Err(Failure::new(Exit::Interrupted, "the benchmark was interrupted")),
        _ = terminate.recv() => Err(Failure::new(Exit::Terminated, "the benchmark was stopped")),
    }
}

/// Measures what was asked for; the table goes to stderr, the figures as JSON to stdout.
async fn measure_all(args: &Bench, output: &Output) -> Result<ExitCode, Failure> {
    if !machine::is_optimised() {
        output.note("warning: this is a debug build, some ten times slower: its figures say nothing; use cargo run --release");
    }
    let scale = Scale {
        program: server::find(args.nats_server.as_deref())?,
        is_quick: args.quick,
        rounds: if args.quick { 1 } else { args.rounds.into() },
        patients: args.patients.map(|n| n as usize),
        facts: args.facts.map(|n| n as usize),
    };
    let mut measurements = Map::new();
    let mut lines = Vec::new();
    for which in Measurement::ALL {
        if args.only.is_empty() || args.only.contains(&which) {
            let found = Box::pin(measure(which, &scale)).await?;
            measurements.insert(which.name().to_owned(), found.json);
            lines.extend(found.lines);
        }
    }
    let report = json!({
        "machine": machine::look(),
        "nats_server": version(&scale),
        "sync_interval": "always",
        "quick": args.quick,
        "rounds": scale.rounds,
        "measurements": measurements,
    });
    table(&lines, output);
    if let Some(file) = &args.out {
        let text = serde_json::to_string_pretty(&report).unwrap_or_default();
        std::fs::write(file, text + "\n").map_err(|e| Failure::file(file, &e))?;
    }
    output.value(&report)?;
    Ok(ExitCode::SUCCESS)
}

async fn measure(which: Measurement, scale: &Scale) -> Result<Found, Failure> {
    match which {
        Measurement::CatchUp => catch_up::measure(scale).await,
        Measurement::Live => Box::pin(live::measure(scale)).await,
        Measurement::RedFlag => red_flag::measure(scale).await,
        Measurement::Restart => restart::measure(scale).await,
        Measurement::Memory => memory::measure(scale).await,
        Measurement::Placing => placing::measure(scale),
        Measurement::Importing => importing::measure(scale).await,
    }
}

/// What the server's program calls itself.
fn version(scale: &Scale) -> String {
    let said = std::process::Command::new(&scale.program)
        .arg("--version")
        .output();
    let said = said.map(|done| String::from_utf8_lossy(&done.stdout).trim().to_owned());
    said.unwrap_or_default()
}

fn table(lines: &[Line], output: &Output) {
    let wide = |of: fn(&Line) -> &str| {
        lines
            .iter()
            .map(|line| of(line).chars().count())
            .max()
            .unwrap_or(0)
    };
    let (what, measured) = (wide(|line| &line.what), wide(|line| &line.measured));
    output.note(format!(
        "\n{:what$}  {:>measured$}  goal",
        "min / median / max over the rounds", "measured"
    ));
    for line in lines {
        output.note(format!("{:what$}  {:>measured$}  {}", line.what, line.measured, line.goal).trim_end());
    }
}
