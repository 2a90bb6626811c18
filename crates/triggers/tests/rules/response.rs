//! No change by session four.

use serde_json::json;

use crate::story::{NOTHING, PATIENT, Story};

/// Four sessions on 3, 5, 8 and 10 June, the baseline pain on 2 June.
fn four(baseline: u8) -> Story {
    let mut story = Story::new();
    story.pain("2026-06-02T10:00", baseline);
    for (id, start) in [
        ("s1", "2026-06-03T14:00"),
        ("s2", "2026-06-05T14:00"),
        ("s3", "2026-06-08T14:00"),
        ("s4", SESSION),
    ] {
        story.attend(id, start, json!(null));
    }
    story
}

/// What is said about this rule; the other rules have their say elsewhere.
fn said(story: &mut Story, now: &str) -> Vec<String> {
    story
        .poll(now)
        .into_iter()
        .filter(|line| line.starts_with("no-change"))
        .collect()
}

const SESSION: &str = "2026-06-10T14:00";

#[test]
fn less_than_ten_percent_after_session_four_is_no_change() {
    let mut story = four(70);
    story.pain("2026-06-11T10:00", 66);
    assert_eq!(
        said(&mut story, "2026-06-11T10:00"),
        ["no-change-by-session-four advisory"]
    );
    let raised = story.raised();
    assert_eq!(raised.values["pain_reduction_percent"], "5.7");
    assert_eq!(raised.threshold["pain_reduction_percent"], "< 10");
    assert_eq!(raised.because.len(), 3);
    story.pain("2026-06-12T10:00", 66);
    assert_eq!(said(&mut story, "2026-06-12T10:00"), NOTHING);
}

#[test]
fn exactly_ten_percent_is_a_change_and_worse_is_not() {
    for (baseline, now, fires) in [
        (100, 90, false),
        (100, 91, true),
        (100, 100, true),
        (70, 63, false),
        (70, 64, true),
    ] {
        let mut story = four(baseline);
        story.pain("2026-06-11T10:00", now);
        assert_eq!(
            !said(&mut story, "2026-06-11T10:00").is_empty(),
            fires,
            "{baseline} {now}"
        );
    }
}

#[test]
fn a_rise_of_thirty_percent_that_is_clearly_worse_is_left_to_the_rule_about_worsening() {
    for (baseline, now, fires, worse) in [
        (70, 89, true, false),
        (70, 90, true, true), // 20 mm, but 28.6 %
        (60, 80, false, true),
        (50, 69, true, false), // 38 %, but 19 mm: one of the two always speaks
        (50, 70, false, true),
    ] {
        let mut story = four(baseline);
        story.pain("2026-06-11T10:00", now);
        let said = story.poll("2026-06-11T10:00");
        let says = |rule: &str| said.iter().any(|line| line == rule);
        assert_eq!(
            (
                says("no-change-by-session-four advisory"),
                says("pain-worsening advisory")
            ),
            (fires, worse),
            "{baseline} {now}"
        );
    }
}

#[test]
fn a_baseline_of_zero_is_not_evaluable() {
    let mut story = four(0);
    story.pain("2026-06-11T10:00", 0);
    assert_eq!(said(&mut story, "2026-06-11T10:00"), NOTHING);
}

#[test]
fn only_the_first_score_after_session_four_decides() {
    let mut story = four(70);
    story.pain("2026-06-11T10:00", 40);
    story.pain("2026-06-12T10:00", 70);
    assert_eq!(said(&mut story, "2026-06-12T10:00"), NOTHING);
}

#[test]
fn the_first_score_from_the_end_of_session_four_to_session_six_decides_late_ones_too() {
    for (time, fires) in [
        ("2026-06-10T14:30", false),
        ("2026-06-10T14:45", true),
        ("2026-06-12T13:59", true),
        ("2026-06-12T14:00", true), // late: session 5 began
        ("2026-06-15T13:59", true),
        ("2026-06-15T14:00", false), // session 6 began
    ] {
        let mut story = four(70);
        story.attend("s5", "2026-06-12T14:00", json!(null));
        story.attend("s6", "2026-06-15T14:00", json!(null));
        story.pain(time, 70);
        assert_eq!(!said(&mut story, "2026-06-18T10:00").is_empty(), fires, "{time}");
    }
}

#[test]
fn three_sessions_are_not_four() {
    let mut story = Story::new();
    story.pain("2026-06-02T10:00", 70);
    for (id, start) in [
        ("s1", "2026-06-03T14:00"),
        ("s2", "2026-06-05T14:00"),
        ("s3", "2026-06-08T14:00"),
    ] {
        story.attend(id, start, json!(null));
    }
    story.pain("2026-06-09T10:00", 70);
    assert_eq!(said(&mut story, "2026-06-09T10:00"), NOTHING);
}

#[test]
fn another_scale_or_question_is_never_compared() {
    let mut story = four(70);
    story.assess(
        "pain",
        "2026-06-11T09:00",
        PATIENT,
        json!({"scale": "nrs", "value": 7}),
    );
    story.assess(
        "pain",
        "2026-06-11T10:00",
        PATIENT,
        json!({"scale": "vas", "value": 70, "context": "worst24h"}),
    );
    assert_eq!(said(&mut story, "2026-06-11T10:00"), NOTHING);
    story.pain("2026-06-11T11:00", 70);
    assert_eq!(
        said(&mut story, "2026-06-11T11:00"),
        ["no-change-by-session-four advisory"]
    );
}

#[test]
fn a_baseline_older_than_14_days_or_taken_after_the_first_session_is_none() {
    for (time, fires) in [
        ("2026-05-20T04:00", true),
        ("2026-05-20T03:59", false),
        ("2026-06-03T14:01", false),
    ] {
        let mut story = Story::new();
        story.pain(time, 70);
        for (id, start) in [
            ("s1", "2026-06-03T14:00"),
            ("s2", "2026-06-05T14:00"),
            ("s3", "2026-06-08T14:00"),
            ("s4", SESSION),
        ] {
            story.attend(id, start, json!(null));
        }
        story.pain("2026-06-11T10:00", 70);
        assert_eq!(!said(&mut story, "2026-06-11T10:00").is_empty(), fires, "{time}");
    }
}

#[test]
fn ten_points_of_oswestry_are_a_change() {
    for (sum, fires) in [(20, false), (21, true)] {
        let mut story = four(70);
        story.oswestry("2026-06-01T15:00", 25);
        story.oswestry("2026-06-09T10:00", sum);
        story.pain("2026-06-11T10:00", 70);
        assert_eq!(!said(&mut story, "2026-06-11T10:00").is_empty(), fires, "{sum}");
    }
}

#[test]
fn an_earlier_session_that_comes_late_makes_another_one_the_fourth() {
    let mut story = Story::new();
    story.pain("2026-06-02T10:00", 70);
    story.pain("2026-06-09T10:00", 70);
    story.attend("s4", SESSION, json!(null));
    for (id, start) in [
        ("s3", "2026-06-08T14:00"),
        ("s2", "2026-06-05T14:00"),
        ("s1", "2026-06-03T14:00"),
    ] {
        story.attend(id, start, json!(null));
    }
    assert_eq!(said(&mut story, "2026-06-11T10:00"), NOTHING);
    story.attend("s0", "2026-06-04T14:00", json!(null));
    assert_eq!(
        said(&mut story, "2026-06-11T10:00"),
        ["no-change-by-session-four advisory"]
    );
}

#[test]
fn it_is_raised_while_it_is_useful() {
    for (now, fires) in [("2026-06-25T10:00", true), ("2026-06-25T10:01", false)] {
        let mut story = four(70);
        story.pain("2026-06-11T10:00", 70);
        assert_eq!(!said(&mut story, now).is_empty(), fires, "{now}");
    }
}

#[test]
fn a_retracted_score_takes_the_alert_back_and_the_next_one_decides() {
    let mut story = four(70);
    let wrong = story.pain("2026-06-11T10:00", 70);
    said(&mut story, "2026-06-11T10:00");
    story.pain("2026-06-12T10:00", 69);
    assert_eq!(said(&mut story, "2026-06-12T10:00"), NOTHING);
    story.retract("2026-06-12T11:00", &wrong);
    assert_eq!(
        said(&mut story, "2026-06-12T11:00"),
        [
            "no-change-by-session-four advisory",
            "no-change-by-session-four ends: retracted"
        ]
    );
    assert_eq!(story.raised().values["pain_now_vas"], "69");
}
