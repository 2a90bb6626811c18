//! `mail release`: late mail that waits for a person, by member; and letting it go.

use std::process::ExitCode;

use bus::append::Appended;
use care::fact::ours::Released;
use care::id::{EventId, MemberId, OrgId, Source, derived};
use care::role::By;
use care::sentence::moment;
use care::time::{TimeZone, Timestamp};
use care::{About, Event, Fact};
use serde::Serialize;

use crate::args::MailRelease;
use crate::commands::publish::append_one;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::{fold, link};

/// What waits for one member.
#[derive(Debug, Serialize)]
struct Line {
    member_id: MemberId,
    /// How many things they would be told.
    waiting: usize,
    /// When the oldest of them should have gone.
    oldest: Timestamp,
    /// Whether it goes now.
    released: bool,
}

pub(super) async fn run(args: &MailRelease, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let org = config.org()?;
    let conn = link::connect(config).await?;
    let now = node::Clock::real().now();
    let folded = fold::log(&conn, org, Timestamp::MAX, config).await?;
    let waiting = folded.engine.waiting_for_release(now);
    if let Some(unknown) = args.member.iter().find(|m| !waiting.contains_key(*m)) {
        return Err(
            Failure::new(Exit::NoInput, format!("nothing waits for {unknown}"))
                .help("`carebus mail release` alone lists for whom mail waits"),
        );
    }
    let mut lines = Vec::new();
    for (member_id, theirs) in waiting {
        let released = args.all || args.member.contains(&member_id);
        if released {
            // Clap sees to it that whoever releases says who they are.
            let by = args.by.clone().unwrap_or_else(By::carebus);
            let event = event(org, &member_id, by, now)?;
            match append_one(&conn, event).await? {
                Appended::Stored { .. } => {}
                Appended::Conflict | Appended::Ambiguous => {
                    return Err(Failure::new(Exit::TryAgain, "the server did not answer in time")
                        .help("run it again; it counts once"));
                }
            }
        }
        lines.push(Line {
            member_id,
            waiting: theirs.count,
            oldest: theirs.oldest,
            released,
        });
    }
    conn.drain().await;
    print(&lines, output)?;
    Ok(ExitCode::SUCCESS)
}

fn print(lines: &[Line], output: &Output) -> Result<(), Failure> {
    if output.json() {
        return output.value(&lines);
    }
    if lines.is_empty() {
        return output.line("no mail waits for a person");
    }
    let rows = lines.iter().map(|line| {
        let state = if line.released { "released" } else { "waits" };
        let oldest = format!("{} UTC", moment(line.oldest, &TimeZone::UTC));
        vec![
            line.member_id.to_string().into(),
            line.waiting.to_string().into(),
            oldest.into(),
            state.into(),
        ]
    });
    output.table(&["member", "things", "oldest due", "state"], rows.collect())?;
    if lines.iter().any(|line| !line.released) {
        output.note(
            "let it go with: carebus mail release --all --by ROLE[:MEMBER], or --member ID for one of them",
        );
    }
    Ok(())
}

fn event(org: &OrgId, member: &MemberId, by: By, now: Timestamp) -> Result<Event, Failure> {
    let defect = |e: care::id::BadId| Failure::new(Exit::Bug, e.to_string());
    let id = derived(&[org.as_str(), "cli", "release", member.as_str(), &now.to_string()]);
    let event = Event {
        org: org.clone(),
        about: About::Member(member.clone()),
        id: EventId::new(id.to_string()).map_err(defect)?,
        source: Source::new(format!("urn:carebus:{org}:cli")).map_err(defect)?,
        time: now,
        causation: None,
        correlation: None,
        fact: Fact::NoticeReleased(Released { before: now, by }),
    };
    Event::decode_line(&event.encode()).map_err(|fault| Failure::new(Exit::BadData, fault.to_string()))
}
