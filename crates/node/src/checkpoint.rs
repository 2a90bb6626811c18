//! The checkpoint of a node: opened and checked at the start, saved every second, set aside when it does not fit.

use std::path::PathBuf;
use std::sync::Arc;

use bus::Connection;
use bus::fingerprint::{Fingerprint, Fit};
use engine::{Engine, Settings};
use ledger::{Ledger, LedgerError, Opened};
use serde::{Deserialize, Serialize};
use tokio::task::{JoinError, JoinSet};

use crate::{Node, NodeError};

/// What is saved beside the entries.
#[derive(Serialize, Deserialize)]
struct Head {
    print: Fingerprint,
}

/// The ledger, while there is one that works.
pub(crate) struct Checkpoint {
    ledger: Option<Arc<Ledger>>,
    /// A save on its way to the disk, which may take its time: facts do not wait for it.
    saving: JoinSet<Result<(), LedgerError>>,
}

/// A state to begin with.
pub(crate) struct Begun {
    pub(crate) engine: Engine,
    pub(crate) print: Fingerprint,
    pub(crate) checkpoint: Checkpoint,
}

/// Opens the directory and takes its state if it fits the log; otherwise sets it aside and begins with nothing.
pub(crate) async fn open(conn: &Connection, settings: Settings, dir: PathBuf) -> Result<Begun, NodeError> {
    let (ledger, opened) = blocking(move || Ledger::open(&dir)).await?;
    if let Opened::SetAside { to, why } = &opened {
        tracing::error!(ledger.set_aside = %to.display(), why, "checkpoint.damaged");
    }
    let org = settings.org.clone();
    let why = match saved_head(&ledger) {
        None => "",
        Some(Err(why)) => why,
        Some(Ok(head)) => match bus::fingerprint::matches(conn, &org, &head.print).await? {
            Fit::Fits => {
                let restored = restored(&ledger, &settings, head.print.sequence);
                match restored {
                    Some(engine) => {
                        let checkpoint = Checkpoint::over(ledger);
                        return Ok(Begun {
                            engine,
                            print: head.print,
                            checkpoint,
                        });
                    }
                    None => "an entry cannot be read",
                }
            }
            Fit::LogIsShorter => "the log ends before our position",
            Fit::Differs => "another message stands at our position",
            Fit::Recreated => "the log was created anew",
        },
    };
    let mut checkpoint = Checkpoint::over(ledger);
    if !why.is_empty() {
        checkpoint.set_aside(why).await?;
    }
    let created = bus::streams::head(conn, &org).await?.created;
    Ok(Begun {
        engine: Engine::new(settings),
        print: Fingerprint::of_beginning(created),
        checkpoint,
    })
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
    fn over(ledger: Ledger) -> Self {
        Self {
            ledger: Some(Arc::new(ledger)),
            saving: JoinSet::new(),
        }
    }

    pub(crate) async fn set_aside(&mut self, why: &str) -> Result<(), NodeError> {
        self.saved().await;
        let Some(ledger) = self.ledger.take() else {
            return Ok(());
        };
        // Nobody else holds it: no save is on its way.
        if let Some(ledger) = Arc::into_inner(ledger) {
            let (fresh, to) = ledger.set_aside(why)?;
            tracing::error!(ledger.set_aside = %to.display(), why, "checkpoint.set_aside");
            self.ledger = Some(Arc::new(fresh));
        }
        Ok(())
    }
}

impl Checkpoint {
    /// Waits until no save is on its way.
    async fn saved(&mut self) {
        while let Some(done) = self.saving.join_next().await {
            self.heard(done);
        }
    }

    /// A checkpoint that cannot be written costs a rebuild, never a fact: work goes on without one.
    fn heard(&mut self, done: Result<Result<(), LedgerError>, JoinError>) {
        match done {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, "checkpoint.failed: going on without one");
                self.ledger = None;
            }
            Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
        }
    }
}

impl Node {
    /// Saves what changed, and waits until it is on the disk.
    pub(crate) async fn save(&mut self) {
        self.checkpoint.saved().await;
        self.begin_to_save();
        self.checkpoint.saved().await;
    }

    /// Saves what changed while work goes on, unless the last save is still on its way: then next time.
    pub(crate) fn save_beside(&mut self) {
        if let Some(done) = self.checkpoint.saving.try_join_next() {
            self.checkpoint.heard(done);
        }
        if self.checkpoint.saving.is_empty() {
            self.begin_to_save();
        }
    }

    fn begin_to_save(&mut self) {
        let Some(ledger) = self.checkpoint.ledger.clone() else {
            return;
        };
        let changes = self.engine.take_changes();
        if changes.is_empty() {
            return;
        }
        let head = postcard::to_allocvec(&Head {
            print: self.print.clone(),
        })
        .unwrap_or_default();
        self.checkpoint
            .saving
            .spawn_blocking(move || ledger.save(&changes, &head));
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
