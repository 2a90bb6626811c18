//! `carebus status`: who leads what, how far each node has read, when it last saved.

use std::collections::BTreeMap;
use std::process::ExitCode;

use bus::roster::{Held, Roster};
use care::Worker;
use care::id::OrgId;
use care::time::{SignedDuration, Timestamp};
use node::Status;
use serde::Serialize;

use crate::args::Status as Args;
use crate::config::Config;
use crate::exit::Failure;
use crate::link;
use crate::output::{Output, Tone, Value};

/// A line that was not written anew for so long is old: it comes every 5 s, and three may be late.
const STALE: SignedDuration = SignedDuration::from_secs(4 * node::STATUS_EVERY.as_secs() as i64);
/// A node that said nothing for so long is gone, and shown with `--all` only.
const GONE: SignedDuration = SignedDuration::from_hours(1);
/// A lease that was not renewed for so long is free: its time to live, and a renewal.
const LAPSED: SignedDuration = SignedDuration::from_secs(bus::lease::TTL.as_secs() as i64 + 2);

/// Everything about one organisation.
#[derive(Debug, Serialize)]
struct Report {
    org: OrgId,
    /// Where the log ends.
    head: u64,
    /// When this was asked, by the server's clock.
    at: Timestamp,
    /// Who leads each worker; absent: nobody.
    leads: BTreeMap<&'static str, Option<String>>,
    nodes: Vec<Line>,
}

/// One node.
#[derive(Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    said: Status,
    /// When it said so, by the server's clock.
    at: Timestamp,
    /// It says nothing any more.
    is_stale: bool,
    /// Messages of the log after its position.
    behind: u64,
}

pub(crate) async fn run(args: &Args, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let org = config.org()?;
    let conn = link::connect(config).await?;
    let head = bus::streams::require_org(&conn, org).await?.last_sequence;
    let roster = bus::roster::read(&conn, org).await?;
    conn.drain().await;
    let report = report(org, head, &roster, args.all);
    if output.json() {
        output.value(&report)?;
    } else {
        print(&report, output)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn report(org: &OrgId, head: u64, roster: &Roster, all: bool) -> Report {
    let lasts = |held: &&Held| roster.now.duration_since(held.renewed) < LAPSED;
    let leads = Worker::ALL.map(|worker| {
        let held = roster.leases.get(worker.name()).filter(lasts);
        (worker.name(), held.map(|held| held.node.clone()))
    });
    let mut nodes: Vec<Line> = Vec::new();
    for line in &roster.lines {
        // A line of a later version may say more, and is read all the same; of one that says less nothing is known.
        let Ok(said) = serde_json::from_slice::<Status>(&line.line) else {
            continue;
        };
        let age = roster.now.duration_since(line.written);
        if all || age < GONE {
            let behind = head.saturating_sub(said.position);
            nodes.push(Line {
                said,
                at: line.written,
                is_stale: age >= STALE,
                behind,
            });
        }
    }
    nodes.sort_by(|a, b| a.said.name.cmp(&b.said.name));
    Report {
        org: org.clone(),
        head,
        at: roster.now,
        leads: leads.into(),
        nodes,
    }
}

fn print(report: &Report, output: &Output) -> Result<(), Failure> {
    output.line(format!("organisation {}, log head {}", report.org, report.head))?;
    for (worker, leader) in &report.leads {
        let leader = match leader {
            Some(node) => node.clone(),
            None => output.painted("nobody", Tone::Bad),
        };
        output.line(format!("{worker:<10} {leader}"))?;
    }
    let header = [
        "node",
        "state",
        "leads",
        "position",
        "lag",
        "checkpoint",
        "since",
        "version",
    ];
    let rows = report.nodes.iter().map(|line| cells(line, report.at)).collect();
    output.table(&header, rows)?;
    let silent = report.nodes.iter().filter(|line| line.is_stale).count();
    output.note(format!("{} nodes, {silent} of them silent", report.nodes.len()));
    Ok(())
}

fn cells(line: &Line, now: Timestamp) -> Vec<Value> {
    let said = &line.said;
    let silent = now.duration_since(line.at).as_secs();
    let (state, lag) = if line.is_stale {
        let state = Value::toned(format!("silent for {silent} s"), Tone::Bad);
        (state, Value::from("unknown"))
    } else {
        let lag = said.lag.unwrap_or(line.behind);
        let tone = if said.caught_up { Tone::Plain } else { Tone::Warn };
        (state(said), Value::toned(lag.to_string(), tone))
    };
    let leads = if said.leads.is_empty() || line.is_stale {
        "–".to_owned()
    } else {
        said.leads.join(", ")
    };
    vec![
        said.name.as_str().into(),
        state,
        leads.into(),
        said.position.to_string().into(),
        lag,
        checkpoint(said, silent),
        said.since.strftime("%Y-%m-%d %H:%M UTC").to_string().into(),
        said.version.as_str().into(),
    ]
}

fn state(said: &Status) -> Value {
    use node::vitals::Phase;
    match said.phase {
        Phase::Opening => Value::toned("opening", Tone::Warn),
        Phase::CatchingUp => Value::toned("catching up", Tone::Warn),
        Phase::Stopping => Value::toned("stopping", Tone::Warn),
        Phase::Working if said.mail_paused => Value::toned("working, mail is held up", Tone::Warn),
        Phase::Working if said.leads.is_empty() => "standing by".into(),
        Phase::Working => Value::toned("working", Tone::Good),
    }
}

/// Its age when it was said, and how long ago that is.
fn checkpoint(said: &Status, silent: i64) -> Value {
    if !said.checkpoint_works {
        return Value::toned("cannot be written", Tone::Bad);
    }
    let silent = u64::try_from(silent).unwrap_or(0);
    said.checkpoint_age_s.map_or_else(
        || "none yet".into(),
        |age| format!("{} s ago, {} KiB", age + silent, said.checkpoint_bytes / 1024).into(),
    )
}
