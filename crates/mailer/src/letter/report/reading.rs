//! What comes next, and how the limits of a report are to be read: each with its evidence label.

use care::fact::ours::{Evidence, Report, ReportStep};

use crate::letter::words;

/// A step in words; a code this version does not know stays as it is.
pub(super) fn step(step: &ReportStep) -> String {
    let what = match step.what.as_str() {
        "oswestry-due" => "Oswestry questionnaire due",
        "ea-session" => "Next EA session",
        "pt-session" => "Next PT session",
        "six-month-check" => "Look back at six months",
        other => &other.replace('-', " "),
    };
    match step.on {
        Some(on) => format!("{what}: {}", words::day(on)),
        None => what.to_owned(),
    }
}

/// The limits that the numbers above were held against.
pub(super) fn rows(report: &Report) -> Vec<(&'static str, String)> {
    let with = |limit: &str, label: Evidence| format!("{limit} Evidence {}.", words::evidence(label));
    let mut rows = Vec::new();
    if report.oswestry_change.is_some() {
        rows.push((
            "Oswestry better",
            with(
                "10 points or 30 % of the baseline, an agreement of experts on low back pain of 2008.",
                Evidence::Supported,
            ),
        ));
        rows.push((
            "Oswestry worse",
            with(
                "10 points, the mirror image; published limits are for getting better.",
                Evidence::Assumption,
            ),
        ));
    }
    if report.pain_change.is_some() {
        rows.push((
            "Pain better",
            with(
                "30 % of the baseline, called a moderate improvement by an agreement on trials of 2008.",
                Evidence::Supported,
            ),
        ));
    }
    if report.count("pt_attended") > 0 {
        rows.push((
            "EA before PT",
            with(
                "From start to start, held against the hours this organisation aims at.",
                Evidence::Policy,
            ),
        ));
    }
    rows
}
