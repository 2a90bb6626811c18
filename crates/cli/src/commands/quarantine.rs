//! `carebus quarantine`: what was refused, and what becomes of it.

use std::process::ExitCode;

use bus::Connection;
use bus::quarantine::{Entry, discard, get_entry, list, retry};
use care::id::OrgId;
use serde_json::{Value as Json, json};

use crate::args::Quarantine;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::link;
use crate::output::{Output, Value};

/// Entries asked for at once.
const PAGE: usize = 500;

pub(crate) async fn run(args: &Quarantine, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let org = config.org()?;
    let conn = link::connect(config).await?;
    match *args {
        Quarantine::List => show_list(&conn, org, output).await?,
        Quarantine::Show { number } => show(&conn, org, number, output).await?,
        Quarantine::Retry { number } => {
            let sequence = retry(&conn, org, number).await?.ok_or_else(|| nothing(number))?;
            done(
                output,
                json!({ "number": number, "sequence": sequence }),
                &format!("entry {number} is in the log again, at {sequence}"),
            )?;
        }
        Quarantine::Drop { number } => {
            if !discard(&conn, org, number).await? {
                return Err(nothing(number));
            }
            done(
                output,
                json!({ "number": number, "dropped": true }),
                &format!("entry {number} is dropped, its content gone"),
            )?;
        }
    }
    conn.drain().await;
    Ok(ExitCode::SUCCESS)
}

fn nothing(number: u64) -> Failure {
    Failure::new(
        Exit::NoInput,
        format!("no entry {number} waits in the quarantine"),
    )
    .help("`carebus quarantine list` shows the numbers")
}

fn done(output: &Output, json: Json, text: &str) -> Result<(), Failure> {
    if output.json() {
        output.value(&json)
    } else {
        output.line(text)
    }
}

async fn show_list(conn: &Connection, org: &OrgId, output: &Output) -> Result<(), Failure> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let from = entries.last().map_or(0, |last| last.sequence + 1);
        // Past the end there is nothing to open a reader at.
        let page = match list(conn, org, from, PAGE).await {
            Err(bus::BusError::LogChanged { .. }) if from > 0 => Vec::new(),
            other => other?,
        };
        let last = page.len() < PAGE;
        entries.extend(page);
        if last {
            break;
        }
    }
    if output.json() {
        return output.value(&entries.iter().map(outline).collect::<Vec<_>>());
    }
    let row = |e: &Entry| -> Vec<Value> {
        let since = e.since.strftime("%Y-%m-%d %H:%M UTC").to_string();
        vec![
            e.sequence.to_string().into(),
            since.into(),
            e.reason.as_str().into(),
            e.detail.as_str().into(),
            e.source_subject.as_str().into(),
        ]
    };
    output.table(
        &["number", "since", "reason", "expected", "subject"],
        entries.iter().map(row).collect(),
    )?;
    output.note(format!(
        "{} messages wait; carebus quarantine show | retry | drop NUMBER",
        entries.len()
    ));
    Ok(())
}

fn outline(entry: &Entry) -> Json {
    json!({
        "number": entry.sequence,
        "since": entry.since,
        "reason": entry.reason,
        "detail": entry.detail,
        "subject": entry.source_subject,
        "sequence": entry.source_sequence,
    })
}

async fn show(conn: &Connection, org: &OrgId, number: u64, output: &Output) -> Result<(), Failure> {
    let entry = get_entry(conn, org, number)
        .await?
        .ok_or_else(|| nothing(number))?;
    let body = String::from_utf8_lossy(&entry.payload);
    if output.json() {
        let mut value = outline(&entry);
        value["headers"] = json!(entry.headers);
        value["body"] = json!(body);
        return output.value(&value);
    }
    output.line(format!("entry {number}: {}: {}", entry.reason, entry.detail))?;
    output.line(format!(
        "from {} at sequence {} of the log, since {}",
        entry.source_subject, entry.source_sequence, entry.since
    ))?;
    for (name, value) in &entry.headers {
        output.line(format!("{name}: {}", printable(value)))?;
    }
    output.line("")?;
    output.line(printable(&body))
}

/// A stranger's bytes must not move the cursor or change colours.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\n' && c != '\t' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}
