//! What says who somebody is reaches neither a fault's detail nor a debug print of an event.

use care::Event;
use serde_json::{Value, json};

use crate::fields::pointers;
use crate::support::{EXAMPLES, event, examples, with};

/// Planted in every field in turn; short enough for any of them, and with words that messages may be cut at.
const PLANTED: [&str; 4] = [
    "Mary Smith",
    "mary.smith@home.example",
    "expected Mary, at line 3",
    "fell; expected one of `Mary`",
];

fn shows(text: &str) -> bool {
    let text = text.to_lowercase();
    ["mary", "smith", "fell"].iter().any(|word| text.contains(word))
}

#[test]
fn a_fault_never_repeats_what_a_field_held() {
    let mut faults = 0;
    for example in examples() {
        for pointer in pointers(&example, "") {
            for planted in PLANTED {
                for value in [
                    json!(planted),
                    json!([planted]),
                    json!({ planted: planted }),
                    json!({ planted: 1 }),
                ] {
                    let line = with(example.clone(), &pointer, value).to_string();
                    if let Err(fault) = Event::decode_line(&line) {
                        faults += 1;
                        assert!(!shows(&fault.to_string()), "{pointer}: {fault}");
                    }
                }
            }
        }
    }
    assert!(faults > 5000, "only {faults}");
}

#[test]
fn a_fault_never_repeats_broken_json() {
    for line in EXAMPLES.lines() {
        let planted = line.replace("\"data\":{", "\"data\":{\"Mary\":\"Mary\",\"Smith\":[");
        let fault = Event::decode_line(&planted).unwrap_err();
        assert!(!shows(&fault.to_string()), "{fault}");
    }
}

#[test]
fn a_debug_print_shows_no_payload() {
    for example in examples() {
        for pointer in pointers(&example["data"], "/data") {
            for planted in PLANTED {
                let line = with(example.clone(), &pointer, json!(planted)).to_string();
                if let Ok(event) = Event::decode_line(&line) {
                    assert!(!shows(&format!("{event:?} {event:#?}")), "{pointer}: {event:?}");
                }
            }
        }
    }
}

#[test]
fn a_debug_print_says_what_happened_to_whom_and_when() {
    let print = format!("{:?}", event(&crate::support::example("session.missed")));
    for word in [
        "session.missed",
        "acme/patient/p-7f3a",
        "2026-06-01T14:00:00Z",
        "urn:carebus:acme:eastside-pt",
        "ex-015",
    ] {
        assert!(print.contains(word), "{print}");
    }
}

#[test]
fn names_addresses_references_and_notes_are_hidden_in_every_debug_print_of_a_fact() {
    for (name, pointer) in [
        ("plan.activated", "/data/team/0/name"),
        ("plan.activated", "/data/team/0/email"),
        ("plan.activated", "/data/team/0/patient_ref"),
        ("alert.acknowledged", "/data/note"),
        ("alert.resolved", "/data/note"),
        ("credentials.published", "/data/licence_no"),
    ] {
        let planted = Value::from("mary.smith@home.example");
        let fact = event(&with(crate::support::example(name), pointer, planted)).fact;
        assert!(!shows(&format!("{fact:?}")), "{name}{pointer}");
    }
}
