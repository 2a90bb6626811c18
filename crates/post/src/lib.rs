//! The mail carriers: SMTP, a directory of .eml files, memory.
//!
//! `mime` turns a [`mailer::Mail`] into bytes, [`Post`] carries them and answers with an
//! [`Outcome`]. lettre is used nowhere else, and without its `tracing` feature: that one logs every command, and so
//! every address.

mod clean;
mod directory;
mod memory;
pub mod mime;
mod outcome;
mod smtp;

use std::time::Duration;

pub use directory::DirectoryCarrier;
use mailer::Mail;
pub use memory::{MemoryCarrier, Posted};
pub use outcome::Outcome;
pub use smtp::SmtpCarrier;
pub use smtp::settings::{SettingsError, SmtpSettings, Tls};

/// The way mail leaves: a closed choice, made once from the configuration.
#[derive(Debug)]
pub enum Post {
    /// A mail server.
    Smtp(Box<SmtpCarrier>),
    /// One `.eml` file per mail.
    Directory(DirectoryCarrier),
    /// A list in memory, for tests and simulation.
    Memory(MemoryCarrier),
}

impl Post {
    /// Carries one mail and says how it ended. Never panics, never hangs: every wait has a limit.
    ///
    /// Dropping the future in mid-flight leaves the outcome unknown; treat it as [`Outcome::Unknown`].
    pub async fn send(&self, mail: &Mail) -> Outcome {
        match self {
            Self::Smtp(carrier) => carrier.send(mail).await,
            Self::Directory(carrier) => carrier.send(mail).await,
            Self::Memory(carrier) => carrier.send(mail),
        }
    }

    /// Whether sending the same mail again can bother nobody, so that an unknown outcome may simply be repeated.
    #[must_use]
    pub const fn resend_is_harmless(&self) -> bool {
        match self {
            Self::Smtp(_) => false,
            Self::Directory(_) | Self::Memory(_) => true,
        }
    }

    /// Whether mail could leave now, found out without any mail: the whole way to a mail server and back, a file that
    /// is written and removed. `from` is the sender's address.
    ///
    /// # Errors
    /// How a mail would have ended: [`Outcome::Unreachable`] or [`Outcome::OwnFault`].
    pub async fn knock(&self, from: &str) -> Result<(), Outcome> {
        match self {
            Self::Smtp(carrier) => carrier.knock(from).await,
            Self::Directory(carrier) => carrier.knock().await,
            Self::Memory(_) => Ok(()),
        }
    }

    /// How long to wait before knocking, after a fault of ours or after one of the server's.
    #[must_use]
    pub const fn pause(&self, own_fault: bool) -> Duration {
        match self {
            Self::Smtp(carrier) => carrier.pause(own_fault),
            Self::Directory(_) | Self::Memory(_) => Duration::from_secs(30),
        }
    }

    /// Says goodbye to idle connections at shutdown; mail under way is not touched.
    pub async fn close(&self) {
        if let Self::Smtp(carrier) = self {
            carrier.close().await;
        }
    }
}
