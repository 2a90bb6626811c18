//! How many sessions a course had, and how fast.

use serde_json::json;

use crate::story::{NOTHING, Story, at};

const PACE: &str = "course-pace";
const SHORT: &str = "course-minimum";

/// Sessions at these starts of June.
fn attended(starts: &[&str]) -> Story {
    let mut story = Story::new();
    for (index, start) in starts.iter().enumerate() {
        story.attend(&format!("s{index}"), &format!("2026-06-{start}"), json!(null));
    }
    story
}

/// Five sessions, the first on 2 June at 14:00 in Toronto's 10:00.
const FIVE: [&str; 5] = ["02T14:00", "04T14:00", "06T14:00", "08T14:00", "10T14:00"];

fn closed(story: &mut Story, name: &str, reason: Option<&str>) {
    let mut mark = json!({"plan_id": "cp-1", "revision": 2});
    if let Some(reason) = reason {
        mark["reason"] = json!(reason);
    }
    story.tell(name, "2026-06-20T10:00", mark);
}

#[test]
fn eleven_days_are_too_fast_and_twelve_are_not() {
    for (sixth, days) in [
        ("13T14:00", Some("11")),
        ("14T03:59", Some("11")),
        ("14T04:00", None),
    ] {
        let mut story = attended(&[&FIVE[..], &[sixth]].concat());
        let said = story.said(PACE, "2026-06-14T15:00");
        assert_eq!(said.is_empty(), days.is_none(), "{sixth}");
        assert!(
            days.is_none_or(|d| story.raised_by(PACE).values["days"] == d),
            "{sixth}"
        );
    }
}

#[test]
fn six_sessions_that_are_not_done_at_the_end_of_day_21_cannot_be_in_time() {
    let mut story = attended(&FIVE);
    assert_eq!(story.said(PACE, "2026-06-24T03:59"), NOTHING);
    let wake = triggers::react(&story.chart, &story.policy, at("2026-06-24T03:59")).look_again;
    assert_eq!(wake, Some(at("2026-06-24T04:00")));
    assert_eq!(story.said(PACE, "2026-06-24T04:00"), ["course-pace info"]);
    assert_eq!(story.raised_by(PACE).values["attended_in_time"], "5");
    story.attend("s6", "2026-06-25T14:00", json!(null));
    assert_eq!(story.said(PACE, "2026-06-25T15:00"), NOTHING, "the same course");
}

#[test]
fn the_last_minute_of_day_21_is_in_time_and_the_next_is_not() {
    for (sixth, fires) in [("24T03:59", false), ("24T04:00", true)] {
        let mut story = attended(&[&FIVE[..], &[sixth]].concat());
        assert_eq!(!story.said(PACE, "2026-06-24T05:00").is_empty(), fires, "{sixth}");
    }
}

#[test]
fn a_course_that_was_closed_or_paused_is_not_late() {
    for name in ["plan.completed", "plan.revoked", "plan.held"] {
        let mut story = attended(&FIVE);
        closed(&mut story, name, Some("other"));
        assert_eq!(story.said(PACE, "2026-06-24T04:00"), NOTHING, "{name}");
    }
}

#[test]
fn a_clinic_may_set_another_pace() {
    let mut story = attended(&[&FIVE[..], &["12T14:00"]].concat());
    story.policy = care::Policy::parse("[course]\npace_min_days = 10\n").expect("a policy");
    assert_eq!(story.said(PACE, "2026-06-12T15:00"), NOTHING);
    assert!(care::Policy::parse("[course]\npace_min_days = 22\n").is_err());
}

#[test]
fn a_course_closed_early_is_told_unless_a_reason_explains_it() {
    for (name, reason, fires) in [
        ("plan.completed", Some("other"), true),
        ("plan.completed", Some("moved"), true),
        ("plan.completed", Some("admission"), true),
        ("plan.revoked", None, true),
        ("plan.completed", Some("recovered"), false),
        ("plan.revoked", Some("patient_choice"), false),
        ("plan.revoked", Some("red_flag"), false),
        ("plan.revoked", Some("contraindication"), false),
        ("plan.held", Some("other"), false),
    ] {
        let mut story = attended(&FIVE);
        closed(&mut story, name, reason);
        assert_eq!(
            !story.said(SHORT, "2026-06-20T10:00").is_empty(),
            fires,
            "{name} {reason:?}"
        );
    }
}

#[test]
fn six_sessions_are_a_course_and_none_is_no_course() {
    let mut six = attended(&[&FIVE[..], &["16T14:00"]].concat());
    closed(&mut six, "plan.completed", None);
    assert_eq!(six.said(SHORT, "2026-06-20T10:00"), NOTHING);
    let mut none = attended(&[]);
    closed(&mut none, "plan.completed", None);
    assert_eq!(none.said(SHORT, "2026-06-20T10:00"), NOTHING);
    let mut later = attended(&[&FIVE[..], &["20T10:00"]].concat());
    closed(&mut later, "plan.completed", None);
    assert_eq!(
        later.said(SHORT, "2026-06-20T11:00"),
        ["course-minimum info"],
        "one after the end is not of the course"
    );
}
