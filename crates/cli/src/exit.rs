//! How a command ends: an exit code of sysexits, and an error that says what to do about it.

use std::fmt::Write;
use std::io;
use std::path::Path;

use bus::BusError;
use care::policy::BadPolicy;
use ledger::LedgerError;
use node::NodeError;
use serde::Serialize;

/// Exit codes; clap itself ends with 2 when the command line cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything without a code of its own.
    Other = 1,
    /// The command line does not say enough, or says too much.
    Usage = 2,
    /// The data given is not what it should be.
    BadData = 65,
    /// A file, or what an id names, is not there.
    NoInput = 66,
    /// The server cannot be reached.
    Unreachable = 69,
    /// A defect of carebus.
    Bug = 70,
    /// The disk refuses.
    Disk = 74,
    /// Busy, or nothing certain: the same command may succeed later.
    TryAgain = 75,
    /// Not permitted.
    NotPermitted = 77,
    /// The configuration of carebus or of the server.
    Config = 78,
    /// Stopped by SIGINT before it was done.
    Interrupted = 130,
    /// Stopped by SIGTERM before it was done.
    Terminated = 143,
}

/// One of several mistakes in what was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Mistake {
    /// Line of the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// Code, e.g. `invalid-field`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
    /// Names the field and what was expected.
    pub(crate) detail: String,
}

impl Mistake {
    /// A mistake that has no line.
    pub(crate) fn new(detail: impl Into<String>) -> Self {
        Self {
            line: None,
            reason: None,
            detail: detail.into(),
        }
    }
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    help: Option<String>,
    mistakes: Vec<Mistake>,
    /// Nobody reads the output any more: nothing to say.
    quiet: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            help: None,
            mistakes: Vec::new(),
            quiet: false,
        }
    }

    /// Adds what to do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds everything that is wrong, one line each.
    pub(crate) fn mistakes(mut self, mistakes: Vec<Mistake>) -> Self {
        self.mistakes = mistakes;
        self
    }

    /// Something with a file.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        let exit = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => {
                Exit::NoInput
            }
            io::ErrorKind::PermissionDenied => Exit::NotPermitted,
            io::ErrorKind::InvalidData => Exit::BadData,
            _ => Exit::Disk,
        };
        Self::new(exit, format!("{}: {error}", path.display()))
    }

    /// Something with standard output; a reader that went away is no error.
    pub(crate) fn stdout(error: &io::Error) -> Self {
        let quiet = error.kind() == io::ErrorKind::BrokenPipe;
        Self {
            quiet,
            ..Self::new(Exit::Disk, format!("standard output: {error}"))
        }
    }

    /// A policy that cannot be used.
    pub(crate) fn policy(path: &Path, bad: BadPolicy) -> Self {
        Self::new(
            Exit::Config,
            format!("policy {}: {} mistake(s)", path.display(), bad.0.len()),
        )
        .mistakes(bad.0.into_iter().map(Mistake::new).collect())
        .help(
            "deploy/policy.toml lists every key with its unit and default; leave out what you do not change",
        )
    }

    /// The exit code; `None` when the reader of the output has gone, which is its right.
    pub(crate) const fn code(&self) -> Option<u8> {
        if self.quiet { None } else { Some(self.exit as u8) }
    }

    /// The code of a failure that has something to say.
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// The words alone.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub(crate) fn help_text(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// What a person reads on stderr, or with `--json` a program.
    pub(crate) fn render(&self, json: bool) -> String {
        if json {
            let value = serde_json::json!({
                "code": self.exit as u8,
                "message": self.message,
                "help": self.help,
                "mistakes": self.mistakes,
            });
            return value.to_string();
        }
        let mut text = format!("error: {}", self.message);
        for mistake in &self.mistakes {
            let place = mistake.line.map_or_else(String::new, |n| format!("line {n}: "));
            let reason = mistake.reason.map_or_else(String::new, |r| format!("{r}: "));
            // Writing to a string cannot fail.
            let _ = write!(text, "\n  {place}{reason}{}", mistake.detail);
        }
        if let Some(help) = &self.help {
            let _ = write!(text, "\nhelp: {help}");
        }
        text
    }
}

impl From<BusError> for Failure {
    fn from(error: BusError) -> Self {
        let (exit, help) = match &error {
            BusError::Unreachable(_) => (
                Exit::Unreachable,
                "is nats-server running there, with JetStream on? give another address with --nats; `carebus doctor` looks further",
            ),
            BusError::TooOld { .. } => (
                Exit::Config,
                "install a newer nats-server; `make demo` fetches one for this machine",
            ),
            BusError::MissingOrg(_) => (
                Exit::Config,
                "is it the right server? streams that were lost are restored from a backup, never made anew",
            ),
            BusError::BadServer { .. } => (
                Exit::Config,
                "change the stream with the nats tool, or use another server",
            ),
            BusError::LogChanged { .. } => (
                Exit::TryAgain,
                "the log was replaced while it was read; run the command again",
            ),
            BusError::Refused { .. } => (
                Exit::NotPermitted,
                "check the credential and its permissions in the server's configuration",
            ),
            BusError::Other { .. } => (Exit::TryAgain, "run it again; `carebus doctor` looks further"),
        };
        Self::new(exit, error.to_string()).help(help)
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        match &error {
            LedgerError::Busy { .. } => Self::new(Exit::TryAgain, error.to_string())
                .help("stop the other process, or give this one another name: CAREBUS_NAME=node-2"),
            _ => Self::new(Exit::Disk, error.to_string())
                .help("nothing is lost: the log is the record. See to the disk, or give another directory: CAREBUS_STATE=…"),
        }
    }
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        match error {
            NodeError::Bus(error) => error.into(),
            NodeError::Ledger(error) => error.into(),
            NodeError::Unsettled(error) => error.into(),
        }
    }
}

impl From<engine::Unsettled> for Failure {
    fn from(error: engine::Unsettled) -> Self {
        Self::new(Exit::Bug, error.to_string())
            .help("this is a defect of carebus; please report it with the input that shows it")
    }
}
