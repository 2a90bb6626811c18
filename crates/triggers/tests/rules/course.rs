//! The review after a course, and a team that can be told.

use serde_json::{Value, json};

use crate::story::{ACU, NOTHING, Story, at, plan};

const REVIEW: &str = "course-reassessment-due";

/// `n` sessions from 2 June on, one a day.
fn sessions(n: usize) -> Story {
    let mut story = Story::new();
    for i in 0..n {
        story.attend(
            &format!("s{i}"),
            &format!("2026-06-{:02}T14:00", i + 2),
            json!(null),
        );
    }
    story
}

#[test]
fn a_review_is_asked_for_after_the_sixth_session_and_not_after_the_fifth() {
    assert_eq!(sessions(5).said(REVIEW, "2026-06-06T15:00"), NOTHING);
    let mut story = sessions(6);
    assert_eq!(
        story.said(REVIEW, "2026-06-07T15:00"),
        ["course-reassessment-due advisory"]
    );
    assert_eq!(story.raised_by(REVIEW).values["due_on"], "2026-06-14");
}

#[test]
fn it_is_told_again_once_on_the_day_after_it_was_due() {
    let mut story = sessions(6);
    story.said(REVIEW, "2026-06-07T15:00");
    let wake = triggers::react(&story.chart, &story.policy, at("2026-06-07T15:00")).look_again;
    assert_eq!(wake, Some(at("2026-06-15T04:00")));
    assert_eq!(story.said(REVIEW, "2026-06-15T03:59"), NOTHING);
    assert_eq!(
        story.said(REVIEW, "2026-06-15T04:00"),
        ["course-reassessment-due again: overdue"]
    );
    assert_eq!(story.said(REVIEW, "2026-06-20T04:00"), NOTHING);
}

#[test]
fn a_worker_that_was_down_raises_and_says_overdue_at_once() {
    let mut story = sessions(6);
    assert_eq!(
        story.said(REVIEW, "2026-06-16T04:00"),
        [
            "course-reassessment-due advisory",
            "course-reassessment-due again: overdue"
        ]
    );
    assert_eq!(
        sessions(6).said(REVIEW, "2026-06-21T14:46"),
        NOTHING,
        "two weeks later nothing is raised"
    );
}

#[test]
fn whoever_takes_it_on_is_not_told_that_it_is_overdue() {
    let mut story = sessions(6);
    story.said(REVIEW, "2026-06-07T15:00");
    let by: Value = serde_json::from_str(ACU).expect("who");
    let id = story.raised_by(REVIEW).alert_id.to_string();
    story.tell(
        "alert.acknowledged",
        "2026-06-08T10:00",
        json!({"alert_id": id, "by": by}),
    );
    assert_eq!(story.said(REVIEW, "2026-06-15T04:00"), NOTHING);
}

#[test]
fn a_review_after_the_session_ends_it_and_one_before_does_not() {
    let mut story = sessions(6);
    story.assess(
        "course_review",
        "2026-06-06T10:00",
        ACU,
        json!({"decision": "continue"}),
    );
    assert_eq!(
        story.said(REVIEW, "2026-06-07T15:00"),
        ["course-reassessment-due advisory"]
    );
    let review = story.assess(
        "course_review",
        "2026-06-08T10:00",
        ACU,
        json!({"decision": "continue"}),
    );
    assert_eq!(
        story.said(REVIEW, "2026-06-08T10:00"),
        ["course-reassessment-due ends: reviewed"]
    );
    story.retract("2026-06-09T10:00", &review);
    assert_eq!(
        story.said(REVIEW, "2026-06-09T10:00"),
        ["course-reassessment-due advisory"]
    );
}

#[test]
fn six_more_sessions_ask_again() {
    let mut story = sessions(12);
    story.assess(
        "course_review",
        "2026-06-08T10:00",
        ACU,
        json!({"decision": "continue"}),
    );
    assert_eq!(
        story.said(REVIEW, "2026-06-13T15:00"),
        ["course-reassessment-due advisory"]
    );
    assert_eq!(story.raised_by(REVIEW).values["attended_sessions"], "12");
}

fn team(members: Value) -> Story {
    let mut story = Story::bare();
    story.tell(
        "plan.activated",
        "2026-06-01T10:00",
        plan(json!({"team": members})),
    );
    story
}

#[test]
fn each_missing_role_is_an_alert_of_its_own() {
    let mut story = team(json!([{"role": "acupuncturist", "member_id": "m-3", "email": "a@acu.example"}]));
    assert_eq!(
        story.poll("2026-06-01T10:00"),
        ["care-team-complete advisory", "care-team-complete advisory"]
    );
    assert_eq!(story.raised().values["role"], "physiatrist");
    assert_eq!(story.raised().values["problem"], "missing");
    assert_eq!(story.poll("2026-06-02T10:00"), NOTHING);
}

#[test]
fn a_role_without_an_address_or_with_consent_refused_cannot_be_told() {
    let member = |fields: Value| {
        let mut pcp = json!({"role": "pcp", "member_id": "m-1"});
        fields
            .as_object()
            .into_iter()
            .flatten()
            .for_each(|(k, v)| pcp[k] = v.clone());
        json!([pcp, {"role": "physiatrist", "member_id": "m-2", "email": "p@phys.example"},
               {"role": "acupuncturist", "member_id": "m-3", "email": "a@acu.example"}])
    };
    for (fields, problem) in [
        (json!({}), Some("no address")),
        (
            json!({"email": "lee@pcp.example", "consent": []}),
            Some("no consent"),
        ),
        (json!({"email": "lee@pcp.example", "consent": ["clinical"]}), None),
        (json!({"email": "lee@pcp.example"}), None),
    ] {
        let mut story = team(member(fields.clone()));
        let said = story.poll("2026-06-01T10:00");
        assert_eq!(said.len(), usize::from(problem.is_some()), "{fields}");
        assert!(
            problem.is_none_or(|p| story.raised().values["problem"] == p),
            "{fields}"
        );
    }
    let mut story = team(member(
        json!({"email": "lee@pcp.example", "consent": ["clinical"]}),
    ));
    story.policy.mail.consent = care::policy::Consent::Required;
    assert_eq!(story.poll("2026-06-01T10:00").len(), 2, "the other two gave none");
}

#[test]
fn a_role_that_is_filled_ends_it_and_one_that_is_empty_again_is_a_new_alert() {
    let members = json!([{"role": "pcp", "member_id": "m-1", "email": "lee@pcp.example"},
                         {"role": "acupuncturist", "member_id": "m-3", "email": "a@acu.example"}]);
    let mut story = team(members.clone());
    assert_eq!(story.poll("2026-06-01T10:00"), ["care-team-complete advisory"]);
    story.tell("plan.revised", "2026-06-02T10:00", plan(json!({"revision": 2})));
    assert_eq!(
        story.poll("2026-06-02T10:00"),
        ["care-team-complete ends: filled"]
    );
    story.tell(
        "plan.revised",
        "2026-06-03T10:00",
        plan(json!({"revision": 3, "team": members})),
    );
    assert_eq!(story.poll("2026-06-03T10:00"), ["care-team-complete advisory"]);
}

#[test]
fn a_plan_that_is_not_in_force_asks_for_nobody() {
    let mut story = team(json!([]));
    story.tell(
        "plan.held",
        "2026-06-01T11:00",
        json!({"plan_id": "cp-1", "revision": 2, "reason": "admission"}),
    );
    assert_eq!(story.poll("2026-06-01T12:00"), NOTHING);
    assert_eq!(Story::bare().poll("2026-06-01T12:00"), NOTHING);
}
