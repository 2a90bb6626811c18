//! From messages to facts: folded, or put into quarantine; and what to do when the log is not the one we knew.

use std::time::Duration;

use bus::fingerprint::Fingerprint;
use bus::streams::LogHead;
use bus::{BusError, Reader, Received};
use care::envelope::{Event, Fault, Message};
use care::fact::ours::LogFound;
use care::time::Timestamp;
use care::{About, Fact};
use engine::Engine;
use tokio::task::JoinHandle;

use crate::checkpoint::Misfit;
use crate::clock::Clock;
use crate::courier::Claimed;
use crate::watching::change;
use crate::{Node, NodeError};

/// Messages taken at once.
pub(crate) const AT_ONCE: usize = 5000;
/// How long mail that is with the mail server may take to its end when the log has changed.
const MAIL_ENDS: Duration = Duration::from_secs(10);

/// Messages read together, and what they say.
struct Decoded {
    /// When the log was created that they were read from.
    created: Timestamp,
    /// Which log that is, counted.
    generation: u64,
    messages: Vec<(Received, Result<Event, Fault>)>,
}

impl Decoded {
    fn of(batch: Vec<Received>, created: Timestamp, generation: u64, clock: &Clock) -> Self {
        let read = |received: Received| {
            let read = Event::decode(Message {
                subject: &received.subject,
                headers: &received.headers,
                payload: &received.payload,
                received_at: clock.arrival(received.server_time),
            });
            (received, read)
        };
        Self {
            created,
            generation,
            messages: batch.into_iter().map(read).collect(),
        }
    }
}

impl Node {
    /// Reads to the head of the log.
    pub(crate) async fn catch_up(&mut self) -> Result<(), NodeError> {
        self.engine.begin_backlog();
        let done = self.read_backlog().await;
        self.engine.end_backlog();
        done
    }

    async fn read_backlog(&mut self) -> Result<(), NodeError> {
        // Decoded on another thread, while what was read before it is folded on this one.
        let mut ahead: Option<JoinHandle<Decoded>> = None;
        loop {
            let read = tokio::select! {
                read = self.reader.backlog(AT_ONCE) => Some(read),
                // A server that is away is waited for, and a watchdog must not take that for a hang.
                () = tokio::time::sleep(crate::observing::EVERY) => None,
            };
            if let Some(Ok(Some(batch))) = read {
                let before = ahead.replace(self.decode(batch));
                self.fold_ahead(before).await?;
                continue;
            }
            // Where we stand is told only of what was folded.
            self.fold_ahead(ahead.take()).await?;
            match read {
                None => self.observe(),
                Some(Ok(_)) => return Ok(()),
                Some(Err(why @ BusError::LogChanged { .. })) => {
                    self.alarm(&why);
                    Box::pin(self.look_now()).await?;
                }
                Some(Err(error)) => return Err(error.into()),
            }
        }
    }

    fn decode(&self, batch: Vec<Received>) -> JoinHandle<Decoded> {
        let (created, generation) = (self.reader.created(), self.watch.generation);
        let clock = self.clock.clone();
        tokio::task::spawn_blocking(move || Decoded::of(batch, created, generation, &clock))
    }

    async fn fold_ahead(&mut self, decoding: Option<JoinHandle<Decoded>>) -> Result<(), NodeError> {
        match decoding {
            Some(decoding) => match decoding.await {
                Ok(batch) => self.fold_decoded(batch).await,
                Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
            },
            None => Ok(()),
        }
    }

    /// Folds messages in; what is no fact goes into quarantine and is counted, and the fold goes on.
    pub(crate) async fn fold(&mut self, batch: Vec<Received>) -> Result<(), NodeError> {
        let (created, generation) = (self.reader.created(), self.watch.generation);
        let batch = Decoded::of(batch, created, generation, &self.clock);
        self.fold_decoded(batch).await?;
        if self.engine.reads_backlog() && self.reader.is_caught_up() {
            self.engine.end_backlog();
        }
        Ok(())
    }

    async fn fold_decoded(&mut self, batch: Decoded) -> Result<(), NodeError> {
        self.observe();
        if batch.generation != self.watch.generation {
            // Read from a log that is not there any more.
            return Ok(());
        }
        let created = batch.created;
        let mut last = None;
        for (received, read) in batch.messages {
            if received.sequence <= self.engine.position() {
                // The overlap: the very message that was folded last.
                if received.sequence == self.print.sequence
                    && Fingerprint::of(created, &received) != self.print
                {
                    return Box::pin(self.look_now()).await;
                }
                continue;
            }
            self.fold_one(&received, read).await;
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

    async fn fold_one(&mut self, received: &Received, read: Result<Event, Fault>) {
        match read {
            Ok(event) if self.is_late(&event, received.sequence) => {
                self.refuse(received, &Fault::erased()).await;
            }
            Ok(event) => {
                if let Fact::PatientErased(erased) = &event.fact {
                    self.watch.gone.announce(erased.removed);
                    self.checkpoint.forget();
                }
                self.observer.facts += 1;
                self.engine.apply(&event, received.sequence);
            }
            Err(fault) => self.refuse(received, &fault).await,
        }
    }

    /// Whether a fact is about a patient who was erased: to fold it as one about a new patient would be wrong.
    fn is_late(&self, event: &Event, sequence: u64) -> bool {
        let is_tombstone = matches!(event.fact, Fact::PatientErased(_));
        sequence > self.engine.position() && !is_tombstone && self.engine.is_erased(&event.about)
    }

    /// Puts what is no fact into quarantine.
    async fn refuse(&mut self, received: &Received, fault: &Fault) {
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
        let put = bus::quarantine::put(&self.conn, org, fault.reason.code(), &fault.detail, received).await;
        if let Err(error) = put {
            // It stays in the log; the next rebuild puts it there.
            tracing::error!(sequence = received.sequence, %error, "quarantine.failed");
        }
    }

    /// The log is not the one that was read: nothing more is sent, what was folded is set aside, and everything is read
    /// anew before anything is decided.
    pub(crate) async fn start_over(&mut self, found: LogFound, head: LogHead) -> Result<(), NodeError> {
        self.note(found, Some(head));
        let change = self.change(found, head, "");
        let held = std::mem::take(&mut self.held).into_iter();
        self.returned.extend(held.map(Claimed::put_off));
        self.returned.extend(self.courier.hold(MAIL_ENDS).await);
        self.watch_anew();
        self.checkpoint.set_aside(found_says(found)).await?;
        self.engine = Engine::new(self.engine.settings().clone());
        self.engine.begin_backlog();
        self.behind.clear();
        self.reader = Reader::anew(&self.conn, &self.engine.settings().org, head.created);
        self.print = Fingerprint::of_beginning(head.created);
        self.engine.report_log_change(change);
        // Should this process end now, the next one knows what to tell.
        self.save_head().await;
        Ok(())
    }

    /// The checkpoint was set aside at the start, because it was of another log.
    pub(crate) async fn found_at_the_start(&mut self, misfit: Misfit) {
        self.note_at(misfit.found, misfit.print.sequence, Some(misfit.head));
        let change = change(&misfit.print, misfit.said, misfit.found, misfit.head, "");
        self.engine.report_log_change(change);
        self.save_head().await;
    }
}

const fn found_says(found: LogFound) -> &'static str {
    match found {
        LogFound::Shorter => "the log ends before our position",
        LogFound::AnotherMessage => "another message stands at our position",
        LogFound::Recreated => "the log was created anew",
        LogFound::Hole => "messages of the log are missing that no erasure explains",
        LogFound::Missing => "the log was missing",
    }
}
