//! Where refused messages wait, whole and with the reason, for somebody to look at them.
//!
//! One subject per refused message and one message per subject: the server itself keeps a message
//! from being put there twice. What became of it (dropped, retried) is a mark on the same subject,
//! and its content is overwritten. The mark stays, because a state that is folded
//! anew meets the same bad message in the log again, and must not bring back what was settled.
//!
//! The body is a line of JSON with the original headers, then the original body. As headers, the
//! server would act on some of them, and there is no room: it takes 64 KiB of headers and no more.

use bytes::Bytes;
use care::id::OrgId;
use jiff::Timestamp;

use crate::append::{Append, Appended, Expect, append, is_sendable};
use crate::erasure::delete;
use crate::export::until;
use crate::message::{Received, Which, get};
use crate::streams::quarantine_stream;
use crate::{BusError, Connection, Reader};

const REASON: &str = "Carebus-Reason";
const DETAIL: &str = "Carebus-Detail";
const SUBJECT: &str = "Carebus-Source-Subject";
const SEQUENCE: &str = "Carebus-Source-Sequence";
const SETTLED: &str = "Carebus-Settled";
/// Longest detail, in characters; it names a field and what was expected.
const LONGEST_DETAIL: usize = 500;

/// A refused message.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the quarantine, by which `get`, `retry` and `discard` know it.
    pub sequence: u64,
    /// Why it was refused: `not-json`, `future`, ….
    pub reason: String,
    /// The field, and what was expected.
    pub detail: String,
    /// The subject it came on.
    pub source_subject: String,
    /// Its sequence in the log.
    pub source_sequence: u64,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body, byte by byte.
    pub payload: Bytes,
    /// Since when it is here.
    pub since: Timestamp,
    subject: String,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Entry({}: {} of the log, {})",
            self.sequence, self.source_sequence, self.reason
        )
    }
}

/// Puts a message of the log into quarantine; `false` if it is or was there already.
///
/// # Errors
/// `Unreachable` when it is not certain to be there: put it again.
pub async fn put(
    conn: &Connection,
    org: &OrgId,
    reason: &str,
    detail: &str,
    message: &Received,
) -> Result<bool, BusError> {
    // The digest keeps apart what stood at one sequence of a log and of its successor.
    let digest: String = message.digest()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let subject = format!("quarantine.{org}.{reason}.{}.{digest}", message.sequence);
    let mut payload =
        serde_json::to_vec(&message.headers).map_err(|error| BusError::other("quarantine", error))?;
    payload.push(b'\n');
    payload.extend_from_slice(&message.payload);
    let refused = Append {
        headers: vec![
            (REASON.to_owned(), reason.to_owned()),
            (DETAIL.to_owned(), one_line(detail)),
            (SUBJECT.to_owned(), message.subject.clone()),
            (SEQUENCE.to_owned(), message.sequence.to_string()),
        ],
        payload: payload.into(),
        message_id: subject.clone(),
        expect: Some(Expect {
            filter_subject: subject.clone(),
            last_sequence: 0,
        }),
        subject,
    };
    for _ in 0..3 {
        match append(conn, refused.clone()).await? {
            Appended::Stored { duplicate, .. } => return Ok(!duplicate),
            Appended::Conflict => return Ok(false),
            Appended::Ambiguous => {}
        }
    }
    Err(BusError::Unreachable(format!(
        "nothing certain about {}",
        refused.subject
    )))
}

/// At most `max` entries from a place in the quarantine on (0 is the beginning), oldest first.
///
/// # Errors
/// `MissingOrg`, `Unreachable`.
pub async fn list(conn: &Connection, org: &OrgId, from: u64, max: usize) -> Result<Vec<Entry>, BusError> {
    let mut entries = Vec::new();
    let reader = Reader::over(conn, org, quarantine_stream(org), from).await?;
    until::<BusError>(reader, None, |received| {
        entries.extend(entry(received));
        Ok(entries.len() < max)
    })
    .await?;
    Ok(entries)
}

/// One entry; `None` if there is none at this place any more.
///
/// # Errors
/// `Unreachable`.
pub async fn get_entry(conn: &Connection, org: &OrgId, sequence: u64) -> Result<Option<Entry>, BusError> {
    Ok(get(conn, &quarantine_stream(org), &Which::At(sequence))
        .await?
        .and_then(entry))
}

/// Removes an entry's content for good and marks it dropped; `false` if it was settled before.
///
/// # Errors
/// `Unreachable` when it is not certain: do it again.
pub async fn discard(conn: &Connection, org: &OrgId, sequence: u64) -> Result<bool, BusError> {
    match get_entry(conn, org, sequence).await? {
        Some(entry) => settle(conn, org, &entry, "dropped").await,
        None => Ok(false),
    }
}

/// Publishes an entry's message on its own subject again, because carebus can read it by now, and
/// marks it retried; `None` if it was settled before, else its new sequence in the log.
///
/// # Errors
/// `Unreachable` when it is not certain to be in the log: do it again, the fold knows it.
pub async fn retry(conn: &Connection, org: &OrgId, sequence: u64) -> Result<Option<u64>, BusError> {
    let Some(entry) = get_entry(conn, org, sequence).await? else {
        return Ok(None);
    };
    // Nats-… would be obeyed, not carried: an old expectation or message id is not to stop us.
    let carried = |(name, value): &&(String, String)| {
        !name.to_ascii_lowercase().starts_with("nats-") && is_sendable(name, value)
    };
    let again = Append {
        subject: entry.source_subject.clone(),
        headers: entry.headers.iter().filter(carried).cloned().collect(),
        payload: entry.payload.clone(),
        message_id: format!("{}/retry", entry.subject),
        expect: None,
    };
    let Appended::Stored { sequence, .. } = append(conn, again).await? else {
        return Err(BusError::Unreachable(format!(
            "nothing certain about entry {sequence}"
        )));
    };
    settle(conn, org, &entry, "retried").await?;
    Ok(Some(sequence))
}

async fn settle(conn: &Connection, org: &OrgId, entry: &Entry, how: &str) -> Result<bool, BusError> {
    // What is only replaced stays in the server's file. Overwritten first: should we end here, the next rebuild puts
    // the message back from the log, and somebody settles it again.
    delete(conn, &quarantine_stream(org), entry.sequence).await?;
    let mark = Append {
        subject: entry.subject.clone(),
        headers: vec![(SETTLED.to_owned(), how.to_owned())],
        payload: Bytes::new(),
        message_id: format!("{}/{how}", entry.subject),
        expect: Some(Expect {
            filter_subject: entry.subject.clone(),
            last_sequence: 0,
        }),
    };
    match append(conn, mark).await? {
        Appended::Stored { .. } => Ok(true),
        Appended::Conflict => Ok(false),
        Appended::Ambiguous => Err(BusError::Unreachable(format!(
            "nothing certain about entry {}",
            entry.sequence
        ))),
    }
}

/// The subject on which a refused message came.
pub(crate) fn source(received: &Received) -> Option<&str> {
    received.header(SUBJECT)
}

fn entry(received: Received) -> Option<Entry> {
    if received.header(SETTLED).is_some() {
        return None;
    }
    let text = |name| received.header(name).unwrap_or_default().to_owned();
    // JSON escapes line ends: the first one is ours.
    let line = received.payload.iter().position(|byte| *byte == b'\n')?;
    Some(Entry {
        sequence: received.sequence,
        reason: text(REASON),
        detail: text(DETAIL),
        source_subject: text(SUBJECT),
        source_sequence: text(SEQUENCE).parse().unwrap_or(0),
        headers: serde_json::from_slice(&received.payload[..line]).unwrap_or_default(),
        since: received.server_time,
        subject: received.subject,
        payload: received.payload.slice(line + 1..),
    })
}

/// A detail may quote what was sent; a header may not hold line ends.
fn one_line(detail: &str) -> String {
    detail
        .chars()
        .take(LONGEST_DETAIL)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
