//! One process at work: the loop that joins engine, bus, ledger and post.
//!
//! Everything that waits is here; everything that decides is in `engine`.

mod appending;
mod beacon;
mod checkpoint;
mod clock;
mod courier;
mod error;
mod feeding;
mod gate;
mod gone;
mod lockstep;
mod observing;
mod player;
mod reading;
mod running;
mod seats;
mod span;
mod timekeeping;
pub mod vitals;
mod watching;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use bus::fingerprint::Fingerprint;
use bus::{Connection, Reader};
use care::About;
use care::feed::Posting;
use care::time::Timestamp;
use engine::{Engine, Settings};
use post::Post;
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use beacon::EVERY as STATUS_EVERY;
pub use clock::{Clock, Doubt, Reading, Watch, Why};
pub use error::NodeError;
pub use gate::{MailPause, PauseReason};
pub use player::play;
pub use vitals::{Board, Status, Vitals};

/// What a node needs to know.
pub struct Options {
    /// Organisation, policy, workers.
    pub settings: Settings,
    /// Directory of the checkpoint.
    pub state: PathBuf,
    /// How mail leaves.
    pub post: Post,
    /// The clock.
    pub clock: Clock,
    /// Name of this process among others; survives its restart.
    pub name: String,
}

/// One organisation in one process.
pub struct Node {
    conn: Connection,
    appender: appending::Appender,
    engine: Engine,
    reader: Reader,
    clock: Clock,
    name: String,
    courier: courier::Courier,
    checkpoint: checkpoint::Checkpoint,
    /// What the position is recognised by.
    print: Fingerprint,
    /// Decisions that were not taken: looked at again once the log has been read this far.
    behind: BTreeMap<About, u64>,
    /// The batch of feed entries on its way, if there is one; it answers with what failed.
    feeding: JoinSet<Vec<Posting>>,
    /// Messages refused since the start.
    quarantined: u64,
    /// What is shown to whoever watches.
    observer: Box<observing::Observer>,
    /// Whether the log is still the one that was read.
    watch: watching::Watch,
    /// Mails whose claim was taken while the log was in doubt.
    held: Vec<courier::Claimed>,
    /// How mails ended that were under way when the log changed: for when everything was read anew.
    returned: Vec<courier::Returned>,
    /// Mails ended since it was last looked whether the log says so.
    has_returns: bool,
}

impl Node {
    /// Opens the checkpoint, checks it against the log, and reads up to the head. Nothing is decided yet.
    ///
    /// # Errors
    /// [`NodeError`]: no such organisation, a server that cannot be used, a state directory in use.
    pub async fn open(conn: Connection, options: Options) -> Result<Self, NodeError> {
        let settings = &options.settings;
        let board = Board::new(
            &settings.org,
            &options.name,
            &settings.workers,
            options.clock.now(),
        );
        Box::pin(Self::open_watched(conn, options, board)).await
    }

    /// [`Node::open`], on a board that somebody watches already.
    ///
    /// # Errors
    /// As [`Node::open`].
    pub async fn open_watched(conn: Connection, options: Options, board: Board) -> Result<Self, NodeError> {
        let mut settings = options.settings;
        settings.resend_is_harmless = options.post.resend_is_harmless();
        // As asked, and not only there: a stream whose setting was changed may forget facts.
        bus::streams::check_org(&conn, &settings.org).await?;
        let opened = checkpoint::open(&conn, settings, options.state).await?;
        // Overlapping by one: what stands at the position must be what was folded there.
        let reader = Reader::open(&conn, &opened.engine.settings().org, opened.print.sequence.max(1)).await?;
        let courier = courier::Courier::new(Arc::new(options.post), options.clock.clone());
        let appender = appending::Appender::new(conn.clone(), opened.engine.settings().org.clone());
        let mut node = Self {
            conn,
            appender,
            engine: opened.engine,
            reader,
            clock: options.clock,
            name: options.name,
            courier,
            checkpoint: opened.checkpoint,
            print: opened.print,
            behind: BTreeMap::new(),
            feeding: JoinSet::new(),
            quarantined: 0,
            observer: Box::new(observing::Observer::new(board)),
            watch: opened.watch,
            held: Vec::new(),
            returned: Vec::new(),
            has_returns: false,
        };
        node.observer.saved.bytes = node.checkpoint.size();
        node.enter(vitals::Phase::CatchingUp);
        if let Some(misfit) = opened.misfit {
            node.found_at_the_start(misfit).await;
        }
        // Before anybody asks what time it is.
        node.compare_clocks().await?;
        Box::pin(node.catch_up()).await?;
        node.watch_from_here();
        tracing::info!(position = node.engine.position(), "node.caught_up");
        Ok(node)
    }

    /// The state.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Messages put into quarantine since the start.
    #[must_use]
    pub const fn quarantined(&self) -> u64 {
        self.quarantined
    }

    /// Why no mail leaves, now and whenever that changes; `None` while it can. Outlives the node's run.
    #[must_use]
    pub fn mail_pause(&self) -> watch::Receiver<Option<MailPause>> {
        self.courier.watch()
    }

    /// When something is due next, without a new fact.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.engine.wake_at()
    }
}
