//! `carebus export`: the log as JSON lines, in log order.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::args::Export;
use crate::config::Config;
use crate::exit::Failure;
use crate::output::Output;
use crate::{fold, link};

pub(crate) async fn run(args: &Export, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let org = config.org()?;
    let conn = link::connect(config).await?;
    // Refused early, so that no file is made for an organisation that is not there.
    bus::streams::head(&conn, org).await?;
    let mut sink = Sink::open(args.out.as_deref(), output)?;
    let (mut facts, mut refused) = (0_u64, 0_u64);
    bus::export::export::<Failure>(&conn, org, args.from, None, |received| {
        match fold::decode(&received) {
            Ok(event) => {
                facts += 1;
                sink.line(&event.encode())
            }
            Err(fault) => {
                refused += 1;
                if args.all {
                    output.note(format!(
                        "refused: sequence {} on {}: {fault}",
                        received.sequence, received.subject
                    ));
                }
                Ok(())
            }
        }
    })
    .await?;
    sink.close()?;
    let left = if refused > 0 {
        format!("; {refused} messages are no facts (carebus quarantine list)")
    } else {
        String::new()
    };
    output.note(format!("{facts} facts exported{left}"));
    conn.drain().await;
    Ok(ExitCode::SUCCESS)
}

/// A file or standard output.
enum Sink<'a> {
    File(PathBuf, BufWriter<File>),
    Stdout(&'a Output),
}

impl<'a> Sink<'a> {
    fn open(path: Option<&Path>, output: &'a Output) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self::Stdout(output));
        };
        let file = File::create(path).map_err(|e| Failure::file(path, &e))?;
        Ok(Self::File(path.to_owned(), BufWriter::new(file)))
    }

    fn line(&mut self, text: &str) -> Result<(), Failure> {
        match self {
            Self::File(path, file) => writeln!(file, "{text}").map_err(|e| Failure::file(path, &e)),
            Self::Stdout(output) => output.line(text),
        }
    }

    /// A backup that is not on the disk is none.
    fn close(self) -> Result<(), Failure> {
        match self {
            Self::File(path, mut file) => file
                .flush()
                .and_then(|()| file.get_ref().sync_all())
                .map_err(|e| Failure::file(&path, &e)),
            Self::Stdout(_) => Ok(()),
        }
    }
}
