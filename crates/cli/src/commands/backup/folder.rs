//! The folder of a backup: what its manifest says, and files that only their owner reads.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use bus::snapshot::{Description, Sum};
use care::id::OrgId;
use care::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Failure};

/// What lists the other files.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Of the manifest and what it lists.
const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    /// Of which organisation.
    pub(crate) org: OrgId,
    /// By the clock of the machine that took it.
    pub(crate) taken_at: Timestamp,
    carebus: String,
    /// nats-server, whose archives these are: an older one may not read them.
    pub(crate) server: String,
    /// In the order in which they are taken back.
    pub(crate) streams: Vec<Part>,
}

/// One stream.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Its name.
    pub(crate) stream: String,
    /// The archive, beside the manifest.
    pub(crate) file: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub(crate) sha256: String,
    /// Messages in it.
    pub(crate) messages: u64,
    /// The newest sequence that was ever given.
    pub(crate) last_sequence: u64,
    /// What the server wants to hear when it takes the archive back.
    pub(crate) description: Description,
}

impl Part {
    pub(crate) fn new(
        stream: &str,
        file: String,
        sum: Sum,
        description: Description,
    ) -> Result<Self, Failure> {
        let extent = description.extent()?;
        Ok(Self {
            stream: stream.to_owned(),
            file,
            bytes: sum.bytes(),
            sha256: sum.hex(),
            messages: extent.messages,
            last_sequence: extent.last_sequence,
            description,
        })
    }
}

impl Manifest {
    pub(crate) fn new(org: &OrgId, taken_at: Timestamp, server: String, streams: Vec<Part>) -> Self {
        Self {
            format: FORMAT,
            org: org.clone(),
            taken_at,
            carebus: env!("CARGO_PKG_VERSION").to_owned(),
            server,
            streams,
        }
    }

    pub(crate) fn read(dir: &Path) -> Result<Self, Failure> {
        let path = dir.join(MANIFEST);
        let text = fs::read_to_string(&path).map_err(|e| {
            Failure::file(&path, &e)
                .help("name the folder that `carebus backup --out` made, with all its files")
        })?;
        let bad = |why: String| Failure::new(Exit::BadData, format!("{}: {why}", path.display()));
        let manifest: Self = serde_json::from_str(&text).map_err(|e| bad(e.to_string()))?;
        if manifest.format != FORMAT {
            return Err(bad(format!(
                "format {}, expected {FORMAT}: use the carebus that took it",
                manifest.format
            )));
        }
        // A file name of the manifest must not lead anywhere else.
        let is_beside = |part: &Part| part.file == format!("{}.snapshot", part.stream);
        match manifest.streams.iter().find(|part| !is_beside(part)) {
            Some(part) => Err(bad(format!("file of {}: expected {0}.snapshot", part.stream))),
            None => Ok(manifest),
        }
    }
}

/// A new folder that only its owner enters.
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// A new file that only its owner reads.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}
