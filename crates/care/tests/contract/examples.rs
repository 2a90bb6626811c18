//! Every type of the contract has an example, and nothing is lost between the wire and the types.

use care::{Event, Fact};
use serde_json::Value;

use crate::support::{EXAMPLES, decode, event, example, examples, nats_subject};

#[test]
fn every_name_of_the_contract_has_one_example_in_its_order() {
    let names: Vec<String> = examples().iter().map(|e| event(e).fact.name()).collect();
    assert_eq!(names, Fact::names());
}

#[test]
fn every_name_has_a_sentence_that_says_what_happened() {
    for name in Fact::names() {
        let summary = Fact::summary(&name).unwrap_or_default();
        assert!(summary.ends_with('.') && summary.len() > 6, "{name}: {summary}");
    }
}

#[test]
fn an_example_survives_decoding_and_encoding() {
    for line in EXAMPLES.lines() {
        let first = Event::decode_line(line).unwrap_or_else(|fault| panic!("{fault}: {line}"));
        let second = Event::decode_line(&first.encode()).unwrap();
        assert_eq!(first, second, "{line}");
        assert_eq!(first.encode(), second.encode());
    }
}

#[test]
fn the_canonical_form_repeats_what_the_example_says() {
    for example in examples() {
        let encoded: Value = serde_json::from_str(&event(&example).encode()).unwrap();
        for (key, value) in example["data"].as_object().unwrap() {
            let written = &encoded["data"][key];
            // An instant is written in UTC, whatever offset it came with.
            let is_time = written.as_str().is_some_and(|w| w.ends_with('Z'));
            assert!(
                written == value || is_time || contains_times(value),
                "{key} of {example}"
            );
        }
        for key in ["id", "source", "type", "subject", "causationid", "correlationid"] {
            assert_eq!(encoded[key], example[key]);
        }
    }
}

fn contains_times(value: &Value) -> bool {
    value.to_string().contains("-04:00") || value.to_string().contains("null")
}

#[test]
fn an_example_travels_on_the_subject_that_its_attributes_name() {
    for example in examples() {
        let subject = nats_subject(&example);
        let from_log = decode(&subject, &[], example.to_string().as_bytes()).unwrap();
        assert_eq!(from_log, event(&example));
        assert_eq!(from_log.subject().to_string(), subject);
    }
}

#[test]
fn the_checkpoint_keeps_every_event() {
    for example in examples() {
        let event = event(&example);
        let bytes = postcard::to_allocvec(&event).unwrap();
        assert_eq!(postcard::from_bytes::<Event>(&bytes).unwrap(), event, "{example}");
    }
}

#[test]
fn unknown_fields_are_ignored_everywhere() {
    for mut example in examples() {
        let known = event(&example);
        example["extension"] = serde_json::json!({ "a": [1, 2] });
        example["data"]["extension"] = serde_json::json!([{ "b": null }]);
        assert_eq!(event(&example), known);
    }
}

#[test]
fn null_is_absent() {
    let mut example = example("session.cancelled");
    let mut expected = example.clone();
    expected["data"].as_object_mut().unwrap().remove("reason");
    example["data"]["reason"] = Value::Null;
    assert_eq!(event(&example), event(&expected));
}
