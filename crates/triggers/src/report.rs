//! Reports: what the people who referred a patient read about the course, as data in the log.
//!
//! Like alerts they are judged on the whole chart, and what the log shows already is subtracted: the id of a report
//! derives from what led to it.

mod content;
mod counts;
mod next;
mod outcome;
mod pain;
mod progress;

use care::about::About;
use care::chart::Stamp;
use care::fact::Fact;
use care::fact::ours::Report;
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

/// A report that ought to be in the log.
struct Wanted<'c> {
    id: String,
    reason: &'static str,
    /// The submission that led to it.
    assessment: Option<AssessmentId>,
    /// The report it corrects.
    corrects: Option<String>,
    decisive: &'c Stamp,
}

/// The reports that ought to be in the log and are not. `said` is what the same answer already says: an alert that
/// is raised together with a report is open in it.
pub(crate) fn drafts(case: &Case<'_>, said: &[Draft]) -> Vec<Draft> {
    let mut wanted = progress::wanted(case);
    wanted.extend(outcome::wanted(case));
    wanted.extend(outcome::closing(case));
    wanted.retain(|w| !case.chart.reports.contains_key(&w.id));
    if wanted.is_empty() {
        return Vec::new();
    }
    let content = content::of(case, said);
    wanted.into_iter().map(|w| draft(case, w, &content)).collect()
}

/// When time alone makes the next report due.
pub(crate) fn wake(case: &Case<'_>) -> Option<Timestamp> {
    outcome::wake(case)
}

/// The id of a report about the current plan.
fn id(case: &Case<'_>, what: &str) -> String {
    derived(&["report", case.chart.patient.as_str(), case.plan_key(), what]).to_string()
}

fn draft(case: &Case<'_>, wanted: Wanted<'_>, content: &Report) -> Draft {
    let closing = matches!(wanted.reason, Report::COMPLETED | Report::REVOKED);
    let mut report = Report {
        report_id: wanted.id.clone(),
        reason: wanted.reason.to_owned(),
        closing,
        corrects: wanted.corrects,
        assessment_id: wanted.assessment,
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
        key: wanted.id,
        causation: Some(wanted.decisive.id.clone()),
        correlation: Some(wanted.decisive.chain().clone()),
        fact: if is_outcome {
            Fact::ReportOutcome(report)
        } else {
            Fact::ReportProgress(report)
        },
    }
}
