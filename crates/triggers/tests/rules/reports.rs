//! Reports: when one is written, once, with every number beside its baseline and its n.

use care::fact::ours::Report;
use care::role::Role;
use serde_json::json;

use crate::story::{ACU, PATIENT, PCP, Story, at};

/// What the reports since the last poll say: reason, and the change they show.
fn told(story: &mut Story, now: &str) -> Vec<String> {
    let known = story.reports.len();
    story.poll(now);
    let said = |r: &Report| match &r.oswestry_change {
        Some(c) => format!(
            "{} {} of {} (n {})",
            r.reason, c.better_by_points, c.baseline, c.n
        ),
        None => r.reason.clone(),
    };
    story.reports[known..].iter().map(said).collect()
}

fn last(story: &Story) -> &Report {
    story.reports.last().expect("a report")
}

/// A plan with a baseline of 42 % on its first day.
fn with_baseline() -> Story {
    let mut story = Story::new();
    story.oswestry("2026-06-01T11:00", 21);
    story
}

#[test]
fn ten_points_or_thirty_percent_are_progress_and_less_is_not() {
    for (sum, expected) in [
        (17, vec![]),                                   // 8 points, 19 %
        (16, vec!["meaningful-change 10 of 42 (n 2)"]), // 10 points, 23.8 %
        (25, vec![]),                                   // 8 points worse
        (26, vec!["meaningful-worsening -10 of 42 (n 2)"]),
    ] {
        let mut story = with_baseline();
        story.oswestry("2026-06-15T11:00", sum);
        assert_eq!(told(&mut story, "2026-06-15T12:00"), expected, "{sum}");
        assert_eq!(told(&mut story, "2026-06-16T12:00"), Vec::<String>::new(), "once");
    }
    let mut low = Story::new();
    low.oswestry("2026-06-01T11:00", 8);
    low.oswestry("2026-06-15T11:00", 5);
    assert_eq!(
        told(&mut low, "2026-06-15T12:00"),
        ["meaningful-change 6 of 16 (n 2)"],
        "37.5 %"
    );
}

#[test]
fn each_result_has_its_own_report_against_the_same_baseline() {
    let mut story = with_baseline();
    story.oswestry("2026-06-15T11:00", 16);
    told(&mut story, "2026-06-15T12:00");
    story.oswestry("2026-06-29T11:00", 12);
    assert_eq!(
        told(&mut story, "2026-06-29T12:00"),
        ["meaningful-change 18 of 42 (n 3)"]
    );
    assert_eq!(last(&story).roles, [Role::Pcp, Role::Physiatrist]);
}

#[test]
fn a_progress_report_is_useful_for_fourteen_days() {
    let mut story = with_baseline();
    story.oswestry("2026-06-15T11:00", 16);
    assert_eq!(told(&mut story, "2026-06-29T11:01"), Vec::<String>::new());
    let mut story = with_baseline();
    story.oswestry("2026-06-15T11:00", 16);
    assert_eq!(told(&mut story, "2026-06-29T11:00").len(), 1);
}

#[test]
fn without_a_baseline_only_the_outcome_is_told_and_shows_no_change() {
    let mut story = Story::new();
    story.oswestry("2026-06-29T11:00", 21);
    story.oswestry("2026-07-13T11:00", 5);
    assert_eq!(told(&mut story, "2026-07-13T12:00"), Vec::<String>::new());
    story.oswestry("2026-08-24T11:00", 5);
    assert_eq!(told(&mut story, "2026-08-24T12:00"), ["outcome-12-week"]);
    assert_eq!(last(&story).count("oswestry_results"), 3);
}

#[test]
fn a_course_review_is_progress_with_its_decision() {
    let mut story = with_baseline();
    story.assess(
        "course_review",
        "2026-06-20T10:00",
        PCP,
        json!({"decision": "adjust"}),
    );
    assert_eq!(told(&mut story, "2026-06-20T11:00"), ["course-review"]);
    assert_eq!(json!(last(&story).review), json!("adjust"));
    assert_eq!(told(&mut story, "2026-06-21T11:00"), Vec::<String>::new());
}

#[test]
fn the_outcome_comes_with_the_answer_and_once() {
    // Day 84 is 24 August; its window goes from the 18th to the 31st.
    let mut story = with_baseline();
    story.oswestry("2026-08-17T11:00", 21);
    assert_eq!(
        told(&mut story, "2026-08-17T12:00"),
        Vec::<String>::new(),
        "the due before"
    );
    story.oswestry("2026-08-18T11:00", 20);
    assert_eq!(
        told(&mut story, "2026-08-18T12:00"),
        ["outcome-12-week 2 of 42 (n 3)"]
    );
    assert_eq!(last(&story).roles.len(), 4);
    story.oswestry("2026-08-30T11:00", 20);
    assert_eq!(
        told(&mut story, "2026-09-02T12:00"),
        Vec::<String>::new(),
        "answered already"
    );
}

#[test]
fn the_outcome_comes_when_its_window_closes_unanswered_and_is_corrected_by_a_late_result() {
    let mut story = with_baseline();
    let looks = triggers::react(&story.chart, &story.policy, at("2026-08-20T12:00")).look_again;
    assert_eq!(looks, Some(at("2026-09-01T04:00")), "midnight in Toronto");
    assert_eq!(told(&mut story, "2026-09-01T03:59"), Vec::<String>::new());
    assert_eq!(told(&mut story, "2026-09-01T04:00"), ["outcome-12-week"]);
    let first = last(&story).report_id.clone();
    // Done on the 25th, and told in September.
    let late = story.oswestry("2026-08-25T11:00", 10);
    assert_eq!(
        told(&mut story, "2026-09-10T12:00"),
        ["outcome-12-week-corrected 22 of 42 (n 2)"]
    );
    assert_eq!(last(&story).report_id, format!("{first}-2"));
    assert_eq!(last(&story).corrects.as_deref(), Some(first.as_str()));
    story.retract("2026-09-11T12:00", &late);
    assert_eq!(
        told(&mut story, "2026-09-11T13:00"),
        ["outcome-12-week-corrected"]
    );
    assert_eq!(last(&story).report_id, format!("{first}-3"));
    assert_eq!(told(&mut story, "2026-12-01T13:00"), Vec::<String>::new());
}

#[test]
fn the_closing_report_comes_once_and_ends_all_others() {
    let mut story = with_baseline();
    story.oswestry("2026-06-15T11:00", 16);
    story.tell(
        "plan.completed",
        "2026-06-15T11:30",
        json!({"plan_id": "cp-1", "revision": 2, "reason": "recovered"}),
    );
    assert_eq!(
        told(&mut story, "2026-06-15T12:00"),
        ["plan-completed 10 of 42 (n 2)"]
    );
    assert!(last(&story).closing);
    assert_eq!(
        json!(last(&story).next),
        json!([{"what": "six-month-check", "on": "2026-12-14"}])
    );
    assert_eq!(
        told(&mut story, "2026-10-01T12:00"),
        Vec::<String>::new(),
        "no outcome after the end"
    );
}

#[test]
fn a_report_that_shows_a_result_which_is_gone_is_corrected() {
    let mut story = with_baseline();
    let wrong = story.oswestry("2026-06-15T11:00", 8);
    story.assess(
        "course_review",
        "2026-06-20T10:00",
        PCP,
        json!({"decision": "continue"}),
    );
    assert_eq!(told(&mut story, "2026-06-20T11:00").len(), 2);
    let review = last(&story).report_id.clone();
    story.retract("2026-06-21T10:00", &wrong);
    assert_eq!(told(&mut story, "2026-06-21T11:00"), ["course-review"]);
    assert_eq!(last(&story).report_id, format!("{review}-2"));
    assert_eq!(last(&story).corrects, Some(review));
    assert_eq!(last(&story).oswestry.len(), 1);
    story.oswestry("2026-06-22T10:00", 20);
    assert_eq!(
        told(&mut story, "2026-06-22T11:00"),
        Vec::<String>::new(),
        "what comes later corrects nothing"
    );
}

#[test]
fn pain_stays_on_one_scale_and_question_and_goes_from_its_baseline() {
    let mut story = with_baseline();
    story.pain("2026-06-01T12:00", 70);
    story.assess(
        "pain",
        "2026-06-02T19:30",
        PATIENT,
        json!({"scale": "nrs", "value": 7}),
    );
    story.attend("ea-1", "2026-06-02T10:00", json!(null));
    story.pain("2026-06-02T18:00", 60);
    story.pain("2026-06-03T08:00", 55);
    story.pain("2026-06-03T20:00", 49);
    story.oswestry("2026-06-15T11:00", 16);
    told(&mut story, "2026-06-15T12:00");
    let report = last(&story);
    let points = report.pain.iter();
    let points: Vec<_> = points.map(|p| (p.on.to_string(), p.value, p.better_by)).collect();
    let point = |on: &str, value, better_by| (on.to_owned(), value, better_by);
    assert_eq!(
        points,
        [
            point("2026-06-01", 70.0, None),
            point("2026-06-02", 60.0, Some(10.0)),
            point("2026-06-03", 49.0, Some(21.0))
        ]
    );
    let change = report.pain_change.as_ref().expect("a change");
    assert_eq!(
        (change.better_by_points, change.better_by_percent, change.n),
        (21.0, Some(30.0), 3)
    );
    assert!(change.improved, "30 % exactly");
}

#[test]
fn counts_say_of_how_many() {
    let mut story = with_baseline();
    story.attend("ea-1", "2026-06-02T10:00", json!(null));
    story.tell(
        "session.missed",
        "2026-06-05T10:00",
        json!({"session_id": "ea-2", "revision": 9, "reason": "no show"}),
    );
    story.book("ea-2", "2026-06-05T09:00", json!(null));
    story.book("ea-3", "2026-06-20T09:00", json!(null));
    story.tell(
        "session.completed",
        "2026-06-04T11:00",
        json!({"session_id": "pt-1", "revision": 1, "modality": "pt", "started_at": "2026-06-04T10:00:00Z"}),
    );
    for time in ["2026-06-02T12:00", "2026-06-03T12:00"] {
        let bruise = json!({"event_id": "ae-1", "kind": "bruise", "grade": "minor"});
        story.assess("adverse_event", time, ACU, bruise);
    }
    story.oswestry("2026-06-15T11:00", 30);
    told(&mut story, "2026-06-15T12:00");
    let report = last(&story);
    let names = [
        "ea_attended",
        "ea_planned",
        "ea_ahead",
        "pt_attended",
        "pt_planned",
        "pt_prepared_acceptable",
        "pt_prepared_on_target",
        "adverse_events",
    ];
    assert_eq!(names.map(|name| report.count(name)), [1, 2, 1, 1, 1, 1, 1, 1]);
    let open: Vec<&str> = report.open_alerts.iter().map(|a| a.title.as_str()).collect();
    assert!(
        open.contains(&"Oswestry worse by 10 points or more"),
        "raised in the same answer: {open:?}"
    );
    assert_eq!(report.count("open_alerts") as usize, open.len());
    let next: Vec<String> = report.next.iter().map(|s| s.what.clone()).collect();
    assert_eq!(next, ["ea-session", "oswestry-due"]);
}

#[test]
fn goal_and_sleep_aids_are_shown_as_last_told() {
    let mut story = with_baseline();
    let doses =
        |n: u16| json!({"medication_id": "m-1", "class": "sleep_aid", "status": "active", "doses": n});
    story.assess("medication", "2026-06-02T10:00", PATIENT, doses(28));
    story.assess("medication", "2026-06-14T10:00", PATIENT, doses(7));
    story.assess("function", "2026-06-14T10:00", PATIENT, json!({"goal_met": true}));
    story.oswestry("2026-06-15T11:00", 16);
    told(&mut story, "2026-06-15T12:00");
    assert_eq!(last(&story).sleep_aid_fewer_percent, Some(75.0));
    assert_eq!(last(&story).goal_met, Some(true));
}
