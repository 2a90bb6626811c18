//! From bytes to an event: structured or binary, each attribute checked, the NATS subject as the authority.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Event, Fault, MAX_BYTES, RefusalReason, VERSION, speaker};
use crate::about::Subject;
use crate::fact::Fact;
use crate::id::{EventId, Source};
use crate::time::{EARLIEST, LATEST, Timestamp, hours};

/// The attributes, wherever they stood.
#[derive(Deserialize)]
pub(super) struct Attributes<'a> {
    #[serde(borrow)]
    specversion: Option<Text<'a>>,
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    source: Option<Text<'a>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    subject: Option<Text<'a>>,
    #[serde(borrow)]
    time: Option<Text<'a>>,
    #[serde(borrow)]
    causationid: Option<Text<'a>>,
    #[serde(borrow)]
    correlationid: Option<Text<'a>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// Borrows from the message unless something in it is escaped; inside an `Option` a bare `Cow` would always copy.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The message as text.
pub(super) fn text(payload: &[u8]) -> Result<&str, Fault> {
    if payload.len() > MAX_BYTES {
        return Err(Fault::new(
            RefusalReason::TooLarge,
            format!("message: expected at most {MAX_BYTES} bytes"),
        ));
    }
    std::str::from_utf8(payload).map_err(|_| Fault::new(RefusalReason::NotJson, "message: expected UTF-8"))
}

/// A header by its name in lower case, whatever case it was sent in.
pub(super) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.as_str())
}

/// Structured mode: everything is in the body.
pub(super) fn structured(text: &str) -> Result<Attributes<'_>, Fault> {
    let read = serde_json::from_str::<Attributes<'_>>(text);
    // Serde would also read the attributes from an array of them in order; that would be a guess.
    let object = text.trim_start().starts_with('{');
    match read {
        Ok(attributes) if object => Ok(attributes),
        Err(error) if !error.is_data() => Err(not_json(&error)),
        Err(_) if object => {
            let mut reader = serde_json::Deserializer::from_str(text);
            let path = serde_path_to_error::deserialize::<_, Attributes<'_>>(&mut reader).err();
            let field = path.map(|e| e.path().to_string()).filter(|path| path != ".");
            let field = field.as_deref().unwrap_or("message");
            Err(Fault::new(
                RefusalReason::NotCloudevent,
                format!("{field}: expected a string, and each attribute once"),
            ))
        }
        _ => Err(Fault::new(
            RefusalReason::NotCloudevent,
            "message: expected a JSON object",
        )),
    }
}

fn not_json(error: &serde_json::Error) -> Fault {
    let place = format!(
        "message: expected JSON, broken at line {} column {}",
        error.line(),
        error.column()
    );
    Fault::new(RefusalReason::NotJson, place)
}

/// Binary mode: attributes in `ce-*` headers, percent-decoded once; the body is `data`.
pub(super) fn binary<'a>(headers: &'a [(String, String)], body: &'a str) -> Result<Attributes<'a>, Fault> {
    let attribute = |name: &str| {
        header(headers, name)
            .map(|value| percent_decoded(name, value))
            .transpose()
    };
    let data = serde_json::from_str::<&RawValue>(body).map_err(|error| not_json(&error))?;
    Ok(Attributes {
        specversion: attribute("ce-specversion")?,
        id: attribute("ce-id")?,
        source: attribute("ce-source")?,
        kind: attribute("ce-type")?,
        subject: attribute("ce-subject")?,
        time: attribute("ce-time")?,
        causationid: attribute("ce-causationid")?,
        correlationid: attribute("ce-correlationid")?,
        data: Some(data),
    })
}

/// CloudEvents' header encoding: `%XX` of UTF-8 bytes; a `%` that begins no such triplet stays as it is.
fn percent_decoded<'a>(name: &str, value: &'a str) -> Result<Text<'a>, Fault> {
    if !value.contains('%') {
        return Ok(Text(Cow::Borrowed(value)));
    }
    let bytes = value.as_bytes();
    let hex = |at: usize| {
        bytes
            .get(at)
            .and_then(|b| char::from(*b).to_digit(16))
            .and_then(|d| u8::try_from(d).ok())
    };
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high * 16 + low);
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    let decoded =
        String::from_utf8(decoded).map_err(|_| Fault::field(name, "expected percent-encoded UTF-8"))?;
    Ok(Text(Cow::Owned(decoded)))
}

/// The event, once every attribute is what it must be.
pub(super) fn build(
    a: Attributes<'_>,
    authority: Option<&Subject>,
    received_at: Timestamp,
) -> Result<Event, Fault> {
    if a.specversion.is_none_or(|v| v.0 != "1.0") {
        return Err(Fault::new(
            RefusalReason::NotCloudevent,
            "specversion: expected \"1.0\"",
        ));
    }
    let kind = required("type", a.kind)?;
    let name = fact_name(&kind)?;
    let subject = subject_of(authority, a.subject.as_ref().map(|s| &*s.0), name)?;
    let id = EventId::new(required("id", a.id)?).map_err(|e| Fault::field("id", e))?;
    let source = Source::new(required("source", a.source)?).map_err(|e| Fault::field("source", e))?;
    speaker::check(&subject.org, &source, name)?;
    let time = time_of(&required("time", a.time)?, received_at)?;
    let link = |field: &str, value: Option<Text<'_>>| {
        value
            .map(|v| EventId::new(v.0).map_err(|e| Fault::field(field, e)))
            .transpose()
    };
    let causation = link("causationid", a.causationid)?;
    let correlation = link("correlationid", a.correlationid)?;
    let data = a
        .data
        .ok_or_else(|| Fault::field("data", "missing, and required"))?;
    let fact = Fact::parse(name, data.get())
        .ok_or_else(unknown)?
        .map_err(|e| Fault::field(&e.field, e.expected))?;
    // What is done in the future would be the newest word for as long as the clock takes to get there.
    if let Some((field, _)) = fact
        .done_at()
        .filter(|(_, at)| at.duration_since(time) > hours(24))
    {
        return Err(Fault::field(field, "expected at most 24 hours after `time`"));
    }
    Ok(Event {
        org: subject.org,
        about: subject.about,
        id,
        source,
        time,
        causation,
        correlation,
        fact,
    })
}

fn required<'a>(field: &str, value: Option<Text<'a>>) -> Result<Cow<'a, str>, Fault> {
    value
        .map(|text| text.0)
        .ok_or_else(|| Fault::field(field, "missing, and required"))
}

fn time_of(text: &str, received_at: Timestamp) -> Result<Timestamp, Fault> {
    let time: Option<Timestamp> = text.parse().ok().filter(|t| (EARLIEST..LATEST).contains(t));
    let expected = "expected RFC 3339 with an offset such as 2026-06-01T14:00:00Z, from 1900 to 2199";
    let time = time.ok_or_else(|| Fault::field("time", expected))?;
    // The end of time stands for a file, which may hold a year.
    if received_at < Timestamp::MAX && time.duration_since(received_at) > hours(24) {
        return Err(Fault::new(
            RefusalReason::Future,
            "time: expected at most 24 hours after the message arrived",
        ));
    }
    Ok(time)
}

fn unknown() -> Fault {
    Fault::new(
        RefusalReason::UnknownType,
        "type: expected carebus.<noun>.<verb>.v1 of the contract",
    )
}

/// `session.booked` of `carebus.session.booked.v1`.
fn fact_name(kind: &str) -> Result<&str, Fault> {
    let (name, version) = kind
        .strip_prefix("carebus.")
        .and_then(|k| k.rsplit_once(".v"))
        .ok_or_else(unknown)?;
    // Digits only and none in front: `v+1` and `v01` are not version 1, and a version of any length is a later one.
    let digits =
        !version.starts_with('0') && !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit());
    if !digits || !Fact::is_known(name) {
        return Err(unknown());
    }
    if version.parse() == Ok(VERSION) {
        return Ok(name);
    }
    Err(Fault::new(
        RefusalReason::UnknownVersion,
        format!("type: expected version {VERSION} of {name}"),
    ))
}

/// The NATS subject is the authority; what the envelope says must agree with it.
fn subject_of(authority: Option<&Subject>, attribute: Option<&str>, name: &str) -> Result<Subject, Fault> {
    let mismatch = |detail: String| Err(Fault::new(RefusalReason::SubjectMismatch, detail));
    let subject = match (authority, attribute) {
        (Some(authority), _) if authority.name != name => {
            return mismatch("type: expected the noun and verb of the NATS subject".to_owned());
        }
        (Some(authority), Some(attribute)) if attribute != authority.attribute() => {
            return mismatch("subject: expected what the NATS subject says".to_owned());
        }
        (Some(authority), _) => authority.clone(),
        (None, None) => return Err(Fault::field("subject", "missing, expected <org>/patient/<id>")),
        (None, Some(attribute)) => {
            Subject::from_attribute(attribute, name).map_err(|e| Fault::field("subject", e))?
        }
    };
    if !Fact::kinds(name).contains(&subject.about.kind()) {
        let kinds: Vec<&str> = Fact::kinds(name).iter().map(|k| k.code()).collect();
        return mismatch(format!("subject: expected {name} about a {}", kinds.join(" or ")));
    }
    Ok(subject)
}
