//! Reading the log in order, from a place, for ever: every message once, whatever breaks meanwhile.
//!
//! Whenever reading begins anew, what stands at our place must be what we read there: a log that was exchanged while
//! we were away is not read on as if nothing had happened.

use care::id::OrgId;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::fingerprint::{Fingerprint, Fit, look};
use crate::message::{Received, get_from};
use crate::pull::{Broken, Pull};
use crate::streams::{LogHead, head_of, log_stream};
use crate::{BusError, Connection, backoff};

/// So many consumers in a row without one message, though there are some: then the next message is
/// one the client cannot take from the wire, and is fetched by itself.
const FRUITLESS: u32 = 2;

/// Reads one stream in order. Sequences only rise; where some are missing the message says so.
///
/// Its methods may be dropped while they wait: nothing is lost, and a re-opening under way goes on
/// with the next call.
pub struct Reader {
    conn: Connection,
    stream: String,
    /// What to say when the stream is not there.
    missing: OrgId,
    created: Timestamp,
    /// The sequence handed out last, or the one before where we began.
    last: u64,
    /// The message there, of a log that was read from.
    newest: Option<Received>,
    /// Whether this is the log, whose messages only an erasure may take.
    is_log: bool,
    state: State,
    /// Attempts to open since something good was last heard.
    attempts: u32,
    reopened: u64,
}

enum State {
    Opening(BoxFuture<'static, Result<Opened, BusError>>),
    Reading(Box<Pull>),
}

enum Opened {
    Pull(Box<Pull>),
    /// The message that no consumer could give us.
    Single(Received),
}

impl Reader {
    /// Reads the log of an organisation from a sequence on; 0 and 1 are the beginning.
    ///
    /// # Errors
    /// `MissingOrg`; `LogChanged` when the log ends before `from_sequence - 1`.
    pub async fn open(conn: &Connection, org: &OrgId, from_sequence: u64) -> Result<Self, BusError> {
        let mut reader = Self::over(conn, org, log_stream(org), from_sequence).await?;
        reader.is_log = true;
        Ok(reader)
    }

    /// Reads a log from its beginning, which was created then; asks nothing yet.
    #[must_use]
    pub fn anew(conn: &Connection, org: &OrgId, created: Timestamp) -> Self {
        let mut reader = Self {
            conn: conn.clone(),
            stream: log_stream(org),
            missing: org.clone(),
            created,
            last: 0,
            newest: None,
            is_log: true,
            state: State::Opening(std::future::pending().boxed()),
            attempts: 0,
            reopened: 0,
        };
        reader.reopen();
        reader
    }

    /// Reads any stream of an organisation.
    pub(crate) async fn over(
        conn: &Connection,
        org: &OrgId,
        stream: String,
        from_sequence: u64,
    ) -> Result<Self, BusError> {
        let head = head_of(conn, &stream)
            .await?
            .ok_or_else(|| BusError::MissingOrg(org.clone()))?;
        let last = from_sequence.saturating_sub(1);
        check(&stream, head, head.created, last)?;
        let mut reader = Self {
            conn: conn.clone(),
            stream,
            missing: org.clone(),
            created: head.created,
            last,
            newest: None,
            is_log: false,
            state: State::Opening(std::future::pending().boxed()),
            attempts: 0,
            reopened: 0,
        };
        reader.reopen();
        Ok(reader)
    }

    /// Waits for a message, then takes what is there, at most `max`. Never empty.
    ///
    /// # Errors
    /// `MissingOrg`, `LogChanged` and `Refused`, which do not pass by themselves. Everything else it
    /// sees through, for as long as it takes.
    pub async fn next_batch(&mut self, max: usize) -> Result<Vec<Received>, BusError> {
        loop {
            if let Some(single) = self.settle().await? {
                return Ok(vec![single]);
            }
            let State::Reading(pull) = &mut self.state else {
                continue;
            };
            match pull.next().await {
                Ok(first) => {
                    let batch = self.take(first, max);
                    if !batch.is_empty() {
                        return Ok(batch);
                    }
                }
                Err(broken) => self.broken(&broken),
            }
        }
    }

    /// The next batch, or `None` when nothing follows what was handed out: the way to catch up.
    ///
    /// # Errors
    /// As `next_batch`.
    pub async fn backlog(&mut self, max: usize) -> Result<Option<Vec<Received>>, BusError> {
        if let Some(single) = self.settle().await? {
            return Ok(Some(vec![single]));
        }
        if self.is_caught_up() {
            Ok(None)
        } else {
            self.next_batch(max).await.map(Some)
        }
    }

    /// Whether nothing followed the last message handed out when the server sent it, and the link is not known to be lost.
    #[must_use]
    pub fn is_caught_up(&self) -> bool {
        matches!(&self.state, State::Reading(pull) if pull.pending == 0 && !pull.is_lost())
    }

    /// Where the stream begins and ends now.
    ///
    /// # Errors
    /// `MissingOrg`, `Unreachable`.
    pub async fn head(&self) -> Result<LogHead, BusError> {
        let head = head_of(&self.conn, &self.stream).await?;
        head.ok_or_else(|| BusError::MissingOrg(self.missing.clone()))
    }

    /// When the stream being read was created: the first half of a position's fingerprint.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// How often reading had to begin anew; 0 in a quiet life.
    #[must_use]
    pub fn reopened(&self) -> u64 {
        self.reopened
    }

    /// Gets to a state of reading; gives the message that had to be fetched by itself, if any.
    async fn settle(&mut self) -> Result<Option<Received>, BusError> {
        while let State::Opening(opening) = &mut self.state {
            match opening.await {
                Ok(Opened::Pull(pull)) => self.state = State::Reading(pull),
                Ok(Opened::Single(single)) => {
                    tracing::warn!(
                        stream = self.stream,
                        sequence = single.sequence,
                        "bus.read_singly"
                    );
                    let single = self.accept(single);
                    self.reopen();
                    if single.is_some() {
                        return Ok(single);
                    }
                }
                Err(error) => {
                    self.attempts = self.attempts.saturating_add(1);
                    self.reopen();
                    if !error.is_passing() {
                        return Err(error);
                    }
                    // Once, and then ever more rarely: an outage may last.
                    if self.attempts.is_power_of_two() {
                        tracing::warn!(
                            stream = self.stream,
                            attempts = self.attempts,
                            %error,
                            "bus.reopen_failed"
                        );
                    }
                }
            }
        }
        Ok(None)
    }

    fn take(&mut self, first: Received, max: usize) -> Vec<Received> {
        let mut batch = Vec::new();
        let mut next = Some(Ok(first));
        while let Some(taken) = next {
            match taken {
                Ok(received) => match self.accept(received) {
                    Some(received) => batch.push(received),
                    None => {
                        self.broken(&Broken("the sequences fell back"));
                        break;
                    }
                },
                Err(broken) => {
                    self.broken(&broken);
                    break;
                }
            }
            next = match &mut self.state {
                State::Reading(pull) if batch.len() < max => pull.ready(),
                _ => None,
            };
        }
        batch
    }

    /// Checks that the sequence rises, and notes a gap.
    fn accept(&mut self, mut received: Received) -> Option<Received> {
        if received.sequence <= self.last {
            return None;
        }
        received.gap_before = received.sequence != self.last + 1;
        self.last = received.sequence;
        self.attempts = 0;
        self.newest = self.is_log.then(|| received.clone());
        Some(received)
    }

    /// What our place is recognised by.
    fn print(&self) -> Option<Fingerprint> {
        let newest = self.newest.as_ref()?;
        Some(Fingerprint::of(self.created, newest))
    }

    fn broken(&mut self, broken: &Broken) {
        tracing::info!(stream = self.stream, because = broken.0, "bus.reader_reopens");
        let healthy = matches!(&self.state, State::Reading(pull) if pull.healthy);
        self.attempts = if healthy {
            0
        } else {
            self.attempts.saturating_add(1)
        };
        self.reopened += 1;
        self.reopen();
    }

    fn reopen(&mut self) {
        let (conn, stream) = (self.conn.clone(), self.stream.clone());
        let (missing, created) = (self.missing.clone(), self.created);
        let (last, attempts, print) = (self.last, self.attempts, self.print());
        // Kept in the state, so that a caller who waits for other things too does not start it over.
        self.state = State::Opening(
            async move {
                tokio::time::sleep(backoff::pause(attempts)).await;
                let head = head_of(&conn, &stream)
                    .await?
                    .ok_or_else(|| BusError::MissingOrg(missing.clone()))?;
                check(&stream, head, created, last)?;
                if let Some(print) = print {
                    verify(&conn, &missing, &stream, &print).await?;
                }
                if attempts >= FRUITLESS
                    && head.last_sequence > last
                    && let Some(single) = get_from(&conn, &stream, last + 1).await?
                {
                    return Ok(Opened::Single(single));
                }
                Ok(Opened::Pull(Box::new(
                    Pull::open(&conn, &stream, last + 1).await?,
                )))
            }
            .boxed(),
        );
    }
}

fn check(stream: &str, head: LogHead, created: Timestamp, last: u64) -> Result<(), BusError> {
    let (fit, why) = if head.created != created {
        (Fit::Recreated, format!("it was created anew at {}", head.created))
    } else if head.last_sequence < last {
        (
            Fit::LogIsShorter,
            format!("it ends at {}, we have read {last}", head.last_sequence),
        )
    } else {
        return Ok(());
    };
    Err(BusError::LogChanged {
        stream: stream.to_owned(),
        fit,
        why,
    })
}

/// That what stands at our place is what we read there.
async fn verify(conn: &Connection, org: &OrgId, stream: &str, print: &Fingerprint) -> Result<(), BusError> {
    match look(conn, org, print).await? {
        (Fit::Fits, _) => Ok(()),
        (fit, _) => Err(BusError::LogChanged {
            stream: stream.to_owned(),
            fit,
            why: format!("{} {}", fit.says(), print.sequence),
        }),
    }
}
