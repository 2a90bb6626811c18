//! The checkpoint of a node: opened and checked at the start, saved every second, set aside when it does not fit.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use bus::Connection;
use bus::fingerprint::{Fingerprint, Fit};
use bus::streams::LogHead;
use care::fact::ours::LogFound;
use care::id::EventId;
use care::time::Timestamp;
use engine::{Engine, LogChange, Settings};
use ledger::{Ledger, Opened};
use serde::{Deserialize, Serialize};

use crate::gone::Gone;
use crate::watch::{Watch, found};
use crate::{Node, NodeError};

/// What is saved beside the entries.
#[derive(Serialize, Deserialize)]
struct Head {
    print: Fingerprint,
    gone: Gone,
    /// When the stream of the feeds was created that were told.
    feed_created: Option<Timestamp>,
    /// What was found of the log and is not in it yet.
    log_change: Option<LogChange>,
}

/// The ledger, while there is one that works.
pub(crate) struct Checkpoint {
    ledger: Option<Arc<Ledger>>,
    /// Somebody was erased: nothing of them may stay in the files.
    forget: bool,
}

/// A checkpoint of another log.
pub(crate) struct Misfit {
    pub(crate) found: LogFound,
    pub(crate) print: Fingerprint,
    pub(crate) head: LogHead,
    /// What that log had said of itself.
    pub(crate) said: BTreeSet<EventId>,
}

/// A state to begin with.
pub(crate) struct Begun {
    pub(crate) engine: Engine,
    pub(crate) print: Fingerprint,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) watch: Watch,
    pub(crate) misfit: Option<Misfit>,
}

/// Opens the directory and takes its state if it fits the log; otherwise sets it aside and begins with nothing.
pub(crate) async fn open(conn: &Connection, settings: Settings, dir: PathBuf) -> Result<Begun, NodeError> {
    let (ledger, opened) = blocking(move || Ledger::open(&dir)).await?;
    if let Opened::SetAside { to, why } = &opened {
        tracing::error!(ledger.set_aside = %to.display(), why, "checkpoint.damaged");
    }
    let org = settings.org.clone();
    let feed_created = bus::streams::feed_created(conn, &org).await?;
    let mut misfit = None;
    let why = match saved_head(&ledger) {
        None => "",
        Some(Err(why)) => why,
        Some(Ok(saved)) => {
            let (fit, head) = bus::fingerprint::look(conn, &org, &saved.print).await?;
            match restored(&ledger, &settings, saved.print.sequence) {
                Some(engine) if fit == Fit::Fits => return Ok(fitting(engine, saved, ledger, feed_created)),
                Some(engine) => {
                    misfit = Some(Misfit {
                        found: found(fit),
                        print: saved.print,
                        head,
                        said: engine.log_changes(),
                    });
                    fit.says()
                }
                None => "an entry cannot be read",
            }
        }
    };
    let mut checkpoint = Checkpoint::new(ledger);
    if !why.is_empty() {
        checkpoint.set_aside(why)?;
    }
    let created = bus::streams::head(conn, &org).await?.created;
    Ok(Begun {
        engine: Engine::new(settings),
        print: Fingerprint::of_beginning(created),
        checkpoint,
        watch: Watch::begun(Gone::default(), feed_created),
        misfit,
    })
}

/// A state that is that of the log as far as it goes.
fn fitting(mut engine: Engine, saved: Head, ledger: Ledger, feed_created: Option<Timestamp>) -> Begun {
    if let Some(change) = saved.log_change {
        engine.report_log_change(change);
    }
    if saved.feed_created != feed_created {
        engine.feed_anew();
    }
    Begun {
        engine,
        print: saved.print,
        checkpoint: Checkpoint::new(ledger),
        watch: Watch::begun(saved.gone, feed_created),
        misfit: None,
    }
}

fn saved_head(ledger: &Ledger) -> Option<Result<Head, &'static str>> {
    match ledger.head() {
        Ok(None) => None,
        Ok(Some(bytes)) => Some(postcard::from_bytes(&bytes).map_err(|_| "its position cannot be read")),
        Err(_) => Some(Err("its position is damaged")),
    }
}

fn restored(ledger: &Ledger, settings: &Settings, position: u64) -> Option<Engine> {
    let entries: Result<Vec<_>, _> = ledger.entries().collect();
    Engine::restore(settings.clone(), entries.ok()?, position).ok()
}

impl Checkpoint {
    fn new(ledger: Ledger) -> Self {
        Self {
            ledger: Some(Arc::new(ledger)),
            forget: false,
        }
    }

    pub(crate) fn set_aside(&mut self, why: &str) -> Result<(), NodeError> {
        let Some(ledger) = self.ledger.take() else {
            return Ok(());
        };
        // Nobody else holds it: saving waits for its thread.
        if let Some(ledger) = Arc::into_inner(ledger) {
            let (fresh, to) = ledger.set_aside(why)?;
            tracing::error!(ledger.set_aside = %to.display(), why, "checkpoint.set_aside");
            self.ledger = Some(Arc::new(fresh));
        }
        Ok(())
    }

    /// With the next save nothing of what was removed stays in the files.
    pub(crate) const fn forget(&mut self) {
        self.forget = true;
    }

    /// Writes everything into fresh files and deletes the old ones: the database writes on, and what it removed stays
    /// in its files until it happens to write there again.
    async fn rewrite(&mut self) -> Result<(), NodeError> {
        self.forget = false;
        let Some(ledger) = self.ledger.take().and_then(Arc::into_inner) else {
            return Ok(());
        };
        let fresh = blocking(move || ledger.rewrite()).await?;
        tracing::info!("checkpoint.rewritten: somebody was erased");
        self.ledger = Some(Arc::new(fresh));
        Ok(())
    }
}

impl Node {
    /// Saves what changed. A checkpoint that cannot be written costs a rebuild, never a fact: work goes on.
    pub(crate) async fn save(&mut self) {
        let changes = self.engine.take_changes();
        if !changes.is_empty() {
            self.write(changes).await;
        }
        if self.checkpoint.forget
            && let Err(error) = self.checkpoint.rewrite().await
        {
            tracing::error!(%error, "checkpoint.failed: what was erased may be left in its files");
        }
    }

    /// Saves what is beside the entries, although none changed.
    pub(crate) async fn save_head(&mut self) {
        self.write(Vec::new()).await;
    }

    async fn write(&mut self, changes: engine::Changes) {
        let Some(ledger) = self.checkpoint.ledger.clone() else {
            return;
        };
        let head = Head {
            print: self.print.clone(),
            gone: self.watch.gone,
            feed_created: self.watch.feed_created,
            log_change: self.engine.log_change().cloned(),
        };
        let head = postcard::to_allocvec(&head).unwrap_or_default();
        let saved = blocking(move || ledger.save(&changes, &head)).await;
        if let Err(error) = saved {
            tracing::error!(%error, "checkpoint.failed: going on without one");
            self.checkpoint.ledger = None;
        }
    }
}

/// Runs something that blocks on a thread of its own.
async fn blocking<T: Send + 'static, E: Send + 'static + From<ledger::LedgerError>>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
    }
}
