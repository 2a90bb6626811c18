//! Oswestry and pain over time: a table for everybody, and a chart of the same numbers.

use care::fact::ours::{Report, ReportChange, ReportPoint};
use care::measure::pain::{Context, Scale};
use care::time::Date;

use super::better;
use crate::clean;
use crate::letter::page::{Block, Body, Picture, Series};
use crate::picture::{Chart, top};

/// Rows of a table; beyond them one a week is shown.
const ROWS: usize = 10;
/// And no more than these: the baseline and the newest.
const ROWS_MAX: usize = 14;

/// The bands in neutral words, by where they end.
const BANDS: &[(f64, &str)] = &[
    (20.0, "minimal"),
    (40.0, "moderate"),
    (60.0, "severe"),
    (80.0, "very severe"),
    (100.0, "extreme"),
];

/// What one measure is called and counted in.
struct Measure {
    name: &'static str,
    title: String,
    /// Behind a value (`%`, `mm`), and behind a difference (`points`, `mm`).
    unit: &'static str,
    points: &'static str,
}

/// The change of the Oswestry in a sentence.
pub(super) fn sentence(report: &Report) -> String {
    let Some(change) = &report.oswestry_change else {
        return "There is no Oswestry to compare with a baseline.".to_owned();
    };
    format!(
        "Oswestry {} % on {}, {} than the baseline.",
        number(change.now),
        day(change.now_on),
        by(change.better_by_points, "points")
    )
    .replace("no change than", "the same as")
}

pub(super) fn oswestry(report: &Report) -> Block {
    let measure = Measure {
        name: "Oswestry",
        title: "Oswestry".to_owned(),
        unit: "%",
        points: "points",
    };
    let change = report.oswestry_change.as_ref();
    let rows = shown(&report.oswestry);
    let highest = rows.iter().map(|p| p.value).fold(0.0, f64::max);
    let goal = change.map(|c| c.baseline).filter(|baseline| *baseline >= 10.0);
    let chart = Chart {
        top: top(highest, 20.0, 100.0),
        step: 20.0,
        unit: " %",
        bands: BANDS,
        points: rows.iter().map(|p| (p.on, p.value)).collect(),
        goal: goal.map(|b| (b - 10.0, format!("10 points better: {} %", number(b - 10.0)))),
    };
    let missing = "No Oswestry came in the window of the baseline, so no change can be told.";
    block(report, &measure, &report.oswestry, rows, change, chart, missing)
}

pub(super) fn pain(report: &Report) -> Block {
    let scale = report.pain_scale.unwrap_or(Scale::Vas);
    let (unit, of, step) = match scale {
        Scale::Vas => ("mm", "VAS, 0 to 100 mm", 20.0),
        Scale::Nrs => ("of 10", "NRS, 0 to 10", 2.0),
    };
    let measure = Measure {
        name: "Pain",
        title: format!("Pain ({of}{})", asked(report.pain_context)),
        unit,
        points: if scale == Scale::Vas { "mm" } else { "points" },
    };
    let change = report.pain_change.as_ref();
    let rows = shown(&report.pain);
    let highest = rows.iter().map(|p| p.value).fold(0.0, f64::max);
    let goal = change.map(|c| c.baseline).filter(|baseline| *baseline > 0.0);
    let limit = f64::from(scale.top());
    let chart = Chart {
        top: if scale == Scale::Vas {
            top(highest, step, limit)
        } else {
            limit
        },
        step,
        unit: "",
        bands: &[],
        points: rows.iter().map(|p| (p.on, p.value)).collect(),
        goal: goal.map(|b| (0.7 * b, format!("30 % better: {}", number(0.7 * b)))),
    };
    let missing = "No pain score came in the 14 days before the first EA session, so no change can be told.";
    block(report, &measure, &report.pain, rows, change, chart, missing)
}

fn block(
    report: &Report,
    measure: &Measure,
    all: &[ReportPoint],
    rows: Vec<&ReportPoint>,
    change: Option<&ReportChange>,
    chart: Chart,
    missing: &str,
) -> Block {
    let values: Vec<String> = rows.iter().map(|p| value(p, measure)).collect();
    let has_bands = rows.iter().any(|p| p.band.is_some());
    let mut head = vec!["Day".into(), measure.name.into(), "Change".into()];
    head.extend(has_bands.then(|| "Band".into()));
    let has_baseline = all.iter().any(|p| p.better_by.is_some()) || change.is_some();
    let cells = rows
        .iter()
        .zip(&values)
        .enumerate()
        .map(|(index, (point, value))| {
            let against = match point.better_by {
                Some(better) => by(better, measure.points),
                None if index == 0 && has_baseline => "baseline".to_owned(),
                None => "-".to_owned(),
            };
            let mut row = vec![day(point.on).into(), value.into(), against.into()];
            row.extend(
                point
                    .band
                    .map(|band| band.words().into())
                    .or(has_bands.then(|| "-".into())),
            );
            row
        });
    let alt = format!("{} {}", measure.name, values.join(", "));
    // A single value needs no picture.
    let picture = (rows.len() > 1).then(|| Picture {
        cid: cid(measure.name, &report.report_id).into(),
        alt: alt.into(),
        chart,
    });
    let series = Series {
        picture,
        head,
        rows: cells.collect(),
        notes: notes(measure, all, rows.len(), change, missing)
            .into_iter()
            .map(Into::into)
            .collect(),
    };
    Block {
        title: measure.title.as_str().into(),
        body: Body::Series(series),
    }
}

fn notes(
    measure: &Measure,
    all: &[ReportPoint],
    shown: usize,
    change: Option<&ReportChange>,
    missing: &str,
) -> Vec<String> {
    let mut notes = Vec::new();
    match change {
        Some(c) => notes.push(format!(
            "Baseline {} on {}, now {} on {}: {}; n = {}.",
            with_unit(c.baseline, measure),
            day(c.baseline_on),
            with_unit(c.now, measure),
            day(c.now_on),
            better(c, measure.points),
            c.n
        )),
        None if all.is_empty() => notes.push("Nothing was recorded.".to_owned()),
        None if all.iter().any(|p| p.better_by.is_some()) => {}
        None if all.len() == 1 => notes.push("One value, nothing to compare it with yet.".to_owned()),
        None => notes.push(format!("{missing} n = {}.", all.len())),
    }
    if change.is_some_and(|c| c.low_baseline) {
        notes.push("From so low a baseline a percentage says little.".to_owned());
    }
    if shown < all.len() {
        notes.push("Shown: the baseline and the last value of each week.".to_owned());
    }
    notes
}

/// The points a table shows: all, or the first and the last of each week, or the first and the newest of these.
fn shown(points: &[ReportPoint]) -> Vec<&ReportPoint> {
    let Some(first) = points.first().filter(|_| points.len() > ROWS) else {
        return points.iter().collect();
    };
    let week = |p: &ReportPoint| {
        first
            .on
            .until(p.on)
            .map_or(0, |span| span.get_days().saturating_add(6) / 7)
    };
    let mut kept: Vec<&ReportPoint> = Vec::new();
    for point in points {
        if kept.len() > 1 && kept.last().is_some_and(|last| week(last) == week(point)) {
            kept.pop();
        }
        kept.push(point);
    }
    if kept.len() > ROWS_MAX {
        kept.drain(1..=kept.len() - ROWS_MAX);
    }
    kept
}

/// `oswestry.<report>@carebus`: unique in the mail, and the same for the same report.
fn cid(name: &str, report: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let report: String = report.chars().filter(|c| safe(*c)).collect();
    format!("{}.{report}@carebus", name.to_ascii_lowercase())
}

const fn asked(context: Option<Context>) -> &'static str {
    match context {
        Some(Context::Now) => ", at the moment",
        Some(Context::Avg7d) => ", average of 7 days",
        Some(Context::Worst24h) => ", worst of 24 hours",
        Some(Context::PreSession) => ", just before a session",
        Some(Context::Post30min) | None => "",
    }
}

fn value(point: &ReportPoint, measure: &Measure) -> String {
    with_unit(point.value, measure)
}

fn with_unit(value: f64, measure: &Measure) -> String {
    format!("{} {}", number(value), measure.unit)
}

/// `12 points better`, `4 points worse`, `no change`.
pub(super) fn by(better: f64, unit: &str) -> String {
    let size = number(better.abs());
    let unit = if size == "1" {
        unit.trim_end_matches('s')
    } else {
        unit
    };
    if size == "0" {
        "no change".to_owned()
    } else if better > 0.0 {
        format!("{size} {unit} better")
    } else {
        format!("{size} {unit} worse")
    }
}

/// One decimal where it is needed.
pub(super) fn number(value: f64) -> String {
    let tenths = (value * 10.0).round() / 10.0;
    // Of minus zero too.
    clean::name(&format!("{}", tenths + 0.0))
}

/// `1 Jun 2026`.
pub(super) fn day(on: Date) -> String {
    on.strftime("%-d %b %Y").to_string()
}
