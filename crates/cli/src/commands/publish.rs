//! `carebus publish`: a file is checked whole, then sent in its order, in batches.

use std::collections::BTreeSet;
use std::process::ExitCode;

use bus::append::{Append, Appended, Tally, append, import};
use bus::{BusError, Connection};
use care::Event;
use care::id::OrgId;

use crate::args::Publish;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::{lines, link};

pub(crate) async fn run(args: &Publish, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let events = lines::read(&args.file)?;
    let conn = link::connect(config).await?;
    let orgs: BTreeSet<&OrgId> = events.iter().map(|e| &e.org).collect();
    for org in orgs {
        bus::streams::head(&conn, org).await?;
    }
    let checked = events.len();
    if args.dry_run {
        return report(output, checked, Tally::default(), "would be sent");
    }
    let tally = send(&conn, events).await?;
    conn.drain().await;
    report(output, checked, tally, "sent")
}

fn report(output: &Output, checked: usize, tally: Tally, what: &str) -> Result<ExitCode, Failure> {
    let Tally { stored, known } = tally;
    if output.json() {
        output.value(&serde_json::json!({ "checked": checked, "stored": stored, "known": known }))?;
    } else {
        let again = if known > 0 {
            format!(", {known} of them known to the server already")
        } else {
            String::new()
        };
        output.line(format!("{checked} facts {what}{again}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Sends all in their order, in batches; returns how many were stored now, and how many the server knew.
async fn send(conn: &Connection, events: Vec<Event>) -> Result<Tally, Failure> {
    let all = events.len();
    let mut tally = Tally::default();
    let messages = events.iter().map(|event| Append::fact(event, None));
    match import(conn, messages, &mut tally).await {
        Ok(true) => Ok(tally),
        Ok(false) => Err(stopped(
            "the server did not answer in time",
            Exit::TryAgain,
            tally.done(),
            all,
        )),
        Err(error) => {
            let failure = Failure::from(error);
            let exit = failure.exit();
            Err(stopped(failure.message(), exit, tally.done(), all))
        }
    }
}

fn stopped(why: &str, exit: Exit, done: usize, all: usize) -> Failure {
    Failure::new(
        exit,
        format!("{why}; the first {done} of {all} facts are in the log, of the others some may be"),
    )
    .help("publish the same file again: what is there already counts once")
}

/// One event on its subject, as it is written in canonical form.
pub(crate) async fn append_one(conn: &Connection, event: Event) -> Result<Appended, BusError> {
    append(conn, Append::fact(&event, None)).await
}
