//! Letters that report: progress, the outcome at twelve weeks, the end of a plan. Numbers stand beside their baseline.

mod measures;
mod reading;

use care::fact::assessment::CourseDecision;
use care::fact::ours::{Report, ReportChange};

use super::page::{Block, Item, Tone};
use super::words;
use crate::clean;

/// Worse asks somebody to look; everything else is for reading.
pub(super) fn tone(report: &Report) -> Tone {
    if is_worse(report) {
        Tone::Notice
    } else {
        Tone::Calm
    }
}

pub(super) fn item(report: &Report) -> Item {
    let (heading, action) = first_of_all(report);
    let blocks = vec![
        measures::oswestry(report),
        measures::pain(report),
        Block::facts("Sessions", sessions(report)),
        Block::facts("Also", also(report)),
        open_alerts(report),
        Block::lines("What comes next", report.next.iter().map(reading::step)),
        Block::facts("How to read it", reading::rows(report)),
    ];
    Item {
        tone: tone(report),
        badge: if is_worse(report) {
            "Report, worse"
        } else {
            "Report"
        }
        .into(),
        heading: heading.into(),
        action: action.into(),
        how_soon: None,
        blocks,
    }
}

fn is_worse(report: &Report) -> bool {
    report.oswestry_change.as_ref().is_some_and(|change| change.worse)
}

/// Heading, and the one thing to know or to do.
fn first_of_all(report: &Report) -> (String, String) {
    let (heading, action) = first(report);
    if report.corrects.is_some() {
        (
            format!("{heading}, corrected"),
            format!("Use these numbers in place of those you may have. {action}"),
        )
    } else {
        (heading.to_owned(), action)
    }
}

fn first(report: &Report) -> (&'static str, String) {
    let sentence = measures::sentence(report);
    match report.reason.as_str() {
        Report::REVOKED => (
            "Plan stopped: closing report",
            format!(
                "The plan was stopped, and reminders with it. {sentence} Arrange what the patient still needs."
            ),
        ),
        _ if report.closing => (
            "Plan completed: closing report",
            format!("The plan is completed, and reminders have ended. {sentence} Nothing is asked of you."),
        ),
        Report::IMPROVED => (
            "Progress: Oswestry clearly better",
            format!("{sentence} Nothing is asked of you."),
        ),
        Report::WORSE => (
            "Progress: Oswestry clearly worse",
            format!("{sentence} See the patient, and ask the red flag questions."),
        ),
        Report::COURSE_REVIEW => (
            "Progress: course review",
            format!("{} {sentence}", decision(report.review)),
        ),
        Report::OUTCOME | Report::CORRECTED => ("Outcome at 12 weeks", outcome(report, &sentence)),
        _ => ("Progress report", sentence),
    }
}

fn outcome(report: &Report, sentence: &str) -> String {
    if report.assessment_id.is_some() {
        format!("{sentence} Decide with the patient how to go on.")
    } else {
        format!(
            "No Oswestry came for week 12: ask the patient for one. Done in time and sent later, it makes a \
             corrected report. {sentence}"
        )
    }
}

const fn decision(review: Option<CourseDecision>) -> &'static str {
    match review {
        Some(CourseDecision::Continue) => "The course goes on as it is.",
        Some(CourseDecision::Adjust) => "The course goes on with changes: ask the acupuncturist which.",
        Some(CourseDecision::Stop) => "The course stops: arrange what the patient still needs.",
        None => "The course was reviewed.",
    }
}

fn sessions(report: &Report) -> Vec<(&'static str, String)> {
    let n = |name| report.count(name);
    let of = |attended, planned, ahead: u32| {
        let ahead = if ahead > 0 {
            format!(", {ahead} ahead")
        } else {
            String::new()
        };
        format!("{attended} attended of {planned} planned until now{ahead}")
    };
    let mut rows = vec![
        ("EA", of(n("ea_attended"), n("ea_planned"), n("ea_ahead"))),
        ("PT", of(n("pt_attended"), n("pt_planned"), n("pt_ahead"))),
    ];
    let pt = n("pt_attended");
    if pt > 0 {
        let of = |prepared| format!("{prepared} of {pt} attended PT sessions");
        rows.push(("EA before PT, on target", of(n("pt_prepared_on_target"))));
        rows.push(("EA before PT, acceptable gap", of(n("pt_prepared_acceptable"))));
    }
    rows
}

fn also(report: &Report) -> Vec<(&'static str, String)> {
    let mut rows = vec![("Adverse events", report.count("adverse_events").to_string())];
    rows.extend(report.goal_met.map(|met| {
        (
            "Patient's own goal",
            if met { "met" } else { "not met yet" }.to_owned(),
        )
    }));
    rows.extend(report.sleep_aid_fewer_percent.map(|fewer| {
        let (size, word) = (
            measures::number(fewer.abs()),
            if fewer < 0.0 { "more" } else { "fewer" },
        );
        (
            "Sleep aid doses",
            format!("{size} % {word} than when first counted"),
        )
    }));
    let review = report.review.filter(|_| report.reason != Report::COURSE_REVIEW);
    rows.extend(review.map(|review| ("Last course review", decision(Some(review)).to_owned())));
    rows
}

fn open_alerts(report: &Report) -> Block {
    let told = report
        .open_alerts
        .iter()
        .map(|a| format!("{}: {}", words::severity(a.severity), clean::line(&a.title, 120)));
    let lines: Vec<String> = told.take(20).collect();
    let none = || vec!["None, advisory or above.".to_owned()];
    Block::lines("Open alerts", if lines.is_empty() { none() } else { lines })
}

/// A change in words: `12 points better (28.6 % of the baseline)`.
fn better(change: &ReportChange, unit: &str) -> String {
    let points = measures::by(change.better_by_points, unit);
    match change.better_by_percent {
        Some(percent) => format!("{points} ({} % of the baseline)", measures::number(percent.abs())),
        None => points,
    }
}
