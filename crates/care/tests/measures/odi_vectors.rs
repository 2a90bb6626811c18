//! All 45 scoring vectors, errors included, read from JSON as the wire would.

use care::measure::odi::{Items, MaxMissing};
use serde_json::Value;
use serde_json::value::RawValue;

/// A vector keeps its items as text: 2.0 must reach the reader as 2.0.
#[derive(serde::Deserialize)]
struct Vector<'a> {
    id: String,
    #[serde(borrow)]
    items: &'a RawValue,
    expect: Value,
}

fn vectors() -> Vec<Vector<'static>> {
    serde_json::from_str(include_str!("../data/odi_vectors.json")).unwrap()
}

fn limit(n: u8) -> MaxMissing {
    MaxMissing::try_from(n).unwrap()
}

#[test]
fn every_vector_scores_as_expected() {
    let all = vectors();
    assert_eq!(all.len(), 45);
    for vector in all.iter().filter(|vector| vector.expect.get("error").is_none()) {
        let (id, expect) = (&vector.id, &vector.expect);
        let items: Items = serde_json::from_str(vector.items.get()).unwrap_or_else(|e| panic!("{id}: {e}"));
        let score = items.score().unwrap_or_else(|| panic!("{id}: no score"));
        assert_eq!(u64::from(score.sum()), expect["sum"], "{id} sum");
        assert_eq!(u64::from(score.answered()), expect["answered"], "{id} answered");
        assert_eq!(score.sections(), Some(score.answered()), "{id} sections");
        assert_eq!(u64::from(items.missing()), expect["missing"], "{id} missing");
        assert_eq!(
            items.blanks().count(),
            usize::from(items.missing()),
            "{id} blanks"
        );
        assert_eq!(u64::from(score.percent_x10()), expect["pct_x10"], "{id} tenths");
        assert_eq!(score.band().code(), expect["band"], "{id} band");
        assert_eq!(
            items.validity(limit(1)).is_valid(),
            expect["valid_max_missing_1"],
            "{id} valid at 1"
        );
        assert_eq!(
            items.validity(limit(2)).is_valid(),
            expect["valid_max_missing_2"],
            "{id} valid at 2"
        );
        // pct_exact is the lowest terms of 20 × sum / answered. (pct_int is what other programs round to; we never do.)
        let (numerator, denominator) = expect["pct_exact"].as_str().unwrap().split_once('/').unwrap();
        let (numerator, denominator): (u64, u64) = (numerator.parse().unwrap(), denominator.parse().unwrap());
        let (sum, answered) = (u64::from(score.sum()), u64::from(score.answered()));
        assert_eq!(20 * sum * denominator, numerator * answered, "{id} exact");
    }
}

#[test]
fn every_vector_that_must_fail_fails_with_its_section_named() {
    for vector in vectors()
        .iter()
        .filter(|vector| vector.expect.get("error").is_some())
    {
        let id = &vector.id;
        let read = serde_json::from_str::<Items>(vector.items.get());
        let error = vector.expect["error"].as_str().unwrap();
        if error == "no_answers" {
            let items = read.unwrap();
            assert_eq!((items.score(), items.missing()), (None, 10), "{id}");
            assert!(!items.validity(limit(2)).is_valid(), "{id}");
            continue;
        }
        let message = read.expect_err(id).to_string();
        let opening = match error {
            "wrong_length" => "invalid length",
            "out_of_range" => "invalid value",
            "not_integer" => "invalid type",
            other => panic!("{id}: unknown error {other}"),
        };
        assert!(message.starts_with(opening), "{id}: {message}");
        let named = match vector.expect.get("section") {
            Some(section) => format!("an integer 0..5 or null in section s{section} "),
            None => "exactly ten sections s1..s10".to_owned(),
        };
        assert!(message.contains(&named), "{id}: {message}");
    }
}

#[test]
fn the_errors_hold_when_the_json_was_parsed_before() {
    // The wire may hand over a `serde_json::Value`; its deserialiser is another one than that of text.
    for vector in vectors() {
        let text = serde_json::from_str::<Items>(vector.items.get());
        let value: Value = serde_json::from_str(vector.items.get()).unwrap();
        let value = serde_json::from_value::<Items>(value);
        match (text, value) {
            (Ok(text), Ok(value)) => assert_eq!(text, value, "{}", vector.id),
            (Err(text), Err(value)) => {
                assert!(
                    text.to_string().starts_with(&value.to_string()),
                    "{}: {text} / {value}",
                    vector.id
                );
            }
            (text, value) => panic!("{}: {text:?} / {value:?}", vector.id),
        }
    }
}
