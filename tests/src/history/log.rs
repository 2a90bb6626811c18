//! The log as JetStream keeps it: positions, appends on the condition that nothing about somebody is newer, and the
//! day on which it is no longer the log it was.

use std::collections::{BTreeMap, BTreeSet};

use care::{About, Event, Fact};

use super::flaw::Flaw;

/// What the publisher of a fact hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Stored at this position.
    Stored(u64),
    /// Something newer is there.
    Conflict,
}

/// One message.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Whom its subject is about.
    pub about: Option<About>,
    /// The fact; none if nobody can read it.
    pub event: Option<Event>,
    /// Told from every other message that was ever stored, as its time, id and digest do in NATS.
    pub print: u64,
}

/// The log.
#[derive(Debug)]
pub struct Log {
    messages: Vec<Stored>,
    last: BTreeMap<About, u64>,
    /// Identities of what carebus appended and the log holds.
    ours: BTreeSet<(String, String)>,
    /// Which stream of this name it is, from 1.
    created: u64,
    prints: u64,
    /// Facts of ours that are there twice.
    pub doubled: Vec<String>,
    /// How often the claim of a notice was in the log and is not any more.
    pub claims_lost: BTreeMap<String, u32>,
    is_forgetful: bool,
}

impl Log {
    /// An empty log.
    #[must_use]
    pub fn new(flaw: Option<Flaw>) -> Self {
        Self {
            messages: Vec::new(),
            last: BTreeMap::new(),
            ours: BTreeSet::new(),
            created: 1,
            prints: 0,
            doubled: Vec::new(),
            claims_lost: BTreeMap::new(),
            is_forgetful: flaw == Some(Flaw::ForgetfulLog),
        }
    }

    /// Every fact that can be read, in order.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.messages.iter().filter_map(|m| m.event.as_ref())
    }

    /// Messages after a position, each with its own.
    pub fn after(&self, position: u64) -> impl Iterator<Item = (u64, &Stored)> {
        let skipped = usize::try_from(position).unwrap_or(usize::MAX);
        (position + 1..).zip(self.messages.iter().skip(skipped))
    }

    /// What stands at a position, from 1.
    #[must_use]
    pub fn at(&self, position: u64) -> Option<&Stored> {
        self.messages.get(usize::try_from(position).ok()?.checked_sub(1)?)
    }

    /// Position of the last message; 0 while there is none.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.messages.len() as u64
    }

    /// Which stream of this name it is.
    #[must_use]
    pub const fn created(&self) -> u64 {
        self.created
    }

    /// The world publishes without a condition.
    pub fn publish(&mut self, event: Event) {
        self.store(Some(event.about.clone()), Some(event));
    }

    /// Bytes that are no fact, on the subject of somebody or of nobody.
    pub fn publish_bytes(&mut self, about: Option<About>) {
        self.store(about, None);
    }

    /// carebus appends if the last position about whom the fact is about is as expected.
    pub fn append(&mut self, event: Event, expected: u64) -> Answer {
        if self.last_about(&event.about) != expected && !self.is_forgetful {
            return Answer::Conflict;
        }
        if !self.ours.insert(identity(&event)) {
            self.doubled.push(format!("{} {}", event.fact.name(), event.id));
        }
        Answer::Stored(self.store(Some(event.about.clone()), Some(event)))
    }

    /// Position of the last message about somebody.
    #[must_use]
    pub fn last_about(&self, about: &About) -> u64 {
        self.last.get(about).copied().unwrap_or(0)
    }

    /// The log ends at an earlier position, or is another stream of that name.
    pub fn go_back(&mut self, keep: u64, is_anew: bool) {
        let keep = if is_anew { 0 } else { keep };
        let gone = self.messages.split_off(
            usize::try_from(keep)
                .unwrap_or(usize::MAX)
                .min(self.messages.len()),
        );
        for message in &gone {
            if let Some(Fact::NoticeAttempted(notice)) = message.event.as_ref().map(|e| &e.fact) {
                *self.claims_lost.entry(notice.notice_id.to_string()).or_default() += 1;
            }
        }
        self.created += u64::from(is_anew);
        self.last.clear();
        for (position, message) in (1..).zip(&self.messages) {
            if let Some(about) = &message.about {
                self.last.insert(about.clone(), position);
            }
        }
        let is_ours = |e: &&Event| e.source.as_str().starts_with("urn:carebus:");
        self.ours = self.events().filter(is_ours).map(identity).collect();
    }

    fn store(&mut self, about: Option<About>, event: Option<Event>) -> u64 {
        self.prints += 1;
        let position = self.head() + 1;
        if let Some(about) = &about {
            self.last.insert(about.clone(), position);
        }
        self.messages.push(Stored {
            about,
            event,
            print: self.prints,
        });
        position
    }
}

fn identity(event: &Event) -> (String, String) {
    (event.source.to_string(), event.id.to_string())
}
