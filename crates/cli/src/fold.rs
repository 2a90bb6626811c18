//! What the log says, folded read-only: nobody acts, nothing is written.

use std::collections::BTreeSet;
use std::path::Path;

use bus::Received;
use care::envelope::{Event, Fault, Message};
use care::id::OrgId;
use care::time::Timestamp;
use care::{About, Policy};
use engine::{Engine, Settings};

use crate::args::View;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::{lines, link};

/// The state, and the facts it came from in log order.
pub(crate) struct Folded {
    pub(crate) engine: Engine,
    pub(crate) events: Vec<Event>,
}

impl Folded {
    fn new(org: &OrgId, config: &Config) -> Self {
        let workers = BTreeSet::new();
        let settings = Settings {
            workers,
            resend_is_harmless: false,
            bounds: mailer::Bounds::NONE,
            wording: std::sync::Arc::clone(&config.wording),
            ..Settings::new(org.clone(), config.policy().clone())
        };
        Self {
            engine: Engine::new(settings),
            events: Vec::new(),
        }
    }

    /// The state after the first so many facts.
    pub(crate) fn before(&self, facts: usize, config: &Config) -> Engine {
        let mut folded = Self::new(&self.engine.settings().org, config);
        for (position, event) in (1..).zip(self.events.iter().take(facts)) {
            folded.engine.apply(event, position);
        }
        folded.engine
    }

    /// The policy that numbers are shown by.
    pub(crate) const fn policy(&self) -> &Policy {
        &self.engine.settings().policy
    }
}

/// Folds what a view names: a file, or the log of the organisation.
pub(crate) async fn view(view: &View, config: &Config) -> Result<Folded, Failure> {
    view_at(view, Timestamp::MAX, config).await
}

/// Folds what had happened by `until`.
pub(crate) async fn view_at(view: &View, until: Timestamp, config: &Config) -> Result<Folded, Failure> {
    match &view.file {
        Some(path) => file(path, until, config),
        None => {
            let org = config.org()?;
            let conn = link::connect(config).await?;
            log(&conn, org, until, config).await
        }
    }
}

/// Folds a log. What is no fact was refused by the node as well, and is passed over.
pub(crate) async fn log(
    conn: &bus::Connection,
    org: &OrgId,
    until: Timestamp,
    config: &Config,
) -> Result<Folded, Failure> {
    let mut folded = Folded::new(org, config);
    bus::export::export::<Failure>(conn, org, 1, None, |received| {
        match decode(&received) {
            Ok(event) if event.time > until => folded.engine.skip_to(received.sequence),
            Ok(event) => {
                folded.engine.apply(&event, received.sequence);
                folded.events.push(event);
            }
            Err(_) => match About::of_subject(&received.subject) {
                Some(about) => folded.engine.pass_over(&about, received.sequence),
                None => folded.engine.skip_to(received.sequence),
            },
        }
        Ok(())
    })
    .await?;
    Ok(folded)
}

/// A message of the log as the node reads it.
pub(crate) fn decode(received: &Received) -> Result<Event, Fault> {
    Event::decode(Message {
        subject: &received.subject,
        headers: &received.headers,
        payload: &received.payload,
        received_at: received.server_time,
    })
}

fn file(path: &Path, until: Timestamp, config: &Config) -> Result<Folded, Failure> {
    let events = lines::read(path)?;
    let org = only_org(&events, config.asked_org.as_ref(), path)?;
    let mut folded = Folded::new(&org, config);
    for (position, event) in (1..).zip(events.into_iter().filter(|e| e.org == org && e.time <= until)) {
        folded.engine.apply(&event, position);
        folded.events.push(event);
    }
    Ok(folded)
}

/// The organisation that is meant: the one asked for, else the only one in the file.
pub(crate) fn only_org(events: &[Event], asked: Option<&OrgId>, path: &Path) -> Result<OrgId, Failure> {
    let orgs: BTreeSet<&OrgId> = events.iter().map(|e| &e.org).collect();
    let path = path.display();
    match (asked, orgs.first()) {
        (_, None) => Err(Failure::new(Exit::BadData, format!("{path}: no facts"))),
        (Some(asked), _) if orgs.contains(asked) => Ok(asked.clone()),
        (None, Some(only)) if orgs.len() == 1 => Ok((*only).clone()),
        _ => {
            let names = orgs.iter().map(|o| o.as_str()).collect::<Vec<_>>().join(", ");
            Err(Failure::new(Exit::Usage, format!("{path} speaks of: {names}"))
                .help("choose one of them with --org"))
        }
    }
}
