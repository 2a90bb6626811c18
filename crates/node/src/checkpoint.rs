//! The checkpoint of a node: opened and checked at the start, saved every second, set aside when it does not fit.

use std::path::PathBuf;
use std::sync::Arc;

use bus::Connection;
use bus::fingerprint::{Fingerprint, Fit};
use engine::{Engine, Settings};
use ledger::{Ledger, Opened};
use serde::{Deserialize, Serialize};

use crate::{Node, NodeError};

/// What is saved beside the entries.
#[derive(Serialize, Deserialize)]
struct Head {
    print: Fingerprint,
}

/// The ledger, while there is one that works.
pub(crate) struct Checkpoint {
    ledger: Option<Arc<Ledger>>,
}

/// A state to begin with.
pub(crate) struct Begun {
    pub(crate) engine: Engine,
    pub(crate) print: Fingerprint,
    pub(crate) checkpoint: Checkpoint,
}

/// Opens the directory and takes its state if it fits the log; otherwise sets it aside and begins with nothing.
pub(crate) async fn open(conn: &Connection, settings: Settings, dir: PathBuf) -> Result<Begun, NodeError> {
    let opened = blocking(move || Ledger::open(&dir)).await;
    let (ledger, opened) = match opened {
        // A service that ends because a disk is full is started, reads and ends again: worse than one that reads the
        // whole log at its next start too.
        Err(error) if error.is_full_disk() => {
            tracing::error!(%error, "checkpoint.failed: going on without one");
            return begun_anew(conn, settings, Checkpoint { ledger: None }).await;
        }
        opened => opened?,
    };
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
                        let checkpoint = Checkpoint {
                            ledger: Some(Arc::new(ledger)),
                        };
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
    let mut checkpoint = Checkpoint {
        ledger: Some(Arc::new(ledger)),
    };
    if !why.is_empty() {
        checkpoint.set_aside(why)?;
    }
    begun_anew(conn, settings, checkpoint).await
}

async fn begun_anew(
    conn: &Connection,
    settings: Settings,
    checkpoint: Checkpoint,
) -> Result<Begun, NodeError> {
    let created = bus::streams::head(conn, &settings.org).await?.created;
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
    pub(crate) fn set_aside(&mut self, why: &str) -> Result<(), NodeError> {
        let Some(ledger) = self.ledger.take() else {
            return Ok(());
        };
        // Nobody else holds it: saving waits for its thread.
        if let Some(ledger) = Arc::into_inner(ledger) {
            match ledger.set_aside(why) {
                Ok((fresh, to)) => {
                    tracing::error!(ledger.set_aside = %to.display(), why, "checkpoint.set_aside");
                    self.ledger = Some(Arc::new(fresh));
                }
                Err(error) if error.is_full_disk() => {
                    tracing::error!(%error, why, "checkpoint.failed: going on without one");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl Node {
    /// Saves what changed. A checkpoint that cannot be written costs a rebuild, never a fact: work goes on.
    pub(crate) async fn save(&mut self) {
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
