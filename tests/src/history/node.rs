//! One replica: an engine, how far it has read, its checkpoints, and what it does between a decision and its end.

use std::collections::{BTreeMap, BTreeSet};

use care::time::Timestamp;
use care::{About, Fact, Worker};
use engine::{Decision, Engine, Settings};
use mailer::Mail;

use super::log::{Answer, Log};
use super::mailroom::Mailroom;
use super::step::Kept;

/// Entries of a checkpoint, and the position it stands at.
type Checkpoint = (BTreeMap<Vec<u8>, Vec<u8>>, u64);

/// A replica.
pub struct Node {
    settings: Settings,
    engine: Engine,
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
    last: Option<Checkpoint>,
    older: Option<Checkpoint>,
    /// Decisions that were not taken whole: given up once the log is read to this position.
    behind: BTreeMap<About, u64>,
    /// Whether it has read to the head since it began: before that it does nothing.
    has_caught_up: bool,
    /// Whether it thinks that it leads.
    leads: bool,
}

/// A source of faults that is the same on every run.
struct Faults(u64);

impl Faults {
    /// A number below `n`; 0 forever where nothing goes wrong.
    const fn pick(&mut self, n: u64) -> u64 {
        if self.0 == 0 {
            return 0;
        }
        // A step of a xorshift: it never comes to 0.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

impl Node {
    /// A replica that has read nothing.
    #[must_use]
    pub fn new(mut settings: Settings) -> Self {
        settings.workers = BTreeSet::new();
        Self {
            engine: Engine::new(settings.clone()),
            settings,
            entries: BTreeMap::new(),
            last: None,
            older: None,
            behind: BTreeMap::new(),
            has_caught_up: false,
            leads: false,
        }
    }

    /// It looks at the lease: who leads acts, the others only read.
    pub fn look_at_lease(&mut self, leads: bool) {
        if leads != self.leads {
            self.leads = leads;
            let workers = if leads {
                Worker::ALL.into()
            } else {
                BTreeSet::new()
            };
            self.engine.set_workers(workers);
        }
    }

    /// Its state.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Reads at most `most` messages.
    pub fn read(&mut self, log: &Log, most: usize) {
        let from = usize::try_from(self.engine.position()).unwrap_or(usize::MAX);
        for (event, position) in log.events().iter().zip(1..).skip(from).take(most) {
            self.engine.apply(event, position);
        }
        self.has_caught_up |= self.engine.position() == log.head();
        let position = self.engine.position();
        let due: Vec<About> = self
            .behind
            .iter()
            .filter(|(_, until)| **until <= position)
            .map(|(about, _)| about.clone())
            .collect();
        for about in due {
            self.behind.remove(&about);
            self.engine.give_up(&about);
        }
    }

    /// Decides once and carries that out. False: it died on the way.
    ///
    /// # Errors
    /// What the contract refuses of our own facts: a defect.
    pub fn act(
        &mut self,
        log: &mut Log,
        mailroom: &mut Mailroom,
        now: Timestamp,
        faults: u64,
    ) -> Result<bool, String> {
        if !self.has_caught_up || !self.leads {
            return Ok(true);
        }
        let mut faults = Faults(faults);
        let decisions = self.engine.poll(now);
        let defects = self.engine.take_defects();
        if !defects.is_empty() {
            return Err(format!("refused by the contract: {}", defects.join(", ")));
        }
        for decision in decisions {
            if !self.carry_out(decision, log, mailroom, now, &mut faults) {
                return Ok(false);
            }
        }
        self.engine.take_postings();
        self.engine.posted(&[]);
        Ok(true)
    }

    /// Whether it has anything to do now.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.leads && (!self.behind.is_empty() || self.engine.is_due(now))
    }

    fn carry_out(
        &mut self,
        decision: Decision,
        log: &mut Log,
        mailroom: &mut Mailroom,
        now: Timestamp,
        faults: &mut Faults,
    ) -> bool {
        let about = decision.about.clone();
        let mut expected = decision.expected;
        let mut mails = decision.mails;
        let mut claimed: Vec<Mail> = Vec::new();
        let mut is_whole = true;
        for event in decision.events {
            let fate = faults.pick(24);
            if fate == 1 {
                // Never reached the server; nobody answers.
                is_whole = false;
                break;
            }
            let fact = event.fact.clone();
            match log.append(event, expected) {
                Answer::Conflict => {
                    is_whole = false;
                    break;
                }
                Answer::Stored(_) if fate == 2 => {
                    // Stored, and the answer is lost.
                    is_whole = false;
                    break;
                }
                Answer::Stored(position) => expected = position,
            }
            if let Fact::NoticeAttempted(notice) = &fact {
                let mine = |m: &Mail| m.notice_id == notice.notice_id.as_str() && m.attempt == notice.attempt;
                claimed.extend(mails.iter().position(mine).map(|at| mails.remove(at)));
            }
            if fate == 3 {
                return false;
            }
        }
        for mail in claimed {
            let Ok(notice) = care::id::NoticeId::new(&mail.notice_id) else {
                continue;
            };
            self.engine.claimed(&about, &notice, mail.attempt);
            let fate = faults.pick(16);
            if fate == 1 {
                return false;
            }
            let delivery = mailroom.carry(&mail);
            if fate == 2 {
                return false;
            }
            self.engine
                .delivered(&about, &notice, mail.attempt, delivery, now);
        }
        if !is_whole {
            self.behind.insert(about, log.head());
        }
        true
    }

    /// Writes a checkpoint.
    pub fn save(&mut self) {
        for (key, value) in self.engine.take_changes() {
            match value {
                Some(value) => self.entries.insert(key, value),
                None => self.entries.remove(&key),
            };
        }
        self.older = self.last.take();
        self.last = Some((self.entries.clone(), self.engine.position()));
    }

    /// Dies, and comes back with what was kept.
    ///
    /// # Errors
    /// Its own checkpoint cannot be read: a defect.
    pub fn crash(&mut self, kept: Kept) -> Result<(), String> {
        let checkpoint = match kept {
            Kept::Last => self.last.clone(),
            Kept::Older => self.older.clone().or_else(|| self.last.clone()),
            Kept::Nothing => None,
        };
        let (entries, position) = checkpoint.unwrap_or_default();
        self.engine = Engine::restore(self.settings.clone(), entries.clone(), position)
            .map_err(|e| format!("our own checkpoint: {e}"))?;
        self.last = (position > 0).then(|| (entries.clone(), position));
        self.older = None;
        self.entries = entries;
        self.behind.clear();
        self.has_caught_up = false;
        self.leads = false;
        Ok(())
    }
}
