//! The CloudEvents 1.0 envelope: bytes become an [`Event`] here, or a [`Fault`] that names the field.

mod read;
mod refusal;
mod speaker;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::about::{About, Subject};
use crate::fact::Fact;
use crate::id::{EventId, OrgId, Source};
use crate::time::Timestamp;

pub use refusal::{Fault, RefusalReason};

/// The only major version of every type so far.
const VERSION: u32 = 1;

/// Largest message, bytes: `max_msg_size` of the log.
pub const MAX_BYTES: usize = 64 * 1024;

/// One fact with its envelope.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The organisation.
    pub org: OrgId,
    /// Whom it is about.
    pub about: About,
    /// With the source, the identity of the fact.
    pub id: EventId,
    /// Who published it, e.g. `urn:carebus:acme:eastside-pt`.
    pub source: Source,
    /// When it happened.
    pub time: Timestamp,
    /// The fact that led to this one.
    pub causation: Option<EventId>,
    /// The first fact of the chain.
    pub correlation: Option<EventId>,
    /// What happened.
    pub fact: Fact,
}

/// Shows what happened to whom and when, never the payload: this is what ends up in logs.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("fact", &self.fact.name())
            .field("about", &format_args!("{}/{}", self.org, self.about))
            .field("time", &self.time)
            .field("source", &self.source)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A message as it comes from the log.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// NATS subject: the authority.
    pub subject: &'a str,
    /// NATS headers; names are compared without case.
    pub headers: &'a [(String, String)],
    /// Body.
    pub payload: &'a [u8],
    /// When the log took it; `time` may be at most 24 h later.
    pub received_at: Timestamp,
}

impl Event {
    /// Reads a message of the log, structured or binary.
    ///
    /// # Errors
    /// [`Fault`] with the reason code and the field.
    pub fn decode(message: Message<'_>) -> Result<Self, Fault> {
        let text = read::text(message.payload)?;
        let subject = Subject::parse(message.subject)
            .map_err(|e| Fault::new(RefusalReason::SubjectMismatch, format!("NATS subject: {e}")))?;
        let attributes = match read::header(message.headers, "ce-specversion") {
            Some(_) => read::binary(message.headers, text)?,
            None => read::structured(text)?,
        };
        read::build(attributes, Some(&subject), message.received_at)
    }

    /// Reads a line of a file: a structured event whose own `subject` says whom it is about.
    ///
    /// # Errors
    /// [`Fault`] with the reason code and the field. `future` is not judged: a file may hold a year.
    pub fn decode_line(line: &str) -> Result<Self, Fault> {
        read::build(
            read::structured(read::text(line.as_bytes())?)?,
            None,
            Timestamp::MAX,
        )
    }

    /// The canonical wire form: structured JSON.
    #[must_use]
    pub fn encode(&self) -> String {
        #[derive(Serialize)]
        struct Wire<'a> {
            specversion: &'static str,
            id: &'a EventId,
            source: &'a Source,
            #[serde(rename = "type")]
            kind: String,
            subject: String,
            time: Timestamp,
            datacontenttype: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            causationid: Option<&'a EventId>,
            #[serde(skip_serializing_if = "Option::is_none")]
            correlationid: Option<&'a EventId>,
            data: serde_json::Value,
        }
        let wire = Wire {
            specversion: "1.0",
            id: &self.id,
            source: &self.source,
            kind: type_name(&self.fact.name()),
            subject: self.subject().attribute(),
            time: self.time,
            datacontenttype: "application/json",
            causationid: self.causation.as_ref(),
            correlationid: self.correlation.as_ref(),
            data: self.fact.data(),
        };
        // Every field is a string, a number or a JSON value: writing them cannot fail.
        serde_json::to_string(&wire).unwrap_or_default()
    }

    /// The NATS subject it travels on.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            org: self.org.clone(),
            about: self.about.clone(),
            name: self.fact.name(),
        }
    }

    /// `Nats-Msg-Id`: `<source>/<id>`.
    #[must_use]
    pub fn message_id(&self) -> String {
        format!("{}/{}", self.source, self.id)
    }

    /// The first fact of the chain this one belongs to: its correlation id, or itself.
    #[must_use]
    pub fn chain(&self) -> &EventId {
        self.correlation.as_ref().unwrap_or(&self.id)
    }
}

/// `carebus.<noun>.<verb>.v1`.
#[must_use]
pub fn type_name(name: &str) -> String {
    format!("carebus.{name}.v{VERSION}")
}
