//! What the commands that keep the record can be told: backup, restore, erasure.

use std::path::PathBuf;

use care::id::PatientId;
use clap::{Args, Subcommand, ValueHint};

/// `backup`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(crate) struct Backup {
    #[command(subcommand)]
    pub(crate) verify: Option<BackupVerify>,
    /// A folder that does not exist yet
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, required = true)]
    pub(crate) out: Option<PathBuf>,
}

/// `backup verify`.
#[derive(Debug, Subcommand)]
pub(crate) enum BackupVerify {
    /// Check that a backup is whole: every file, byte by byte
    #[command(after_help = "Example:\n  carebus backup verify /backup/acme-2026-06-01")]
    Verify {
        /// The folder of the backup
        #[arg(value_hint = ValueHint::DirPath)]
        path: PathBuf,
    },
}

/// `restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The folder of the backup
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
}

/// `patient`.
#[derive(Debug, Subcommand)]
pub(crate) enum Patient {
    /// Remove everything about a patient from the log, the quarantine and the clinics' feeds, for good
    #[command(
        after_help = "Examples:\n  carebus patient erase p-7f3a --dry-run\n  carebus patient erase p-7f3a --yes\n\n\
        Letters that went out and backups keep what they hold: see docs/backup.md."
    )]
    Erase(Erase),
}

/// `patient erase`.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// The patient
    pub(crate) patient: PatientId,
    /// Do not ask
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}
