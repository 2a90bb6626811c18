//! `carebus confirm` and `carebus decline`: a practitioner answers a proposed session.

use std::process::ExitCode;

use bus::append::Appended;
use care::chart::{Session, SessionStatus};
use care::fact::session::SessionMark;
use care::id::{EventId, OrgId, Source, derived};
use care::time::Timestamp;
use care::{About, Chart, Event, Fact};

use super::publish::append_one;
use crate::args::Answer;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::{fold, link};

/// What the practitioner says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Say {
    /// It takes place.
    Confirm,
    /// It does not; carebus looks for another slot.
    Decline,
}

pub(crate) async fn run(
    args: Answer,
    say: Say,
    config: &Config,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let org = config.org()?;
    let conn = link::connect(config).await?;
    let folded = fold::log(&conn, org, Timestamp::MAX, config).await?;
    let charts = folded.engine.charts();
    let found = charts
        .iter()
        .find_map(|c| c.sessions.get(&args.session).map(|s| (c, s)));
    let (chart, session) = found.ok_or_else(|| {
        Failure::new(
            Exit::NoInput,
            format!("there is no session {} in organisation {org}", args.session),
        )
        .help("`carebus agenda` lists them; ids are exact")
    })?;
    check(session, say)?;
    let event = event(org, chart, session, &args, say)?;
    let (name, id) = (event.fact.name(), event.id.clone());
    match append_one(&conn, event).await? {
        Appended::Stored { .. } => {}
        Appended::Conflict | Appended::Ambiguous => {
            return Err(
                Failure::new(Exit::TryAgain, "the server did not answer in time").help("run it again")
            );
        }
    }
    conn.drain().await;
    if output.json() {
        output.value(
            &serde_json::json!({ "session_id": args.session, "patient": chart.patient, "fact": id }),
        )?;
    } else {
        output.line(format!("{name}: {} of patient {}", args.session, chart.patient))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Only what waits can be confirmed, and only what is expected can be declined.
fn check(session: &Session, say: Say) -> Result<(), Failure> {
    let status = session.status();
    let fits = match say {
        Say::Confirm => status == SessionStatus::Proposed,
        Say::Decline => status.is_expected(),
    };
    if fits {
        return Ok(());
    }
    let expected = if say == Say::Confirm {
        "proposed"
    } else {
        "proposed or booked"
    };
    let found = format!("the session is {}, expected {expected}", status.code());
    Err(Failure::new(Exit::BadData, found).help("`carebus explain SESSION` says how it came to this"))
}

fn event(org: &OrgId, chart: &Chart, session: &Session, args: &Answer, say: Say) -> Result<Event, Failure> {
    let defect = |e: care::id::BadId| Failure::new(Exit::Bug, e.to_string());
    // The next revision: an answer to what the practitioner saw, which a newer move overrules.
    let revision = session.revision() + 1;
    let mark = SessionMark {
        session_id: args.session.clone(),
        revision: Some(revision),
        reason: args.reason.clone(),
        by: Some(args.by.clone()),
        status: None,
    };
    let fact = match say {
        Say::Confirm => Fact::SessionConfirmed(mark),
        Say::Decline => Fact::SessionDeclined(mark),
    };
    let cause = session.newest().map(|(version, _)| &version.stamp);
    let id = derived(&[
        org.as_str(),
        "cli",
        &fact.name(),
        args.session.as_str(),
        &revision.to_string(),
    ]);
    let event = Event {
        org: org.clone(),
        about: About::Patient(chart.patient.clone()),
        id: EventId::new(id.to_string()).map_err(defect)?,
        source: Source::new(format!("urn:carebus:{org}:cli")).map_err(defect)?,
        time: node::Clock::real().now(),
        causation: cause.map(|stamp| stamp.id.clone()),
        correlation: cause.map(|stamp| stamp.chain().clone()),
        fact,
    };
    // Whoever reads it must be able to: a reason may be longer than the contract allows.
    Event::decode_line(&event.encode())
        .map_err(|fault| Failure::new(Exit::BadData, fault.to_string()).help("shorten the reason"))
}
