//! One sled tree in a locked directory: opened, checked whole, read and committed.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::place::{self, Files};
use crate::record::{self, ENTRY, FORMAT, FORMAT_KEY, HEAD, Tally, UNFINISHED};
use crate::{AT_ONCE, LedgerError, Value, guard};

/// A key, and its new value or none to remove it.
pub(crate) type Change<'a, V> = (&'a [u8], Option<&'a V>);

/// sled's default is 1 GiB per open database; what is in use is in the engine's memory anyway.
const CACHE_BYTES: u64 = 16 << 20;

/// How long a lock may be held that nobody means to hold any more: by threads of sled's that are not done with its files,
/// or by a child of this process that is not another program yet.
const LET_GO: Duration = Duration::from_secs(1);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// An open sled database that has been found whole. The fields are dropped in this order.
pub(crate) struct Store {
    db: sled::Db,
    files: Arc<Files>,
    /// How many of sled's threads had died before.
    fallen: usize,
    /// Last: nobody may come in before sled has let go.
    _lock: File,
}

impl Store {
    /// Opens or creates, and reads everything once; `reader` is given each entry.
    pub(crate) fn open(
        dir: &Path,
        reader: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<(Self, Tally), LedgerError> {
        let fallen = guard::fallen();
        let is_new = !place::is_occupied(dir);
        let lock = patiently(|| place::lock(dir))?;
        place::shelve_unfinished(dir).map_err(LedgerError::io("opened"))?;
        // The flusher (every 500 ms) stays on: it is the only one to collect sled's garbage.
        let db = database(dir)?;
        let files = Arc::new(Files::open(dir).map_err(LedgerError::io("opened"))?);
        let store = Self {
            db,
            files,
            fallen,
            _lock: lock,
        };
        // Caught here, so that the store is dropped after and not during the unwinding: a second
        // panic, in sled's destructors, would end the process.
        let tally = guard::caught(|| {
            if is_new {
                store.found(dir)?;
            }
            store.check(reader)
        })?;
        Ok((store, tally))
    }

    /// Opens the same files again, which have been read and found whole.
    ///
    /// After reading everything, sled holds on to 1.2 kB for each entry of 1 kB until it has been read once more;
    /// opened, it needs 40 MB however many there are.
    pub(crate) fn reopened(self, dir: &Path) -> Result<Self, LedgerError> {
        let Self {
            db,
            files,
            fallen,
            _lock,
        } = self;
        drop(db);
        Ok(Self {
            db: database(dir)?,
            files,
            fallen,
            _lock,
        })
    }

    /// Writes the format number and makes the new directory itself durable, once.
    fn found(&self, dir: &Path) -> Result<(), LedgerError> {
        let mut batch = sled::Batch::default();
        batch.insert(FORMAT_KEY, record::seal(FORMAT_KEY, &FORMAT.to_le_bytes()));
        self.committer().run(batch)?;
        place::sync(dir).map_err(LedgerError::io("created"))
    }

    /// Is it all there, and of one save?
    fn check(&self, reader: &mut dyn FnMut(&[u8], &[u8])) -> Result<Tally, LedgerError> {
        match self.get(FORMAT_KEY)? {
            Some(format) if format == FORMAT.to_le_bytes() => self.discard_unfinished()?,
            Some(_) => return Err(LedgerError::damaged("it was written in another format")),
            None => return Err(LedgerError::damaged("it has lost its format number")),
        }
        let mut found = Tally::default();
        for item in self.db.scan_prefix(ENTRY) {
            let (key, sealed) = item.map_err(|e| LedgerError::from_sled("read", e))?;
            let (seal, value) = record::unseal(&key, &sealed)?;
            found.add(seal);
            reader(&key[ENTRY.len()..], value);
        }
        let expected = match self.get(HEAD)? {
            Some(head) => record::split_head(&head)?.0,
            None => Tally::default(),
        };
        if found == expected {
            Ok(found)
        } else {
            Err(LedgerError::damaged("its entries do not fit its head"))
        }
    }

    /// The value at a whole key.
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        guard::caught(|| {
            let sealed = self.db.get(key).map_err(|e| LedgerError::from_sled("read", e))?;
            sealed
                .map(|sealed| Ok(record::unseal(key, &sealed)?.1.to_vec()))
                .transpose()
        })
    }

    /// All entries by key, without the prefix. Call it no more after an error.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), LedgerError>> {
        let mut scan = self.db.scan_prefix(ENTRY);
        let mut last: Option<Vec<u8>> = None;
        std::iter::from_fn(move || {
            let read = guard::caught(|| {
                let Some(item) = scan.next() else { return Ok(None) };
                let (key, sealed) = item.map_err(|e| LedgerError::from_sled("read", e))?;
                let value = record::unseal(&key, &sealed)?.1.to_vec();
                Ok(Some((key[ENTRY.len()..].to_vec(), value)))
            });
            // Pages that point in a circle would never end otherwise.
            let read = read.and_then(|item| match item {
                Some((key, _)) if last.as_ref().is_some_and(|last| *last >= key) => {
                    Err(LedgerError::damaged("its keys are out of order"))
                }
                other => Ok(other),
            });
            if let Ok(Some((key, _))) = &read {
                last = Some(key.clone());
            }
            read.transpose()
        })
    }

    /// Whether nothing was ever saved.
    pub(crate) fn is_blank(&self) -> Result<bool, LedgerError> {
        Ok(self.get(HEAD)?.is_none())
    }

    /// A piece of the first save, which is nothing as long as its end is not there.
    pub(crate) fn piece<'a, V: Value + 'a>(
        &self,
        tally: Tally,
        changes: impl Iterator<Item = Change<'a, V>>,
    ) -> Result<(sled::Batch, Tally), LedgerError> {
        let (mut batch, after) = self.entries_of(tally, changes)?;
        batch.insert(UNFINISHED, record::seal(UNFINISHED, &[]));
        Ok((batch, after))
    }

    /// The batch of a save, or its end, and what the entries add up to after it.
    pub(crate) fn batch<'a, V: Value + 'a>(
        &self,
        tally: Tally,
        changes: impl Iterator<Item = Change<'a, V>>,
        head: &[u8],
    ) -> Result<(sled::Batch, Tally), LedgerError> {
        let (mut batch, after) = self.entries_of(tally, changes)?;
        batch.insert(HEAD, record::seal(HEAD, &record::join_head(after, head)));
        batch.remove(UNFINISHED);
        Ok((batch, after))
    }

    fn entries_of<'a, V: Value + 'a>(
        &self,
        mut tally: Tally,
        changes: impl Iterator<Item = Change<'a, V>>,
    ) -> Result<(sled::Batch, Tally), LedgerError> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            let key = record::entry_key(key);
            if let Some(old) = self.get(&key)? {
                tally.subtract(record::seal_of(&key, &old));
            }
            match value {
                Some(value) => {
                    let (seal, sealed) = record::sealed(&key, &value.parts());
                    tally.add(seal);
                    batch.insert(key, sealed);
                }
                None => batch.remove(key),
            }
        }
        Ok((batch, tally))
    }

    /// Takes out what a first save wrote that never came to its end: nobody was told that it is there.
    fn discard_unfinished(&self) -> Result<(), LedgerError> {
        if self.get(UNFINISHED)?.is_none() {
            return Ok(());
        }
        loop {
            let mut batch = sled::Batch::default();
            let mut left = AT_ONCE;
            for key in self.db.scan_prefix(ENTRY).keys().take(AT_ONCE) {
                batch.remove(key.map_err(|e| LedgerError::from_sled("read", e))?);
                left -= 1;
            }
            if left == AT_ONCE {
                batch.remove(UNFINISHED);
                return self.committer().run(batch);
            }
            self.committer().write(batch)?;
        }
    }

    /// What a save needs, to be taken to another thread.
    pub(crate) fn committer(&self) -> Committer {
        Committer {
            db: self.db.clone(),
            files: Arc::clone(&self.files),
        }
    }

    /// Has one of sled's threads died since this was opened?
    pub(crate) fn has_fallen(&self) -> bool {
        guard::fallen() != self.fallen
    }

    pub(crate) fn size_on_disk(&self) -> u64 {
        self.db.size_on_disk().unwrap_or(0)
    }
}

/// A handle that can commit.
pub(crate) struct Committer {
    db: sled::Db,
    files: Arc<Files>,
}

impl Committer {
    /// Applies the batch as one, and returns when it is on the disk.
    pub(crate) fn run(self, batch: sled::Batch) -> Result<(), LedgerError> {
        self.write(batch)?;
        let saved = |e| LedgerError::from_sled("saved", e);
        self.db.flush().map_err(saved)?;
        self.files.sync().map_err(LedgerError::io("saved"))
    }

    /// Applies the batch as one; on the disk it is before whatever is written later, and no sooner.
    pub(crate) fn write(&self, batch: sled::Batch) -> Result<(), LedgerError> {
        let written = |e| LedgerError::from_sled("saved", e);
        self.db.apply_batch(batch).map_err(written)
    }
}

fn database(dir: &Path) -> Result<sled::Db, LedgerError> {
    let config = sled::Config::new().path(dir).cache_capacity(CACHE_BYTES);
    patiently(|| config.open().map_err(|e| refused(dir, e)))
}

/// Tries for a moment what is busy.
fn patiently<T>(open: impl Fn() -> Result<T, LedgerError>) -> Result<T, LedgerError> {
    for _ in 0..LET_GO.as_millis() / LOOK_AGAIN.as_millis() {
        match open() {
            Err(LedgerError::Busy { .. }) => thread::sleep(LOOK_AGAIN),
            opened => return opened,
        }
    }
    open()
}

/// An error of sled's at opening: its lock is held, or the files are not right.
fn refused(dir: &Path, error: sled::Error) -> LedgerError {
    // The text of 0.34.7, which is pinned. Our own lock comes first, so this is a program that does
    // not take it, or a thread of this process that hung.
    match &error {
        sled::Error::Io(source) if source.to_string().contains("could not acquire lock") => {
            LedgerError::Busy { dir: dir.to_owned() }
        }
        _ => LedgerError::from_sled("opened", error),
    }
}
