//! A message as it lies in a stream, and how to look up a single one.

use async_nats::HeaderMap;
use async_nats::jetstream::ErrorCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{BusError, Connection, api};

/// One message of a stream. `Debug` shows where it is, never what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// Its place in the stream, from 1.
    pub sequence: u64,
    /// The NATS subject: what permissions guard.
    pub subject: String,
    /// Name and value in the order they came; a name may repeat.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub payload: Bytes,
    /// When the server stored it, by the server's clock.
    pub server_time: Timestamp,
    /// The sequences right before it are not in the stream any more: erased, purged or lost.
    pub gap_before: bool,
}

impl std::fmt::Debug for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Received({} at {}, {} bytes)",
            self.sequence,
            self.server_time,
            self.payload.len()
        )
    }
}

impl Received {
    /// The first value of a header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// SHA-256 over subject and payload. Headers are left out: they are the one part that can be
    /// read in two ways.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::new()
            .chain_update(&self.subject)
            .chain_update([0])
            .chain_update(&self.payload)
            .finalize()
            .into()
    }
}

/// Which single message is wanted.
#[derive(Debug, Serialize)]
pub(crate) enum Which<'a> {
    /// Exactly this sequence.
    #[serde(rename = "seq")]
    At(u64),
    /// The newest on this subject.
    #[serde(rename = "last_by_subj")]
    LastOn(&'a str),
}

#[derive(Serialize)]
struct From<'a> {
    seq: u64,
    next_by_subj: &'a str,
}

/// The message asked for, as the stream's leader has it.
pub(crate) async fn get(
    conn: &Connection,
    stream: &str,
    which: &Which<'_>,
) -> Result<Option<Received>, BusError> {
    ask(conn, stream, which).await
}

/// The first message at or after a sequence.
pub(crate) async fn get_from(
    conn: &Connection,
    stream: &str,
    seq: u64,
) -> Result<Option<Received>, BusError> {
    get_next(conn, stream, seq, ">").await
}

/// The first message on a subject filter at or after a sequence.
pub(crate) async fn get_next(
    conn: &Connection,
    stream: &str,
    seq: u64,
    filter: &str,
) -> Result<Option<Received>, BusError> {
    let next_by_subj = filter;
    ask(conn, stream, &From { seq, next_by_subj }).await
}

#[derive(Deserialize)]
struct Answer {
    message: Stored,
}

#[derive(Deserialize)]
struct Stored {
    subject: String,
    seq: u64,
    #[serde(default)]
    hdrs: String,
    #[serde(default)]
    data: String,
    time: Timestamp,
}

async fn ask(conn: &Connection, stream: &str, body: &impl Serialize) -> Result<Option<Received>, BusError> {
    let question = format!("STREAM.MSG.GET.{stream}");
    let stored = match api::ask::<Answer>(conn, &question, body).await? {
        Ok(answer) => answer.message,
        Err(refusal) if refusal.error_code() == ErrorCode::NO_MESSAGE_FOUND => return Ok(None),
        Err(refusal) => return Err(BusError::other(question, refusal)),
    };
    let decode = |text: &str| {
        STANDARD
            .decode(text)
            .map_err(|error| BusError::other(&question, error))
    };
    Ok(Some(Received {
        sequence: stored.seq,
        subject: stored.subject,
        headers: headers_of(&decode(&stored.hdrs)?),
        payload: decode(&stored.data)?.into(),
        server_time: stored.time,
        gap_before: false,
    }))
}

/// Reads a header block that anybody may have written: what is a header is taken, the rest is not.
/// (The client's parser gives up its whole connection over one bad line.)
#[must_use]
pub fn headers_of(block: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(block);
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in text.lines().skip(1) {
        if line.starts_with(char::is_whitespace) {
            if let Some((_, value)) = headers.last_mut() {
                let more = if value.is_empty() {
                    line.trim()
                } else {
                    line.trim_end()
                };
                value.push_str(more);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
    }
    headers
}

/// The client's headers as plain pairs.
pub(crate) fn pairs(headers: Option<&HeaderMap>) -> Vec<(String, String)> {
    let Some(headers) = headers else { return Vec::new() };
    // Not `to_string`, which goes through the formatter.
    let text = |part: &dyn AsRef<str>| part.as_ref().to_owned();
    let all = headers.iter();
    all.flat_map(|(name, values)| values.iter().map(move |value| (text(name), text(value))))
        .collect()
}

/// A time of the client's as one of ours. What is outside jiff's years -9999..=9999 is the epoch:
/// no server's clock says so, and a reader must not stop over it.
pub(crate) fn timestamp(nanoseconds: i128) -> Timestamp {
    Timestamp::from_nanosecond(nanoseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(block: &[u8]) -> Vec<(String, String)> {
        headers_of(block)
    }

    #[test]
    fn headers_are_read_however_badly_they_are_written() {
        let good = read(b"NATS/1.0\r\nNats-Msg-Id: a/b\r\nce-id:  x \r\nce-id: y\r\nlong: a\r\n b\r\n\r\n");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            good,
            [
                pair("Nats-Msg-Id", "a/b"),
                pair("ce-id", "x"),
                pair("ce-id", "y"),
                pair("long", "a b")
            ]
        );
        assert_eq!(read(b"NATS/1.0\r\nlate:\r\n x\r\n\r\n"), [pair("late", "x")]);
        assert_eq!(read(b""), []);
        assert_eq!(read(b"garbage"), []);
        assert_eq!(read(b"NATS/1.0 409 Consumer Deleted\r\nno colon\r\n\r\n"), []);
        assert_eq!(
            read(b"NATS/1.0\r\n  leading\r\na: \xff\r\n"),
            [pair("a", "\u{fffd}")]
        );
    }

    #[test]
    fn what_a_message_says_is_not_printed() {
        let message = Received {
            sequence: 7,
            subject: "care.acme.patient.p-1.plan.activated".to_owned(),
            headers: vec![("ce-x".to_owned(), "Zebulon".to_owned())],
            payload: Bytes::from_static(b"Zebulon"),
            server_time: Timestamp::UNIX_EPOCH,
            gap_before: false,
        };
        assert_eq!(
            format!("{message:?}"),
            "Received(7 at 1970-01-01T00:00:00Z, 7 bytes)"
        );
    }
}
