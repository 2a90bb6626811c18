//! Many messages into the log at once, all of them or none: an atomic batch of the server's.
//!
//! One batch is some four syncs of the disk, however many messages it holds; a message by itself is one. So with
//! `sync_interval: always` a server that takes 5 000 messages a second singly takes ten times as many in batches.

use async_nats::HeaderMap;
use async_nats::jetstream::response::Response;
use async_nats::{Request, RequestErrorKind};
use serde::Deserialize;

use super::{Append, headers, put};
use crate::{BusError, Connection};

/// How many messages a batch holds at most; servers take up to 1 000 unless they are told otherwise. Half of that
/// costs a tenth more per message, and is in memory and refused, where it is, by half as much.
pub const LARGEST_BATCH: usize = 500;
/// From how many messages on a batch is cheaper than so many single appends: a batch of few costs about 2.5 ms with
/// `sync_interval: always`, a message 0.2 ms.
pub const SMALLEST_BATCH: usize = 16;

/// What became of a batch: everything or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchAppended {
    /// All of it is in the stream, in its order and with nothing in between.
    Stored {
        /// Sequence of its first message.
        first: u64,
    },
    /// Nothing was stored: there is something newer about one of those it is about, or the server knows one of its
    /// message ids, or does not take one of its messages. Smaller batches, and single appends, say which.
    Declined,
    /// No answer: it may be stored, now or when the link is back. Read on and see.
    Ambiguous,
}

/// The server's answer to the message that commits a batch.
#[derive(Deserialize)]
struct Committed {
    seq: u64,
    #[serde(default)]
    count: u64,
}

/// Appends all of `messages`, at least one and at most [`LARGEST_BATCH`], or none. Any error means that nothing was
/// stored.
///
/// What a message expects is judged as of before the batch. So of several about one patient only the first may say
/// what we have seen: nothing can come between it and the others.
///
/// # Errors
/// `Unreachable` (not sent), `Refused` (permission), `Other`.
pub async fn append_batch(conn: &Connection, messages: Vec<Append>) -> Result<BatchAppended, BusError> {
    let count = messages.len();
    let room = conn.client().max_payload();
    // Each with its headers is known to be good before the first is sent.
    let mut ready = Vec::with_capacity(count);
    let id = conn.client().new_inbox();
    let id = id.rsplit('.').next().unwrap_or(&id);
    for (at, message) in (1..).zip(messages) {
        if message.payload.len() > room / 2 {
            // The client would not send it, and the others would wait for it in vain.
            return Ok(BatchAppended::Declined);
        }
        let mut headers = headers(&message, true)?;
        put(&mut headers, "Nats-Batch-Id", id)?;
        put(&mut headers, "Nats-Batch-Sequence", &at.to_string())?;
        ready.push((message.subject, headers, message.payload));
    }
    let Some((subject, mut headers, payload)) = ready.pop() else {
        return Err(BusError::other("a batch of nothing", "it has no messages"));
    };
    put(&mut headers, "Nats-Batch-Commit", "1")?;
    if !conn.is_connected() {
        return Err(BusError::Unreachable("the link is down".to_owned()));
    }
    let loss = conn.link().loss();
    for (subject, headers, payload) in ready {
        let sent = conn
            .client()
            .publish_with_headers(subject.clone(), headers, payload);
        // Without the rest nothing of it is stored: the server forgets a batch that is not committed.
        sent.await.map_err(|error| BusError::other(subject, error))?;
    }
    let commit = commit(conn, subject, headers, payload, count);
    tokio::select! {
        biased;
        done = commit => done,
        () = loss => Ok(BatchAppended::Ambiguous),
    }
}

async fn commit(
    conn: &Connection,
    subject: String,
    headers: HeaderMap,
    payload: bytes::Bytes,
    count: usize,
) -> Result<BatchAppended, BusError> {
    let request = Request::new().headers(headers).payload(payload);
    let answer = match conn.client().send_request(subject.clone(), request).await {
        Ok(answer) => answer,
        Err(error) => {
            return match error.kind() {
                RequestErrorKind::TimedOut => match conn.link().silence(&subject) {
                    refused @ BusError::Refused { .. } => Err(refused),
                    _ => Ok(BatchAppended::Ambiguous),
                },
                RequestErrorKind::NoResponders => Err(BusError::Unreachable(format!(
                    "no stream takes {subject}, or it is not up yet"
                ))),
                RequestErrorKind::InvalidSubject => Err(BusError::other(subject, error)),
                _ => Ok(BatchAppended::Ambiguous),
            };
        }
    };
    match serde_json::from_slice(&answer.payload) {
        Ok(Response::Ok(Committed { seq, count: stored })) if stored == count as u64 => {
            Ok(BatchAppended::Stored {
                first: (seq + 1).saturating_sub(stored),
            })
        }
        // A server that knows no batches has stored this one message by itself, and the others too.
        Ok(Response::Ok(_)) => Ok(BatchAppended::Ambiguous),
        Ok(Response::Err { error }) => {
            tracing::debug!(refusal.code = error.error_code().0, "bus.batch_declined");
            Ok(BatchAppended::Declined)
        }
        Err(error) => Err(BusError::other(subject, error)),
    }
}
