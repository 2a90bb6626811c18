//! The engine with an in-memory log and a virtual clock: a year of a clinic in seconds, the same on every run.

use std::collections::BTreeMap;

use care::About;
use care::envelope::Event;
use care::feed::FeedEntry;
use care::id::NoticeId;
use care::time::Timestamp;
use mailer::{Delivery, Mail};

use crate::{Engine, Settings};

/// Rounds at one instant after which something goes in circles.
const ROUNDS: usize = 1000;

/// The workers answered each other without end at one instant: a defect, never an input's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the workers do not come to rest at {at}: last said {said}")]
pub struct Unsettled {
    /// The instant.
    pub at: Timestamp,
    /// Names of the facts of the last round.
    pub said: String,
}

/// How the carrier answers each mail.
type Carrier = Box<dyn FnMut(&Mail) -> Delivery>;

/// An organisation in memory.
pub struct Simulation {
    engine: Engine,
    log: Vec<Event>,
    last: BTreeMap<About, u64>,
    now: Timestamp,
    carrier: Carrier,
    outbox: Vec<Mail>,
    feed: BTreeMap<String, FeedEntry>,
}

impl Simulation {
    /// An empty log at the beginning of time; every mail is taken at once.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            engine: Engine::new(settings),
            log: Vec::new(),
            last: BTreeMap::new(),
            now: Timestamp::MIN,
            carrier: Box::new(|_| Delivery::Sent { reply: None }),
            outbox: Vec::new(),
            feed: BTreeMap::new(),
        }
    }

    /// Answers mails from now on as `carrier` says.
    pub fn deliver_with(&mut self, carrier: impl FnMut(&Mail) -> Delivery + 'static) {
        self.carrier = Box::new(carrier);
    }

    /// Says that the clock is in doubt since then, or is believed again; see [`Engine::doubt_clock`].
    pub fn doubt_clock(&mut self, since: Option<Timestamp>) {
        self.engine.doubt_clock(since);
    }

    /// Facts from the world, in log order. Each arrives at its own time, or now if that is past: late facts are late.
    /// Neighbours that arrive at one instant arrive together.
    ///
    /// # Errors
    /// [`Unsettled`] when the workers do not come to rest.
    pub fn play(&mut self, events: impl IntoIterator<Item = Event>) -> Result<(), Unsettled> {
        for event in events {
            if event.time > self.now {
                self.advance_to(event.time)?;
            }
            self.append(event);
        }
        self.settle()
    }

    /// Lets the clock run to `until`, stopping wherever something is due.
    ///
    /// # Errors
    /// [`Unsettled`] when the workers do not come to rest.
    pub fn advance_to(&mut self, until: Timestamp) -> Result<(), Unsettled> {
        self.settle()?;
        while let Some(at) = self.engine.wake_at().filter(|at| *at < until) {
            self.now = self.now.max(at);
            self.settle()?;
        }
        self.now = self.now.max(until);
        Ok(())
    }

    /// Lets everything that is due now happen.
    ///
    /// # Errors
    /// [`Unsettled`] when the workers do not come to rest.
    pub fn settle(&mut self) -> Result<(), Unsettled> {
        let mut said = String::new();
        for _ in 0..ROUNDS {
            if self.now == Timestamp::MIN || !self.engine.is_due(self.now) {
                self.engine.fold_idle(usize::MAX);
                return Ok(());
            }
            let decisions = self.engine.poll(self.now);
            let defects = self.engine.take_defects();
            if !defects.is_empty() {
                return Err(Unsettled {
                    at: self.now,
                    said: format!("what the contract refuses: {}", defects.join(", ")),
                });
            }
            said = decisions
                .iter()
                .flat_map(|d| &d.events)
                .map(|e| e.fact.name())
                .collect::<Vec<_>>()
                .join(", ");
            for decision in decisions {
                self.carry_out(decision);
            }
            for posting in self.engine.take_postings() {
                let subject = posting.subject(&self.engine.settings().org);
                self.feed.insert(subject, posting.entry);
            }
            self.engine.posted(&[]);
        }
        Err(Unsettled { at: self.now, said })
    }

    /// The conditional append: refused whole if anything newer about the patient is in the log.
    fn carry_out(&mut self, decision: crate::Decision) {
        let last = self.last.get(&decision.about).copied().unwrap_or(0);
        if last != decision.expected {
            self.engine.give_up(&decision.about);
            return;
        }
        for event in decision.events {
            self.append(event);
        }
        for mail in decision.mails {
            let Ok(notice) = NoticeId::new(&mail.notice_id) else {
                continue;
            };
            self.engine.claimed(&decision.about, &notice, mail.attempt);
            let delivery = (self.carrier)(&mail);
            self.engine
                .delivered(&decision.about, &notice, mail.attempt, delivery, self.now);
            if matches!(delivery, Delivery::Sent { .. }) {
                self.outbox.push(mail);
            }
        }
    }

    fn append(&mut self, event: Event) {
        self.log.push(event);
        let position = self.log.len() as u64;
        let Some(event) = self.log.last() else { return };
        self.last.insert(event.about.clone(), position);
        self.engine.apply(event, position);
    }

    /// Every fact, in log order.
    #[must_use]
    pub fn log(&self) -> &[Event] {
        &self.log
    }

    /// Every mail that was taken, in order.
    #[must_use]
    pub fn outbox(&self) -> &[Mail] {
        &self.outbox
    }

    /// What the clinics' feeds hold, by subject.
    #[must_use]
    pub const fn feed(&self) -> &BTreeMap<String, FeedEntry> {
        &self.feed
    }

    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The virtual clock.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }
}
