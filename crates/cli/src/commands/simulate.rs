//! `carebus simulate`: facts in, facts and mails out, on a virtual clock and without NATS.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use care::id::OrgId;
use care::{Event, Policy, Worker};
use engine::{Settings, Simulation};
use mailer::{Delivery, Mail};

use crate::args::Simulate;
use crate::config::read_policy;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::{fold, lines};

pub(crate) fn run(args: &Simulate, asked: Option<&OrgId>, output: &Output) -> Result<ExitCode, Failure> {
    let policy = args
        .policy
        .as_deref()
        .map_or_else(|| Ok(Policy::default()), read_policy)?;
    let events = lines::read(&args.file)?;
    let org = fold::only_org(&events, asked, &args.file)?;
    let all = events.len();
    let events: Vec<Event> = events
        .into_iter()
        .filter(|e| e.org == org && e.time <= args.until)
        .collect();
    if events.len() < all {
        output.note(format!(
            "{} facts are of another organisation or after --until: left out",
            all - events.len()
        ));
    }
    let mut simulation = Simulation::new(Settings::new(org.clone(), policy));
    simulation.deliver_with(carry);
    simulation.play(events)?;
    simulation.advance_to(args.until)?;
    simulation.settle()?;
    if let Some(out) = &args.out {
        write_out(out, &simulation, output)?;
    }
    print(&simulation, &org, args.all, output)?;
    Ok(ExitCode::SUCCESS)
}

/// Answers as the directory carrier does: a mail that can be written is taken, an impossible address is refused.
fn carry(mail: &Mail) -> Delivery {
    match post::mime::compose(mail) {
        Ok(_) => Delivery::Sent { reply: Some(250) },
        Err(_) => Delivery::Rejected { reply: None },
    }
}

fn print(simulation: &Simulation, org: &OrgId, all: bool, output: &Output) -> Result<(), Failure> {
    let ours: Vec<_> = Worker::ALL.iter().map(|worker| worker.source(org)).collect();
    for event in simulation
        .log()
        .iter()
        .filter(|event| all || ours.contains(&event.source))
    {
        if output.is_for_people() {
            let chart = match &event.about {
                care::About::Patient(id) => simulation.engine().chart(id),
                _ => None,
            };
            let zone = chart
                .as_deref()
                .map_or(care::time::TimeZone::UTC, care::Chart::zone);
            let at = care::sentence::moment(event.time, &zone);
            let said = care::sentence::sentence(event, chart.as_deref(), &zone);
            output.line(format!("{at}  {}  {said}", event.about.id()))?;
        } else {
            output.line(event.encode())?;
        }
    }
    Ok(())
}

/// `facts.jsonl` with the whole log, and the mails in the order they went out.
fn write_out(out: &Path, simulation: &Simulation, output: &Output) -> Result<(), Failure> {
    let mail = prepare(out)?;
    let mut facts = String::new();
    for event in simulation.log() {
        facts += &event.encode();
        facts.push('\n');
    }
    write(&out.join(FACTS), facts.as_bytes())?;
    for (number, letter) in (1..).zip(simulation.outbox()) {
        let bytes = post::mime::compose(letter)
            .map_err(|error| Failure::new(Exit::BadData, format!("notice {}: {error}", letter.notice_id)))?;
        write(
            &mail.join(format!("{number:04}-{}.eml", letter.notice_id)),
            &bytes,
        )?;
    }
    let mails = simulation.outbox().len();
    output.note(format!(
        "{}: {} facts, {mails} mails",
        out.display(),
        simulation.log().len()
    ));
    Ok(())
}

/// The file that says a folder is ours to write over.
const FACTS: &str = "facts.jsonl";

/// Makes the folders; what an earlier run left is removed, what somebody else put there is not touched.
fn prepare(out: &Path) -> Result<std::path::PathBuf, Failure> {
    let mail = out.join("mail");
    let is_empty = fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty && !out.join(FACTS).is_file() {
        return Err(
            Failure::new(Exit::Usage, format!("{} holds other files", out.display()))
                .help("name a new or empty folder, or one an earlier simulation wrote"),
        );
    }
    fs::create_dir_all(&mail).map_err(|e| Failure::file(&mail, &e))?;
    for entry in fs::read_dir(&mail).map_err(|e| Failure::file(&mail, &e))? {
        let path = entry.map_err(|e| Failure::file(&mail, &e))?.path();
        if path.extension().is_some_and(|end| end == "eml") {
            fs::remove_file(&path).map_err(|e| Failure::file(&path, &e))?;
        }
    }
    Ok(mail)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|e| Failure::file(path, &e))
}
