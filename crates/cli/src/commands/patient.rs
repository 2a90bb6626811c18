//! `carebus patient erase`: everything about a patient out of log, quarantine and feeds, and a mark in its place.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use bus::Connection;
use bus::append::{Append, Appended, append};
use bus::erasure::{Held, find, remove};
use care::fact::ours::Erased;
use care::id::{EventId, OrgId, PatientId, Source, derived};
use care::{About, Event, Fact};
use serde_json::json;

use crate::args::{Erase, Patient};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::link;
use crate::output::Output;

/// How often something newer about the patient may come between before a person has to see to it.
const TRIES: usize = 5;
/// A node that has not seen the mark yet may put one more word into a feed or into quarantine.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// What was removed.
#[derive(Default)]
struct Removed {
    facts: usize,
    quarantine: usize,
    feed: usize,
}

impl Removed {
    fn add(&mut self, held: &Held) {
        self.facts += held.facts.len();
        self.quarantine += held.quarantine.len();
        self.feed += held.feed.len();
    }

    fn told(&self) -> String {
        format!(
            "{} messages of the log, {} of the quarantine, {} of the clinics' feeds",
            self.facts, self.quarantine, self.feed
        )
    }
}

pub(crate) async fn run(args: &Patient, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let Patient::Erase(args) = args;
    let org = config.org()?;
    let conn = link::connect(config).await?;
    let held = find(&conn, org, &args.patient).await?;
    let mut found = Removed::default();
    found.add(&held);
    if held.count() == 0 {
        return nothing(args, &held, org, output);
    }
    if args.dry_run {
        report(args, &found, "would be erased", output)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !args.yes {
        ask(args, &found)?;
    }
    mark(&conn, org, &args.patient, held).await?;
    let mut removed = Removed::default();
    // Twice: what was on its way when the mark came is gone after the second time.
    for round in 0..2 {
        if round > 0 {
            tokio::time::sleep(AFTERWARDS).await;
        }
        let mut held = find(&conn, org, &args.patient).await?;
        let late = held.unmarked();
        if late > 0 {
            output.note("something new came about the patient meanwhile: run the command again");
            held.facts.retain(|at| Some(*at) < held.tombstone);
        }
        remove(&conn, org, &held).await?;
        removed.add(&held);
    }
    conn.drain().await;
    report(args, &removed, "erased", output)?;
    output.note(
        "every node that runs lets go of the patient by itself; one that does not run, when it starts next. \
        Letters and backups keep what they hold: docs/backup.md",
    );
    Ok(ExitCode::SUCCESS)
}

fn nothing(args: &Erase, held: &Held, org: &OrgId, output: &Output) -> Result<ExitCode, Failure> {
    if held.tombstone.is_some() {
        report(args, &Removed::default(), "erased", output)?;
        output.note("there was nothing left of the patient");
        return Ok(ExitCode::SUCCESS);
    }
    let message = format!(
        "there is nothing about patient {} in organisation {org}",
        args.patient
    );
    Err(Failure::new(Exit::NoInput, message).help("ids are exact; nothing was changed"))
}

fn report(args: &Erase, removed: &Removed, what: &str, output: &Output) -> Result<(), Failure> {
    if output.json() {
        return output.value(&json!({
            "patient": args.patient, "dry_run": args.dry_run, "log": removed.facts,
            "quarantine": removed.quarantine, "feed": removed.feed,
        }));
    }
    output.line(format!("patient {}: {what}: {}", args.patient, removed.told()))
}

/// A person types the id once more.
fn ask(args: &Erase, found: &Removed) -> Result<(), Failure> {
    let refused = |message: &str| Failure::new(Exit::Usage, message.to_owned());
    if !std::io::stdin().is_terminal() {
        return Err(refused("nobody is there to be asked").help("say --yes, or look first with --dry-run"));
    }
    let mut stderr = std::io::stderr();
    // If even that fails, the answer will not be right.
    let _ = write!(
        stderr,
        "This removes for good: {}.\nType the patient's id to go on: ",
        found.told()
    );
    let _ = stderr.flush();
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    if read.is_ok() && answer.trim() == args.patient.as_str() {
        return Ok(());
    }
    Err(refused("nothing was erased"))
}

/// Puts the mark in place of what is about to go, so that whoever reads the gap reads why. None is needed where one
/// stands for everything already.
async fn mark(conn: &Connection, org: &OrgId, patient: &PatientId, mut held: Held) -> Result<(), Failure> {
    for _ in 0..TRIES {
        let removed = held.unmarked();
        if removed == 0 {
            return Ok(());
        }
        let expect = held.expect(org, patient);
        let event = event(org, patient, removed as u64, expect.last_sequence)?;
        match append(conn, Append::fact(&event, Some(expect))).await? {
            Appended::Stored { .. } => return Ok(()),
            Appended::Conflict | Appended::Ambiguous => held = find(conn, org, patient).await?,
        }
    }
    Err(Failure::new(
        Exit::TryAgain,
        "new facts about the patient keep coming; nothing was erased",
    )
    .help("have whoever publishes them stop, and run it again"))
}

fn event(org: &OrgId, patient: &PatientId, removed: u64, newest: u64) -> Result<Event, Failure> {
    let defect = |e: care::id::BadId| Failure::new(Exit::Bug, e.to_string());
    let id = derived(&[
        org.as_str(),
        "cli",
        "erase",
        patient.as_str(),
        &newest.to_string(),
    ]);
    Ok(Event {
        org: org.clone(),
        about: About::Patient(patient.clone()),
        id: EventId::new(id.to_string()).map_err(defect)?,
        source: Source::new(format!("urn:carebus:{org}:cli")).map_err(defect)?,
        time: node::Clock::real().now(),
        causation: None,
        correlation: None,
        fact: Fact::PatientErased(Erased { removed }),
    })
}
