//! `carebus publish`: a file is checked whole, then sent line by line.

use std::collections::BTreeSet;
use std::process::ExitCode;

use bus::append::{Append, Appended, append};
use bus::{BusError, Connection};
use care::Event;
use care::id::OrgId;
use futures_util::{StreamExt, stream};

use crate::args::Publish;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::{lines, link};

/// Appends under way at once; the client sends them in order.
const AT_ONCE: usize = 64;

pub(crate) async fn run(args: &Publish, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let events = lines::read(&args.file)?;
    let conn = link::connect(config).await?;
    let orgs: BTreeSet<&OrgId> = events.iter().map(|e| &e.org).collect();
    for org in orgs {
        bus::streams::head(&conn, org).await?;
    }
    let checked = events.len();
    if args.dry_run {
        return report(output, checked, 0, 0, "would be sent");
    }
    let (stored, known) = send(&conn, events).await?;
    conn.drain().await;
    report(output, checked, stored, known, "sent")
}

fn report(
    output: &Output,
    checked: usize,
    stored: usize,
    known: usize,
    what: &str,
) -> Result<ExitCode, Failure> {
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

/// Sends all; returns how many were stored now, and how many the server knew.
async fn send(conn: &Connection, events: Vec<Event>) -> Result<(usize, usize), Failure> {
    let all = events.len();
    let (mut stored, mut known) = (0, 0);
    let mut answers = stream::iter(events)
        .map(|event| append_one(conn, event))
        .buffered(AT_ONCE);
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(Appended::Stored { duplicate: false, .. }) => stored += 1,
            Ok(Appended::Stored { duplicate: true, .. }) => known += 1,
            Ok(Appended::Conflict | Appended::Ambiguous) => {
                return Err(stopped(
                    "the server did not answer in time",
                    Exit::TryAgain,
                    stored + known,
                    all,
                ));
            }
            Err(error) => {
                let failure = Failure::from(error);
                let exit = failure.exit();
                return Err(stopped(failure.message(), exit, stored + known, all));
            }
        }
    }
    Ok((stored, known))
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
