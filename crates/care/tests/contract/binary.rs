//! Binary mode says the same as structured mode, and which of the two it is never depends on a guess.

use care::Event;
use serde_json::Value;

use crate::support::{decode, event, example, examples, nats_subject};

const ATTRIBUTES: [&str; 8] = [
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "time",
    "causationid",
    "correlationid",
];

/// The attributes of an event as headers, percent-encoded as the binding says.
fn headers(value: &Value, name: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let encoded = |text: &str| {
        let plain =
            |b: u8| (b.is_ascii_graphic() && b != b'"' && b != b'%').then(|| char::from(b).to_string());
        text.bytes()
            .map(|b| plain(b).unwrap_or_else(|| format!("%{b:02X}")))
            .collect::<String>()
    };
    let attribute = |key: &&str| value[*key].as_str().map(|text| (name(key), encoded(text)));
    ATTRIBUTES.iter().filter_map(attribute).collect()
}

fn body(value: &Value) -> Vec<u8> {
    value["data"].to_string().into_bytes()
}

fn assert_same(value: &Value, headers: &[(String, String)]) {
    let binary =
        decode(&nats_subject(value), headers, &body(value)).unwrap_or_else(|f| panic!("{f}: {value}"));
    assert_eq!(binary, event(value));
}

#[test]
fn binary_and_structured_are_the_same_event() {
    for value in examples() {
        assert_same(&value, &headers(&value, |key| format!("ce-{key}")));
    }
}

#[test]
fn header_names_are_read_in_any_case() {
    for value in examples() {
        assert_same(
            &value,
            &headers(&value, |key| format!("CE-{}", key.to_uppercase())),
        );
        assert_same(&value, &headers(&value, |key| format!("Ce-{key}")));
    }
}

fn with_id(raw: &str) -> Result<Event, care::Fault> {
    let value = example("session.missed");
    let mut headers = headers(&value, |key| format!("ce-{key}"));
    headers.iter_mut().find(|(name, _)| name == "ce-id").unwrap().1 = raw.to_owned();
    decode(&nats_subject(&value), &headers, &body(&value))
}

#[test]
fn header_values_are_percent_decoded_once() {
    assert_eq!(with_id("a%2525b").unwrap().id.as_str(), "a%25b");
    assert_eq!(with_id("100%25").unwrap().id.as_str(), "100%");
    assert_eq!(with_id("%41%5F").unwrap().id.as_str(), "A_");
}

#[test]
fn what_is_no_triplet_stays_as_it_is() {
    for raw in ["50%", "%4", "%+5", "%zz", "a%4g"] {
        assert_eq!(with_id(raw).unwrap().id.as_str(), raw);
    }
}

#[test]
fn percent_encoding_that_is_not_utf8_is_refused() {
    let fault = with_id("%C0%A0").unwrap_err();
    assert_eq!(
        fault.to_string(),
        "invalid-field: ce-id: expected percent-encoded UTF-8"
    );
}

#[test]
fn a_json_body_with_specversion_and_no_such_header_is_structured_whatever_else_the_headers_say() {
    let value = example("session.booked");
    let headers = [
        ("ce-id", "other"),
        ("ce-type", "carebus.plan.held.v1"),
        ("content-type", "text/plain"),
    ];
    let headers: Vec<(String, String)> = headers.map(|(n, v)| (n.to_owned(), v.to_owned())).into();
    let read = decode(&nats_subject(&value), &headers, value.to_string().as_bytes()).unwrap();
    assert_eq!(read, event(&value));
}

#[test]
fn the_specversion_header_makes_it_binary_whatever_the_body_holds() {
    let mut value = example("session.missed");
    value["data"]["specversion"] = "1.0".into();
    assert_same(&value, &headers(&value, |key| format!("ce-{key}")));
}
