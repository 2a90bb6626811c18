//! Looking at oneself: what the loop notes as it goes, and what it shows of it about once a second.

use std::collections::BTreeSet;
use std::time::Duration;

use care::id::OrgId;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Node;
use crate::checkpoint::Written;
use crate::timekeeping::reason;
use crate::vitals::{Appends, Board, Phase, Saved};

/// How often vitals are shown.
pub(crate) const EVERY: Duration = Duration::from_secs(1);
/// How often the server is asked where the log ends.
const ASK_HEAD: Duration = Duration::from_secs(2);

/// What a node notes about itself.
pub(crate) struct Observer {
    pub(crate) board: Board,
    pub(crate) phase: Phase,
    /// Facts folded in: the engine's own count begins anew with the log.
    pub(crate) facts: u64,
    pub(crate) appends: Appends,
    pub(crate) defects: u64,
    pub(crate) saved: Saved,
    shown: Option<Instant>,
    behind_since: Option<Instant>,
    head: Option<u64>,
    asked: Option<Instant>,
    /// The question where the log ends, while it is on its way.
    asking: JoinSet<Option<u64>>,
}

impl Observer {
    pub(crate) fn new(board: Board) -> Self {
        Self {
            board,
            phase: Phase::Opening,
            facts: 0,
            appends: Appends::default(),
            defects: 0,
            saved: Saved::default(),
            shown: None,
            behind_since: Some(Instant::now()),
            head: None,
            asked: None,
            asking: JoinSet::new(),
        }
    }

    /// The checkpoint was written.
    pub(crate) fn note_save(&mut self, written: &Written) {
        self.saved = Saved {
            current_at: Some(written.began),
            bytes: written.bytes,
            took: written.began.elapsed(),
            count: self.saved.count + 1,
            ..self.saved
        };
    }

    /// There was nothing to write: it holds everything.
    pub(crate) fn note_nothing_to_save(&mut self) {
        self.saved.current_at = Some(Instant::now());
    }
}

impl Node {
    /// Shows how things are, if that was not done a moment ago.
    pub(crate) fn observe(&mut self) {
        if self.observer.shown.is_none_or(|at| at.elapsed() >= EVERY) {
            self.show();
        }
    }

    /// Goes over to another phase, and shows it at once.
    pub(crate) fn enter(&mut self, phase: Phase) {
        self.observer.phase = phase;
        self.show();
    }

    fn show(&mut self) {
        self.ask_for_head();
        let phase = self.observer.phase;
        let is_behind = phase == Phase::CatchingUp || !self.reader.is_caught_up();
        let since = self.observer.behind_since;
        self.observer.behind_since = is_behind.then(|| since.unwrap_or_else(Instant::now));
        let workers = &self.engine.settings().workers;
        let leads = if matches!(phase, Phase::Working | Phase::Stopping) {
            workers.clone()
        } else {
            BTreeSet::new()
        };
        let now = self.clock.now();
        // Whoever leads nothing looks at nobody: what is due is not its own.
        let (due, oldest) = if leads.is_empty() {
            (0, None)
        } else {
            self.engine.due(now)
        };
        let counts = self.engine.counts();
        let observer = &self.observer;
        observer.board.show(|vitals| {
            vitals.phase = phase;
            vitals.turned = Instant::now();
            vitals.leads = leads;
            vitals.connected = self.conn.is_connected();
            vitals.server = self.conn.server_version();
            vitals.losses = self.conn.losses();
            vitals.behind_since = observer.behind_since;
            vitals.position = self.engine.position();
            vitals.head = observer.head;
            vitals.facts = observer.facts;
            vitals.quarantined = self.quarantined;
            vitals.appends = observer.appends;
            vitals.defects = observer.defects;
            vitals.due = due as u64;
            vitals.overdue = oldest
                .and_then(|at| Duration::try_from(now.duration_since(at)).ok())
                .unwrap_or_default();
            vitals.now = now;
            vitals.counts = counts;
            vitals.mail_paused = self.courier.paused_since().is_some();
            vitals.domains_paused = self.engine.lanes().breakers().open(now) as u64;
            vitals.saved = Saved {
                works: self.checkpoint.works(),
                ..observer.saved
            };
            vitals.log_changes = self.log_changes();
            vitals.clock_doubt = self.clock.doubt().map(|doubt| reason(doubt.why).to_owned());
        });
        self.observer.shown = Some(Instant::now());
    }

    /// Beside the loop: a server that does not answer must not hold it up.
    fn ask_for_head(&mut self) {
        let observer = &mut self.observer;
        while let Some(answer) = observer.asking.try_join_next() {
            observer.head = answer.ok().flatten();
        }
        let is_time = observer.asked.is_none_or(|at| at.elapsed() >= ASK_HEAD);
        if is_time && observer.asking.is_empty() {
            observer.asked = Some(Instant::now());
            let (conn, org): (_, OrgId) = (self.conn.clone(), self.engine.settings().org.clone());
            observer.asking.spawn(async move {
                let head = bus::streams::head(&conn, &org).await.ok()?;
                Some(head.last_sequence)
            });
        }
    }
}
