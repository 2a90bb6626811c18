//! From messages to facts: folded, or put into quarantine; and what to do when the log is not the one we knew.

use bus::fingerprint::Fingerprint;
use bus::{BusError, Reader, Received};
use care::About;
use care::envelope::{Event, Message};
use engine::Engine;

use crate::vitals::Phase;
use crate::{Node, NodeError};

/// Messages taken at once.
pub(crate) const AT_ONCE: usize = 5000;

impl Node {
    /// Reads to the head of the log.
    pub(crate) async fn catch_up(&mut self) -> Result<(), NodeError> {
        self.engine.begin_backlog();
        let done = self.read_backlog().await;
        self.engine.end_backlog();
        done
    }

    async fn read_backlog(&mut self) -> Result<(), NodeError> {
        loop {
            let batch = tokio::select! {
                batch = self.reader.backlog(AT_ONCE) => batch,
                // A server that is away is waited for, and a watchdog must not take that for a hang.
                () = tokio::time::sleep(crate::observing::EVERY) => {
                    self.observe();
                    continue;
                }
            };
            match batch {
                Ok(Some(batch)) => self.fold(batch).await?,
                Ok(None) => return Ok(()),
                Err(BusError::LogChanged { why, .. }) => self.start_over(&why).await?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Folds messages in; what is no fact goes into quarantine and is counted, and the fold goes on.
    pub(crate) async fn fold(&mut self, batch: Vec<Received>) -> Result<(), NodeError> {
        self.observe();
        let created = self.reader.created();
        let mut last = None;
        for received in batch {
            if received.sequence <= self.engine.position() {
                // The overlap: the very message that was folded last.
                if received.sequence == self.print.sequence
                    && Fingerprint::of(created, &received) != self.print
                {
                    return self.start_over("another message stands at our position").await;
                }
                continue;
            }
            self.fold_one(&received).await;
            last = Some(received);
        }
        if let Some(last) = last {
            // Of the last only: hashing every message would cost more than folding it.
            self.print = Fingerprint::of(created, &last);
        }
        let position = self.engine.position();
        let caught_up: Vec<care::About> = self
            .behind
            .iter()
            .filter(|(_, until)| **until <= position)
            .map(|(about, _)| about.clone())
            .collect();
        for about in caught_up {
            self.behind.remove(&about);
            self.engine.give_up(&about);
        }
        Ok(())
    }

    async fn fold_one(&mut self, received: &Received) {
        let message = Message {
            subject: &received.subject,
            headers: &received.headers,
            payload: &received.payload,
            received_at: self.clock.arrival(received.server_time),
        };
        match Event::decode(message) {
            Ok(event) => {
                self.observer.facts += 1;
                self.engine.apply(&event, received.sequence);
            }
            Err(fault) => {
                match About::of_subject(&received.subject) {
                    Some(about) => self.engine.pass_over(&about, received.sequence),
                    None => self.engine.skip_to(received.sequence),
                }
                self.quarantined += 1;
                tracing::warn!(
                    sequence = received.sequence,
                    refusal.reason = fault.reason.code(),
                    "fact.refused"
                );
                let org = &self.engine.settings().org;
                let put =
                    bus::quarantine::put(&self.conn, org, fault.reason.code(), &fault.detail, received).await;
                if let Err(error) = put {
                    // It stays in the log; the next rebuild puts it there.
                    tracing::error!(sequence = received.sequence, %error, "quarantine.failed");
                }
            }
        }
    }

    /// The log went back or is another one: what was folded is set aside, and everything is read anew.
    pub(crate) async fn start_over(&mut self, why: &str) -> Result<(), NodeError> {
        tracing::error!(
            position = self.engine.position(),
            why,
            "log.changed: setting the checkpoint aside"
        );
        self.observer.log_changes += 1;
        let phase = self.observer.phase;
        self.enter(Phase::CatchingUp);
        self.checkpoint.set_aside(why).await?;
        self.engine = Engine::new(self.engine.settings().clone());
        self.behind.clear();
        self.reader = Reader::open(&self.conn, &self.engine.settings().org, 1).await?;
        self.print = Fingerprint::of_beginning(self.reader.created());
        Box::pin(self.catch_up()).await?;
        self.enter(phase);
        Ok(())
    }

    /// Whether the log is still the one we read; if not, everything is read anew.
    pub(crate) async fn check_log(&mut self) -> Result<(), NodeError> {
        match bus::fingerprint::matches(&self.conn, &self.engine.settings().org, &self.print).await {
            Ok(bus::fingerprint::Fit::Fits) => Ok(()),
            Ok(misfit) => self.start_over(&format!("{misfit:?}")).await,
            Err(error) if error.is_passing() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
