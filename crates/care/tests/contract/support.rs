//! Examples as text and as values, and the two ways to read a message.

use care::time::Timestamp;
use care::{Event, Fault, Message};
use serde_json::Value;

/// One valid event of each type, in the order of the contract.
pub(crate) const EXAMPLES: &str = include_str!("../data/examples.jsonl");

pub(crate) fn examples() -> Vec<Value> {
    EXAMPLES
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The example of a `noun.verb`.
pub(crate) fn example(name: &str) -> Value {
    let kind = care::envelope::type_name(name);
    examples()
        .into_iter()
        .find(|e| e["type"] == kind.as_str())
        .unwrap_or_else(|| panic!("no example of {name}"))
}

pub(crate) fn event(value: &Value) -> Event {
    Event::decode_line(&value.to_string()).unwrap_or_else(|fault| panic!("{fault}: {value}"))
}

pub(crate) fn noon() -> Timestamp {
    "2026-06-01T16:00:00Z".parse().unwrap()
}

/// As it comes from the log.
pub(crate) fn decode(subject: &str, headers: &[(String, String)], payload: &[u8]) -> Result<Event, Fault> {
    Event::decode(Message {
        subject,
        headers,
        payload,
        received_at: noon(),
    })
}

/// The NATS subject on which an event in a file would travel.
pub(crate) fn nats_subject(value: &Value) -> String {
    let about = value["subject"].as_str().unwrap().replace('/', ".");
    let name = value["type"]
        .as_str()
        .unwrap()
        .trim_start_matches("carebus.")
        .trim_end_matches(".v1");
    format!("care.{about}.{name}")
}

/// A copy of an example with one value changed; `Value::Null` takes the field away.
pub(crate) fn with(mut value: Value, pointer: &str, new: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = value
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("no {pointer}"));
    match (parent, new) {
        (Value::Object(map), Value::Null) => {
            map.remove(key);
        }
        (Value::Object(map), new) => {
            map.insert(key.to_owned(), new);
        }
        (Value::Array(list), new) => list[key.parse::<usize>().unwrap()] = new,
        _ => panic!("{pointer} is in no object"),
    }
    value
}
