//! What the demo ends with: each patient's sessions, the alerts, the mails, and what to try next.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use engine::Engine;

use super::course::PATIENTS;
use super::facts::ORG;
use crate::commands::{alerts, chart};
use crate::exit::Failure;
use crate::output::{Output, Value};
use crate::prepared;

/// What the report says beside the state.
pub(crate) struct Scene<'a> {
    pub(crate) out: &'a Path,
    /// Facts that people published.
    pub(crate) inputs: usize,
    /// Facts in the log.
    pub(crate) facts: u64,
    pub(crate) refused: u64,
    pub(crate) took: Duration,
    /// Address, monitoring address and process id of the server, if it is left running.
    pub(crate) server: Option<(String, String, u32)>,
}

pub(crate) fn print(engine: &Engine, scene: &Scene<'_>, output: &Output) -> Result<(), Failure> {
    if output.json() {
        return json(engine, scene, output);
    }
    for patient in &PATIENTS {
        let Some(chart) = engine
            .charts()
            .into_iter()
            .find(|c| c.patient.as_str() == patient.id)
        else {
            continue;
        };
        output.heading(&format!("{}: {}", patient.id, patient.story))?;
        let zone = chart.zone();
        output.table(
            &prepared::HEADER,
            prepared::rows(&chart)
                .iter()
                .map(|row| row.cells(&zone))
                .collect(),
        )?;
    }
    output.heading("Alerts")?;
    let mut rows: Vec<(care::time::Timestamp, Vec<Value>)> = Vec::new();
    for chart in engine.charts() {
        rows.extend(
            alerts::of(&chart, &engine.settings().policy)
                .iter()
                .map(|line| (line.raised_at, line.cells(&chart.zone()))),
        );
    }
    rows.sort_by_key(|(at, _)| *at);
    output.table(
        &alerts::HEADER,
        rows.into_iter().map(|(_, cells)| cells).collect(),
    )?;
    output.heading("Mails by recipient")?;
    let mails = mails(engine)
        .into_iter()
        .map(|(who, count)| vec![who.into(), count.to_string().into()])
        .collect();
    output.table(&["recipient", "mails"], mails)?;
    next(scene, output)
}

/// Mails taken, by the role of their recipient.
fn mails(engine: &Engine) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for one in engine.charts() {
        for (id, record) in one.notices.iter().filter(|(_, record)| record.is_sent()) {
            let told = chart::told(&one, id, record);
            let who = told
                .role
                .map_or_else(|| told.member_id.to_string(), |role| role.code().to_owned());
            *counts.entry(who).or_insert(0) += 1;
        }
    }
    counts
}

fn next(scene: &Scene<'_>, output: &Output) -> Result<(), Failure> {
    let out = scene.out.display();
    let seconds = scene.took.as_secs_f64();
    output.line(format!(
        "\nTwelve weeks in {seconds:.1} s: {} facts from people, {} written by carebus, {} refused.",
        scene.inputs,
        scene.facts.saturating_sub(scene.inputs as u64),
        scene.refused
    ))?;
    output.line(format!("Mails: {out}/mail/*.eml, each opens in a mail program"))?;
    output.line(format!(
        "Facts: {out}/inputs.jsonl is what people published, {out}/facts.jsonl the whole log"
    ))?;
    output.line("\nTry next:")?;
    let simulate = format!("simulate {out}/inputs.jsonl --policy {out}/policy.toml --until 2026-08-31");
    output.line(format!(
        "  carebus {simulate}\n      (the same facts without NATS)"
    ))?;
    let Some((url, monitor, pid)) = &scene.server else {
        for command in [
            "chart p-maria",
            "alerts --all",
            "agenda --at 2026-07-01",
            "explain ID",
        ] {
            output.line(format!("  carebus {command} --file {out}/facts.jsonl"))?;
        }
        output.line("  carebus rules")?;
        return output
            .line("  carebus demo --keep\n      (leaves the server running, to look around in the log)");
    };
    output.line(format!(
        "  export NATS_URL={url} CAREBUS_ORG={ORG} CAREBUS_POLICY={out}/policy.toml"
    ))?;
    for command in [
        "carebus chart p-maria",
        "carebus alerts",
        "carebus agenda --at 2026-07-01",
        "carebus explain ID                 (an id of the tables above)",
        "carebus export | tail -n 3",
        "carebus up                         (real time from here on; ^C ends it)",
    ] {
        output.line(format!("  {command}"))?;
    }
    output.line(format!("  carebus doctor --monitor {monitor}"))?;
    output.line(format!(
        "\nnats-server is still running at {url}; end it with: kill {pid}"
    ))
}

fn json(engine: &Engine, scene: &Scene<'_>, output: &Output) -> Result<(), Failure> {
    let charts = engine.charts();
    let patients: BTreeMap<&str, Vec<prepared::Row>> = charts
        .iter()
        .map(|chart| (chart.patient.as_str(), prepared::rows(chart)))
        .collect();
    let of = |chart| alerts::of(chart, &engine.settings().policy);
    let alerts: Vec<alerts::Line> = charts.iter().map(AsRef::as_ref).flat_map(of).collect();
    output.value(&serde_json::json!({
        "patients": patients,
        "alerts": alerts,
        "mails": mails(engine),
        "inputs": scene.inputs,
        "facts": scene.facts,
        "refused": scene.refused,
        "seconds": scene.took.as_secs_f64(),
        "out": scene.out,
        "nats": scene.server.as_ref().map(|(url, _, _)| url),
        "pid": scene.server.as_ref().map(|(_, _, pid)| pid),
    }))
}
