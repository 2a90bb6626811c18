//! Each reason for quarantine is reached, and its detail names the field and what was expected.

use care::envelope::{MAX_BYTES, RefusalReason};
use care::{Event, Fault};
use serde_json::{Value, json};

use crate::support::{decode, example, nats_subject, with};

fn refused(result: Result<Event, Fault>) -> String {
    result.map_or_else(|fault| fault.to_string(), |event| panic!("accepted {event:?}"))
}

/// What is said to an example of which one field was changed.
fn changed(pointer: &str, new: Value) -> String {
    refused(Event::decode_line(
        &with(example("session.missed"), pointer, new).to_string(),
    ))
}

#[test]
fn what_is_not_json() {
    let subject = "care.acme.patient.p-7f3a.session.missed";
    let broken = refused(decode(subject, &[], b"{\"specversion\":\"1.0\",\n !"));
    assert_eq!(
        broken,
        "not-json: message: expected JSON, broken at line 2 column 2"
    );
    assert_eq!(
        refused(decode(subject, &[], b"")),
        "not-json: message: expected JSON, broken at line 1 column 0"
    );
    assert_eq!(
        refused(decode(subject, &[], b"{\"id\":\"\xff\"}")),
        "not-json: message: expected UTF-8"
    );
    let headers = [("ce-specversion".to_owned(), "1.0".to_owned())];
    assert_eq!(
        refused(decode(subject, &headers, b"{")),
        "not-json: message: expected JSON, broken at line 1 column 1"
    );
}

#[test]
fn what_is_no_cloudevent() {
    assert_eq!(
        refused(Event::decode_line("7")),
        "not-cloudevent: message: expected a JSON object"
    );
    assert_eq!(
        refused(Event::decode_line("{}")),
        "not-cloudevent: specversion: expected \"1.0\""
    );
    assert_eq!(
        changed("/specversion", json!("0.3")),
        "not-cloudevent: specversion: expected \"1.0\""
    );
    assert_eq!(
        changed("/id", json!(7)),
        "not-cloudevent: id: expected a string, and each attribute once"
    );
    let twice = example("session.missed")
        .to_string()
        .replacen('{', "{\"id\":\"x\",", 1);
    let twice = refused(Event::decode_line(&twice));
    assert!(
        twice.starts_with("not-cloudevent: ") && twice.ends_with("each attribute once"),
        "{twice}"
    );
}

#[test]
fn attributes_in_an_array_are_no_cloudevent() {
    let e = example("session.missed");
    let keys = [
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "causationid",
        "correlationid",
        "data",
    ];
    let array: Vec<&Value> = keys.iter().map(|key| &e[*key]).collect();
    let refused = refused(Event::decode_line(&json!(array).to_string()));
    assert_eq!(refused, "not-cloudevent: message: expected a JSON object");
}

#[test]
fn what_the_contract_does_not_know() {
    let unknown = "unknown-type: type: expected carebus.<noun>.<verb>.v1 of the contract";
    for kind in [
        "carebus.session.danced.v1",
        "carebus.assessment.mood.v1",
        "carebus.session.danced.v2",
        "session.missed",
    ] {
        assert_eq!(changed("/type", json!(kind)), unknown, "{kind}");
    }
    for version in ["v0", "v01", "v+1", "v", "v1a", "1"] {
        assert_eq!(
            changed("/type", json!(format!("carebus.session.missed.{version}"))),
            unknown,
            "{version}"
        );
    }
}

#[test]
fn a_later_version_is_never_guessed() {
    for version in ["2", "10", "99999999999999999999"] {
        let said = changed("/type", json!(format!("carebus.session.missed.v{version}")));
        assert_eq!(
            said,
            "unknown-version: type: expected version 1 of session.missed"
        );
    }
}

#[test]
fn the_nats_subject_is_the_authority() {
    let value = example("session.missed");
    let on = |subject: &str| refused(decode(subject, &[], value.to_string().as_bytes()));
    let whom = "subject-mismatch: subject: expected what the NATS subject says";
    assert_eq!(on("care.acme.patient.p-other.session.missed"), whom);
    assert_eq!(on("care.other.patient.p-7f3a.session.missed"), whom);
    let what = "subject-mismatch: type: expected the noun and verb of the NATS subject";
    assert_eq!(on("care.acme.patient.p-7f3a.session.held"), what);
    let shape = "subject-mismatch: NATS subject: expected care.<org>.<patient|practitioner|member>.<id>.<noun>.<verb>";
    for subject in [
        "care.acme.patient.p-7f3a.session",
        "other.acme.patient.p-7f3a.session.missed",
        "",
    ] {
        assert_eq!(on(subject), shape, "{subject}");
    }
    for subject in [
        "care.acme.patient.*.session.missed",
        "care.ACME.patient.p.session.missed",
        "care.acme.pet.p.session.missed",
    ] {
        assert!(
            on(subject).starts_with("subject-mismatch: NATS subject: "),
            "{subject}"
        );
    }
}

#[test]
fn a_fact_about_the_wrong_kind_of_subject() {
    let calendar = with(
        example("calendar.published"),
        "/subject",
        json!("acme/patient/p-1"),
    );
    let said = refused(Event::decode_line(&calendar.to_string()));
    assert_eq!(
        said,
        "subject-mismatch: subject: expected calendar.published about a practitioner"
    );
}

#[test]
fn without_a_subject_a_line_is_nobodys_but_a_message_has_its_own() {
    let value = with(example("session.missed"), "/subject", Value::Null);
    let said = refused(Event::decode_line(&value.to_string()));
    assert_eq!(
        said,
        "invalid-field: subject: missing, expected <org>/patient/<id>"
    );
    let subject = nats_subject(&example("session.missed"));
    assert_eq!(
        decode(&subject, &[], value.to_string().as_bytes())
            .unwrap()
            .about
            .to_string(),
        "patient/p-7f3a"
    );
}

#[test]
fn an_attribute_that_is_missing_or_wrong() {
    let visible = "expected 1 to 200 visible ASCII characters without spaces";
    for id in ["", "a b", "a\u{0}", "a\r\nNats-Msg-Id: x", "é"] {
        assert_eq!(
            changed("/id", json!(id)),
            format!("invalid-field: id: {visible}"),
            "{id:?}"
        );
    }
    assert_eq!(
        changed("/source", json!("x".repeat(201))),
        format!("invalid-field: source: {visible}")
    );
    assert_eq!(
        changed("/causationid", json!("")),
        format!("invalid-field: causationid: {visible}")
    );
    for key in ["id", "source", "type", "time", "data"] {
        assert_eq!(
            changed(&format!("/{key}"), Value::Null),
            format!("invalid-field: {key}: missing, and required")
        );
    }
    for id in ["*", ">", "a.b", "", "a/b", "p\r\n", "p\u{0}", "Mary Smith"] {
        let said = changed("/subject", json!(format!("acme/patient/{id}")));
        assert!(said.starts_with("invalid-field: subject: "), "{id:?}: {said}");
    }
}

#[test]
fn a_time_without_offset_or_out_of_this_age() {
    let expected = "invalid-field: time: expected RFC 3339 with an offset such as 2026-06-01T14:00:00Z, from 1900 to 2199";
    for time in [
        "2026-06-01T14:00:00",
        "yesterday",
        "9999-12-31T00:00:00Z",
        "1899-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "",
    ] {
        assert_eq!(changed("/time", json!(time)), expected, "{time}");
    }
}

#[test]
fn more_than_a_day_ahead_is_the_future() {
    let at = |time: &str| {
        let value = with(example("session.missed"), "/time", json!(time));
        decode(&nats_subject(&value), &[], value.to_string().as_bytes())
    };
    assert!(at("2026-06-02T16:00:00Z").is_ok());
    assert_eq!(
        refused(at("2026-06-02T16:00:01Z")),
        "future: time: expected at most 24 hours after the message arrived"
    );
    let line = with(example("session.missed"), "/time", json!("2027-06-02T16:00:01Z")).to_string();
    assert!(Event::decode_line(&line).is_ok(), "a file may hold a year");
}

#[test]
fn one_byte_too_many() {
    let value = example("session.missed");
    let text = value.to_string();
    let padded = |len: usize| format!("{text}{}", " ".repeat(len - text.len()));
    assert!(decode(&nats_subject(&value), &[], padded(MAX_BYTES).as_bytes()).is_ok());
    let said = refused(decode(
        &nats_subject(&value),
        &[],
        padded(MAX_BYTES + 1).as_bytes(),
    ));
    assert_eq!(said, "too-large: message: expected at most 65536 bytes");
    assert_eq!(refused(Event::decode_line(&padded(MAX_BYTES + 1))), said);
}

#[test]
fn the_codes_of_the_reasons_are_those_of_the_contract() {
    use RefusalReason as R;
    let all = [
        R::NotJson,
        R::NotCloudevent,
        R::UnknownType,
        R::UnknownVersion,
        R::SubjectMismatch,
        R::InvalidField,
        R::Future,
        R::TooLarge,
        R::PatientErased,
    ];
    let codes = all.map(RefusalReason::code).join(" ");
    assert_eq!(
        codes,
        "not-json not-cloudevent unknown-type unknown-version subject-mismatch invalid-field future too-large patient-erased"
    );
    for reason in all {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
    }
}
