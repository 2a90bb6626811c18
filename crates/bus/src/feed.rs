//! A clinic's feed: the newest state of each of its sessions, said once.

use bytes::Bytes;
use care::id::{ClinicId, OrgId, SessionId};

use crate::append::{Append, Appended, BatchAppended, Expect, append, append_batch};
use crate::message::{Which, get};
use crate::streams::clinic_stream;
use crate::{BusError, Connection};

const REVISION: &str = "Carebus-Revision";

/// What the feed made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fed {
    /// It is the feed's newest word about this session now.
    Published {
        /// Its place in the feed.
        sequence: u64,
    },
    /// The feed said exactly this already.
    Unchanged,
    /// The feed holds a later revision, of a leader who knows more.
    Superseded,
}

/// Puts the state of a session into its clinic's feed, unless the feed has it already.
///
/// # Errors
/// `Unreachable` also when it may or may not have been published: do it again, it is harmless.
pub async fn publish_feed(
    conn: &Connection,
    org: &OrgId,
    clinic: &ClinicId,
    session_id: &SessionId,
    payload: Bytes,
    revision: u64,
) -> Result<Fed, BusError> {
    let subject = format!("clinic.{org}.{clinic}.session.{session_id}");
    // A conflict means that somebody else published in between; look again.
    for _ in 0..3 {
        let held = get(conn, &clinic_stream(org), &Which::LastOn(&subject)).await?;
        if let Some(held) = &held {
            if held.payload == payload {
                return Ok(Fed::Unchanged);
            }
            let theirs = held.header(REVISION).and_then(|text| text.parse::<u64>().ok());
            if theirs.is_some_and(|theirs| theirs > revision) {
                return Ok(Fed::Superseded);
            }
        }
        let last_sequence = held.map_or(0, |held| held.sequence);
        match append(conn, message(&subject, payload.clone(), revision, last_sequence)).await? {
            Appended::Stored { sequence, .. } => return Ok(Fed::Published { sequence }),
            Appended::Conflict => {}
            Appended::Ambiguous => break,
        }
    }
    Err(BusError::Unreachable(format!("nothing certain about {subject}")))
}

/// What a feed is to be told about one session.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The clinic.
    pub clinic: ClinicId,
    /// The session.
    pub session_id: SessionId,
    /// The revision of its state.
    pub revision: u64,
    /// Its state, as JSON.
    pub payload: Bytes,
}

/// Puts the states of sessions of which the feeds say nothing yet, at most [`crate::append::LARGEST_BATCH`], all at
/// once. False if a feed says something of one of them: then none was published, and each wants [`publish_feed`].
///
/// # Errors
/// As [`publish_feed`].
pub async fn publish_new(conn: &Connection, org: &OrgId, entries: &[Entry]) -> Result<bool, BusError> {
    let new = |entry: &Entry| {
        let subject = format!("clinic.{org}.{}.session.{}", entry.clinic, entry.session_id);
        message(&subject, entry.payload.clone(), entry.revision, 0)
    };
    match append_batch(conn, entries.iter().map(new).collect()).await? {
        BatchAppended::Stored { .. } => Ok(true),
        BatchAppended::Declined => Ok(false),
        BatchAppended::Ambiguous => Err(BusError::Unreachable(format!(
            "nothing certain about {} entries of the feeds",
            entries.len()
        ))),
    }
}

/// A state of a session that follows what the feed held at `last_sequence`.
fn message(subject: &str, payload: Bytes, revision: u64, last_sequence: u64) -> Append {
    Append {
        subject: subject.to_owned(),
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            (REVISION.to_owned(), revision.to_string()),
        ],
        payload,
        // After the same message, the same again is a repetition; later on it is news.
        message_id: format!("{subject}/{revision}/{last_sequence}"),
        expect: Some(Expect {
            filter_subject: subject.to_owned(),
            last_sequence,
        }),
    }
}
