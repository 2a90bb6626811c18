//! One process at work: the loop that joins engine, bus, ledger and post.
//!
//! Everything that waits is here; everything that decides is in `engine`.

mod appending;
mod checkpoint;
mod clock;
mod courier;
mod error;
mod feeding;
mod gone;
mod lockstep;
mod player;
mod reading;
mod running;
mod seats;
mod watch;

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
use tokio::task::JoinSet;

pub use clock::Clock;
pub use error::NodeError;
pub use player::play;
pub use watch::LogFinding;

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
    /// Whether the log is still the one that was read.
    watch: watch::Watch,
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
        let mut settings = options.settings;
        settings.resend_is_harmless = options.post.resend_is_harmless();
        bus::streams::require_org(&conn, &settings.org).await?;
        let opened = checkpoint::open(&conn, settings, options.state).await?;
        // Overlapping by one: what stands at the position must be what was folded there.
        let reader = Reader::open(&conn, &opened.engine.settings().org, opened.print.sequence.max(1)).await?;
        let mut node = Self {
            conn,
            engine: opened.engine,
            reader,
            clock: options.clock,
            name: options.name,
            courier: courier::Courier::new(Arc::new(options.post)),
            checkpoint: opened.checkpoint,
            print: opened.print,
            behind: BTreeMap::new(),
            feeding: JoinSet::new(),
            quarantined: 0,
            watch: opened.watch,
            held: Vec::new(),
            returned: Vec::new(),
            has_returns: false,
        };
        if let Some(misfit) = opened.misfit {
            node.found_at_the_start(misfit).await;
        }
        node.catch_up().await?;
        node.watch_from_here();
        tracing::info!(log.position = node.engine.position(), "node.caught_up");
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

    /// When something is due next, without a new fact.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.engine.wake_at()
    }
}
