//! `carebus backup`: the log and the quarantine as the server writes them out, in a folder that appears whole or not
//! at all.

mod folder;

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bus::Connection;
use bus::snapshot::{Sum, write_out};
use bus::streams::{log_stream, quarantine_stream};
use care::id::OrgId;

use crate::args::{Backup, BackupVerify};
use crate::config::Config;
use crate::exit::{Exit, Failure, Mistake};
use crate::link;
use crate::output::Output;
use folder::{MANIFEST, private_dir, private_file};
pub(crate) use folder::{Manifest, Part};

/// Bytes between two words about how far it is.
const PROGRESS: u64 = 256 << 20;

pub(crate) async fn run(args: &Backup, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    match (&args.verify, &args.out) {
        (Some(BackupVerify::Verify { path }), _) => {
            let manifest = verify(path)?;
            told(&manifest, path, "is whole", output)?;
        }
        (None, Some(out)) => take(out, config, output).await?,
        (None, None) => {
            return Err(Failure::new(Exit::Usage, "no folder is named").help("name one: --out DIR"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn take(out: &Path, config: &Config, output: &Output) -> Result<(), Failure> {
    let org = config.org()?;
    if out.symlink_metadata().is_ok() {
        return Err(
            Failure::new(Exit::Usage, format!("{} exists already", out.display()))
                .help("a backup is never written over another: name a folder that does not exist"),
        );
    }
    let conn = link::connect(config).await?;
    // Refused early, so that no folder is made for an organisation that is not there.
    bus::streams::head(&conn, org).await?;
    let partial = Partial::beside(out)?;
    let mut parts = Vec::new();
    // The log last: so it is never behind what the quarantine says of it.
    for stream in [quarantine_stream(org), log_stream(org)] {
        parts.push(part(&conn, org, &stream, &partial.dir, output).await?);
    }
    let manifest = Manifest::new(org, node::Clock::real().now(), conn.server_version(), parts);
    conn.drain().await;
    let path = partial.dir.join(MANIFEST);
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    let written = private_file(&path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|e| Failure::file(&path, &e))?;
    partial.keep_as(out)?;
    told(&manifest, out, "is taken", output)
}

/// Writes one stream out.
async fn part(
    conn: &Connection,
    org: &OrgId,
    stream: &str,
    dir: &Path,
    output: &Output,
) -> Result<Part, Failure> {
    let name = format!("{stream}.snapshot");
    let path = dir.join(&name);
    let file = |e| Failure::file(&path, &e);
    let mut sink = BufWriter::new(private_file(&path).map_err(file)?);
    let mut sum = Sum::default();
    let mut said = 0;
    let described = write_out::<Failure>(conn, stream, |chunk| {
        sum.add(chunk);
        if sum.bytes() / PROGRESS > said {
            said = sum.bytes() / PROGRESS;
            output.note(format!("{stream}: {} MB", sum.bytes() >> 20));
        }
        sink.write_all(chunk).map_err(file)
    })
    .await?;
    let described = described.ok_or_else(|| Failure::from(bus::BusError::MissingOrg(org.clone())))?;
    let flushed = sink.flush().and_then(|()| sink.get_ref().sync_all());
    flushed.map_err(file)?;
    Part::new(stream, name, sum, described)
}

/// A folder that is removed again unless everything went well.
struct Partial {
    dir: PathBuf,
    is_kept: bool,
}

impl Partial {
    fn beside(out: &Path) -> Result<Self, Failure> {
        let mut name = out.as_os_str().to_owned();
        name.push(format!(".partial-{}", std::process::id()));
        let dir = PathBuf::from(name);
        private_dir(&dir).map_err(|e| Failure::file(&dir, &e))?;
        Ok(Self { dir, is_kept: false })
    }

    /// Everything is on the disk before it has its name.
    fn keep_as(mut self, out: &Path) -> Result<(), Failure> {
        let parent = match out.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        File::open(&self.dir)
            .and_then(|dir| dir.sync_all())
            .and_then(|()| fs::rename(&self.dir, out))
            .and_then(|()| File::open(parent)?.sync_all())
            .map_err(|e| Failure::file(out, &e))?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.is_kept {
            fs::remove_dir_all(&self.dir).ok();
        }
    }
}

/// Reads a backup's manifest and holds every file to it.
pub(crate) fn verify(dir: &Path) -> Result<Manifest, Failure> {
    let manifest = Manifest::read(dir)?;
    let mut mistakes = Vec::new();
    for part in &manifest.streams {
        let path = dir.join(&part.file);
        let sum = File::open(&path).and_then(|file| Sum::of(BufReader::new(file)));
        let sum = sum.map_err(|e| Failure::file(&path, &e))?;
        if (sum.bytes(), sum.hex()) != (part.bytes, part.sha256.clone()) {
            mistakes.push(Mistake::new(format!("{} is not what was written", part.file)));
        }
    }
    if mistakes.is_empty() {
        return Ok(manifest);
    }
    let message = format!("the backup {} is damaged", dir.display());
    Err(Failure::new(Exit::BadData, message)
        .mistakes(mistakes)
        .help("use another copy; nothing of a damaged one is restored"))
}

fn told(manifest: &Manifest, dir: &Path, state: &str, output: &Output) -> Result<(), Failure> {
    if output.json() {
        return output.value(manifest);
    }
    output.line(format!(
        "backup {} of organisation {} {state}, taken {}",
        dir.display(),
        manifest.org,
        manifest.taken_at
    ))?;
    for part in &manifest.streams {
        output.line(format!(
            "{}: {} messages to position {}, {} bytes",
            part.stream, part.messages, part.last_sequence, part.bytes
        ))?;
    }
    Ok(())
}
