//! The committed schemas and the AsyncAPI document are those that the types make, and they judge as the program does.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use care::{Event, Fact, contract};
use serde_json::{Value, json};

use crate::fields::pointers;
use crate::support::{event, example, examples, with};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/contract")
}

/// Compares with the committed copy; with `UPDATE_EXPECT=1` it is written instead.
fn expect_file(path: &Path, value: &Value) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(
            path,
            format!("{}\n", serde_json::to_string_pretty(value).unwrap()),
        )
        .unwrap();
    }
    // As values: the order of keys is nobody's promise.
    let committed = fs::read_to_string(path)
        .ok()
        .and_then(|text| serde_json::from_str::<Value>(&text).ok());
    assert!(
        committed.as_ref() == Some(value),
        "{} is not what the types say; look at UPDATE_EXPECT=1",
        path.display()
    );
}

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    let schemas = contract::schemas();
    for (kind, schema) in &schemas {
        expect_file(&docs().join(format!("schemas/{kind}.json")), schema);
    }
    let files = fs::read_dir(docs().join("schemas")).unwrap();
    let files: BTreeSet<String> = files
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected: BTreeSet<String> = schemas.keys().map(|kind| format!("{kind}.json")).collect();
    assert_eq!(files, expected, "and no others");
}

#[test]
fn the_committed_asyncapi_document_is_that_of_the_types() {
    expect_file(&docs().join("asyncapi.json"), &contract::asyncapi());
}

fn validator(kind: &str) -> jsonschema::Validator {
    let schema = &contract::schemas()[kind];
    jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap()
}

#[test]
fn every_example_and_its_canonical_form_fit_their_schema() {
    for example in examples() {
        let schema = validator(example["type"].as_str().unwrap());
        let canonical: Value = serde_json::from_str(&event(&example).encode()).unwrap();
        for value in [&example, &canonical] {
            if let Some(error) = schema.iter_errors(value).next() {
                panic!("{} at {}: {error}", example["type"], error.instance_path());
            }
        }
    }
}

#[test]
fn a_required_field_that_is_missing_is_refused_by_schema_and_program_alike() {
    let mut refused = 0;
    for example in examples() {
        let schema = validator(example["type"].as_str().unwrap());
        for pointer in pointers(&example, "") {
            if example
                .pointer(pointer.rsplit_once('/').unwrap().0)
                .unwrap()
                .is_array()
            {
                continue;
            }
            // `subject` is the one attribute that NATS can stand in for.
            if pointer == "/subject" {
                continue;
            }
            let broken = with(example.clone(), &pointer, Value::Null);
            let read = Event::decode_line(&broken.to_string());
            assert_eq!(
                schema.is_valid(&broken),
                read.is_ok(),
                "without {pointer}: {read:?} {}",
                example["type"]
            );
            refused += usize::from(read.is_err());
        }
    }
    assert!(refused > 300, "only {refused}");
}

#[test]
fn a_value_of_another_type_is_refused_by_schema_and_program_alike() {
    for example in examples() {
        let schema = validator(example["type"].as_str().unwrap());
        for pointer in pointers(&example["data"], "/data") {
            for odd in [
                json!(true),
                json!(-7),
                json!("\u{7}"),
                json!(1.5e-7),
                json!("x".repeat(2500)),
                json!({ "no": 1 }),
            ] {
                let broken = with(example.clone(), &pointer, odd);
                let read = Event::decode_line(&broken.to_string());
                // The program may be stricter where two fields have to fit each other; the schema never is.
                assert!(read.is_err() || schema.is_valid(&broken), "{pointer} of {broken}");
                let control = broken.pointer(&pointer) == Some(&json!("\u{7}"));
                assert!(
                    control || read.is_ok() || !schema.is_valid(&broken),
                    "{pointer}: {read:?} {broken}"
                );
            }
        }
    }
}

#[test]
fn broken_events_are_refused() {
    for (name, pointer, wrong) in [
        ("session.booked", "/type", json!("carebus.session.booked.v2")),
        ("session.booked", "/subject", json!("acme/practitioner/p-1")),
        ("session.booked", "/data/modality", json!("yoga")),
        ("session.booked", "/data/start", json!("tomorrow")),
        ("assessment.oswestry", "/data/items", json!([1, 2, 3])),
        ("assessment.oswestry", "/data/percent", json!(40)),
        ("assessment.oswestry", "/data/items", Value::Null),
        ("assessment.pain", "/data/scale", json!("cm")),
        ("assessment.screening", "/data/item", json!("coagulopathy")),
        ("calendar.published", "/data/weekly/0/from", json!("25:00")),
    ] {
        let broken = with(example(name), pointer, wrong);
        assert!(
            !validator(example(name)["type"].as_str().unwrap()).is_valid(&broken),
            "{broken}"
        );
        assert!(Event::decode_line(&broken.to_string()).is_err(), "{broken}");
    }
}

#[test]
fn keys_that_are_data_are_known_to_the_fault_messages() {
    // Every object with free keys must be one whose keys a fault hides.
    let mut free = BTreeSet::new();
    for schema in contract::schemas().values() {
        for pointer in pointers(schema, "") {
            if let Some(at) = pointer.strip_suffix("/additionalProperties") {
                free.insert(at.rsplit('/').next().unwrap().to_owned());
            }
        }
    }
    let hidden = ["counts", "depth_mm", "threshold", "values"].map(str::to_owned);
    assert_eq!(
        free,
        BTreeSet::from(hidden),
        "change MAPS in fact/read.rs with it"
    );
}

#[test]
fn the_asyncapi_document_has_every_subject_and_every_reference_leads_somewhere() {
    let document = contract::asyncapi();
    for name in Fact::names() {
        for kind in Fact::kinds(&name) {
            let channel = &document["channels"][format!("{}.{name}", kind.code())];
            assert_eq!(
                channel["address"],
                format!("care.{{org}}.{}.{{id}}.{name}", kind.code())
            );
        }
    }
    for pointer in pointers(&document, "")
        .into_iter()
        .filter(|p| p.ends_with("/$ref"))
    {
        let target = document.pointer(&pointer).and_then(Value::as_str).unwrap();
        assert!(
            document.pointer(target.trim_start_matches('#')).is_some(),
            "{pointer}: {target}"
        );
    }
}
