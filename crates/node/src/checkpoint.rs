//! The checkpoint of a node: opened and checked at the start, saved every second, set aside when it does not fit.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use bus::Connection;
use bus::fingerprint::{Fingerprint, Fit};
use bus::streams::LogHead;
use care::fact::ours::LogFound;
use care::id::EventId;
use care::time::Timestamp;
use engine::{Changes, Engine, LogChange, Settings};
use ledger::{Ledger, LedgerError, Opened};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::gone::Gone;
use crate::watching::{Watch, found};
use crate::{Node, NodeError};

/// Entries handed on together, some kB each.
const TOGETHER: usize = 256;
/// How often so many may be read before the first of them are made part of a state.
const AHEAD: usize = 8;

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
    /// Not here while it is being written.
    ledger: Option<Ledger>,
    /// The save on its way: one at a time, beside the loop.
    saving: Option<JoinHandle<Result<(Written, Ledger), LedgerError>>>,
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

/// A save that is over.
pub(crate) struct Written {
    /// Of the whole checkpoint on the disk.
    pub(crate) bytes: u64,
    /// It holds everything that was known then.
    pub(crate) began: Instant,
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
    let for_restoring = settings.clone();
    let opened = blocking(move || opened(&dir, for_restoring)).await;
    let (mut ledger, restored) = match opened {
        // A service that ends because a disk is full is started, reads and ends again: worse than one that reads the
        // whole log at its next start too.
        Err(error) if error.is_full_disk() => {
            tracing::error!(%error, "checkpoint.failed: going on without one");
            let feed_created = bus::streams::feed_created(conn, &settings.org).await?;
            return begun_anew(conn, settings, Checkpoint::none(), feed_created).await;
        }
        opened => opened?,
    };
    let org = settings.org.clone();
    let feed_created = bus::streams::feed_created(conn, &org).await?;
    let mut misfit = None;
    let why = match saved_head(&ledger) {
        None => "",
        Some(Err(why)) => why,
        Some(Ok(saved)) => {
            let (fit, head) = bus::fingerprint::look(conn, &org, &saved.print).await?;
            ledger = blocking(move || ledger.lightened()).await?;
            match restored {
                Some(mut engine) if fit == Fit::Fits => {
                    engine.skip_to(saved.print.sequence);
                    return Ok(fitting(engine, saved, ledger, feed_created));
                }
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
    let mut checkpoint = Checkpoint::of(ledger);
    if !why.is_empty() {
        checkpoint.set_aside(why).await?;
    }
    let begun = begun_anew(conn, settings, checkpoint, feed_created).await?;
    Ok(Begun { misfit, ..begun })
}

/// Opens the directory, and makes an engine of its entries on a second thread while they are read; none if one of them
/// is not as it should be. Of where in the log that is the engine knows nothing yet.
fn opened(dir: &Path, settings: Settings) -> Result<(Ledger, Option<Engine>), LedgerError> {
    let (sender, entries) = mpsc::sync_channel(AHEAD);
    let restoring = thread::spawn(move || Engine::restore(settings, entries.into_iter().flatten(), 0).ok());
    let mut read = Read {
        entries: Vec::with_capacity(TOGETHER),
        sender,
    };
    let (ledger, opened) = Ledger::open_reading(dir, move |key, value| read.take(key, value))?;
    if let Opened::SetAside { to, why } = &opened {
        tracing::error!(ledger.set_aside = %to.display(), why, "checkpoint.damaged");
    }
    // What reads has ended, so there is an end to what it sends.
    let restored = restoring
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    Ok((ledger, restored.filter(|_| opened == Opened::Existing)))
}

/// Entries read, on their way to the thread that makes a state of them: many at a time, because waking it costs more
/// than reading one.
struct Read {
    entries: Vec<(Vec<u8>, Vec<u8>)>,
    sender: SyncSender<Vec<(Vec<u8>, Vec<u8>)>>,
}

impl Read {
    fn take(&mut self, key: &[u8], value: &[u8]) {
        self.entries.push((key.to_vec(), value.to_vec()));
        if self.entries.len() == TOGETHER {
            self.send();
        }
    }

    fn send(&mut self) {
        let entries = std::mem::replace(&mut self.entries, Vec::with_capacity(TOGETHER));
        // Nobody listens any more: an entry could not be read, and the rest is not wanted.
        self.sender.send(entries).ok();
    }
}

impl Drop for Read {
    fn drop(&mut self) {
        self.send();
    }
}

async fn begun_anew(
    conn: &Connection,
    settings: Settings,
    checkpoint: Checkpoint,
    feed_created: Option<Timestamp>,
) -> Result<Begun, NodeError> {
    let created = bus::streams::head(conn, &settings.org).await?.created;
    Ok(Begun {
        engine: Engine::new(settings),
        print: Fingerprint::of_beginning(created),
        checkpoint,
        watch: Watch::begun(Gone::default(), feed_created),
        misfit: None,
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
        checkpoint: Checkpoint::of(ledger),
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

impl Checkpoint {
    const fn none() -> Self {
        Self {
            ledger: None,
            saving: None,
            forget: false,
        }
    }

    fn of(ledger: Ledger) -> Self {
        Self {
            ledger: Some(ledger),
            saving: None,
            forget: false,
        }
    }

    /// Whether there is one that can be written.
    pub(crate) const fn works(&self) -> bool {
        self.ledger.is_some() || self.saving.is_some()
    }

    /// Bytes on the disk.
    pub(crate) fn size(&self) -> u64 {
        self.ledger.as_ref().map_or(0, |ledger| ledger.size_on_disk())
    }

    pub(crate) async fn set_aside(&mut self, why: &str) -> Result<(), NodeError> {
        self.finish().await;
        let Some(ledger) = self.ledger.take() else {
            return Ok(());
        };
        match ledger.set_aside(why) {
            Ok((fresh, to)) => {
                tracing::error!(ledger.set_aside = %to.display(), why, "checkpoint.set_aside");
                self.ledger = Some(fresh);
            }
            Err(error) if error.is_full_disk() => {
                tracing::error!(%error, why, "checkpoint.failed: going on without one");
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Waits for the end of the save on its way, which may have failed; for ever if there is none.
    pub(crate) async fn saved(&mut self) -> Option<Written> {
        let Some(saving) = &mut self.saving else {
            return std::future::pending().await;
        };
        let saved = saving.await;
        self.saving = None;
        let why = match saved {
            Ok(Ok((written, ledger))) => {
                self.ledger = Some(ledger);
                return Some(written);
            }
            Ok(Err(error)) => error.to_string(),
            Err(stopped) => stopped.to_string(),
        };
        tracing::error!(error = why, "checkpoint.failed: going on without one");
        None
    }

    /// Waits for the end of the save on its way, if there is one.
    async fn finish(&mut self) -> Option<Written> {
        match self.saving {
            Some(_) => self.saved().await,
            None => None,
        }
    }

    /// With the next save nothing of what was removed stays in the files.
    pub(crate) const fn forget(&mut self) {
        self.forget = true;
    }
}

impl Node {
    /// Saves what changed, and waits for it. A checkpoint that cannot be written costs a rebuild, never a fact: work
    /// goes on.
    pub(crate) async fn save(&mut self) {
        self.checkpoint.finish().await;
        self.begin_save();
        let written = self.checkpoint.finish().await;
        self.after_save(written);
    }

    /// A save is over.
    pub(crate) fn after_save(&mut self, written: Option<Written>) {
        if let Some(written) = written {
            self.observer.note_save(&written);
        }
    }

    /// Begins to save what changed, unless a save is on its way: then the next one takes it.
    pub(crate) fn begin_save(&mut self) {
        if self.checkpoint.ledger.is_none() {
            return;
        }
        let changes = self.engine.take_changes();
        if changes.is_empty() {
            self.observer.note_nothing_to_save();
            return;
        }
        self.begin_write(changes);
    }

    /// Saves what is beside the entries, although none changed.
    pub(crate) async fn save_head(&mut self) {
        self.checkpoint.finish().await;
        self.begin_write(Vec::new());
        let written = self.checkpoint.finish().await;
        self.after_save(written);
    }

    fn begin_write(&mut self, changes: Changes) {
        // Whoever asks has waited for the save before: nobody else holds it.
        let Some(mut ledger) = self.checkpoint.ledger.take() else {
            return;
        };
        let head = Head {
            print: self.print.clone(),
            gone: self.watch.gone,
            feed_created: self.watch.feed_created,
            log_change: self.engine.log_change().cloned(),
        };
        let head = postcard::to_allocvec(&head).unwrap_or_default();
        let forget = std::mem::take(&mut self.checkpoint.forget);
        let began = Instant::now();
        let save = move || {
            ledger.save(&changes, &head)?;
            if forget {
                ledger = ledger.rewrite()?;
                tracing::info!("checkpoint.rewritten: somebody was erased");
            }
            let bytes = ledger.size_on_disk();
            Ok((Written { bytes, began }, ledger))
        };
        self.checkpoint.saving = Some(tokio::task::spawn_blocking(save));
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
