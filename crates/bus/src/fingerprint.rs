//! What a position in the log is recognised by, so that a log restored, truncated or made anew is found out.
//!
//! What is found: another stream, an end before the position, another message or none at it, and, by counting, messages
//! that are gone before it. What is not: a message before the position that was exchanged for another. The server offers
//! no way to do that but to restore a store that differs there and has the very message of the position, with its time
//! of storage, all the same; only reading everything again would tell.

use care::About;
use care::id::OrgId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::erasure::tombstone_subject;
use crate::message::{Received, Which, get};
use crate::streams::{LogHead, head, log_stream};
use crate::{BusError, Connection};

/// One message of one log, told from any other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// When the stream was created.
    pub stream_created: Timestamp,
    /// Where in it; 0 is before its first message, and then only `stream_created` says anything.
    pub sequence: u64,
    /// The message's subject, empty at 0.
    pub subject: String,
    /// The message's `Nats-Msg-Id`, empty if it had none.
    pub message_id: String,
    /// When the server stored it.
    pub server_time: Timestamp,
    /// `Received::digest` of it.
    pub sha256: [u8; 32],
}

/// Whether a log is the one a fingerprint was taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It is, as far as the position. A message that is gone because its patient was erased is no misfit.
    Fits,
    /// The same stream, but it ends before the position: truncated, or restored from a backup.
    LogIsShorter,
    /// Another message stands at the position, or none although the log goes on after it.
    Differs,
    /// The stream was created anew.
    Recreated,
}

impl Fit {
    /// In words.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Fits => "the log is as it was read",
            Self::LogIsShorter => "the log ends before our position",
            Self::Differs => "another message stands at our position",
            Self::Recreated => "the log was created anew",
        }
    }
}

impl Fingerprint {
    /// The fingerprint of a message read from the stream created then.
    #[must_use]
    pub fn of(stream_created: Timestamp, received: &Received) -> Self {
        Self {
            stream_created,
            sequence: received.sequence,
            subject: received.subject.clone(),
            message_id: received.header("Nats-Msg-Id").unwrap_or_default().to_owned(),
            server_time: received.server_time,
            sha256: received.digest(),
        }
    }

    /// The fingerprint of the place before a stream's first message.
    #[must_use]
    pub fn of_beginning(stream_created: Timestamp) -> Self {
        Self {
            stream_created,
            sequence: 0,
            subject: String::new(),
            message_id: String::new(),
            server_time: stream_created,
            sha256: [0; 32],
        }
    }
}

/// The fingerprint of the message at a sequence; `None` if there is none.
///
/// # Errors
/// `MissingOrg`, `Unreachable`.
pub async fn take(conn: &Connection, org: &OrgId, sequence: u64) -> Result<Option<Fingerprint>, BusError> {
    let created = head(conn, org).await?.created;
    at(conn, org, created, sequence).await
}

/// Compares a fingerprint with the log as it is now.
///
/// # Errors
/// `MissingOrg`, `Unreachable`.
pub async fn matches(conn: &Connection, org: &OrgId, print: &Fingerprint) -> Result<Fit, BusError> {
    look(conn, org, print).await.map(|(fit, _)| fit)
}

/// Compares a fingerprint with the log as it is now, and says where that begins and ends: two small questions.
///
/// # Errors
/// `MissingOrg`, `Unreachable`.
pub async fn look(conn: &Connection, org: &OrgId, print: &Fingerprint) -> Result<(Fit, LogHead), BusError> {
    let head = head(conn, org).await?;
    if head.created != print.stream_created {
        return Ok((Fit::Recreated, head));
    }
    if head.last_sequence < print.sequence {
        return Ok((Fit::LogIsShorter, head));
    }
    let fits = match at(conn, org, head.created, print.sequence).await? {
        Some(now) => now == *print,
        None => is_erased(conn, org, print).await?,
    };
    Ok((if fits { Fit::Fits } else { Fit::Differs }, head))
}

/// Whether an erasure explains that the message is gone.
async fn is_erased(conn: &Connection, org: &OrgId, print: &Fingerprint) -> Result<bool, BusError> {
    let Some(About::Patient(patient)) = About::of_subject(&print.subject) else {
        return Ok(false);
    };
    let tombstone = tombstone_subject(org, &patient);
    let found = get(conn, &log_stream(org), &Which::LastOn(&tombstone)).await?;
    Ok(found.is_some_and(|found| found.sequence > print.sequence))
}

async fn at(
    conn: &Connection,
    org: &OrgId,
    created: Timestamp,
    sequence: u64,
) -> Result<Option<Fingerprint>, BusError> {
    if sequence == 0 {
        return Ok(Some(Fingerprint::of_beginning(created)));
    }
    let received = get(conn, &log_stream(org), &Which::At(sequence)).await?;
    Ok(received.map(|received| Fingerprint::of(created, &received)))
}
