//! One replica: an engine, how far it has read and by what it knows that place, its clock, its checkpoints, and what
//! it does between a decision and its end.

use std::collections::{BTreeMap, BTreeSet};

use care::id::NoticeId;
use care::time::Timestamp;
use care::{About, Fact, Worker};
use engine::{Decision, Engine, Settings};
use mailer::Mail;
use node::Watch;

use super::clocks::Clocks;
use super::faults::Faults;
use super::flaw::Flaw;
use super::log::{Answer, Log};
use super::mailroom::Mailroom;
use super::step::{Kept, NODES};

/// Which message of which stream stands where it has read to: what the product keeps as a fingerprint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    created: u64,
    position: u64,
    print: u64,
}

/// Entries of a checkpoint, and the place it stands at.
type Checkpoint = (BTreeMap<Vec<u8>, Vec<u8>>, Place);

/// A replica.
pub struct Node {
    number: usize,
    settings: Settings,
    engine: Engine,
    place: Place,
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
    last: Option<Checkpoint>,
    older: Option<Checkpoint>,
    /// Decisions that were not taken whole: given up once the log is read to this position.
    behind: BTreeMap<About, u64>,
    /// Whether it has read to the head since it began: before that it does nothing.
    has_caught_up: bool,
    /// Whether it thinks that it leads.
    leads: bool,
    watch: Watch,
    /// Claimed mail that waits until the mail server lets us in.
    waiting: Vec<(About, NoticeId, Mail)>,
    /// Since when it does.
    paused_since: Option<Timestamp>,
    flaw: Option<Flaw>,
    /// The time at which it last acted.
    acted: Option<Timestamp>,
}

/// What is around a replica while it acts.
pub struct Around<'a> {
    /// The log.
    pub log: &'a mut Log,
    /// The mail server.
    pub mailroom: &'a mut Mailroom,
    /// The clocks of all machines.
    pub clocks: &'a Clocks,
    /// The state of the log as people see it.
    pub seen: &'a Engine,
}

impl Node {
    /// A replica that has read nothing.
    #[must_use]
    pub fn new(number: usize, mut settings: Settings, flaw: Option<Flaw>) -> Self {
        settings.workers = BTreeSet::new();
        Self {
            number,
            engine: Engine::new(settings.clone()),
            settings,
            place: Place::default(),
            entries: BTreeMap::new(),
            last: None,
            older: None,
            behind: BTreeMap::new(),
            has_caught_up: false,
            leads: false,
            watch: Watch::default(),
            waiting: Vec::new(),
            paused_since: None,
            flaw,
            acted: None,
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

    /// It looks at its clock and asks the server for its own; the engine learns whether the time is in doubt.
    pub fn now(&mut self, clocks: &Clocks) -> Timestamp {
        if self.flaw == Some(Flaw::BelievesWallClock) {
            return clocks.wall(self.number);
        }
        let reading = clocks.reading(self.number);
        let server = clocks.wall(usize::from(NODES));
        self.watch.hear(server.as_millisecond(), reading);
        let shown = self.watch.show(reading);
        let doubt = self.watch.doubt().map(|doubt| doubt.since);
        if doubt != self.engine.clock_in_doubt_since() && self.flaw != Some(Flaw::DoubtUntold) {
            self.engine.doubt_clock(doubt);
        }
        Timestamp::from_millisecond(shown).unwrap_or(clocks.truth)
    }

    /// Whether the log still is the one it has read, as far as it has read it.
    #[must_use]
    pub fn knows(&self, log: &Log) -> bool {
        let place = self.place;
        let stands = || log.at(place.position).is_some_and(|m| m.print == place.print);
        place.position == 0
            || self.flaw == Some(Flaw::BlindToTruncation)
            || (place.created == log.created() && stands())
    }

    /// Compares the log with what it knows of it, as the product does when it starts, is connected again, and every
    /// few seconds: what was folded of another log is set aside, and nothing is done before all is read anew.
    pub fn look_at_log(&mut self, log: &Log) {
        if self.knows(log) {
            // Of what is gone only we had heard.
            let waits = self.flaw == Some(Flaw::WaitsForEver);
            self.give_up(|until| *until > log.head() && !waits);
            return;
        }
        let doubt = self.engine.clock_in_doubt_since();
        self.engine = Engine::new(self.engine.settings().clone());
        self.engine.doubt_clock(doubt);
        self.place = Place::default();
        self.entries.clear();
        (self.last, self.older) = (None, None);
        self.behind.clear();
        self.has_caught_up = false;
    }

    /// Reads at most `most` messages.
    pub fn read(&mut self, log: &Log, most: usize) {
        self.look_at_log(log);
        if !self.has_caught_up {
            self.engine.begin_backlog();
        }
        for (position, message) in log.after(self.engine.position()).take(most) {
            match (&message.event, &message.about) {
                (Some(event), _) => self.engine.apply(event, position),
                (None, Some(about)) => self.engine.pass_over(about, position),
                (None, None) => self.engine.skip_to(position),
            }
            self.place = Place {
                created: log.created(),
                position,
                print: message.print,
            };
        }
        let position = self.engine.position();
        self.has_caught_up |= position >= log.head();
        if self.has_caught_up {
            self.engine.end_backlog();
        }
        self.give_up(|until| *until <= position);
    }

    fn give_up(&mut self, is_over: impl Fn(&u64) -> bool) {
        let over = self.behind.iter().filter(|(_, until)| is_over(until));
        let over: Vec<About> = over.map(|(about, _)| about.clone()).collect();
        for about in over {
            self.behind.remove(&about);
            self.engine.give_up(&about);
        }
    }

    /// Decides once and carries that out. False: it died on the way.
    ///
    /// # Errors
    /// What the contract refuses of our own facts, and what may not be done now: defects.
    pub fn act(&mut self, around: &mut Around<'_>, faults: u64) -> Result<bool, String> {
        let now = self.now(around.clocks);
        if !self.has_caught_up || !self.leads {
            return Ok(true);
        }
        if self.acted.is_some_and(|before| before > now) {
            return Err(format!(
                "P5: the time of replica {} ran back to {now}",
                self.number
            ));
        }
        self.acted = Some(now);
        let mut faults = Faults::new(faults);
        if around.mailroom.lets_us_in() {
            for (about, notice, mail) in std::mem::take(&mut self.waiting) {
                if !self.carry(about, notice, mail, around, &mut faults, now) {
                    return Ok(false);
                }
            }
        }
        self.paused_since = self
            .paused_since
            .or(Some(now))
            .filter(|_| !self.waiting.is_empty());
        self.engine.pause_mail(self.paused_since, now);
        let decisions = self.engine.poll(now);
        let defects = self.engine.take_defects();
        if !defects.is_empty() {
            return Err(format!("P6: refused by the contract: {}", defects.join(", ")));
        }
        for decision in decisions {
            if self.watch.doubt().is_some() {
                super::judge::in_doubt(&decision, around.seen)?;
            }
            if !self.carry_out(decision, around, now, &mut faults) {
                return Ok(false);
            }
        }
        self.engine.take_postings();
        self.engine.posted(&[]);
        Ok(true)
    }

    /// Whether it has anything to do now.
    #[must_use]
    pub fn is_due(&mut self, clocks: &Clocks) -> bool {
        let now = self.now(clocks);
        self.leads && (!self.behind.is_empty() || !self.waiting.is_empty() || self.engine.is_due(now))
    }

    fn carry_out(
        &mut self,
        decision: Decision,
        around: &mut Around<'_>,
        now: Timestamp,
        faults: &mut Faults,
    ) -> bool {
        let about = decision.about.clone();
        let mut expected = decision.expected;
        let mut mails = decision.mails;
        let mut claimed: Vec<Mail> = Vec::new();
        let mut is_whole = true;
        if self.flaw == Some(Flaw::MailBeforeClaim) {
            claimed.append(&mut mails);
        }
        for event in decision.events {
            let fate = faults.pick(24);
            if fate == 1 {
                // Never reached the server; nobody answers.
                is_whole = false;
                break;
            }
            let fact = event.fact.clone();
            match around.log.append(event.clone(), expected) {
                Answer::Conflict => {
                    is_whole = false;
                    break;
                }
                Answer::Stored(_) if fate == 2 => {
                    // Stored, and the answer is lost.
                    if self.flaw == Some(Flaw::RepeatsLostAppends) {
                        around.log.append(event, around.log.last_about(&about));
                    }
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
            let Ok(notice) = NoticeId::new(&mail.notice_id) else {
                continue;
            };
            self.engine.claimed(&about, &notice, mail.attempt);
            if !self.carry(about.clone(), notice, mail, around, faults, now) {
                return false;
            }
        }
        if !is_whole {
            self.behind.insert(about, around.log.head());
        } else if self.flaw != Some(Flaw::WaitsForEver) {
            // What was taken may be gone again before it is read.
            self.behind.insert(about, expected);
        }
        true
    }

    /// One mail to its end. False: the process died before or after its last byte.
    fn carry(
        &mut self,
        about: About,
        notice: NoticeId,
        mail: Mail,
        around: &mut Around<'_>,
        faults: &mut Faults,
        now: Timestamp,
    ) -> bool {
        let fate = faults.pick(16);
        if fate == 1 {
            return false;
        }
        let Some(delivery) = around.mailroom.carry(&mail) else {
            self.waiting.push((about, notice, mail));
            return true;
        };
        if fate == 2 {
            return false;
        }
        self.engine
            .delivered(&about, &notice, mail.attempt, delivery, now);
        true
    }

    /// Writes a checkpoint.
    pub fn save(&mut self) {
        // Charts that nobody has touched lately are folded meanwhile.
        self.engine.fold_idle(usize::MAX);
        let before = self.entries.clone();
        for (key, value) in self.engine.take_changes() {
            match value {
                Some(value) => self.entries.insert(key, value.concat()),
                None => self.entries.remove(&key),
            };
        }
        self.older = self.last.take();
        let is_ahead = self.flaw == Some(Flaw::CheckpointAhead);
        self.last = Some((if is_ahead { before } else { self.entries.clone() }, self.place));
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
        let (entries, place) = checkpoint.unwrap_or_default();
        self.engine = Engine::restore(self.settings.clone(), entries.clone(), place.position)
            .map_err(|e| format!("P4: our own checkpoint: {e}"))?;
        self.last = (place.position > 0).then(|| (entries.clone(), place));
        self.older = None;
        self.entries = entries;
        self.place = place;
        self.behind.clear();
        self.has_caught_up = false;
        self.leads = false;
        self.watch = Watch::default();
        self.waiting.clear();
        self.paused_since = None;
        self.acted = None;
        Ok(())
    }
}
