//! The fold is total on any bytes: whatever arrives is an event or a fault, and no chart can be made to panic.

use care::Event;
use care::envelope::MAX_BYTES;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fields::pointers;
use crate::mixed::{chart, read_all};
use crate::support::{EXAMPLES, decode, event, examples, nats_subject, with};

const SUBJECT: &str = "care.acme.patient.p-7f3a.session.missed";

/// A chart of everything, then the event, then everything that can be read.
fn fold(event: &Event) {
    let mut facts: Vec<Event> = examples().iter().map(crate::support::event).collect();
    facts.push(event.clone());
    let chart = chart(&facts);
    assert!(!read_all(&chart).is_empty());
    let bytes = postcard::to_allocvec(&chart).unwrap();
    assert_eq!(postcard::from_bytes::<care::Chart>(&bytes).unwrap(), chart);
    assert_eq!(Event::decode_line(&event.encode()).as_ref(), Ok(event));
}

#[test]
fn a_corpus_of_bad_ideas() {
    let line = EXAMPLES.lines().next().unwrap();
    let data = |text: &str| line.replacen("\"data\":{", &format!("\"data\":{{\"x\":{text},"), 1);
    let corpus = [
        String::new(),
        " ".to_owned(),
        "null".to_owned(),
        "[".repeat(MAX_BYTES),
        "{\"a\":".repeat(10_000),
        format!("{}{}", "[".repeat(30_000), "]".repeat(30_000)),
        data(&"[".repeat(20_000)),
        data(&format!("{}{}", "[".repeat(20_000), "]".repeat(20_000))),
        data("NaN"),
        data("Infinity"),
        data("-0"),
        data("1e999"),
        data(&"9".repeat(10_000)),
        data("\"\\ud800\""),
        data("\"\\u0000\""),
        line.replace("24.1", "1e999"),
        line.replace("24.1", &"9".repeat(1000)),
        line.replace("1982", "-32769"),
        line.replace("Dr Lee", "\\ud800"),
        "\u{feff}".to_owned() + line,
        line.replace(':', "::"),
    ];
    for text in corpus {
        let _ = Event::decode_line(&text);
        let _ = decode(SUBJECT, &[], text.as_bytes());
        let _ = decode(
            SUBJECT,
            &[("ce-specversion".to_owned(), "1.0".to_owned())],
            text.as_bytes(),
        );
    }
    let _ = decode(SUBJECT, &[], &[0xff, 0xfe, 0x00]);
}

/// Values that computations break on.
fn extremes() -> Vec<Value> {
    let mut all = vec![
        json!(0),
        json!(-1),
        json!(1e308),
        json!(5e-324),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(65535),
    ];
    for text in [
        "",
        "\u{0}",
        "\r\n",
        "*",
        ">",
        ".",
        "9999-12-31",
        "0001-01-01",
        "-009999-01-01",
        "1900-01-01",
        "2199-12-31",
        "2026-02-29",
        "9999-12-31T23:59:59Z",
        "-009999-01-02T01:59:59Z",
        "1900-01-01T00:00:00Z",
        "2199-12-31T23:59:59.999999999Z",
        "2199-12-31T23:59:59-23:59",
        "2016-12-31T23:59:60Z",
        "24:00",
        "00:00",
        "Pacific/Apia",
        "Etc/GMT+12",
        "UTC",
        "../../etc/passwd",
    ] {
        all.push(json!(text));
    }
    all.extend([
        json!([]),
        json!({}),
        json!([null]),
        json!(true),
        Value::Null,
        json!("é".repeat(300)),
    ]);
    all
}

#[test]
fn any_field_at_an_extreme_is_refused_or_folded() {
    for example in examples() {
        for pointer in pointers(&example, "") {
            for extreme in extremes() {
                let value = with(example.clone(), &pointer, extreme);
                if let Ok(event) = Event::decode_line(&value.to_string()) {
                    let one = chart(std::slice::from_ref(&event));
                    assert!(!read_all(&one).is_empty());
                    assert_eq!(Event::decode_line(&event.encode()), Ok(event), "{value}");
                }
            }
        }
    }
}

#[test]
fn the_ends_of_time_that_are_accepted_leave_room_to_compute() {
    for (day, at) in [
        ("1900-01-01", "1900-01-01T00:00:00Z"),
        ("2199-12-31", "2199-12-31T23:00:00Z"),
    ] {
        let plan = with(
            crate::support::example("plan.activated"),
            "/data/started_on",
            json!(day),
        );
        let plan = with(
            with(plan, "/data/oswestry/baseline_on", json!(day)),
            "/time",
            json!(at),
        );
        for zone in [
            "Pacific/Apia",
            "Etc/GMT+12",
            "Pacific/Kiritimati",
            "America/Toronto",
        ] {
            fold(&event(&with(plan.clone(), "/data/timezone", json!(zone))));
        }
        let end = at.replace(":00:00Z", ":45:00Z");
        let booked = with(
            crate::support::example("session.booked"),
            "/data/start",
            json!(at),
        );
        fold(&event(&with(booked, "/data/end", json!(end))));
        let pain = with(
            crate::support::example("assessment.pain"),
            "/data/performed_at",
            json!(at),
        );
        fold(&event(&with(pain, "/time", json!(at))));
    }
}

/// A valid line of which some bytes were cut out, doubled or replaced.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec(
        (any::<prop::sample::Index>(), 0..3_u8, 0..12_usize, any::<u8>()),
        1..4,
    );
    (0..EXAMPLES.lines().count(), edits).prop_map(|(line, edits)| {
        let mut bytes = EXAMPLES.lines().nth(line).unwrap().as_bytes().to_vec();
        for (at, how, length, byte) in edits {
            let from = at.index(bytes.len().max(1));
            let to = (from + length).min(bytes.len());
            match how {
                0 => drop(bytes.drain(from..to)),
                1 => bytes.extend_from_within(from..to),
                _ => bytes.splice(from..to, [byte]).for_each(drop),
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), subject in "\\PC*") {
        let _ = decode(SUBJECT, &[], &bytes);
        let _ = decode(&subject, &[("CE-SpecVersion".to_owned(), "1.0".to_owned()), ("ce-id".to_owned(), subject.clone())], &bytes);
        let _ = Event::decode_line(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn arbitrary_json_never_panics(text in "[\\[\\]{}\",:0-9a-z\\\\.-]{0,200}") {
        let _ = Event::decode_line(&text);
        let missed = format!("{{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"carebus.session.missed.v1\",\
            \"time\":\"2026-06-01T14:00:00Z\",\"data\":{text}}}");
        let _ = decode(SUBJECT, &[], missed.as_bytes());
    }

    #[test]
    fn a_mutated_line_is_refused_or_folded(bytes in mutated()) {
        if let Ok(event) = Event::decode_line(&String::from_utf8_lossy(&bytes)) {
            fold(&event);
        }
    }

    #[test]
    fn two_fields_at_an_extreme_are_refused_or_folded(
        which in 0..100_usize, one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(),
        first in any::<prop::sample::Index>(), second in any::<prop::sample::Index>(),
    ) {
        let all = examples();
        let mut value = all[which % all.len()].clone();
        let subject = nats_subject(&value);
        for (at, extreme) in [(one, first), (other, second)] {
            let inside = pointers(&value["data"], "/data");
            prop_assume!(!inside.is_empty());
            value = with(value.clone(), &inside[at.index(inside.len())], extreme.get(&extremes()).clone());
        }
        if let Ok(event) = decode(&subject, &[], value.to_string().as_bytes()) {
            fold(&event);
        }
    }
}
