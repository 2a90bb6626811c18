//! Reports: what the people who referred a patient read about the course, as data in the log.
//!
//! Like alerts they are judged on the whole chart, and what the log shows already is subtracted: the id of a report
//! derives from what led to it. A report whose ground moved afterwards gets a corrected version.

mod content;
mod counts;
mod next;
mod outcome;
mod pain;
mod progress;

use care::about::About;
use care::chart::Stamp;
use care::fact::Fact;
use care::fact::ours::{Report, ReportPoint};
use care::id::{AssessmentId, derived};
use care::role::Role;
use care::time::Timestamp;
use care::{Draft, Worker};

use crate::case::Case;

/// Who is told of progress.
const PROGRESS: [Role; 2] = [Role::Pcp, Role::Physiatrist];
/// Who is told of an outcome.
const OUTCOME: [Role; 4] = [
    Role::Pcp,
    Role::Physiatrist,
    Role::Acupuncturist,
    Role::PhysicalTherapist,
];

/// A report that ought to be in the log, in one version or another.
struct Wanted<'c> {
    /// Of its first version.
    id: String,
    reason: &'static str,
    /// The submission that led to it.
    assessment: Option<AssessmentId>,
    decisive: &'c Stamp,
}

/// The reports that ought to be in the log and are not. `said` is what the same answer already says: an alert that
/// is raised together with a report is open in it.
pub(crate) fn drafts(case: &Case<'_>, said: &[Draft]) -> Vec<Draft> {
    let mut wanted = progress::wanted(case);
    wanted.extend(outcome::wanted(case));
    wanted.extend(outcome::closing(case));
    if wanted.is_empty() {
        return Vec::new();
    }
    let results = content::results(case);
    let mut drafts = Vec::new();
    let mut content: Option<Report> = None;
    for wanted in wanted {
        let told = told(case, &wanted.id);
        if told
            .last()
            .is_some_and(|report| stands(report, &wanted, &results))
        {
            continue;
        }
        let content = content.get_or_insert_with(|| content::of(case, said));
        drafts.push(draft(case, &wanted, &told, content));
    }
    drafts
}

/// The versions of a report that the log holds, oldest first: `id`, `id-2`, `id-3` and so on.
fn told<'c>(case: &'c Case<'_>, first: &str) -> Vec<&'c Report> {
    let ids = (1_usize..).map(|n| version(first, n));
    ids.map_while(|id| case.chart.reports.get(&id).map(|(_, report)| report))
        .collect()
}

fn version(first: &str, n: usize) -> String {
    if n == 1 {
        first.to_owned()
    } else {
        format!("{first}-{n}")
    }
}

/// Whether a report still says what is so: it rests on the same submission, and none of the results it shows is gone.
/// What came after it is not its business.
fn stands(report: &Report, wanted: &Wanted<'_>, results: &[ReportPoint]) -> bool {
    let is_there = |p: &ReportPoint| results.iter().any(|now| (now.on, now.value) == (p.on, p.value));
    report.assessment_id == wanted.assessment && report.oswestry.iter().all(is_there)
}

/// When time alone makes the next report due.
pub(crate) fn wake(case: &Case<'_>) -> Option<Timestamp> {
    outcome::wake(case)
}

/// The id of a report about the current plan.
fn id(case: &Case<'_>, what: &str) -> String {
    derived(&["report", case.chart.patient.as_str(), case.plan_key(), what]).to_string()
}

fn draft(case: &Case<'_>, wanted: &Wanted<'_>, told: &[&Report], content: &Report) -> Draft {
    let corrects = told.last().map(|report| report.report_id.clone());
    let reason = match wanted.reason {
        Report::OUTCOME if corrects.is_some() => Report::CORRECTED,
        reason => reason,
    };
    let mut report = Report {
        report_id: version(&wanted.id, told.len() + 1),
        reason: reason.to_owned(),
        closing: matches!(reason, Report::COMPLETED | Report::REVOKED),
        corrects,
        assessment_id: wanted.assessment.clone(),
        ..content.clone()
    };
    let is_outcome = report.is_outcome();
    report.roles = if is_outcome {
        OUTCOME.to_vec()
    } else {
        PROGRESS.to_vec()
    };
    Draft {
        worker: Worker::Triggers,
        about: About::Patient(case.chart.patient.clone()),
        key: report.report_id.clone(),
        causation: Some(wanted.decisive.id.clone()),
        correlation: Some(wanted.decisive.chain().clone()),
        fact: if is_outcome {
            Fact::ReportOutcome(report)
        } else {
            Fact::ReportProgress(report)
        },
    }
}
