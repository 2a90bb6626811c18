//! Episodes and measures on charts small enough to reckon by hand.

use care::{Chart, Policy};
use outcomes::episode::{Episode, How, Standing};
use serde_json::{Value, json};

use crate::story::{Story, at, figure};

const UNTIL: &str = "2027-01-01T00:00:00Z";

/// Baseline 60, sessions on days 1, 3 and 5 of June.
fn treated(patient: &str) -> Story {
    let mut story = Story::new(patient, "2026-06-01");
    story
        .vas("2026-06-01T08:00:00Z", 60)
        .ea("s-1", "2026-06-01T10:00:00Z")
        .ea("s-2", "2026-06-03T10:00:00Z")
        .ea("s-3", "2026-06-05T10:00:00Z");
    story
}

fn only(story: &Story) -> Episode {
    let mut all: Vec<Episode> = Episode::all(&story.chart, &Policy::default(), at(UNTIL)).collect();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn the_first_score_of_thirty_percent_counts_the_sessions_before_it() {
    let mut story = treated("p-1");
    story
        .vas("2026-06-02T08:00:00Z", 43)
        .vas("2026-06-04T08:00:00Z", 42);
    assert_eq!(only(&story).responded(), Some(2));
    // One score alone confirms nothing; the pair that does is counted at its first.
    assert_eq!(only(&story).pain.unwrap().confirmed, None);
    story
        .vas("2026-06-06T08:00:00Z", 50)
        .vas("2026-06-07T08:00:00Z", 40)
        .vas("2026-06-08T08:00:00Z", 30);
    let pain = only(&story).pain.unwrap();
    assert_eq!((pain.responded, pain.confirmed), (Some(2), Some(3)));
}

#[test]
fn every_reason_not_to_judge_an_episode_is_told_apart() {
    let standing = |story: &Story| only(story).standing;
    assert_eq!(standing(&Story::new("p-1", "2026-06-01")), Standing::NoSession);
    let mut bare = Story::new("p-1", "2026-06-01");
    bare.ea("s-1", "2026-06-01T10:00:00Z")
        .vas("2026-06-01T11:00:00Z", 50);
    assert_eq!(standing(&bare), Standing::NoBaseline);
    bare.vas("2026-05-17T10:00:00Z", 50);
    assert_eq!(standing(&bare), Standing::NoBaseline, "fifteen days old");
    bare.vas("2026-05-18T10:00:00Z", 0);
    assert_eq!(standing(&bare), Standing::ZeroBaseline);
    bare.vas("2026-05-19T10:00:00Z", 50);
    assert_eq!(standing(&bare), Standing::Evaluable);
    let mut silent = treated("p-1");
    assert_eq!(standing(&silent), Standing::NoLaterScore);
    silent.assess(
        "pain",
        "2026-06-02T08:00:00Z",
        &json!({"scale": "vas", "value": 9, "context": "post_30min"}),
    );
    assert_eq!(
        standing(&silent),
        Standing::NoLaterScore,
        "another question of the registry"
    );
    silent.assess(
        "pain",
        "2026-06-02T08:00:00Z",
        &json!({"scale": "nrs", "value": 2}),
    );
    assert_eq!(standing(&silent), Standing::OtherScale);
}

#[test]
fn each_plan_of_a_chart_is_an_episode_of_its_own() {
    let mut story = treated("p-1");
    story
        .completed("cp-1", "2026-06-20T10:00:00Z")
        .plan("cp-2", "2026-08-01")
        .vas("2026-07-31T10:00:00Z", 50)
        .ea("s-4", "2026-08-02T10:00:00Z")
        .vas("2026-08-03T10:00:00Z", 20);
    let all: Vec<Episode> = Episode::all(&story.chart, &Policy::default(), at(UNTIL)).collect();
    assert_eq!(all.iter().map(|e| e.attended.len()).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(
        all.iter().map(Episode::responded).collect::<Vec<_>>(),
        [None, Some(1)]
    );
    assert_eq!(all[0].ending.unwrap().how, How::Completed);
    assert_eq!(all[1].ending.unwrap().how, How::Lapsed);
}

#[test]
fn a_course_lapses_after_six_weeks_and_nothing_after_the_day_asked_for_counts() {
    let story = treated("p-1");
    let ending = |until: &str| {
        let all: Vec<Episode> = Episode::all(&story.chart, &Policy::default(), at(until)).collect();
        all.first().unwrap().ending.map(|e| e.how)
    };
    assert_eq!(ending("2026-07-17T23:00:00Z"), None);
    assert_eq!(ending("2026-07-18T00:00:00Z"), Some(How::Lapsed));
    let policy = Policy::default();
    let mut all = Episode::all(&story.chart, &policy, at("2026-06-03T10:00:00Z"));
    assert_eq!(all.next().unwrap().attended.len(), 1);
}

fn charts(stories: Vec<Story>) -> Vec<Chart> {
    stories.into_iter().map(|story| story.chart).collect()
}

#[test]
fn a_cost_per_response_is_not_defined_without_a_response() {
    let with_cost = |patient: &str, last: u8, amount: f64| {
        let mut story = treated(patient);
        story.vas("2026-06-06T08:00:00Z", last);
        story.assess(
            "cost",
            "2026-06-06T08:00:00Z",
            &json!({"amount": amount, "currency": "CAD", "what": "ea_session", "on": "2026-06-05"}),
        );
        story
    };
    let cost = |charts: &[Chart]| {
        figure(
            charts,
            UNTIL,
            ["reg-cost-per-response", "currency:CAD", "cost_per_response"],
        )
    };
    assert_eq!(cost(&charts(vec![with_cost("p-1", 55, 100.0)])), Value::Null);
    // Who did not respond costs too.
    let two = charts(vec![with_cost("p-1", 55, 100.0), with_cost("p-2", 42, 80.0)]);
    assert_eq!(cost(&two), json!(180.0));
}

/// This many sessions of one patient, an hour apart.
fn sessions(count: u32) -> Story {
    let mut story = Story::new("p-1", "2026-06-01");
    let first = at("2026-06-01T00:00:00Z");
    for n in 0..count {
        let start = first + care::time::hours(i64::from(n));
        story.ea(&format!("s-{n}"), &start.to_string());
    }
    story
}

#[test]
fn no_event_is_a_limit_and_never_a_rate_of_zero() {
    let all = |story: &Story, statistic: &'static str| {
        figure(
            std::slice::from_ref(&story.chart),
            UNTIL,
            ["reg-ae-per-10000", "all", statistic],
        )
    };
    let enough = sessions(300);
    assert_eq!(all(&enough, "rate_per_10000"), Value::Null);
    assert_eq!(all(&enough, "rate_per_10000_below"), json!(100.0));
    let few = sessions(299);
    assert_eq!(all(&few, "rate_per_10000_below"), Value::Null, "counts only");
    assert_eq!(all(&few, "sessions"), json!(299));
}

#[test]
fn under_three_hundred_sessions_there_are_counts_and_no_rate() {
    let event = json!({"event_id": "e-1", "session_id": "s-3", "kind": "bruise", "grade": "serious"});
    let told = |count: u32| {
        let mut story = sessions(count);
        story.assess("adverse_event", "2026-07-01T00:00:00Z", &event);
        // The same event told again is the same event.
        story.assess("adverse_event", "2026-07-02T00:00:00Z", &event);
        charts(vec![story])
    };
    let few = told(299);
    let of = |charts: &[Chart], path: [&str; 3]| figure(charts, UNTIL, path);
    assert_eq!(of(&few, ["reg-ae-per-10000", "all", "events"]), json!(1));
    assert_eq!(
        of(&few, ["reg-ae-per-10000", "all", "rate_per_10000"]),
        Value::Null
    );
    assert_eq!(
        of(&few, ["ae-rate-signal", "last_12_months", "under_reporting"]),
        json!("too_few_sessions")
    );
    // A serious event is a signal whatever the number of sessions.
    assert_eq!(
        of(&few, ["ae-rate-signal", "last_12_months", "signal"]),
        json!("yes")
    );
    let enough = told(400);
    assert_eq!(
        of(&enough, ["reg-ae-per-10000", "grade:serious", "rate_per_10000"]),
        json!(25.0)
    );
    assert_eq!(of(&enough, ["reg-ae-per-10000", "sessions", "events"]), json!(1));
}

#[test]
fn an_event_of_another_kind_of_session_is_no_part_of_the_rate() {
    let mut story = sessions(1);
    let pt =
        json!({"session_id": "pt-1", "revision": 1, "started_at": "2026-06-03T10:00:00Z", "modality": "pt"});
    story
        .fact("session.completed", "2026-06-03T10:00:00Z", &pt)
        .assess(
            "adverse_event",
            "2026-06-03T12:00:00Z",
            &json!({"event_id": "e-1", "session_id": "pt-1", "kind": "strain", "grade": "minor"}),
        );
    let charts = charts(vec![story]);
    assert_eq!(
        figure(&charts, UNTIL, ["reg-ae-per-10000", "all", "events"]),
        json!(0)
    );
    assert_eq!(
        figure(&charts, UNTIL, ["reg-ae-per-10000", "all", "elsewhere"]),
        json!(1)
    );
}

#[test]
fn a_registry_without_anybody_divides_nothing_by_zero() {
    let text = serde_json::to_string(&outcomes::Report::of(
        std::iter::empty(),
        &Policy::default(),
        None,
        at(UNTIL),
        &outcomes::Options::default(),
    ));
    assert!(!text.unwrap().contains("NaN"));
    assert_eq!(
        figure(
            &[],
            UNTIL,
            ["reg-sessions-to-30", "first_time", "responder_share"]
        ),
        Value::Null
    );
    assert_eq!(
        figure(&[], UNTIL, ["reg-ae-per-10000", "all", "rate_per_10000_below"]),
        Value::Null
    );
}
