//! A stream as the server itself writes it out and takes it back: every message with its sequence, time and headers,
//! and nothing of what was deleted.

use std::fmt::Write as _;
use std::io::{self, Read};
use std::time::Duration;

use async_nats::jetstream::Error as Refusal;
use async_nats::jetstream::response::Response;
use async_nats::{Message, Request};
use bytes::Bytes;
use futures_util::StreamExt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::{BusError, Connection, api};

/// Bytes of one message on the way out: well below the smallest `max_payload` a server comes with.
const CHUNK_OUT: usize = 128 * 1024;
/// And on the way in, as the server's own tool does it.
const CHUNK_IN: usize = 64 * 1024;
/// A server that says nothing for so long will not go on.
const SILENCE: Duration = Duration::from_secs(30);
/// Once everything is there the server writes the stream out anew.
const UNPACKING: Duration = Duration::from_secs(600);

/// What the server says of a stream it wrote out, and wants to hear again when it takes it back.
#[derive(Debug, Serialize, Deserialize)]
pub struct Description {
    /// The stream's configuration.
    pub config: Value,
    /// Where it began and ended.
    pub state: Value,
}

/// What a stream holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Messages.
    pub messages: u64,
    /// The oldest sequence still there.
    #[serde(rename = "first_seq")]
    pub first_sequence: u64,
    /// The newest sequence ever given.
    #[serde(rename = "last_seq")]
    pub last_sequence: u64,
    /// When the newest was stored.
    #[serde(rename = "last_ts")]
    pub last_time: Timestamp,
}

impl Description {
    /// What the stream held.
    ///
    /// # Errors
    /// `Other`: the server said something else.
    pub fn extent(&self) -> Result<Extent, BusError> {
        Extent::deserialize(&self.state).map_err(|error| BusError::other("state of a snapshot", error))
    }
}

/// Has the server write a stream out; the archive goes to `sink`, chunk by chunk. Writing goes on meanwhile: what is
/// appended after the server began may or may not be in it, what was there is. `None` if there is no such stream.
///
/// # Errors
/// `Unreachable`, `Refused`, `Other`, or what `sink` says; the archive is of no use then.
pub async fn write_out<E: From<BusError>>(
    conn: &Connection,
    stream: &str,
    mut sink: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<Option<Description>, E> {
    let client = conn.client();
    let inbox = client.new_inbox();
    let subscribed = client.subscribe(inbox.clone()).await;
    let mut chunks = subscribed.map_err(|error| BusError::other("subscribe", error))?;
    let question = format!("STREAM.SNAPSHOT.{stream}");
    let asked = json!({ "deliver_subject": inbox, "no_consumers": true, "chunk_size": CHUNK_OUT });
    let description = match api::ask::<Description>(conn, &question, &asked).await? {
        Ok(description) => description,
        Err(refusal) if is_missing(&refusal) => return Ok(None),
        Err(refusal) => return Err(BusError::other(question, refusal).into()),
    };
    let loss = conn.link().loss();
    tokio::pin!(loss);
    loop {
        let chunk = tokio::select! {
            chunk = timeout(SILENCE, chunks.next()) => chunk,
            () = &mut loss => return Err(BusError::Unreachable("the link was lost".to_owned()).into()),
        };
        let Ok(Some(chunk)) = chunk else {
            return Err(BusError::Unreachable(format!("the archive of {stream} broke off")).into());
        };
        if chunk.payload.is_empty() {
            return ended(stream, &chunk).map(|()| Some(description)).map_err(E::from);
        }
        sink(&chunk.payload)?;
        if let Some(reply) = chunk.reply {
            let acknowledged = client.publish(reply, Bytes::new()).await;
            acknowledged.map_err(|error| BusError::other("acknowledge a chunk", error))?;
        }
    }
}

/// The last, empty message: the end, or why there is none.
fn ended(stream: &str, last: &Message) -> Result<(), BusError> {
    match last.status.map(|status| status.as_u16()) {
        None | Some(200 | 204) => Ok(()),
        Some(code) => {
            let why = last.description.as_deref().unwrap_or_default();
            Err(BusError::Unreachable(format!(
                "the archive of {stream} broke off: {code} {why}"
            )))
        }
    }
}

/// Gives an archive back to the server, which makes the stream of it, whole or not at all. There must be none yet.
///
/// # Errors
/// `Unreachable`, `Refused`; `Other` with what the server found wrong, or what reading the archive said.
pub async fn take_back(
    conn: &Connection,
    stream: &str,
    description: &Description,
    mut archive: impl Read,
) -> Result<(), BusError> {
    #[derive(Deserialize)]
    struct Place {
        deliver_subject: String,
    }
    let question = format!("STREAM.RESTORE.{stream}");
    let place = api::ask::<Place>(conn, &question, description).await?;
    let place = place.map_err(|refusal| BusError::other(&question, refusal))?;
    let mut chunk = vec![0; CHUNK_IN];
    loop {
        let read =
            fill(&mut archive, &mut chunk).map_err(|error| BusError::other("read the archive", error))?;
        let patience = if read == 0 { UNPACKING } else { SILENCE };
        let request = Request::new()
            .payload(Bytes::copy_from_slice(&chunk[..read]))
            .timeout(Some(patience));
        let sent = conn
            .client()
            .send_request(place.deliver_subject.clone(), request)
            .await;
        let answer = sent.map_err(|error| BusError::other(&question, error))?;
        if !answer.payload.is_empty() {
            let said: Response<Value> =
                serde_json::from_slice(&answer.payload).map_err(|error| BusError::other(&question, error))?;
            if let Response::Err { error } = said {
                return Err(BusError::other(question, error));
            }
        }
        if read == 0 {
            return Ok(());
        }
    }
}

/// Reads until the buffer is full or there is no more.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

fn is_missing(refusal: &Refusal) -> bool {
    refusal.error_code() == async_nats::jetstream::ErrorCode::STREAM_NOT_FOUND
}

/// SHA-256 of bytes that come one after the other.
#[derive(Debug, Default, Clone)]
pub struct Sum {
    digest: Sha256,
    bytes: u64,
}

impl Sum {
    /// Adds bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Of everything that can be read.
    ///
    /// # Errors
    /// What reading says.
    pub fn of(mut from: impl Read) -> io::Result<Self> {
        let mut sum = Self::default();
        let mut buffer = vec![0; CHUNK_IN];
        loop {
            match fill(&mut from, &mut buffer)? {
                0 => return Ok(sum),
                read => sum.add(&buffer[..read]),
            }
        }
    }

    /// How many bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The digest in hexadecimal.
    #[must_use]
    pub fn hex(self) -> String {
        let mut hex = String::new();
        for byte in self.digest.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}
