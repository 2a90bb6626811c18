//! What can go wrong with NATS, told apart by what the caller does about it.

use care::id::OrgId;

use crate::fingerprint::Fit;

/// Why something did not happen on the bus.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// No server, no answer in time, or no JetStream behind it: wait and try again.
    #[error("cannot reach NATS: {0}")]
    Unreachable(String),
    /// The server lacks what carebus rests on: stop, exit 78.
    #[error("nats-server {found} is too old: carebus needs {need} or newer")]
    TooOld {
        /// What the server calls itself.
        found: String,
        /// The oldest version that will do.
        need: String,
    },
    /// Nobody added this organisation here, or its streams were lost: a person decides which.
    #[error("organisation {0} has no streams on this server; run: carebus org add {0}")]
    MissingOrg(OrgId),
    /// A stream exists, but not as carebus needs it: stop, exit 78.
    #[error("stream {stream}: {setting} is {found} on the server, carebus needs {asked}")]
    BadServer {
        /// The stream.
        stream: String,
        /// The setting, as the server's configuration calls it.
        setting: &'static str,
        /// What carebus asks for.
        asked: String,
        /// What the server has.
        found: String,
    },
    /// The log is shorter than what was read of it, or another one: check the fingerprint, fold anew.
    #[error("stream {stream} is not the log that was read: {why}")]
    LogChanged {
        /// The stream.
        stream: String,
        /// How it showed.
        fit: Fit,
        /// What does not fit.
        why: String,
    },
    /// The server will not do it for us, now or later: permissions, credentials, size.
    #[error("NATS refuses {what}: {why}")]
    Refused {
        /// What was tried.
        what: String,
        /// What the server said.
        why: String,
    },
    /// Anything else; worth another try, later.
    #[error("{doing}: {source}")]
    Other {
        /// What was tried.
        doing: String,
        /// What happened.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl BusError {
    /// Something else went wrong while doing this.
    pub(crate) fn other(
        doing: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Other {
            doing: doing.into(),
            source: source.into(),
        }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Other { .. })
    }
}
