//! Payloads from JSON text and back: an error names the field and what was expected, never the value.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

/// A field that is not what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {expected}")]
pub struct FieldError {
    /// Path of the field, e.g. `data.items[3]`.
    pub field: String,
    /// What was expected; never the value itself, which may be personal.
    pub expected: String,
}

impl FieldError {
    pub(super) fn new(field: &str, expected: &str) -> Self {
        Self {
            field: field.to_owned(),
            expected: expected.to_owned(),
        }
    }
}

/// Fields whose keys are data: a key there is not shown.
pub(super) const MAPS: [&str; 4] = ["depth_mm", "values", "threshold", "counts"];

/// Typed value from JSON text; on failure once more with the path of the field, which is too slow for the good case.
pub(super) fn from_json<T: DeserializeOwned>(json: &str) -> Result<T, FieldError> {
    // Serde would also read a struct from an array of its fields in order; that would be a guess.
    if !json.trim_start().starts_with('{') {
        return Err(FieldError::new("data", "expected an object"));
    }
    if let Ok(value) = serde_json::from_str(json) {
        return Ok(value);
    }
    let mut reader = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize::<_, T>(&mut reader).map_err(|error| {
        let field = path_of(error.path());
        explained(field, error.inner())
    })
}

/// `data.items[3]`; a key that is not one of the contract's own words shows as `*`.
fn path_of(path: &Path) -> String {
    let mut field = "data".to_owned();
    let mut in_map = false;
    for segment in path {
        match segment {
            Segment::Seq { index } => field.push_str(&format!("[{index}]")),
            Segment::Map { .. } if in_map => field.push_str(".*"),
            Segment::Map { key } => {
                field.push('.');
                field.push_str(key);
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
        in_map = matches!(segment, Segment::Map { key } if MAPS.contains(&key.as_str()));
    }
    field
}

/// The library's message without the value (which may be personal) and without the place in the text.
fn explained(field: String, error: &serde_json::Error) -> FieldError {
    let text = error.to_string();
    let text = match error.line() {
        0 => text.as_str(),
        _ => text
            .rsplit_once(" at line ")
            .map_or(text.as_str(), |(message, _)| message),
    };
    let quoted = |prefix: &str| text.strip_prefix(prefix).and_then(|t| t.strip_suffix('`'));
    if let Some(name) = quoted("missing field `") {
        return FieldError {
            field: format!("{field}.{name}"),
            expected: "missing, and required".to_owned(),
        };
    }
    if let Some(name) = quoted("duplicate field `") {
        return FieldError {
            field: format!("{field}.{name}"),
            expected: "expected once".to_owned(),
        };
    }
    // A check of ours that looks at several fields says which one it means.
    if let Some((name, expected)) = text
        .split_once(": ")
        .filter(|(_, rest)| rest.starts_with("expected "))
        && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    {
        return FieldError {
            field: format!("{field}.{name}"),
            expected: expected.to_owned(),
        };
    }
    let repeats_value = ["invalid ", "unknown "]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    let expected = match text.rfind("expected ") {
        // `invalid type: string "Mary", expected u64`: what stands before the last word of it is the value.
        Some(at) if repeats_value => in_words(&text[at..]),
        _ if text.starts_with("expected ") => text.to_owned(),
        _ => "expected what the contract says".to_owned(),
    };
    FieldError { field, expected }
}

/// The names of our types mean nothing to whoever sent the message.
fn in_words(expected: &str) -> String {
    match expected.trim_start_matches("expected ") {
        "u8" | "u16" | "u32" | "u64" | "i16" | "i64" => "expected an integer in its range".to_owned(),
        "f64" => "expected a number".to_owned(),
        "a sequence" => "expected an array".to_owned(),
        other if other.starts_with("struct ") || other == "a map" => "expected an object".to_owned(),
        other if other.starts_with("enum ") => "expected one of the contract's words".to_owned(),
        _ => expected.to_owned(),
    }
}

/// The payload as the wire shows it.
pub(super) fn to_json<T: Serialize>(payload: &T) -> serde_json::Value {
    let mut value = serde_json::to_value(payload).unwrap_or_default();
    prune(&mut value);
    value
}

/// Leaves out absent fields; nulls inside arrays are values (an unanswered section) and stay.
fn prune(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            map.retain(|_, v| !v.is_null());
            map.values_mut().for_each(prune);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}

/// One object with the fields of both.
pub(super) fn merged(head: serde_json::Value, body: serde_json::Value) -> serde_json::Value {
    match (head, body) {
        (serde_json::Value::Object(mut a), serde_json::Value::Object(b)) => {
            a.extend(b);
            serde_json::Value::Object(a)
        }
        (head, _) => head,
    }
}
