//! Putting messages at the end of the log, only if we have seen everything that matters to them.

mod batch;
mod import;

use std::str::FromStr;

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::{Error as Refusal, ErrorCode};
use async_nats::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use care::Event;

use crate::{BusError, Connection};

pub use batch::{BatchAppended, LARGEST_BATCH, SMALLEST_BATCH, append_batch};
pub use import::{Tally, import};

/// A message for a stream.
#[derive(Clone)]
pub struct Append {
    /// Where to.
    pub subject: String,
    /// Its headers, without those below.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub payload: Bytes,
    /// `Nats-Msg-Id`: the server drops a repetition within two minutes. Nothing rests on it.
    pub message_id: String,
    /// What we have seen; `None` appends in any case.
    pub expect: Option<Expect>,
}

impl Append {
    /// A fact on its subject, in the canonical form of the contract.
    #[must_use]
    pub fn fact(event: &Event, expect: Option<Expect>) -> Self {
        Self {
            subject: event.subject().to_string(),
            headers: vec![(
                "content-type".to_owned(),
                "application/cloudevents+json".to_owned(),
            )],
            payload: Bytes::from(event.encode()),
            message_id: event.message_id(),
            expect,
        }
    }
}

/// "Nothing newer than this on these subjects", checked by the server as it appends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    /// The subjects that matter: `care.<org>.patient.<id>.>` for a fact about a patient.
    pub filter_subject: String,
    /// The last sequence on them that we have seen, of whatever message; 0 for none.
    pub last_sequence: u64,
}

/// What became of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is in the stream, on disk as far as the server goes.
    Stored {
        /// Where.
        sequence: u64,
        /// It was there before: the server knew its message id.
        duplicate: bool,
    },
    /// There is something newer that we have not seen; nothing was stored. Read on, decide again.
    Conflict,
    /// No answer: it may be stored, now or (the client may still hold it) when the link is back.
    /// Read on and see.
    Ambiguous,
}

/// Appends, and says what became of it. Any error means that nothing was stored.
///
/// # Errors
/// `Unreachable` (not sent), `Refused` (permission, too large), `Other`.
pub async fn append(conn: &Connection, append: Append) -> Result<Appended, BusError> {
    match attempt(conn, append.clone(), true).await? {
        // The message id is known to the server, but whose message it was nobody says: a clinic can send any id, and
        // by repeating ours every two minutes keep an alert out of the log. Our condition alone decides then: if it was
        // ours that is there, it fails.
        Appended::Stored { duplicate: true, .. } if append.expect.is_some() => {
            attempt(conn, append, false).await
        }
        appended => Ok(appended),
    }
}

async fn attempt(conn: &Connection, append: Append, with_id: bool) -> Result<Appended, BusError> {
    let headers = headers(&append, with_id)?;
    let subject = append.subject;
    if !conn.is_connected() {
        // The client would keep it and send it some time later; better to decide again then.
        return Err(BusError::Unreachable("the link is down".to_owned()));
    }
    let loss = conn.link().loss();
    let sent = conn
        .jetstream()
        .publish_with_headers(subject.clone(), headers, append.payload)
        .await;
    let answer = match sent {
        Ok(answer) => tokio::select! {
            biased;
            answer = answer.into_future() => answer,
            () = loss => return Ok(Appended::Ambiguous),
        },
        // Waited in vain for room in the client's own queue: it never left.
        Err(error) if error.kind() == PublishErrorKind::TimedOut => {
            return Err(BusError::Unreachable("the link is stuck".to_owned()));
        }
        Err(error) => Err(error),
    };
    match answer {
        Ok(ack) => Ok(Appended::Stored {
            sequence: ack.sequence,
            duplicate: ack.duplicate,
        }),
        Err(error) => judge(conn, subject, error),
    }
}

fn judge(conn: &Connection, subject: String, error: PublishError) -> Result<Appended, BusError> {
    match error.kind() {
        PublishErrorKind::WrongLastSequence => Ok(Appended::Conflict),
        PublishErrorKind::TimedOut => match conn.link().silence(&subject) {
            refused @ BusError::Refused { .. } => Err(refused),
            _ => Ok(Appended::Ambiguous),
        },
        PublishErrorKind::BrokenPipe => Ok(Appended::Ambiguous),
        PublishErrorKind::StreamNotFound => Err(BusError::Unreachable(format!(
            "no stream takes {subject}, or it is not up yet"
        ))),
        PublishErrorKind::MaxPayloadExceeded => Err(BusError::Refused {
            what: subject,
            why: error.to_string(),
        }),
        _ if is_too_large(&error) => Err(BusError::Refused {
            what: subject,
            why: error.to_string(),
        }),
        _ => Err(BusError::other(subject, error)),
    }
}

fn is_too_large(error: &PublishError) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Refusal>());
    source.is_some_and(|refusal| refusal.error_code() == ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM)
}

fn headers(append: &Append, with_id: bool) -> Result<HeaderMap, BusError> {
    let mut map = HeaderMap::new();
    for (name, value) in &append.headers {
        put(&mut map, name, value)?;
    }
    if with_id {
        put(&mut map, "Nats-Msg-Id", &append.message_id)?;
    }
    if let Some(expect) = &append.expect {
        put(
            &mut map,
            "Nats-Expected-Last-Subject-Sequence",
            &expect.last_sequence.to_string(),
        )?;
        put(
            &mut map,
            "Nats-Expected-Last-Subject-Sequence-Subject",
            &expect.filter_subject,
        )?;
    }
    Ok(map)
}

/// Adds a header; what could not be sent as one is an error here and not, as in the client, a panic.
fn put(map: &mut HeaderMap, name: &str, value: &str) -> Result<(), BusError> {
    let doing = "a header that cannot be sent";
    let name = HeaderName::from_str(name).map_err(|error| BusError::other(doing, error))?;
    let value = HeaderValue::from_str(value).map_err(|error| BusError::other(doing, error))?;
    map.append(name, value);
    Ok(())
}

/// Whether the client would send this header at all.
pub(crate) fn is_sendable(name: &str, value: &str) -> bool {
    HeaderName::from_str(name).is_ok() && HeaderValue::from_str(value).is_ok()
}
