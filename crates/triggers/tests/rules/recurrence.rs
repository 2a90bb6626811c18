//! What comes back within about six months after the plan was completed.

use serde_json::json;

use crate::story::{NOTHING, PATIENT, Story, at};

const AFTER: &str = "recurrence-6-month";

/// A response by the end of June, and the plan completed on 1 July: six months later is 30 December.
fn completed(last: u8) -> Story {
    let mut story = Story::new();
    story.pain("2026-06-02T10:00", 60);
    story.attend_every_second_day(2);
    story.pain("2026-06-30T10:00", last);
    let end = json!({"plan_id": "cp-1", "revision": 2, "reason": "recovered"});
    story.tell("plan.completed", "2026-07-01T10:00", end);
    story
}

#[test]
fn a_response_is_lost_only_where_there_was_one() {
    for (last, now, fires) in [(42, 43, true), (42, 42, false), (43, 60, false)] {
        let mut story = completed(last);
        story.pain("2026-12-30T15:00", now);
        let said = story.said(AFTER, "2026-12-30T15:00");
        assert_eq!(!said.is_empty(), fires, "{last} {now}");
    }
}

#[test]
fn six_months_are_day_182_and_thirty_days_either_way() {
    for (time, fires) in [
        ("2026-11-30T04:59", false),
        ("2026-11-30T05:00", true),
        ("2027-01-30T04:59", true),
        ("2027-01-30T05:00", false),
    ] {
        let mut story = completed(42);
        story.pain(time, 60);
        let said = story.said(AFTER, "2027-01-30T05:00");
        let is_useful = time > "2027"; // an advisory of November is no use in January
        assert_eq!(!said.is_empty(), fires && is_useful, "{time}");
        let found = triggers::findings(&story.chart, &story.policy, at("2027-01-30T05:00"));
        assert_eq!(found.iter().any(|f| f.rule.id == AFTER), fires, "{time}");
    }
}

#[test]
fn pain_after_thirty_free_days_is_a_recurrence_when_it_lasts() {
    for (free_until, then, later, fires) in [
        ("2026-08-14T10:00", 20, 20, true),
        ("2026-08-13T10:00", 20, 20, false), // 29 days
        ("2026-08-14T10:00", 19, 20, false), // it ended the free days and was no pain of that strength
        ("2026-08-14T10:00", 20, 19, false),
    ] {
        let mut story = completed(60);
        story.pain("2026-07-15T10:00", 0);
        story.pain(free_until, 0);
        story.pain("2026-08-20T10:00", then);
        assert_eq!(story.said(AFTER, "2026-08-20T10:00"), NOTHING);
        story.pain("2026-08-21T10:00", later);
        let said = story.said(AFTER, "2026-08-21T10:00");
        assert_eq!(!said.is_empty(), fires, "{free_until} {then} {later}");
    }
}

#[test]
fn one_score_lasts_no_day_unless_it_is_the_average_of_seven() {
    for (context, fires) in [("now", false), ("worst24h", false), ("avg7d", true)] {
        let mut story = completed(60);
        story.pain("2026-07-15T10:00", 0);
        story.pain("2026-08-14T10:00", 0);
        let data = json!({"scale": "vas", "value": 40, "context": context});
        story.assess("pain", "2026-08-20T10:00", PATIENT, data);
        assert_eq!(
            !story.said(AFTER, "2026-08-20T10:00").is_empty(),
            fires,
            "{context}"
        );
    }
}

#[test]
fn pain_that_came_back_before_the_plan_was_completed_is_no_recurrence_of_it() {
    let mut story = Story::new();
    story.pain("2026-06-02T10:00", 60);
    story.attend_every_second_day(2);
    story.pain("2026-06-10T10:00", 0);
    story.pain("2026-07-12T10:00", 0);
    story.pain("2026-07-20T10:00", 40);
    let end = json!({"plan_id": "cp-1", "revision": 2, "reason": "moved"});
    story.tell("plan.completed", "2026-07-20T12:00", end);
    story.pain("2026-07-22T10:00", 40);
    assert_eq!(story.said(AFTER, "2026-07-22T10:00"), NOTHING);
}

#[test]
fn both_outcomes_are_told_and_a_revoked_plan_has_neither() {
    for (end, outcomes) in [(None, 2), (Some("plan.revoked"), 0)] {
        let mut story = completed(30);
        for (time, value) in [
            ("2026-10-15T10:00", 0),
            ("2026-11-20T10:00", 0),
            ("2026-12-10T10:00", 50),
            ("2026-12-11T10:00", 50),
        ] {
            story.pain(time, value);
        }
        if let Some(end) = end {
            let mark = json!({"plan_id": "cp-1", "revision": 3, "reason": "other"});
            story.tell(end, "2026-07-02T10:00", mark);
        }
        assert_eq!(story.said(AFTER, "2026-12-11T10:00").len(), outcomes, "{end:?}");
    }
}

#[test]
fn a_clinic_may_say_what_free_of_pain_means() {
    let mut story = completed(60);
    story.policy = care::Policy::parse("[response]\nrecurrence_free_max_vas_mm = 5\n").expect("a policy");
    story.pain("2026-07-15T10:00", 5);
    story.pain("2026-08-14T10:00", 3);
    story.pain("2026-08-20T10:00", 30);
    story.pain("2026-08-21T10:00", 30);
    assert_eq!(
        story.said(AFTER, "2026-08-21T10:00"),
        ["recurrence-6-month advisory"]
    );
    assert!(care::Policy::parse("[response]\nrecurrence_free_max_vas_mm = 20\n").is_err());
}
