//! The CloudEvents 1.0 envelope: bytes become an [`Event`] here, or a [`Fault`] that names the field.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::about::{About, Subject};
use crate::fact::Fact;
use crate::id::{EventId, OrgId, Source};
use crate::time::{Timestamp, hours};

/// The only major version of every type so far.
const VERSION: u32 = 1;

/// Largest message, bytes: `max_msg_size` of the log.
pub const MAX_BYTES: usize = 64 * 1024;

/// One fact with its envelope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

/// Why a message was refused; the code goes into the quarantine subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalReason {
    /// The bytes are not JSON.
    NotJson,
    /// JSON, but no CloudEvents 1.0 envelope.
    NotCloudevent,
    /// A type the contract does not know.
    UnknownType,
    /// A later major version of a known type.
    UnknownVersion,
    /// `subject` or `type` disagree with the NATS subject.
    SubjectMismatch,
    /// A field is missing or not what was expected.
    InvalidField,
    /// `time` is more than 24 hours ahead.
    Future,
    /// More than 64 KiB.
    TooLarge,
}

impl RefusalReason {
    /// The wire code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotJson => "not-json",
            Self::NotCloudevent => "not-cloudevent",
            Self::UnknownType => "unknown-type",
            Self::UnknownVersion => "unknown-version",
            Self::SubjectMismatch => "subject-mismatch",
            Self::InvalidField => "invalid-field",
            Self::Future => "future",
            Self::TooLarge => "too-large",
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A message that is not a fact, with the field and what was expected of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct Fault {
    /// Code.
    pub reason: RefusalReason,
    /// Names the field and what was expected; never repeats the value, which may be personal.
    pub detail: String,
}

impl Fault {
    fn new(reason: RefusalReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    fn field(field: &str, expected: impl fmt::Display) -> Self {
        Self::new(RefusalReason::InvalidField, format!("{field}: {expected}"))
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

/// The attributes, wherever they stood.
#[derive(Deserialize)]
struct Attributes<'a> {
    #[serde(borrow)]
    specversion: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    source: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    subject: Option<Cow<'a, str>>,
    #[serde(borrow)]
    time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    causationid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    correlationid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

impl Event {
    /// Reads a message of the log, structured or binary.
    ///
    /// # Errors
    /// [`Fault`] with the reason code and the field.
    pub fn decode(message: Message<'_>) -> Result<Self, Fault> {
        if message.payload.len() > MAX_BYTES {
            return Err(Fault::new(RefusalReason::TooLarge, format!("expected at most {MAX_BYTES} bytes")));
        }
        let subject = Subject::parse(message.subject)
            .map_err(|e| Fault::new(RefusalReason::SubjectMismatch, format!("NATS subject: {e}")))?;
        let text = std::str::from_utf8(message.payload)
            .map_err(|_| Fault::new(RefusalReason::NotJson, "expected UTF-8"))?;
        if header(message.headers, "ce-specversion").is_some() {
            return build(binary(message.headers, text)?, Some(&subject), message.received_at);
        }
        build(structured(text)?, Some(&subject), message.received_at)
    }

    /// Reads a line of a file: a structured event whose own `subject` says whom it is about.
    ///
    /// # Errors
    /// [`Fault`] with the reason code and the field. `future` is not judged: a file may hold a year.
    pub fn decode_line(line: &str) -> Result<Self, Fault> {
        if line.len() > MAX_BYTES {
            return Err(Fault::new(RefusalReason::TooLarge, format!("expected at most {MAX_BYTES} bytes")));
        }
        build(structured(line)?, None, Timestamp::MAX)
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
        Subject { org: self.org.clone(), about: self.about.clone(), name: self.fact.name() }
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

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}

fn structured(text: &str) -> Result<Attributes<'_>, Fault> {
    serde_json::from_str::<Attributes<'_>>(text).map_err(|error| {
        if error.is_data() {
            Fault::new(RefusalReason::NotCloudevent, "expected a JSON object whose attributes are strings")
        } else {
            Fault::new(RefusalReason::NotJson, format!("expected JSON, broken at line {} column {}", error.line(), error.column()))
        }
    })
}

/// Binary mode: attributes in `ce-*` headers, percent-decoded once; the body is `data`.
fn binary<'a>(headers: &'a [(String, String)], body: &'a str) -> Result<Attributes<'a>, Fault> {
    let attribute = |name: &str| header(headers, name).map(percent_decoded);
    let data = serde_json::from_str::<&RawValue>(body)
        .map_err(|e| Fault::new(RefusalReason::NotJson, format!("expected JSON, broken at line {} column {}", e.line(), e.column())))?;
    Ok(Attributes {
        specversion: attribute("ce-specversion"),
        id: attribute("ce-id"),
        source: attribute("ce-source"),
        kind: attribute("ce-type"),
        subject: attribute("ce-subject"),
        time: attribute("ce-time"),
        causationid: attribute("ce-causationid"),
        correlationid: attribute("ce-correlationid"),
        data: Some(data),
    })
}

/// CloudEvents' header encoding: `%XX` of UTF-8 bytes; anything that is not one stays as it is.
fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let pair = bytes.get(i + 1..i + 3).and_then(|h| std::str::from_utf8(h).ok());
        match (bytes[i], pair.and_then(|h| u8::from_str_radix(h, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                i += 3;
            }
            (byte, _) => {
                out.push(byte);
                i += 1;
            }
        }
    }
    match String::from_utf8(out) {
        Ok(decoded) => Cow::Owned(decoded),
        Err(_) => Cow::Borrowed(text),
    }
}

fn build(a: Attributes<'_>, authority: Option<&Subject>, received_at: Timestamp) -> Result<Event, Fault> {
    if a.specversion.as_deref() != Some("1.0") {
        return Err(Fault::new(RefusalReason::NotCloudevent, "specversion: expected \"1.0\""));
    }
    let kind = a.kind.ok_or_else(|| Fault::field("type", "missing, expected carebus.<noun>.<verb>.v1"))?;
    let name = fact_name(&kind)?;
    let subject = subject_of(authority, a.subject.as_deref(), name)?;
    let id = a.id.ok_or_else(|| Fault::field("id", "missing"))?;
    let id = EventId::new(id).map_err(|e| Fault::field("id", e))?;
    let source = a.source.ok_or_else(|| Fault::field("source", "missing"))?;
    let source = Source::new(source).map_err(|e| Fault::field("source", e))?;
    let time = a.time.ok_or_else(|| Fault::field("time", "missing, expected RFC 3339 with an offset"))?;
    let time: Timestamp =
        time.parse().map_err(|_| Fault::field("time", "expected RFC 3339 with an offset, such as 2026-06-01T14:00:00Z"))?;
    if !(EARLIEST..LATEST).contains(&time) {
        return Err(Fault::field("time", "expected a year from 1900 to 2200"));
    }
    // Saturating, because `received_at` may be the end of time.
    if received_at < Timestamp::MAX && time.duration_since(received_at) > hours(24) {
        return Err(Fault::new(RefusalReason::Future, "time: expected at most 24 hours after the message arrived"));
    }
    let link = |field: &str, value: Option<Cow<'_, str>>| {
        value.map(|v| EventId::new(v).map_err(|e| Fault::field(field, e))).transpose()
    };
    let causation = link("causationid", a.causationid)?;
    let correlation = link("correlationid", a.correlationid)?;
    let data = a.data.ok_or_else(|| Fault::field("data", "missing"))?;
    let fact = Fact::parse(name, data.get())
        .ok_or_else(|| Fault::new(RefusalReason::UnknownType, "type: not one of this contract"))?
        .map_err(|e| Fault::field(&e.field, e.expected))?;
    if !Fact::kinds(name).contains(&subject.about.kind()) {
        let expected: Vec<&str> = Fact::kinds(name).iter().map(|k| k.code()).collect();
        let detail = format!("NATS subject: expected {name} about a {}", expected.join(" or "));
        return Err(Fault::new(RefusalReason::SubjectMismatch, detail));
    }
    Ok(Event { org: subject.org, about: subject.about, id, source, time, causation, correlation, fact })
}

/// 1900-01-01, so that arithmetic on any time of a fact stays inside the calendar.
const EARLIEST: Timestamp = Timestamp::constant(-2_208_988_800, 0);
/// 2200-01-01.
const LATEST: Timestamp = Timestamp::constant(7_258_118_400, 0);

/// `session.booked` of `carebus.session.booked.v1`.
fn fact_name(kind: &str) -> Result<&str, Fault> {
    let unknown = || Fault::new(RefusalReason::UnknownType, "type: expected carebus.<noun>.<verb>.v1");
    let (name, version) = kind.strip_prefix("carebus.").and_then(|k| k.rsplit_once(".v")).ok_or_else(unknown)?;
    match version.parse::<u32>() {
        Ok(VERSION) => Ok(name),
        Ok(n) if n > VERSION => {
            Err(Fault::new(RefusalReason::UnknownVersion, format!("type: expected version {VERSION}")))
        }
        _ => Err(unknown()),
    }
}

/// The NATS subject is the authority; what the envelope says must agree with it.
fn subject_of(authority: Option<&Subject>, attribute: Option<&str>, name: &str) -> Result<Subject, Fault> {
    let Some(authority) = authority else {
        let attribute = attribute.ok_or_else(|| Fault::field("subject", "missing, expected <org>/patient/<id>"))?;
        return Subject::from_attribute(attribute, name).map_err(|e| Fault::field("subject", e));
    };
    if authority.name != name {
        return Err(Fault::new(RefusalReason::SubjectMismatch, "type: expected the noun and verb of the NATS subject"));
    }
    if attribute.is_some_and(|a| a != authority.attribute()) {
        return Err(Fault::new(RefusalReason::SubjectMismatch, "subject: expected what the NATS subject says"));
    }
    Ok(authority.clone())
}
