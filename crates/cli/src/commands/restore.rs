//! `carebus restore`: a backup given back to a server that has no log of the organisation.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;

use bus::Connection;
use bus::snapshot::take_back;
use bus::streams::{add_org, find, log_stream, remove_empty};
use care::id::OrgId;
use serde_json::json;

use super::backup::{Manifest, Part, verify};
use crate::args::Restore;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::link;
use crate::output::Output;

pub(crate) async fn run(args: &Restore, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let manifest = verify(&args.path)?;
    let org = &manifest.org;
    if let Some(asked) = config.asked_org.as_ref().filter(|asked| *asked != org) {
        let message = format!("this is a backup of organisation {org}, not of {asked}");
        return Err(Failure::new(Exit::Usage, message).help("leave --org out, or name the right folder"));
    }
    let conn = link::connect(config).await?;
    refuse_what_is_there(&conn, org).await?;
    // The log comes last: where there is one, everything is there.
    let (log, others): (Vec<&Part>, Vec<&Part>) = manifest
        .streams
        .iter()
        .partition(|part| part.stream == log_stream(org));
    if log.is_empty() {
        return Err(Failure::new(Exit::BadData, "there is no log in this backup"));
    }
    for part in others.into_iter().chain(log) {
        bring_back(&conn, part, &args.path, output).await?;
    }
    add_org(&conn, org, replicas(&manifest)).await?;
    let head = bus::streams::head(&conn, org).await?;
    conn.drain().await;
    if output.json() {
        let value = json!({ "org": org, "taken_at": manifest.taken_at, "messages": head.messages,
            "last_sequence": head.last_sequence });
        output.value(&value)?;
    } else {
        output.line(format!(
            "organisation {org} is back as of {}: {} messages to position {}",
            manifest.taken_at, head.messages, head.last_sequence
        ))?;
        output.note(
            "have everybody who publishes send again what they sent since then: what is there already counts once",
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn refuse_what_is_there(conn: &Connection, org: &OrgId) -> Result<(), Failure> {
    let there = find(conn, &log_stream(org)).await?;
    match there.filter(|head| head.messages > 0) {
        None => Ok(()),
        Some(head) => {
            let message = format!(
                "organisation {org} has a log on this server: {} messages to position {}",
                head.messages, head.last_sequence
            );
            Err(Failure::new(Exit::Config, message).help(
                "a log is never written over. Restore to another server, or take a backup of this one and have the \
                administrator remove its streams",
            ))
        }
    }
}

/// One stream, unless the server has something in it already that the backup cannot know.
async fn bring_back(conn: &Connection, part: &Part, dir: &Path, output: &Output) -> Result<(), Failure> {
    match find(conn, &part.stream).await? {
        Some(head) if head.messages > 0 => {
            output.note(format!("{} is not empty and stays as it is", part.stream));
            return Ok(());
        }
        Some(_) => remove_empty(conn, &part.stream).await?,
        None => {}
    }
    let path = dir.join(&part.file);
    let file = File::open(&path).map_err(|e| Failure::file(&path, &e))?;
    output.note(format!("{}: {} MB", part.stream, part.bytes >> 20));
    take_back(conn, &part.stream, &part.description, BufReader::new(file)).await?;
    let head = find(conn, &part.stream).await?;
    let is_whole = head.is_some_and(|h| h.messages >= part.messages && h.last_sequence >= part.last_sequence);
    if is_whole {
        return Ok(());
    }
    let message = format!(
        "{}: the server did not bring back the {} messages of the backup",
        part.stream, part.messages
    );
    Err(Failure::new(Exit::Bug, message).help("do not use it; try another server, and report this"))
}

/// How many copies the log had.
fn replicas(manifest: &Manifest) -> usize {
    let configs = manifest.streams.iter().map(|part| &part.description.config);
    let most = configs.filter_map(|config| config["num_replicas"].as_u64()).max();
    most.and_then(|n| usize::try_from(n).ok()).unwrap_or(1)
}
