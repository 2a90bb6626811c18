//! What is checked inside assessments: who may say it, and which values go together.

use care::Event;
use serde_json::{Value, json};

use crate::fields::said;
use crate::support::{example, with};

#[test]
fn an_oswestry_needs_one_complete_form() {
    let form = |data: Value| {
        let mut value = example("assessment.oswestry");
        let keep = ["assessment_id", "performed_at", "by", "instrument_version"];
        let map = value["data"].as_object_mut().unwrap();
        map.retain(|key, _| keep.contains(&key.as_str()));
        map.extend(data.as_object().unwrap().clone());
        Event::decode_line(&value.to_string()).map_err(|fault| fault.detail)
    };
    assert!(form(json!({ "percent": 35.6, "unit": "%" })).is_ok());
    assert!(form(json!({ "raw": 16, "max": 45 })).is_ok());
    let unit =
        "data: expected a complete result: unit: expected \"%\" beside percent; a bare number is refused";
    assert_eq!(form(json!({ "percent": 35.6 })).unwrap_err(), unit);
    assert_eq!(
        form(json!({ "percent": 35.6, "unit": "points" })).unwrap_err(),
        unit
    );
    let bare = "data: expected a complete result: expected raw and max together; a bare number is refused";
    assert_eq!(form(json!({ "raw": 16 })).unwrap_err(), bare);
    assert_eq!(form(json!({ "max": 45 })).unwrap_err(), bare);
    let one = "data: expected a complete result: expected exactly one of items, percent with unit \"%\", raw with max";
    assert_eq!(form(json!({})).unwrap_err(), one);
    assert_eq!(
        form(json!({ "percent": 35.6, "unit": "%", "raw": 16, "max": 45 })).unwrap_err(),
        one
    );
    assert_eq!(
        form(json!({ "raw": 46, "max": 45 })).unwrap_err(),
        "data: expected a complete result: raw: expected at most max"
    );
    assert!(
        form(json!({ "percent": 35.65, "unit": "%" }))
            .unwrap_err()
            .contains("at most one decimal")
    );
    assert!(
        form(json!({ "percent": 100.1, "unit": "%" }))
            .unwrap_err()
            .starts_with("data.percent: ")
    );
    assert!(
        form(json!({ "percent": "35", "unit": "%" }))
            .unwrap_err()
            .starts_with("data.percent: ")
    );
}

#[test]
fn ten_sections_each_named_when_it_is_wrong() {
    let items = |items: Value| said("assessment.oswestry", "items", items);
    let ten = ".items: expected an array of exactly ten sections s1..s10, each an integer 0..5 or null";
    assert_eq!(items(json!([1, 2, 3])), ten);
    assert_eq!(items(json!([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 0])), ten);
    let mut ticked = vec![json!(1); 10];
    for wrong in [json!(6), json!(-1), json!(2.0), json!("3"), json!(true)] {
        ticked[3] = wrong;
        assert_eq!(
            items(json!(ticked)),
            ".items[3]: expected an integer 0..5 or null in section s4"
        );
    }
}

#[test]
fn a_pain_score_fits_its_scale() {
    assert!(said("assessment.pain", "value", json!(101)).contains("expected an integer 0..100 on scale vas"));
    assert!(
        said("assessment.pain", "scale", json!("nrs")).contains("expected an integer 0..10 on scale nrs")
    );
    assert_eq!(
        said("assessment.pain", "scale", json!("cm")),
        ".scale: expected `vas` or `nrs`"
    );
    assert_eq!(
        said("assessment.pain", "scale", Value::Null),
        ".scale: missing, and required"
    );
    assert_eq!(
        said("assessment.pain", "value", json!("bad")),
        ".value: expected an integer in its range"
    );
}

#[test]
fn a_screening_value_fits_its_item() {
    assert_eq!(
        said("assessment.screening", "value", json!("controlled")),
        ".value: expected yes, no or unknown for this item"
    );
    let item = |item: &str, value: &str| {
        let line = with(example("assessment.screening"), "/data/item", json!(item));
        Event::decode_line(&with(line, "/data/value", json!(value)).to_string()).map_err(|f| f.detail)
    };
    assert!(item("coagulopathy", "none").is_ok() && item("epilepsy", "uncontrolled").is_ok());
    let coagulopathy = "data.value: expected none, controlled, uncontrolled or unknown for coagulopathy";
    assert_eq!(item("coagulopathy", "yes").unwrap_err(), coagulopathy);
    assert_eq!(
        item("epilepsy", "yes").unwrap_err(),
        "data.value: expected controlled, uncontrolled, no or unknown for epilepsy"
    );
}

#[test]
fn only_physicians_close_a_red_flag_and_carebus_assesses_nobody() {
    let closed_by = |role: &str| {
        said(
            "assessment.red_flag_review",
            "by",
            json!({ "role": role, "member_id": "m-1" }),
        )
    };
    for role in [
        "patient",
        "acupuncturist",
        "physical_therapist",
        "care_coordinator",
    ] {
        assert_eq!(
            closed_by(role),
            ".by.role: expected pcp, physiatrist or emergency_physician"
        );
    }
    assert_eq!(closed_by("carebus"), ".by.role: expected a person, not carebus");
    assert!(closed_by("surgeon").starts_with(".by.role: expected one of `pcp`, "));
}

#[test]
fn one_mistake_in_each_kind_of_assessment() {
    #[rustfmt::skip]
    let mistakes = [
        ("red_flag", "items", json!(["pain"]), ".items[0]: expected one of `bladder_change`"),
        ("red_flag", "items", json!(vec!["fever"; 65]), ".items: expected at most 64 entries"),
        ("red_flag", "mrc_grade", json!(6), ".mrc_grade: expected an integer 0 to 5"),
        ("red_flag", "worsening", json!("maybe"), ".worsening: expected one of `yes`, `no`, `unknown`"),
        ("red_flag_review", "outcome", json!("fine"), ".outcome: expected one of `cleared_for_treatment`"),
        ("imaging", "slip_mm", json!(-1), ".slip_mm: expected a number 0 to 200"),
        ("imaging", "meyerding_grade", json!(6), ".meyerding_grade: expected an integer 0 to 5"),
        ("exam", "mrc_grade", json!("4"), ".mrc_grade: expected an integer 0 to 5"),
        ("exam", "myotome", json!(""), ".myotome: expected 1 to 64 characters"),
        ("medication", "class", json!("herbal"), ".class: expected one of `nsaid`"),
        ("medication", "starts_on", json!("May"), ".starts_on: expected a date YYYY-MM-DD"),
        ("exercise", "minutes", json!(1441), ".minutes: expected an integer 0 to 1440"),
        ("pattern", "pattern", json!("damp"), ".pattern: expected one of `cold_damp`"),
        ("adverse_event", "grade", json!("mild"), ".grade: expected one of `minor`"),
        ("diary", "mood", json!(11), ".mood: expected an integer 0 to 10"),
        ("function", "lifting_kg", json!(1e300), ".lifting_kg: expected a number 0 to 1000"),
        ("return_to_work", "on", Value::Null, ".on: missing, and required"),
        ("central_sensitisation", "value", json!(true), ".value: expected "),
        ("course_review", "decision", json!("go"), ".decision: expected one of `continue`"),
        ("symptom", "items", json!("black_stool"), ".items: expected an array"),
        ("referral", "to", json!("dentist"), ".to: expected one of `pcp`"),
        ("cost", "currency", json!("Dollar"), ".currency: expected 3 to 3 characters"),
        ("diary", "performed_at", json!("2026-06-02T14:00:01Z"), ".performed_at: expected at most 24 hours after `time`"),
        ("diary", "performed_at", json!("2026-06-01"), ".performed_at: expected RFC 3339 with an offset"),
        ("diary", "assessment_id", json!("a.1"), ".assessment_id: expected 1 to 64 characters of A-Z"),
    ];
    for (kind, field, wrong, expected) in mistakes {
        let said = said(&format!("assessment.{kind}"), field, wrong);
        assert!(said.starts_with(expected), "{kind}: {said}");
    }
}
