//! The directory around sled: its lock, its way aside, and what a power cut needs.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use crate::LedgerError;

/// The file whose lock says who may touch the others.
const LOCK: &str = "lock";

/// Is there a checkpoint here, a part of one, or something in its place?
pub(crate) fn is_occupied(dir: &Path) -> bool {
    match fs::read_dir(dir) {
        Ok(entries) => entries.flatten().any(|entry| entry.file_name() != LOCK),
        Err(_) => dir.symlink_metadata().is_ok(),
    }
}

/// Takes the directory for this process until the file is dropped, creating it if need be.
///
/// sled has a lock of its own, but writes its settings before it takes it.
pub(crate) fn lock(dir: &Path) -> Result<File, LedgerError> {
    fs::create_dir_all(dir).map_err(|source| match source.kind() {
        // A file in the place of the directory: not ours, and not to be overwritten.
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            LedgerError::damaged("not a directory")
        }
        _ => LedgerError::Io {
            doing: "created",
            source,
        },
    })?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join(LOCK))
        .map_err(LedgerError::io("locked"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LedgerError::Busy { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(LedgerError::Io {
            doing: "locked",
            source,
        }),
    }
}

/// sled's own files, for the fsync that its `flush` leaves out.
pub(crate) struct Files {
    db: File,
    /// Where sled puts pages of more than 128 KiB, a file each, named by a number that only grows.
    blobs: PathBuf,
    /// The last of them known to be on the disk.
    last_blob: AtomicI64,
}

impl Files {
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let db = File::options().write(true).open(dir.join("db"))?;
        Ok(Self {
            db,
            blobs: dir.join("blobs"),
            last_blob: AtomicI64::new(-1),
        })
    }

    /// Returns when everything written so far has reached the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        let known = self.last_blob.load(Ordering::Relaxed);
        let mut last = known;
        for entry in fs::read_dir(&self.blobs)? {
            let entry = entry?;
            let Some(number) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            if number > known {
                // sled may have collected it in the meantime; then it is not missed.
                match File::open(entry.path()).and_then(|blob| blob.sync_data()) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => last = last.max(number),
                }
            }
        }
        if last > known {
            File::open(&self.blobs)?.sync_all()?;
            self.last_blob.store(last, Ordering::Relaxed);
        }
        // Last: it points to the blobs.
        self.db.sync_data()
    }
}

/// Renames snapshots that were being written when the power went, so that sled does not read them.
///
/// sled takes the last name in the alphabet, which is the unfinished one; the finished one before
/// it is still there, and the log continues it.
pub(crate) fn shelve_unfinished(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::rename(dir.join(&*name), dir.join(format!("unfinished-{name}")))?;
        }
    }
    Ok(())
}

/// Renames `dir` to `<dir>.set-aside-<n>`, the first number that is free, with a note inside.
pub(crate) fn set_aside(dir: &Path, why: &str) -> Result<PathBuf, LedgerError> {
    let to = (1_u32..)
        .map(|n| beside(dir, &format!("set-aside-{n}")))
        .find(|free| free.symlink_metadata().is_err())
        .ok_or_else(|| LedgerError::damaged("no number is free to set it aside"))?;
    fs::rename(dir, &to).map_err(LedgerError::io("set aside"))?;
    // For whoever finds it in a year. Not worth failing for: the caller reports it as well.
    let _ = fs::write(to.join("set-aside.txt"), format!("{why}\n"));
    sync_parent(dir).map_err(LedgerError::io("set aside"))?;
    Ok(to)
}

/// The directories of a checkpoint that is written anew.
pub(crate) struct Rewriting {
    dir: PathBuf,
    fresh: PathBuf,
    old: PathBuf,
}

impl Rewriting {
    pub(crate) fn of(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            fresh: beside(dir, "rewritten"),
            old: beside(dir, "old"),
        }
    }

    pub(crate) fn fresh(&self) -> &Path {
        &self.fresh
    }

    /// Removes what one that was cut off left.
    pub(crate) fn clear(&self) -> io::Result<()> {
        remove(&self.fresh)?;
        remove(&self.old)
    }

    /// Puts the fresh one in its place, and removes the old one and whatever was set aside.
    pub(crate) fn exchange(&self) -> io::Result<()> {
        fs::rename(&self.dir, &self.old)?;
        fs::rename(&self.fresh, &self.dir)?;
        remove(&self.old)?;
        for aside in set_asides(&self.dir)? {
            remove(&aside)?;
        }
        sync_parent(&self.dir)
    }
}

/// Removes what a rewriting that was cut off left beside a checkpoint.
pub(crate) fn tidy(dir: &Path) -> io::Result<()> {
    Rewriting::of(dir).clear()
}

fn remove(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Err(error)
        }
        _ => Ok(()),
    }
}

fn beside(dir: &Path, what: &str) -> PathBuf {
    let mut name = dir.as_os_str().to_owned();
    name.push(format!(".{what}"));
    PathBuf::from(name)
}

/// Everything that [`set_aside`] put beside a checkpoint.
fn set_asides(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let (Some(parent), Some(name)) = (dir.parent(), dir.file_name().and_then(|name| name.to_str())) else {
        return Ok(Vec::new());
    };
    let prefix = format!("{name}.set-aside-");
    let mut found = Vec::new();
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(&prefix));
        if number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Makes the names in `dir`, and its own, survive a power cut; sled does not.
pub(crate) fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()?;
    sync_parent(dir)
}

fn sync_parent(dir: &Path) -> io::Result<()> {
    dir.parent()
        .map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}
