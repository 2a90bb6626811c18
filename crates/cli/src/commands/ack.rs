//! `carebus ack`: somebody takes an alert on.

use std::process::ExitCode;

use bus::append::Appended;
use care::chart::Alert;
use care::fact::ours::AlertAcknowledged;
use care::id::{AlertId, EventId, OrgId, Source, derived};
use care::phi::Phi;
use care::time::Timestamp;
use care::{About, Event, Fact};

use super::publish::append_one;
use crate::args::Ack;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::fold::Folded;
use crate::output::Output;
use crate::{fold, link};

pub(crate) async fn run(args: Ack, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let org = config.org()?;
    let conn = link::connect(config).await?;
    let folded = fold::log(&conn, org, Timestamp::MAX, config).await?;
    let (about, alert) = find(&folded, &args.alert).ok_or_else(|| {
        Failure::new(
            Exit::NoInput,
            format!("there is no alert {} in organisation {org}", args.alert),
        )
        .help("`carebus alerts` lists them; ids are exact")
    })?;
    if let Some(known) = already(&alert, &args) {
        output.note(known);
        return Ok(ExitCode::SUCCESS);
    }
    let event = event(org, &about, &alert, &args)?;
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
        let whom = about.kind().code();
        output.value(&serde_json::json!({ "alert_id": args.alert, whom: about.id(), "fact": id }))?;
    } else {
        output.line(format!(
            "alert {} of {} {} is acknowledged",
            args.alert,
            about.kind().code(),
            about.id()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// An alert about a patient or a practitioner, and about whom.
fn find(folded: &Folded, id: &AlertId) -> Option<(About, Alert)> {
    let charts = folded.engine.charts();
    let patients = charts
        .iter()
        .map(|chart| (About::Patient(chart.patient.clone()), &chart.alerts));
    let diary = folded.engine.diary().practitioners();
    let practitioners = diary.map(|(id, known)| (About::Practitioner(id.clone()), &known.alerts));
    let mut all = patients.chain(practitioners);
    all.find_map(|(about, alerts)| Some((about, alerts.get(id)?.clone())))
}

/// What to say when there is nothing left to do.
fn already(alert: &Alert, args: &Ack) -> Option<String> {
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

fn event(org: &OrgId, about: &About, alert: &Alert, args: &Ack) -> Result<Event, Failure> {
    let now = node::Clock::real().now();
    let raised = alert.raised.as_ref().map(|(stamp, _)| stamp);
    let fact = AlertAcknowledged {
        alert_id: args.alert.clone(),
        by: args.by.clone(),
        note: args.note.clone().map(Phi::new),
    };
    let defect = |e: care::id::BadId| Failure::new(Exit::Bug, e.to_string());
    let id = derived(&[org.as_str(), "cli", "ack", args.alert.as_str(), &now.to_string()]);
    let event = Event {
        org: org.clone(),
        about: about.clone(),
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
