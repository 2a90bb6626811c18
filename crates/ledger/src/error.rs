//! What can go wrong with a checkpoint, one variant per thing the caller does about it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why the checkpoint could not be used. Never holds any of its contents.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// Another process has it open: try again later, or look for the other one.
    #[error("the checkpoint {} is in use by another process", dir.display())]
    Busy {
        /// The directory in question.
        dir: PathBuf,
    },
    /// What is there cannot be trusted: set it aside and read the log again.
    #[error("the checkpoint is damaged: {why}")]
    Damaged {
        /// Where it showed.
        why: String,
    },
    /// The disk refuses (full, read-only, permissions): setting aside would not help.
    #[error("the checkpoint could not be {doing}: {source}")]
    Io {
        /// What was attempted, as a participle: opened, saved.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// An earlier save failed, so nothing more is saved here: drop it and open it again.
    #[error("an earlier save of the checkpoint failed; it has to be opened again")]
    Failed,
    /// sled did not return. Its locks span the process, so only a restart helps.
    #[error("stuck while {what}; the process has to be restarted")]
    Stuck {
        /// What did not end, and the limit it was given.
        what: String,
    },
}

impl LedgerError {
    /// Whether the disk takes nothing more: nobody's mistake in the configuration, and no reason not to work, because
    /// the log holds everything.
    #[must_use]
    pub fn is_full_disk(&self) -> bool {
        use io::ErrorKind as Kind;
        let Self::Io { source, .. } = self else {
            return false;
        };
        matches!(
            source.kind(),
            Kind::StorageFull | Kind::QuotaExceeded | Kind::ReadOnlyFilesystem
        )
    }

    pub(crate) fn damaged(why: impl Into<String>) -> Self {
        Self::Damaged { why: why.into() }
    }

    pub(crate) fn io(doing: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }

    /// Sorts what sled returns into "the disk refuses" and "the files are not right".
    pub(crate) fn from_sled(doing: &'static str, error: sled::Error) -> Self {
        match error {
            sled::Error::Io(source) if is_refusal(&source) => Self::Io { doing, source },
            // A short file, a missing blob, a checksum, a version: the files.
            other => Self::damaged(format!("not {doing}: {other}")),
        }
    }
}

/// Is it the system that refuses, with files that may well be good?
fn is_refusal(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    /// Too many open files, in this process (EMFILE) or in all (ENFILE): no kind of their own.
    const TOO_MANY_OPEN: [i32; 2] = [24, 23];
    matches!(
        error.kind(),
        Kind::PermissionDenied
            | Kind::StorageFull
            | Kind::QuotaExceeded
            | Kind::ReadOnlyFilesystem
            | Kind::OutOfMemory
            | Kind::ResourceBusy
            | Kind::Interrupted
    ) || error
        .raw_os_error()
        .is_some_and(|code| TOO_MANY_OPEN.contains(&code))
}
