//! Writes one `.eml` file per mail, for the embedded default and for looking at mail without a server.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use mailer::Mail;
use sha2::{Digest, Sha256};

use crate::mime;
use crate::outcome::Outcome;

/// A folder of `<notice_id>.eml` files, readable by its owner only. Sending a mail again writes the same file again.
#[derive(Debug)]
pub struct DirectoryCarrier {
    folder: PathBuf,
    writes: AtomicU64,
}

impl DirectoryCarrier {
    /// Writes into `folder`, which is created with the first mail.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            writes: AtomicU64::new(0),
        }
    }

    /// The folder the files are in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) async fn send(&self, mail: &Mail) -> Outcome {
        let bytes = match mime::compose(mail) {
            Ok(bytes) => bytes,
            Err(error) => return error.into(),
        };
        let stem = file_stem(&mail.notice_id);
        let draft = self.draft(&stem);
        let name = format!("{stem}.eml");
        match self
            .on_disk(move |folder| write(folder, &draft, &name, &bytes))
            .await
        {
            Ok(()) => Outcome::Sent { reply: 250 },
            Err(outcome) => outcome,
        }
    }

    /// Whether a mail could be written.
    pub(crate) async fn knock(&self) -> Result<(), Outcome> {
        let draft = self.draft("knock");
        let try_out = move |folder: &Path| {
            private_folder().create(folder)?;
            let draft = folder.join(draft);
            write_file(&draft, b"knock")?;
            fs::remove_file(draft)
        };
        self.on_disk(try_out).await
    }

    /// Two sends of one notice at once must not share a half-written file.
    fn draft(&self, stem: &str) -> String {
        let n = self.writes.fetch_add(1, Ordering::Relaxed);
        format!(".{stem}.{}.{n}", std::process::id())
    }

    async fn on_disk(
        &self,
        work: impl FnOnce(&Path) -> io::Result<()> + Send + 'static,
    ) -> Result<(), Outcome> {
        let folder = self.folder.clone();
        let done = tokio::task::spawn_blocking(move || work(&folder).map_err(|error| error.kind()));
        let why = match done.await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(kind)) => kind.to_string(),
            Err(_join) => "the writer stopped".to_owned(),
        };
        Err(Outcome::own_fault(format!(
            "the mail folder cannot be written: {why}"
        )))
    }
}

/// Draft, sync, rename, sync: after a power cut there is the whole file or none.
fn write(folder: &Path, draft: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
    private_folder().create(folder)?;
    let draft = folder.join(draft);
    let done = write_file(&draft, bytes).and_then(|()| fs::rename(&draft, folder.join(name)));
    if done.is_err() {
        // Best effort: the first error is the one worth telling.
        let _ = fs::remove_file(&draft);
    }
    done?;
    sync_folder(folder)
}

fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private_file().open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn private_folder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder
}

#[cfg(unix)]
fn private_file() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    // Not `create_new`: a draft left by a crash may have this very name, and would be in the way for ever.
    options.write(true).create(true).truncate(true).mode(0o600);
    options
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
compile_error!("the mail folder relies on Unix permissions and on syncing a directory");

/// The notice id if it is a plain file name, else its SHA-256: an id never leaves the folder.
fn file_stem(notice_id: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let usable =
        (1..=128).contains(&notice_id.len()) && !notice_id.starts_with('.') && notice_id.bytes().all(plain);
    if usable {
        return notice_id.to_owned();
    }
    Sha256::digest(notice_id)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::file_stem;

    #[test]
    fn a_notice_id_is_its_own_file_name_unless_it_could_lead_elsewhere() {
        assert_eq!(file_stem("0192-ab_c.1"), "0192-ab_c.1");
        for odd in ["", ".", "../etc/passwd", "a/b", "a\0b", "ünï", &"x".repeat(300)] {
            let stem = file_stem(odd);
            assert_eq!(stem.len(), 64, "{odd:?}");
            assert!(stem.bytes().all(|b| b.is_ascii_hexdigit()));
        }
    }
}
