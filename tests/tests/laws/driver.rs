//! A driver that can be stopped anywhere and go on from a checkpoint; otherwise what the simulation does.

use std::collections::BTreeMap;

use care::id::NoticeId;
use care::time::Timestamp;
use care::{About, Event};
use engine::{Decision, Engine, Settings};
use mailer::{Delivery, Mail};

/// One engine, its log, and the checkpoint as a ledger would hold it.
pub(crate) struct Driver {
    engine: Engine,
    settings: Settings,
    log: Vec<Event>,
    last: BTreeMap<About, u64>,
    saved: BTreeMap<Vec<u8>, Vec<u8>>,
    now: Timestamp,
}

/// The mail server of every law: most mail is taken, some is put off, refused, or cut off; the same on every run.
pub(crate) fn carried(mail: &Mail) -> Delivery {
    let sum: u32 = mail.message_id.bytes().map(u32::from).sum::<u32>() + mail.attempt;
    match sum % 8 {
        0 => Delivery::Deferred { reply: Some(451) },
        1 if mail.attempt == 1 => Delivery::Unknown,
        2 if sum.is_multiple_of(5) => Delivery::Rejected { reply: Some(550) },
        _ => Delivery::Sent { reply: Some(250) },
    }
}

impl Driver {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            engine: Engine::new(settings.clone()),
            settings,
            log: Vec::new(),
            last: BTreeMap::new(),
            saved: BTreeMap::new(),
            now: Timestamp::MIN,
        }
    }

    pub(crate) fn log(&self) -> &[Event] {
        &self.log
    }

    /// Facts that arrive at `at`.
    pub(crate) fn take(&mut self, at: Timestamp, events: &[Event]) {
        self.settle();
        while let Some(due) = self
            .engine
            .wake_at()
            .filter(|due| *due < at && self.now > Timestamp::MIN)
        {
            self.now = self.now.max(due);
            self.settle();
        }
        self.now = self.now.max(at);
        // What is due at this moment comes before what arrives at it.
        self.settle();
        for event in events {
            self.append(event.clone());
        }
        self.settle();
    }

    /// The process ends, another one begins with the checkpoint.
    pub(crate) fn restart_from_checkpoint(&mut self) {
        self.checkpoint();
        let entries = self.saved.clone();
        let position = self.engine.position();
        self.engine =
            Engine::restore(self.settings.clone(), entries, position).expect("our own checkpoint is read");
    }

    /// As often as wanted: what changed since the last time is added.
    pub(crate) fn checkpoint(&mut self) {
        for (key, value) in self.engine.take_changes() {
            match value {
                Some(value) => self.saved.insert(key, value.concat()),
                None => self.saved.remove(&key),
            };
        }
    }

    pub(crate) const fn engine(&self) -> &Engine {
        &self.engine
    }

    fn settle(&mut self) {
        for _ in 0..1000 {
            if self.now == Timestamp::MIN || !self.engine.is_due(self.now) {
                return;
            }
            for decision in self.engine.poll(self.now) {
                self.carry_out(decision);
            }
        }
        panic!("the workers do not come to rest at {}", self.now);
    }

    fn carry_out(&mut self, decision: Decision) {
        if self.last.get(&decision.about).copied().unwrap_or(0) != decision.expected {
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
            self.engine
                .delivered(&decision.about, &notice, mail.attempt, carried(&mail), self.now);
        }
    }

    fn append(&mut self, event: Event) {
        let position = self.log.len() as u64 + 1;
        self.last.insert(event.about.clone(), position);
        self.engine.apply(&event, position);
        self.log.push(event);
    }
}
