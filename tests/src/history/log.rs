//! The log as JetStream keeps it: positions, and appends on the condition that nothing about somebody is newer.

use std::collections::{BTreeMap, BTreeSet};

use care::{About, Event};

/// What the publisher of a fact hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Stored at this position.
    Stored(u64),
    /// Something newer is there.
    Conflict,
}

/// The log.
#[derive(Debug, Default)]
pub struct Log {
    events: Vec<Event>,
    last: BTreeMap<About, u64>,
    /// Identities of what carebus appended.
    ours: BTreeSet<(String, String)>,
    /// Facts of ours that are there twice.
    pub doubled: Vec<String>,
    is_careless: bool,
}

impl Log {
    /// A log that forgets to look at the condition, to show that this would be found out.
    #[must_use]
    pub fn careless() -> Self {
        Self {
            is_careless: true,
            ..Self::default()
        }
    }

    /// Every fact, in order; the first is at position 1.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Position of the last fact; 0 while there is none.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.events.len() as u64
    }

    /// The world publishes without a condition.
    pub fn publish(&mut self, event: Event) {
        self.store(event);
    }

    /// carebus appends if the last position about whom the fact is about is as expected.
    pub fn append(&mut self, event: Event, expected: u64) -> Answer {
        let last = self.last.get(&event.about).copied().unwrap_or(0);
        if last != expected && !self.is_careless {
            return Answer::Conflict;
        }
        let identity = (event.source.to_string(), event.id.to_string());
        if !self.ours.insert(identity) {
            self.doubled.push(format!("{} {}", event.fact.name(), event.id));
        }
        Answer::Stored(self.store(event))
    }

    fn store(&mut self, event: Event) -> u64 {
        let position = self.head() + 1;
        self.last.insert(event.about.clone(), position);
        self.events.push(event);
        position
    }
}
