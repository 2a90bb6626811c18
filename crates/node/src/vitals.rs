//! What a node says of its own health: a value that its loop publishes about once a second, for whoever watches.

use std::collections::BTreeSet;
use std::time::Duration;

use care::Worker;
use care::id::OrgId;
use care::time::Timestamp;
use engine::Counts;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
// Monotonic; it tells how long ago something was, never what time it is.
use tokio::time::Instant;

/// What a node is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Connecting, and reading its checkpoint.
    Opening,
    /// Reading up to the head of the log: at the start, and when the log is not the one it knew.
    CatchingUp,
    /// Deciding, if it leads; following, if it does not.
    Working,
    /// Finishing what is under way.
    Stopping,
}

/// What became of facts that were to be appended, since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Appends {
    /// In the log.
    pub stored: u64,
    /// There already.
    pub known: u64,
    /// Something newer about whom it concerns was in the log: decided again.
    pub conflict: u64,
    /// No answer: read on and see.
    pub ambiguous: u64,
    /// Not sent, or an answer that may be another one later.
    pub failed: u64,
    /// The server will not do it.
    pub refused: u64,
}

impl Appends {
    /// Adds others to these.
    pub fn add(&mut self, other: Self) {
        self.stored += other.stored;
        self.known += other.known;
        self.conflict += other.conflict;
        self.ambiguous += other.ambiguous;
        self.failed += other.failed;
        self.refused += other.refused;
    }
}

/// How the checkpoint is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Saved {
    /// False once it could not be written: the node goes on without, and its next start reads the whole log.
    pub works: bool,
    /// When it last held everything that was known.
    pub current_at: Option<Instant>,
    /// Its size on the disk.
    pub bytes: u64,
    /// How long the last save took.
    pub took: Duration,
    /// Saves since the start.
    pub count: u64,
}

/// How one organisation's node is. Nobody's id, name or address is in it.
#[derive(Debug, Clone)]
pub struct Vitals {
    /// The organisation.
    pub org: OrgId,
    /// Name of the process.
    pub name: String,
    /// What it is doing.
    pub phase: Phase,
    /// When the loop last turned.
    pub turned: Instant,
    /// When the process began.
    pub since: Timestamp,
    /// The workers that it would run.
    pub wants: BTreeSet<Worker>,
    /// Those whose lease it holds.
    pub leads: BTreeSet<Worker>,
    /// Whether NATS is there.
    pub connected: bool,
    /// What the server calls its version.
    pub server: String,
    /// How often the link was lost.
    pub losses: u64,
    /// Since when it has not read to the head of the log; none while it has.
    pub behind_since: Option<Instant>,
    /// Last position folded in.
    pub position: u64,
    /// Where the log ends, as the server said last.
    pub head: Option<u64>,
    /// Facts folded in since the start.
    pub facts: u64,
    /// Messages that were no facts, since the start.
    pub quarantined: u64,
    /// What became of appends.
    pub appends: Appends,
    /// Facts of ours that the contract would refuse, since the start: defects.
    pub defects: u64,
    /// How many the node has to look at now; 0 while it leads nothing.
    pub due: u64,
    /// By how much the earliest of the agenda is late.
    pub overdue: Duration,
    /// The clock, when this was said.
    pub now: Timestamp,
    /// Counts over everybody.
    pub counts: Counts,
    /// Whether a fault of ours holds routine mail up.
    pub mail_paused: bool,
    /// Recipient domains whose mail waits because their server does not take it.
    pub domains_paused: u64,
    /// The checkpoint.
    pub saved: Saved,
    /// How often the log was not the one that was read, since the start.
    pub log_changes: u64,
    /// Why routine actions wait: the clock cannot be trusted. None while it can.
    pub clock_doubt: Option<String>,
}

impl Vitals {
    /// Messages of the log that are not folded in yet; none while nobody could say.
    #[must_use]
    pub fn lag(&self) -> Option<u64> {
        self.head.map(|head| head.saturating_sub(self.position))
    }
}

/// Where a node shows its vitals. Made before the node, so that somebody can watch it open.
#[derive(Debug)]
pub struct Board {
    shown: watch::Sender<Vitals>,
}

impl Board {
    /// A board for a node that does not work yet.
    #[must_use]
    pub fn new(org: &OrgId, name: &str, wants: &BTreeSet<Worker>, now: Timestamp) -> Self {
        let vitals = Vitals {
            org: org.clone(),
            name: name.to_owned(),
            phase: Phase::Opening,
            turned: Instant::now(),
            since: now,
            wants: wants.clone(),
            leads: BTreeSet::new(),
            connected: false,
            server: String::new(),
            losses: 0,
            behind_since: Some(Instant::now()),
            position: 0,
            head: None,
            facts: 0,
            quarantined: 0,
            appends: Appends::default(),
            defects: 0,
            due: 0,
            overdue: Duration::ZERO,
            now,
            counts: Counts::default(),
            mail_paused: false,
            domains_paused: 0,
            saved: Saved::default(),
            log_changes: 0,
            clock_doubt: None,
        };
        Self {
            shown: watch::Sender::new(vitals),
        }
    }

    /// Somebody watches.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Vitals> {
        self.shown.subscribe()
    }

    pub(crate) fn show(&self, change: impl FnOnce(&mut Vitals)) {
        self.shown.send_modify(change);
    }
}

/// What a node tells the others of itself, as JSON: what `carebus status` reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Name of the process.
    pub name: String,
    /// Version of carebus.
    pub version: String,
    /// When it began.
    pub since: Timestamp,
    /// What it is doing.
    pub phase: Phase,
    /// Workers that it would run.
    pub wants: Vec<String>,
    /// Workers whose lease it holds.
    pub leads: Vec<String>,
    /// Last position folded in.
    pub position: u64,
    /// Messages that are not folded in yet; absent while nobody could say.
    pub lag: Option<u64>,
    /// Whether it has read to the head of the log.
    pub caught_up: bool,
    /// Seconds since the checkpoint last held everything; absent if it never did.
    pub checkpoint_age_s: Option<u64>,
    /// Its size on the disk.
    pub checkpoint_bytes: u64,
    /// False when it works without a checkpoint.
    pub checkpoint_works: bool,
    /// Whether a fault of its own holds routine mail up.
    pub mail_paused: bool,
}

impl From<&Vitals> for Status {
    fn from(vitals: &Vitals) -> Self {
        let names = |workers: &BTreeSet<Worker>| workers.iter().map(|w| w.name().to_owned()).collect();
        Self {
            name: vitals.name.clone(),
            version: VERSION.to_owned(),
            since: vitals.since,
            phase: vitals.phase,
            wants: names(&vitals.wants),
            leads: names(&vitals.leads),
            position: vitals.position,
            lag: vitals.lag(),
            caught_up: vitals.behind_since.is_none(),
            checkpoint_age_s: vitals.saved.current_at.map(|at| at.elapsed().as_secs()),
            checkpoint_bytes: vitals.saved.bytes,
            checkpoint_works: vitals.saved.works,
            mail_paused: vitals.mail_paused,
        }
    }
}

/// Version of carebus: one for all its crates.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
