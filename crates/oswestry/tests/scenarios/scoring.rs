//! Scores: every form, once each, with or without a plan.

use super::{Story, TWENTY, toronto};

/// A result of 15 June, 10:00 in Toronto, in another form than ten items.
fn given(id: &str, form: &str) -> String {
    format!(
        r#"{{"assessment_id":"{id}","performed_at":"2026-06-15T14:00:00Z","by":{{"role":"patient"}},
            "instrument_version":"2.1a",{form}}}"#
    )
}

#[test]
fn without_a_plan_a_result_is_scored_and_answers_nothing() {
    let mut story = Story::before_any_plan().odi("2026-05-20 10:00", "a-1", TWENTY);
    assert_eq!(
        story.until("2026-12-01 00:00"),
        ["05-20 10:00 scored a-1 20/10 40.0 %, unscheduled"]
    );
}

#[test]
fn a_plan_without_oswestry_settings_has_no_clock() {
    let data = r#"{"plan_id":"cp-1","revision":1,"timezone":"UTC","started_on":"2026-06-01","team":[]}"#;
    let mut story = Story::before_any_plan().fact("2026-06-01 07:00", "plan.activated", data);
    assert_eq!(story.until("2026-12-01 00:00"), [""; 0]);
    assert_eq!(story.ask(toronto("2026-12-01 00:00")).1, None);
}

#[test]
fn a_percent_is_scored_as_it_was_given() {
    let data = given("a-1", r#""percent":35.5,"unit":"%""#);
    let mut story = Story::with_baseline().fact("2026-06-15 10:00", "assessment.oswestry", &data);
    assert_eq!(
        story.until("2026-06-15 12:00")[1],
        "06-15 10:00 scored a-1 355/200 35.5 %, answers 06-15"
    );
}

#[test]
fn points_of_a_maximum_are_scored_over_the_sections_behind_it() {
    let data = given("a-1", r#""raw":16,"max":45"#);
    let mut story = Story::with_baseline().fact("2026-06-15 10:00", "assessment.oswestry", &data);
    assert_eq!(
        story.until("2026-06-15 12:00")[1],
        "06-15 10:00 scored a-1 16/9 35.6 %, answers 06-15"
    );
}

#[test]
fn ten_blanks_are_stored_without_a_score() {
    let blank = "null,null,null,null,null,null,null,null,null,null";
    let mut story = Story::with_baseline().odi("2026-06-15 07:00", "a-1", blank);
    assert_eq!(
        story.until("2026-06-15 12:00"),
        [
            "06-15 07:00 scored a-1 0/0 invalid, unscheduled",
            "06-15 08:00 due 06-15 (1)",
        ]
    );
}

#[test]
fn a_second_result_in_a_window_is_unscheduled() {
    let mut story =
        Story::with_baseline()
            .odi("2026-06-15 07:00", "a-1", TWENTY)
            .odi("2026-06-17 10:00", "a-2", TWENTY);
    assert_eq!(
        story.until("2026-06-28 00:00"),
        [
            "06-15 07:00 scored a-1 20/10 40.0 %, answers 06-15",
            "06-17 10:00 scored a-2 20/10 40.0 %, unscheduled",
        ]
    );
}

#[test]
fn what_was_taken_back_before_anybody_looked_is_not_scored() {
    let mut story = Story::with_baseline()
        .odi("2026-06-15 07:00", "a-1", TWENTY)
        .retracted("2026-06-15 07:30", "a-1");
    assert_eq!(story.down_until("2026-06-15 07:45"), [""; 0]);
}

#[test]
fn a_score_names_the_fact_it_rests_on() {
    let mut story = Story::with_baseline().odi("2026-06-15 07:00", "a-1", TWENTY);
    story.now = toronto("2026-06-15 07:00");
    story.take_in();
    let draft = oswestry::react(&story.chart, &story.policy, story.now)
        .facts
        .remove(0);
    assert_eq!(draft.causation.unwrap().as_str(), "e-3");
    assert_eq!(draft.correlation.unwrap().as_str(), "e-3");
}
