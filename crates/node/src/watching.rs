//! Whether the log is still the one that was read; while that is in doubt nobody acts.
//!
//! Asked every two seconds, and before anything is decided after the link was lost: two small questions, a millisecond
//! together. Not before every batch of decisions: an append is itself a check of everything about whom it is about, so a
//! log that changed a moment ago refuses what rested on what it lost.

use std::collections::BTreeSet;
use std::time::Duration;

use bus::fingerprint::{Fingerprint, Fit, look};
use bus::streams::{LogHead, feed_created};
use bus::{BusError, Connection};
use care::fact::ours::{LogChanged, LogFound};
use care::id::{EventId, OrgId};
use care::time::Timestamp;
use engine::LogChange;
use tokio::task::JoinSet;

use crate::gone::Gone;
use crate::{Node, NodeError};

/// How often the log is looked at.
pub(crate) const EVERY: Duration = Duration::from_secs(2);

/// What a node knows of its log beside what it says.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Which log this is, counted: what was begun with one before is not believed.
    pub(crate) generation: u64,
    /// Losses of the link up to which the log was looked at; none before the first look.
    losses: Option<u64>,
    /// The reader says that something is wrong.
    alarmed: bool,
    /// Sequences without a message that are accounted for.
    pub(crate) gone: Gone,
    /// More are without one at the second number; judged once everything up to it was read.
    suspicion: Option<(u64, u64)>,
    missing_since: Option<Timestamp>,
    /// What the log had said of itself when it was last as it should be.
    said: BTreeSet<EventId>,
    changes: u64,
    looking: JoinSet<Looked>,
    /// When the stream of the feeds was created; none if not known.
    pub(crate) feed_created: Option<Timestamp>,
}

impl Watch {
    /// What a checkpoint knows.
    pub(crate) fn begun(gone: Gone, feed_created: Option<Timestamp>) -> Self {
        Self {
            gone,
            feed_created,
            ..Self::default()
        }
    }
}

/// The answer to one look.
#[derive(Debug)]
struct Looked {
    generation: u64,
    losses: u64,
    saw: Saw,
    /// Asked after a loss only.
    feed_created: Option<Timestamp>,
}

#[derive(Debug)]
enum Saw {
    Log(Fit, LogHead),
    Missing,
    /// No answer: the doubt stays.
    Nothing,
    Refused(BusError),
}

async fn ask(conn: Connection, org: OrgId, print: Fingerprint, generation: u64, with_feed: bool) -> Looked {
    let losses = conn.losses();
    let saw = match look(&conn, &org, &print).await {
        Ok((fit, head)) => Saw::Log(fit, head),
        Err(BusError::MissingOrg(_)) => Saw::Missing,
        Err(error) if error.is_passing() => Saw::Nothing,
        Err(error) => Saw::Refused(error),
    };
    let created = if with_feed {
        feed_created(&conn, &org).await.ok().flatten()
    } else {
        None
    };
    Looked {
        generation,
        losses,
        saw,
        feed_created: created,
    }
}

impl Node {
    /// How often the log was found not to be the one that was read, or missing, since the start.
    #[must_use]
    pub const fn log_changes(&self) -> u64 {
        self.watch.changes
    }

    /// Whether the log may be another one by now: then nothing is decided, fed or sent.
    pub(crate) fn is_in_doubt(&self) -> bool {
        let watch = &self.watch;
        watch.alarmed || watch.missing_since.is_some() || watch.losses != Some(self.conn.losses())
    }

    /// Looks at the log beside the loop, if nobody is looking.
    pub(crate) fn look(&mut self) {
        if !self.watch.looking.is_empty() || !self.conn.is_connected() {
            return;
        }
        let (conn, org, print) = (
            self.conn.clone(),
            self.engine.settings().org.clone(),
            self.print.clone(),
        );
        let after_loss = self.watch.losses != Some(self.conn.losses());
        let generation = self.watch.generation;
        self.watch
            .looking
            .spawn(ask(conn, org, print, generation, after_loss));
    }

    /// The answer to a look; none while nobody is looking.
    pub(crate) async fn looked(watch: &mut Watch) -> Option<LookedAt> {
        watch.looking.join_next().await?.ok().map(LookedAt)
    }

    /// The reader says that the log is not the one it read.
    pub(crate) fn alarm(&mut self, why: &BusError) {
        if !self.watch.alarmed {
            tracing::warn!(%why, "log.in_doubt: nothing is decided until it was looked at");
        }
        self.watch.alarmed = true;
        self.look();
    }

    /// Looks at the log and waits for the answer: before there is a loop.
    pub(crate) async fn look_now(&mut self) -> Result<(), NodeError> {
        let org = self.engine.settings().org.clone();
        let asked = ask(
            self.conn.clone(),
            org.clone(),
            self.print.clone(),
            self.watch.generation,
            false,
        );
        let looked = asked.await;
        if matches!(looked.saw, Saw::Missing) {
            return Err(BusError::MissingOrg(org).into());
        }
        self.judge(LookedAt(looked)).await
    }

    /// Draws the consequences of a look.
    pub(crate) async fn judge(&mut self, LookedAt(looked): LookedAt) -> Result<(), NodeError> {
        if looked.generation != self.watch.generation {
            return Ok(());
        }
        if let Some(created) = looked.feed_created
            && self.watch.feed_created.replace(created) != Some(created)
        {
            tracing::warn!("feed.recreated: everything is told anew");
            self.engine.feed_anew();
        }
        match looked.saw {
            Saw::Nothing => Ok(()),
            Saw::Refused(error) => Err(error.into()),
            Saw::Missing => {
                self.missing();
                Ok(())
            }
            Saw::Log(Fit::Fits, head) => {
                self.fits(head, looked.losses);
                if self.is_holed(head) {
                    return self.start_over(LogFound::Hole, head).await;
                }
                Ok(())
            }
            Saw::Log(misfit, head) => self.start_over(found(misfit), head).await,
        }
    }

    fn fits(&mut self, head: LogHead, losses: u64) {
        self.watch.losses = Some(losses);
        self.watch.alarmed = false;
        if let Some(since) = self.watch.missing_since.take() {
            tracing::warn!(position = self.engine.position(), "log.back: as it was");
            let change = self.change(LogFound::Missing, head, &since.to_string());
            self.engine.report_log_change(change);
        }
        if !self.is_in_doubt() {
            self.send_held();
        }
    }

    /// Whether messages are missing that no erasure explains.
    fn is_holed(&mut self, head: LogHead) -> bool {
        let (gone, last) = self
            .watch
            .suspicion
            .take()
            .unwrap_or((head.gone(), head.last_sequence));
        if self.engine.position() < last {
            // An erasure among what was not read yet may explain it.
            self.watch.suspicion = Some((gone, last));
            return false;
        }
        let is_holed = self.watch.gone.judge(gone);
        if !is_holed {
            self.watch.said = self.engine.log_changes();
        }
        is_holed
    }

    fn missing(&mut self) {
        if self.watch.missing_since.is_none() {
            let now = self.clock.now();
            self.watch.missing_since = Some(now);
            self.note(LogFound::Missing, None);
        }
    }

    /// Says once that the log is not as it was read: on stderr, and for whoever counts.
    pub(crate) fn note(&mut self, found: LogFound, head: Option<LogHead>) {
        self.note_at(found, self.engine.position(), head);
    }

    /// The same of a log that had been read to a position.
    pub(crate) fn note_at(&mut self, found: LogFound, known_position: u64, head: Option<LogHead>) {
        let last_position = head.map(|head| head.last_sequence);
        match found {
            LogFound::Missing => tracing::error!(
                position = known_position,
                "log.missing: nothing is decided until it is back; restore it from a backup if it was lost"
            ),
            _ => tracing::error!(
                ?found,
                position = known_position,
                end = last_position,
                "log.changed: setting the checkpoint aside and reading everything anew"
            ),
        }
        self.watch.changes += 1;
    }

    /// What the log, and by mail the organisation's last resort, is to be told.
    pub(crate) fn change(&self, found: LogFound, head: LogHead, since: &str) -> LogChange {
        change(&self.print, self.watch.said.clone(), found, head, since)
    }

    /// Everything was read: what the log says of itself by now is known.
    pub(crate) fn watch_from_here(&mut self) {
        self.watch.said = self.engine.log_changes();
    }

    /// Another log: what was begun with the one before is not believed.
    pub(crate) fn watch_anew(&mut self) {
        self.watch.generation += 1;
        self.watch.gone = Gone::default();
        self.watch.suspicion = None;
        self.watch.missing_since = None;
        self.watch.alarmed = false;
        self.watch.losses = None;
        self.watch.looking = JoinSet::new();
    }
}

/// The answer to a look, on its way from the wait to the judgement.
#[derive(Debug)]
pub(crate) struct LookedAt(Looked);

pub(crate) const fn found(misfit: Fit) -> LogFound {
    match misfit {
        Fit::LogIsShorter => LogFound::Shorter,
        Fit::Recreated => LogFound::Recreated,
        Fit::Differs | Fit::Fits => LogFound::AnotherMessage,
    }
}

/// What was found of a log that had been read up to `print`.
pub(crate) fn change(
    print: &Fingerprint,
    said_before: BTreeSet<EventId>,
    found: LogFound,
    head: LogHead,
    since: &str,
) -> LogChange {
    let digest: String = print.sha256[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    LogChange {
        key: format!(
            "{found:?}/{}/{}/{digest}/{}/{}/{since}",
            print.stream_created, print.sequence, head.created, head.last_sequence
        ),
        found: LogChanged {
            found,
            known_created: print.stream_created,
            known_position: print.sequence,
            created: head.created,
            last_position: head.last_sequence,
        },
        said_before,
    }
}
