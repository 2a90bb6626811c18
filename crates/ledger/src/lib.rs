//! The checkpoint: a sled directory that can be lost without losing anything.
//!
//! Bytes in, bytes out; what they mean is the engine's business. The log is the record, so every
//! doubt here is settled the same way: the directory is renamed aside, never deleted, and a fresh
//! one takes its place. Two rules make that safe to rely on:
//!
//! - A save is one batch on one tree, with the head in it, then a flush and an fdatasync. sled's own
//!   `flush` is not an fsync on Linux, and its `flush_async` deadlocks: it is never called.
//! - Every value carries a checksum and the head carries the sum of them all, so that what is opened
//!   is the whole of one save and never a mixture of two, whatever sled recovered.

mod error;
mod guard;
mod place;
mod record;
mod store;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use error::LedgerError;
use record::{HEAD, Tally};
use store::Store;

/// Reading everything once takes a second per few hundred MB; far beyond that, it hangs.
const OPEN_LIMIT: Duration = Duration::from_secs(5 * 60);
/// A save is some milliseconds; a minute covers a disk that has gone away for a while.
const SAVE_LIMIT: Duration = Duration::from_secs(60);
/// Entries written together where all or nothing is asked of more of them, or of none: few enough that the pages they
/// are in stay in sled's cache. In one batch of 100 000, in the order of a hash, each would be read back from the disk.
const AT_ONCE: usize = 4096;
/// What may hang.
const SAVING: &str = "saving the checkpoint";
/// Closing writes what is buffered, at most one segment of 512 KiB.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// The checkpoint of one organisation: entries, and a head that was saved together with them.
///
/// Blocking: a caller on an async runtime uses a blocking thread. Dropping it closes the files and
/// releases the lock.
pub struct Ledger {
    dir: PathBuf,
    /// `None` only while it is being closed.
    store: Option<Store>,
    /// What the entries add up to; `None` once a save has failed and the files are in doubt.
    tally: Mutex<Option<Tally>>,
}

/// What can be written under a key: put together only when it is written.
pub trait Value {
    /// The parts of it, which follow one another.
    fn parts(&self) -> [&[u8]; 2];
}

impl Value for Vec<u8> {
    fn parts(&self) -> [&[u8]; 2] {
        [self, &[]]
    }
}

impl Value for [Arc<[u8]>; 2] {
    fn parts(&self) -> [&[u8]; 2] {
        self.each_ref().map(AsRef::as_ref)
    }
}

/// What [`Ledger::open`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// There was nothing; it is empty now.
    Fresh,
    /// There was a checkpoint, and it is whole.
    Existing,
    /// There was one that could not be trusted; it is empty now, and an operator should hear of it.
    SetAside {
        /// Where the doubtful directory is now.
        to: PathBuf,
        /// What was wrong with it, without any of its contents.
        why: String,
    },
}

impl Ledger {
    /// Opens the checkpoint in `dir`, reads all of it once to be sure of it, or sets it aside.
    ///
    /// `dir` must be an ordinary directory of its own, not a mount point: it may be renamed to
    /// `<dir>.set-aside-<n>`, `n` being the first free number from 1.
    ///
    /// # Errors
    /// [`LedgerError::Busy`] if another process has it open, [`LedgerError::Io`] if the disk or its
    /// permissions refuse, [`LedgerError::Stuck`] if it hung (it is set aside all the same, so that
    /// the next start does not hang again). Damage is not an error: see [`Opened::SetAside`].
    pub fn open(dir: &Path) -> Result<(Self, Opened), LedgerError> {
        Self::open_reading(dir, |_, _| {})
    }

    /// Opens as [`Ledger::open`] does, and gives every entry, key and value, to `reader` while it looks at it: reading
    /// everything twice is what a start would mostly wait for. Whether it is all there and of one save is known only
    /// at the end: what `reader` was given counts if [`Opened::Existing`] comes back, and otherwise not.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_reading(
        dir: &Path,
        reader: impl FnMut(&[u8], &[u8]) + Send + 'static,
    ) -> Result<(Self, Opened), LedgerError> {
        let dir = std::path::absolute(dir).map_err(LedgerError::io("found"))?;
        place::tidy(&dir).map_err(LedgerError::io("tidied"))?;
        let opened = if place::is_occupied(&dir) {
            Opened::Existing
        } else {
            Opened::Fresh
        };
        match Self::attempt_reading(&dir, reader) {
            Ok(ledger) => Ok((ledger, opened)),
            Err(LedgerError::Damaged { why }) => {
                let to = place::set_aside(&dir, &why)?;
                Ok((Self::attempt(&dir)?, Opened::SetAside { to, why }))
            }
            Err(LedgerError::Stuck { what }) => {
                let to = place::set_aside(&dir, &what)?;
                Err(LedgerError::Stuck {
                    what: format!("{what}; set aside as {}", to.display()),
                })
            }
            Err(other) => Err(other),
        }
    }

    fn attempt(dir: &Path) -> Result<Self, LedgerError> {
        Self::attempt_reading(dir, |_, _| {})
    }

    fn attempt_reading(
        dir: &Path,
        mut reader: impl FnMut(&[u8], &[u8]) + Send + 'static,
    ) -> Result<Self, LedgerError> {
        let place = dir.to_owned();
        let open = move || Store::open(&place, &mut reader);
        let (store, tally) = guard::limited("opening the checkpoint", OPEN_LIMIT, open)?;
        Ok(Self {
            dir: dir.to_owned(),
            store: Some(store),
            tally: Mutex::new(Some(tally)),
        })
    }

    /// Gives back the memory that reading everything took; to be called once that is done.
    ///
    /// # Errors
    /// As [`Ledger::open`]; what is on the disk stays as it is.
    pub fn lightened(mut self) -> Result<Self, LedgerError> {
        if let Some(store) = self.store.take() {
            let place = self.dir.clone();
            let reopen = move || store.reopened(&place);
            self.store = Some(guard::limited(
                "opening the checkpoint again",
                OPEN_LIMIT,
                reopen,
            )?);
        }
        Ok(self)
    }

    /// Renames this checkpoint aside and starts an empty one in its place: its fingerprint does not
    /// fit the log, or reading it said [`LedgerError::Damaged`]. `why` is left in a note inside.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn set_aside(mut self, why: &str) -> Result<(Self, PathBuf), LedgerError> {
        self.close();
        let to = place::set_aside(&self.dir, why)?;
        Ok((Self::attempt(&self.dir)?, to))
    }

    /// Writes every entry into fresh files and deletes the old ones, and whatever was set aside: sled writes on at the
    /// end of its files, and what was removed stays in them until it happens to use that place again. What the file
    /// system keeps of deleted files is its own business.
    ///
    /// # Errors
    /// As [`Ledger::open`]. Should the process end meanwhile, the old files are there or none; both cost time only.
    pub fn rewrite(mut self) -> Result<Self, LedgerError> {
        let place = place::Rewriting::of(&self.dir);
        place.clear().map_err(LedgerError::io("rewritten"))?;
        let mut fresh = Self::attempt(place.fresh())?;
        self.copy_to(&fresh)?;
        fresh.close();
        self.close();
        place.exchange().map_err(LedgerError::io("rewritten"))?;
        Self::attempt(&self.dir)
    }

    fn copy_to(&self, fresh: &Self) -> Result<(), LedgerError> {
        let Some(head) = self.head()? else {
            return Ok(());
        };
        let mut changes = Vec::new();
        for entry in self.entries() {
            let (key, value) = entry?;
            changes.push((key, Some(value)));
            if changes.len() == AT_ONCE {
                fresh.save(&changes, &head)?;
                changes.clear();
            }
        }
        fresh.save(&changes, &head)
    }

    /// The position record of the last save, as it was given; `None` before the first.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`]: set it aside.
    pub fn head(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        let Some(record) = self.store()?.get(HEAD)? else {
            return Ok(None);
        };
        let (_, head) = record::split_head(&record)?;
        Ok(Some(head.to_vec()))
    }

    /// All entries in the order of their keys.
    ///
    /// Ends after the first error, which is [`LedgerError::Damaged`]: set it aside.
    pub fn entries(&self) -> impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), LedgerError>> {
        let mut scan = self.store().map(Store::entries);
        let mut over = false;
        std::iter::from_fn(move || {
            if over {
                return None;
            }
            let next = match &mut scan {
                Ok(scan) => scan.next(),
                Err(closed) => Some(Err(std::mem::replace(closed, LedgerError::Failed))),
            };
            over = !matches!(next, Some(Ok(_)));
            next
        })
    }

    /// The entry at `key`.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`]: set it aside.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        self.store()?.get(&record::entry_key(key))
    }

    /// Writes (`Some`) and removes (`None`) entries and replaces the head, all or nothing; when it
    /// returns, they have reached the disk. Of a key given twice the last one counts.
    ///
    /// # Errors
    /// Whatever it says, nothing more is accepted afterwards ([`LedgerError::Failed`]): what is on
    /// the disk is this save or the one before. Drop it and open it again; set it aside on
    /// [`LedgerError::Damaged`].
    pub fn save<V: Value>(&self, changes: &[(Vec<u8>, Option<V>)], head: &[u8]) -> Result<(), LedgerError> {
        let mut tally = self.tally();
        // Taken out, and put back only when all went well.
        let mut before = tally.take().ok_or(LedgerError::Failed)?;
        let store = self.store()?;
        // By key: the last one of two counts, and sled finds neighbours in one page.
        let changes: BTreeMap<&[u8], Option<&V>> = changes
            .iter()
            .map(|(key, value)| (&key[..], value.as_ref()))
            .collect();
        let mut changes = changes.into_iter();
        let is_first = changes.len() > AT_ONCE && store.is_blank()?;
        while is_first && changes.len() > AT_ONCE {
            let (batch, after) = store.piece(before, changes.by_ref().take(AT_ONCE))?;
            let commit = store.committer();
            guard::limited(SAVING, SAVE_LIMIT, move || commit.write(batch))?;
            before = after;
        }
        let (batch, after) = store.batch(before, changes, head)?;
        let commit = store.committer();
        guard::limited(SAVING, SAVE_LIMIT, move || commit.run(batch))?;
        // A dead thread of sled's may have been the one to clean up; its files grow from then on.
        if store.has_fallen() {
            return Err(LedgerError::damaged("a thread of sled's died"));
        }
        *tally = Some(after);
        Ok(())
    }

    /// Bytes on the disk, for a metric; 0 if it cannot be told.
    pub fn size_on_disk(&self) -> u64 {
        self.store().map_or(0, Store::size_on_disk)
    }

    fn store(&self) -> Result<&Store, LedgerError> {
        self.store.as_ref().ok_or(LedgerError::Failed)
    }

    fn tally(&self) -> MutexGuard<'_, Option<Tally>> {
        // A panic while it was held left `None` behind, which is the right thing to find.
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// On a thread of its own with an end to the waiting: sled waits in its destructor for its
    /// flusher thread, for ever if that one has panicked.
    fn close(&mut self) {
        if let Some(store) = self.store.take()
            && let Err(error) = guard::limited("closing the checkpoint", CLOSE_LIMIT, move || {
                drop(store);
                Ok(())
            })
        {
            tracing::warn!(%error, "the checkpoint was left open");
        }
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.close();
    }
}
