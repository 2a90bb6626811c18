//! The registry report of a made-up cohort, held against the same numbers computed by another program.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};

use care::{About, Chart, Event, Policy};
use outcomes::{Options, Perspective, Report};
use serde_json::Value;
use tempfile::TempDir;
use tests::clinic::letters::{python_with, tool};

/// Five hundred episodes with most of what can be missing or wrong; the number is the seed.
const COHORT: [&str; 2] = ["20260601", "500"];

/// After everything of the cohort but the last follow-ups.
const ALL: &str = "2025-07-01T00:00:00Z";

/// A folder with facts in it.
struct Desk {
    dir: TempDir,
    python: PathBuf,
}

impl Desk {
    fn new(cohort: [&str; 2]) -> Self {
        let desk = Self {
            dir: tempfile::tempdir().unwrap(),
            python: python_with("scipy.stats"),
        };
        let facts = Command::new(&desk.python)
            .arg(tool("cohort.py"))
            .args(cohort)
            .output()
            .unwrap();
        std::fs::write(desk.path("facts.jsonl"), succeeded(facts)).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The report over the facts, as JSON.
    fn report(&self, (from, until, min_cell): (Option<&str>, &str, u64)) -> String {
        let until = until.parse().unwrap();
        let options = Options {
            min_cell,
            perspective: Some(Perspective::Payer),
            price_year: Some(2025),
            ..Options::default()
        };
        let mut charts = BTreeMap::new();
        for line in std::fs::read_to_string(self.path("facts.jsonl")).unwrap().lines() {
            let event = Event::decode_line(line).unwrap();
            let About::Patient(patient) = &event.about else {
                panic!("not about a patient: {line}");
            };
            let chart = charts
                .entry(patient.clone())
                .or_insert_with(|| Chart::new(patient.clone()));
            if event.time <= until {
                chart.apply(&event);
            }
        }
        let from = from.map(|from| from.parse().unwrap());
        let report = Report::of(charts.values(), &Policy::default(), from, until, &options);
        serde_json::to_string(&report).unwrap()
    }

    /// What the other program says of some reports.
    fn judged(&self, reports: &[String]) -> Output {
        let mut command = Command::new(&self.python);
        // Its arithmetic is small: threads would only be in each other's way.
        command
            .env("OPENBLAS_NUM_THREADS", "1")
            .arg(tool("outcomes.py"))
            .arg(self.path("facts.jsonl"));
        for (number, report) in reports.iter().enumerate() {
            let path = self.path(&format!("report-{number}.json"));
            std::fs::write(&path, report).unwrap();
            command.arg(path);
        }
        command.output().unwrap()
    }
}

#[track_caller]
fn succeeded(output: Output) -> String {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{err}\n{out}");
    out.into_owned()
}

#[test]
fn another_program_comes_to_the_same_figures() {
    let desk = Desk::new(COHORT);
    let reports = [
        (None, ALL, 1),
        (Some("2024-03-01T00:00:00Z"), "2024-09-16T00:00:00Z", 1),
        // Half of what is due is not due yet, and a year is not full.
        (None, "2023-08-21T00:00:00Z", 1),
        // And what is hidden cannot be computed from what is shown.
        (None, ALL, 5),
        (Some("2024-03-01T00:00:00Z"), "2024-09-16T00:00:00Z", 8),
    ]
    .map(|about| desk.report(about));
    for report in &reports[3..] {
        assert!(hides_something(report), "nothing is hidden");
    }
    succeeded(desk.judged(&reports));
}

#[test]
fn a_few_patients_are_hidden_as_well_as_many() {
    let desk = Desk::new(["7", "40"]);
    let reports = [3, 5, 10].map(|min_cell| desk.report((None, ALL, min_cell)));
    assert!(
        reports.iter().all(|report| hides_something(report)),
        "nothing is hidden"
    );
    succeeded(desk.judged(&reports));
}

fn hides_something(report: &str) -> bool {
    report.contains(r#""value":null,"n":null,"suppressed":true"#)
}

#[test]
fn the_other_program_sees_a_figure_that_is_wrong_and_a_small_count_that_is_shown() {
    let desk = Desk::new(["7", "60"]);
    let open: Value = serde_json::from_str(&desk.report((None, ALL, 1))).unwrap();
    let mut wrong = Vec::new();
    for (b, block) in open["blocks"].as_array().unwrap().iter().enumerate() {
        for (f, figure) in block["figures"].as_array().unwrap().iter().enumerate() {
            let Some(number) = figure["value"].as_f64() else {
                continue;
            };
            let off = match figure["value"].as_u64() {
                Some(count) => Value::from(count + 1),
                None => (number * (1.0 + 1e-8) + 1e-8).into(),
            };
            let mut report = open.clone();
            report["blocks"][b]["figures"][f]["value"] = off;
            wrong.push(report.to_string());
        }
    }
    assert!(wrong.len() > 100, "{} numbers", wrong.len());
    // A few of them: each report is computed anew.
    let wrong: Vec<String> = wrong.into_iter().step_by(9).collect();
    let judged = String::from_utf8(desk.judged(&wrong).stdout).unwrap();
    assert_eq!(judged.matches(" 1 wrong").count(), wrong.len(), "{judged}");
    let mut bold = open;
    bold["min_cell"] = 5.into();
    let judged = String::from_utf8(desk.judged(&[bold.to_string()]).stdout).unwrap();
    assert!(
        judged.contains("a small count is shown") && judged.contains("can be computed"),
        "{judged}"
    );
}

#[test]
fn a_report_names_nobody() {
    let desk = Desk::new(COHORT);
    let report = desk.report((None, ALL, 1));
    let facts = std::fs::read_to_string(desk.path("facts.jsonl")).unwrap();
    for name in ["p-1", "cp-0", "-ea1"] {
        assert!(facts.contains(name), "the facts do not hold {name}");
        assert!(!report.contains(name), "{report}");
    }
}
