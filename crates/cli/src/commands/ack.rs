//! `carebus ack`: somebody takes an alert on.

use std::process::ExitCode;

use bus::append::Appended;
use care::fact::ours::AlertAcknowledged;
use care::id::{EventId, OrgId, Source, derived};
use care::phi::Phi;
use care::time::Timestamp;
use care::{About, Chart, Event, Fact};

use super::publish::append_one;
use crate::args::Ack;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::{fold, link};

pub(crate) async fn run(args: Ack, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let org = config.org()?;
    let conn = link::connect(config).await?;
    let folded = fold::log(&conn, org, Timestamp::MAX, config).await?;
    let charts = folded.engine.charts();
    let chart = charts.into_iter().find(|c| c.alerts.contains_key(&args.alert));
    let chart = chart.ok_or_else(|| {
        Failure::new(
            Exit::NoInput,
            format!("there is no alert {} in organisation {org}", args.alert),
        )
        .help("`carebus alerts` lists them; ids are exact")
    })?;
    if let Some(known) = already(chart, &args) {
        output.note(known);
        return Ok(ExitCode::SUCCESS);
    }
    let event = event(org, chart, &args)?;
    let id = event.id.clone();
    match append_one(&conn, event).await? {
        Appended::Stored { .. } => {}
        Appended::Conflict | Appended::Ambiguous => {
            return Err(Failure::new(Exit::TryAgain, "the server did not answer in time")
                .help("run it again; it counts once"));
        }
    }
    conn.drain().await;
    if output.json() {
        output.value(&serde_json::json!({ "alert_id": args.alert, "patient": chart.patient, "fact": id }))?;
    } else {
        output.line(format!(
            "alert {} of patient {} is acknowledged",
            args.alert, chart.patient
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What to say when there is nothing left to do.
fn already(chart: &Chart, args: &Ack) -> Option<String> {
    let alert = chart.alerts.get(&args.alert)?;
    if let Some((stamp, resolved)) = &alert.resolved {
        return Some(format!(
            "alert {} ended at {}: {}",
            args.alert, stamp.time, resolved.outcome
        ));
    }
    let (stamp, _) = alert.acknowledged.as_ref()?;
    // What was told after that has to be taken on anew.
    let heard = alert.heard.as_ref().map_or(stamp.time, |heard| heard.time);
    if alert.escalated.values().any(|(told, _)| told.time >= heard) {
        return None;
    }
    Some(format!(
        "alert {} was acknowledged at {} already",
        args.alert, stamp.time
    ))
}

fn event(org: &OrgId, chart: &Chart, args: &Ack) -> Result<Event, Failure> {
    let now = node::Clock::real().now();
    let raised = chart
        .alerts
        .get(&args.alert)
        .and_then(|a| a.raised.as_ref())
        .map(|(stamp, _)| stamp);
    let fact = AlertAcknowledged {
        alert_id: args.alert.clone(),
        by: args.by.clone(),
        note: args.note.clone().map(Phi::new),
    };
    let defect = |e: care::id::BadId| Failure::new(Exit::Bug, e.to_string());
    let id = derived(&[org.as_str(), "cli", "ack", args.alert.as_str(), &now.to_string()]);
    let event = Event {
        org: org.clone(),
        about: About::Patient(chart.patient.clone()),
        id: EventId::new(id.to_string()).map_err(defect)?,
        source: Source::new(format!("urn:carebus:{org}:cli")).map_err(defect)?,
        time: now,
        causation: raised.map(|stamp| stamp.id.clone()),
        correlation: raised.map(|stamp| stamp.chain().clone()),
        fact: Fact::AlertAcknowledged(fact),
    };
    // Whoever reads it must be able to: a note may be longer than the contract allows.
    Event::decode_line(&event.encode())
        .map_err(|fault| Failure::new(Exit::BadData, fault.to_string()).help("shorten the note"))
}
