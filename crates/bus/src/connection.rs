//! The way to NATS: who we are, whom we trust, how long we wait, and which servers are too old.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;

use crate::link::{Link, addresses, dial};
use crate::{BusError, backoff};

/// The oldest server: 2.11 brought the expected-sequence filter our appends rest on, 2.12 atomic batches.
pub const OLDEST: (u32, u32, u32) = (2, 12, 0);

/// How we say who we are; secrets stay in files, so that they can be rotated and are never printed.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// A server that asks for nothing: a laptop.
    #[default]
    None,
    /// A `.creds` file: JWT and seed.
    Creds(PathBuf),
    /// A file with an nkey seed (`SU…`).
    NkeySeed(PathBuf),
    /// A file with the user on its first line and the password on its second.
    UserPassword(PathBuf),
}

/// Where NATS is and how to talk to it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `nats://host:port` or `tls://host:port`; several of one cluster with commas between.
    pub url: String,
    /// What the server's connection list shows.
    pub name: String,
    /// Our credential.
    pub auth: Auth,
    /// A PEM file of the authority to trust instead of the system's; asks for TLS.
    pub tls_root: Option<PathBuf>,
    /// Lets us speak in clear to a server that is not on loopback.
    pub plaintext: bool,
    /// Prefix of our inboxes, where permissions demand one; `_INBOX` if absent.
    pub inbox_prefix: Option<String>,
    /// How often to try before `open` gives up: 1 for a person who waits, more for a service that starts early.
    pub first_attempts: u32,
    /// How long an acknowledgement or an answer may take before it counts as lost.
    pub timeout: Duration,
}

impl Settings {
    /// The defaults: no credential, one attempt, 5 s for an answer.
    #[must_use]
    pub fn new(url: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            name: name.into(),
            auth: Auth::None,
            tls_root: None,
            plaintext: false,
            inbox_prefix: None,
            first_attempts: 1,
            timeout: Duration::from_secs(5),
        }
    }
}

/// An open link; cheap to clone. It reconnects by itself, for ever.
#[derive(Debug, Clone)]
pub struct Connection {
    settings: Arc<Settings>,
    link: Link,
}

impl Connection {
    /// Connects and checks the server's version.
    ///
    /// # Errors
    /// `Unreachable`, `Refused` (credentials), `TooOld`, or `Other` for settings that cannot be.
    pub async fn open(settings: &Settings) -> Result<Self, BusError> {
        let mut attempt = 1;
        let link = loop {
            match dial(settings, None).await {
                Err(BusError::Unreachable(_)) if attempt < settings.first_attempts => {
                    tokio::time::sleep(backoff::pause(attempt)).await;
                    attempt += 1;
                }
                dialled => break dialled?,
            }
        };
        let version = link.client.server_info().version;
        check_version(&version)?;
        Ok(Self {
            settings: Arc::new(settings.clone()),
            link,
        })
    }

    /// Another link with the same settings, for somebody who wants to see it break: it does not
    /// come back by itself.
    pub(crate) async fn dial(&self) -> Result<Link, BusError> {
        let servers = addresses(&self.settings)?.len();
        dial(&self.settings, Some(servers)).await
    }

    /// Whether the server is there, as far as we know.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.link.client.connection_state() == async_nats::connection::State::Connected
    }

    /// How often the link was lost; a change means that the log's fingerprint wants checking.
    #[must_use]
    pub fn losses(&self) -> u64 {
        *self.link.losses.borrow()
    }

    /// What the server calls its version.
    #[must_use]
    pub fn server_version(&self) -> String {
        self.link.client.server_info().version
    }

    /// Sends what is still to send and closes. Waits no longer than the timeout: what is lost with
    /// it was never acknowledged, and is decided again at the next start.
    pub async fn drain(self) {
        let client = &self.link.client;
        if tokio::time::timeout(self.settings.timeout, client.flush())
            .await
            .is_err()
        {
            tracing::warn!("bus.drain_timed_out");
        }
        client.drain().await.ok();
    }

    pub(crate) fn jetstream(&self) -> &jetstream::Context {
        &self.link.jetstream
    }

    pub(crate) fn client(&self) -> &async_nats::Client {
        &self.link.client
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }
}

fn check_version(found: &str) -> Result<(), BusError> {
    let mut parts = found.trim_start_matches('v').splitn(3, '.').map(|part| {
        part.split(|c: char| !c.is_ascii_digit())
            .next()
            .unwrap_or_default()
            .parse::<u32>()
            .ok()
    });
    let version = (
        parts.next().flatten(),
        parts.next().flatten(),
        parts.next().flatten(),
    );
    let (major, minor, patch) = OLDEST;
    match version {
        (Some(a), Some(b), Some(c)) if (a, b, c) >= OLDEST => Ok(()),
        _ => Err(BusError::TooOld {
            found: found.to_owned(),
            need: format!("{major}.{minor}.{patch}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_before_2_12_and_servers_of_unknown_age_are_refused() {
        for good in [
            "2.12.0",
            "2.12.9",
            "2.15.1",
            "v2.14.0",
            "2.13.0-RC.1",
            "3.0.0",
            "2.100.0",
        ] {
            assert!(check_version(good).is_ok(), "{good}");
        }
        for bad in [
            "2.9.10", "2.11.99", "1.99.0", "", "latest", "2", "2.12", "-2.12.0",
        ] {
            assert!(
                matches!(check_version(bad), Err(BusError::TooOld { .. })),
                "{bad}"
            );
        }
        let error = check_version("2.9.10").unwrap_err();
        assert_eq!(
            error.to_string(),
            "nats-server 2.9.10 is too old: carebus needs 2.12.0 or newer"
        );
    }
}
