//! Reports as letters: progress, the outcome and its correction, the end of a plan, a diary of pain.

use std::collections::BTreeMap;

use care::fact::assessment::CourseDecision;
use care::fact::ours::{ReportAlert, ReportChange, ReportPoint, ReportStep};
use care::id::{AlertId, AssessmentId};
use care::measure::odi::Band;
use care::measure::pain::{Context, Scale};
use care::time::{Date, ToSpan};
use mailer::letter::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn point(on: &str, value: f64, better_by: Option<f64>, band: Option<Band>) -> ReportPoint {
    ReportPoint {
        on: day(on),
        value,
        better_by,
        band,
    }
}

fn next(what: &str, on: &str) -> ReportStep {
    ReportStep {
        what: what.into(),
        on: Some(day(on)),
    }
}

/// Better by twelve points at the second due.
fn improved() -> Report {
    let counts = [
        ("ea_attended", 5),
        ("ea_planned", 6),
        ("ea_ahead", 3),
        ("pt_attended", 4),
        ("pt_planned", 4),
        ("pt_ahead", 3),
        ("pt_prepared_acceptable", 4),
        ("pt_prepared_on_target", 3),
        ("adverse_events", 1),
        ("open_alerts", 1),
    ];
    Report {
        report_id: "3c5f6c1e-5b0a-5d0c-9d64-0f6d1c2b7a11".into(),
        reason: Report::IMPROVED.into(),
        oswestry: vec![
            point("2026-06-01", 42.0, None, Some(Band::Severe)),
            point("2026-06-15", 35.6, Some(6.4), Some(Band::Moderate)),
            point("2026-06-29", 30.0, Some(12.0), Some(Band::Moderate)),
        ],
        oswestry_change: Some(ReportChange {
            baseline_on: day("2026-06-01"),
            baseline: 42.0,
            now_on: day("2026-06-29"),
            now: 30.0,
            better_by_points: 12.0,
            better_by_percent: Some(28.6),
            n: 3,
            improved: true,
            worse: false,
            low_baseline: false,
        }),
        pain: vec![
            point("2026-06-01", 70.0, None, None),
            point("2026-06-12", 66.0, Some(4.0), None),
            point("2026-06-28", 49.0, Some(21.0), None),
        ],
        pain_scale: Some(Scale::Vas),
        pain_context: Some(Context::Now),
        pain_change: Some(ReportChange {
            baseline_on: day("2026-06-01"),
            baseline: 70.0,
            now_on: day("2026-06-28"),
            now: 49.0,
            better_by_points: 21.0,
            better_by_percent: Some(30.0),
            n: 3,
            improved: true,
            worse: false,
            low_baseline: false,
        }),
        counts: counts
            .map(|(name, n)| (name.to_owned(), n))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        open_alerts: vec![ReportAlert {
            alert_id: AlertId::new("al-5").unwrap(),
            title: "Reassessment due after the course".into(),
            severity: Severity::Advisory,
        }],
        next: vec![
            next("ea-session", "2026-07-01"),
            next("pt-session", "2026-07-03"),
            next("oswestry-due", "2026-07-13"),
        ],
        ..Report::default()
    }
}

fn worse() -> Report {
    let mut report = Report {
        reason: Report::WORSE.into(),
        ..improved()
    };
    report.oswestry[2] = point("2026-06-29", 54.0, Some(-12.0), Some(Band::Severe));
    let change = report.oswestry_change.as_mut().unwrap();
    (change.now, change.better_by_points, change.better_by_percent) = (54.0, -12.0, Some(-28.6));
    (change.improved, change.worse) = (false, true);
    report
}

fn outcome() -> Report {
    Report {
        reason: Report::OUTCOME.into(),
        assessment_id: AssessmentId::new("o-6").ok(),
        goal_met: Some(true),
        sleep_aid_fewer_percent: Some(75.0),
        review: Some(CourseDecision::Continue),
        ..improved()
    }
}

/// Nothing came: no baseline, no scores, nobody treated.
fn bare() -> Report {
    Report {
        report_id: "bare".into(),
        reason: Report::OUTCOME.into(),
        ..Report::default()
    }
}

/// A numeric score every day for twelve weeks, from a low baseline that came late for the questionnaire.
pub(crate) fn diary() -> Report {
    let value = |n: i32| f64::from(2 - n % 3 / 2);
    let pain = (0..84).map(|n| ReportPoint {
        on: day("2026-06-01").checked_add(i64::from(n).days()).unwrap(),
        value: value(n),
        better_by: (n > 0).then(|| 2.0 - value(n)),
        band: None,
    });
    let mut report = Report {
        reason: Report::COURSE_REVIEW.into(),
        review: Some(CourseDecision::Adjust),
        oswestry: vec![
            point("2026-07-29", 42.0, None, Some(Band::Severe)),
            point("2026-08-13", 40.0, None, Some(Band::Moderate)),
        ],
        oswestry_change: None,
        pain: pain.collect(),
        pain_scale: Some(Scale::Nrs),
        pain_context: Some(Context::Avg7d),
        ..improved()
    };
    let change = report.pain_change.as_mut().unwrap();
    (change.baseline, change.now, change.now_on) = (2.0, 1.0, day("2026-08-23"));
    (change.better_by_points, change.better_by_percent) = (1.0, Some(50.0));
    (change.n, change.low_baseline) = (84, true);
    report
}

/// Every kind of report, by the name of its letter.
pub(crate) fn all() -> Vec<(&'static str, Report)> {
    let closing = |reason: &str| Report {
        reason: reason.into(),
        closing: true,
        next: vec![next("six-month-check", "2026-12-28")],
        ..outcome()
    };
    let corrected = Report {
        reason: Report::CORRECTED.into(),
        corrects: Some("first".into()),
        ..outcome()
    };
    vec![
        ("report-improved", improved()),
        ("report-worse", worse()),
        ("report-review", diary()),
        ("report-outcome", outcome()),
        ("report-outcome-bare", bare()),
        ("report-corrected", corrected),
        ("report-completed", closing(Report::COMPLETED)),
        ("report-revoked", closing(Report::REVOKED)),
    ]
}
