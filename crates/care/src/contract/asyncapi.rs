//! The AsyncAPI 3 document: a channel for each subject, an operation for each direction, seen from carebus.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{publishers, schema};
use crate::envelope::{MAX_BYTES, type_name};
use crate::fact::{Fact, Kind};
use crate::feed::FeedEntry;

/// The AsyncAPI 3.0.0 description of every subject that carebus reads or writes.
#[must_use]
pub fn asyncapi() -> Value {
    // JSON Schema draft 7, because that is what an AsyncAPI schema object is made of.
    let settings = SchemaSettings::draft07().with(|s| s.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let (mut channels, mut operations, mut messages, mut schemas) =
        (Map::new(), Map::new(), Map::new(), Map::new());
    for name in Fact::names() {
        let kind = type_name(&name);
        schemas.insert(kind.clone(), schema::event(&name, &mut generator));
        messages.insert(kind.clone(), fact_message(&name, &kind));
        for about in Fact::kinds(&name) {
            let channel = format!("{}.{name}", about.code());
            operations.extend(fact_operations(&name, &channel, &kind));
            channels.insert(channel, fact_channel(&name, *about, &kind));
        }
    }
    let feed = generator.subschema_for::<FeedEntry>().to_value();
    messages.insert(
        "feed".to_owned(),
        json!({
            "title": "The current schedule of one session",
            "contentType": "application/json",
            "payload": feed,
        }),
    );
    messages.insert("refused".to_owned(), refused_message());
    channels.extend(own_channels());
    operations.extend(own_operations());
    schemas.extend(generator.take_definitions(true));
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": info(),
        "defaultContentType": "application/cloudevents+json",
        "servers": { "nats": { "host": "localhost:4222", "protocol": "nats", "description": "The organisation's NATS server with JetStream." } },
        "channels": channels,
        "operations": operations,
        "components": { "schemas": schemas, "messages": messages, "parameters": parameters() },
    });
    schema::tidy(&mut document);
    document
}

fn info() -> Value {
    json!({
        "title": "carebus",
        "version": env!("CARGO_PKG_VERSION"),
        "license": { "name": "Apache-2.0 OR MIT" },
        "description": "Electroacupuncture before physical therapy, the two-week Oswestry clock, and alerts to the care team, \
            over one log per organisation. Every fact is a CloudEvents 1.0 event in JSON. The identity of a fact is `source` and `id`. \
            The NATS subject is the authority: an event that disagrees with it goes to quarantine. Types are only ever added.",
    })
}

/// Subject parameters.
fn parameters() -> Value {
    json!({
        "org": { "description": "The organisation, `[a-z0-9-]{1,32}`: clinics that share care plans and calendars." },
        "id": { "description": "Opaque id, `[A-Za-z0-9_-]{1,64}`: never a name, a record number or a date of birth." },
        "clinic": { "description": "The clinic, `[A-Za-z0-9_-]{1,64}`." },
        "session": { "description": "The session, `[A-Za-z0-9_-]{1,64}`." },
        "reason": {
            "description": "Why it was refused.",
            "enum": ["not-json", "not-cloudevent", "unknown-type", "unknown-version", "subject-mismatch", "invalid-field", "future", "too-large", "patient-erased"],
        },
        "sequence": { "description": "Where it stands in the log." },
        "digest": { "description": "First eight bytes of its digest, hexadecimal." },
    })
}

fn parameter_refs(names: &[&str]) -> Value {
    let refs = names.iter().map(|n| {
        (
            (*n).to_owned(),
            json!({ "$ref": format!("#/components/parameters/{n}") }),
        )
    });
    Value::Object(refs.collect())
}

fn fact_message(name: &str, kind: &str) -> Value {
    json!({
        "name": kind,
        "title": name,
        "summary": Fact::summary(name),
        "contentType": "application/cloudevents+json",
        "headers": {
            "type": "object",
            "properties": {
                "Nats-Msg-Id": { "type": "string", "description": "`<source>/<id>`; publishers should send it." },
                "content-type": { "const": "application/cloudevents+json" },
            },
        },
        "payload": { "$ref": format!("#/components/schemas/{kind}") },
    })
}

fn fact_channel(name: &str, about: Kind, kind: &str) -> Value {
    json!({
        "address": format!("care.{{org}}.{}.{{id}}.{name}", about.code()),
        "description": Fact::summary(name),
        "parameters": parameter_refs(&["org", "id"]),
        "messages": { kind: { "$ref": format!("#/components/messages/{kind}") } },
        "x-jetstream": { "stream": "CARE_<ORG>", "max-msg-size": MAX_BYTES },
    })
}

fn fact_operations(name: &str, channel: &str, kind: &str) -> Vec<(String, Value)> {
    let who = publishers(name);
    let directions = [(who.world, "receive"), (who.carebus, "send")];
    let used = directions.into_iter().filter(|(used, _)| *used);
    used.map(|(_, action)| (format!("{action}.{channel}"), operation(action, channel, kind)))
        .collect()
}

fn operation(action: &str, channel: &str, message: &str) -> Value {
    json!({
        "action": action,
        "channel": { "$ref": format!("#/channels/{channel}") },
        "messages": [{ "$ref": format!("#/channels/{channel}/messages/{message}") }],
        "bindings": { "nats": { "bindingVersion": "0.1.0" } },
    })
}

/// What carebus writes outside of the log.
fn own_channels() -> Vec<(String, Value)> {
    let feed = json!({
        "address": "clinic.{org}.{clinic}.session.{session}",
        "description": "The current schedule of one clinic and every change of it: EA that concern its PT, and its unprepared PT. \
            Reading the stream from the start gives the schedule, staying gives the changes, ordered by `revision`.",
        "parameters": parameter_refs(&["org", "clinic", "session"]),
        "messages": { "feed": { "$ref": "#/components/messages/feed" } },
        "x-jetstream": { "stream": "CLINIC_<ORG>", "max-msgs-per-subject": 1 },
    });
    let quarantine = json!({
        "address": "quarantine.{org}.{reason}.{sequence}.{digest}",
        "description": "Every message that was refused, whole, with the reason. Other tools should go through `carebus quarantine`.",
        "parameters": parameter_refs(&["org", "reason", "sequence", "digest"]),
        "messages": { "refused": { "$ref": "#/components/messages/refused" } },
        "x-jetstream": { "stream": "QUARANTINE_<ORG>" },
    });
    vec![
        ("clinic.session".to_owned(), feed),
        ("quarantine".to_owned(), quarantine),
    ]
}

fn own_operations() -> Vec<(String, Value)> {
    vec![
        (
            "send.clinic.session".to_owned(),
            operation("send", "clinic.session", "feed"),
        ),
        (
            "send.quarantine".to_owned(),
            operation("send", "quarantine", "refused"),
        ),
    ]
}

fn refused_message() -> Value {
    json!({
        "title": "A refused message: one line of JSON with its headers, then its body as it came",
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "properties": {
                "Carebus-Reason": { "type": "string" },
                "Carebus-Detail": { "type": "string", "description": "The field, and what was expected." },
                "Carebus-Source-Subject": { "type": "string" },
                "Carebus-Source-Sequence": { "type": "string" },
            },
        },
        "payload": { "type": "string", "description": "Original headers as JSON, a line feed, original body." },
    })
}
