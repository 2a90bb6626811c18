//! Structural dominance: what an image or an examination shows that needling alone cannot answer.
//!
//! A hold ends only by a physician's word that is later than what opened it: a review that clears for treatment, or,
//! where the physiatrist decides about the course, a course review by the physiatrist that goes on. A later image
//! without the finding, or a better examination, ends nothing.

pub(crate) mod compression;
pub(crate) mod disc;
pub(crate) mod slip;

use care::chart::Stamp;
use care::fact::assessment::{Body, CourseDecision, Exam, Imaging, ReviewOutcome};
use care::fact::ours::Severity;
use care::role::{Actor, Role};
use care::time::Timestamp;

use crate::case::{Case, Told};
use crate::finding::Truth;
use crate::rule::{Condition, Origin, RuleInfo};
use crate::rules::red_flags;

const GROUP: &str = "structural dominance";

/// What the rows of this room share.
const SHARED: RuleInfo = RuleInfo {
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[Role::Physiatrist, Role::Acupuncturist, Role::Pcp],
    source: Origin::SourceText,
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

fn imaging<'a>(told: &Told<'a>) -> Option<&'a Imaging> {
    match told.body() {
        Body::Imaging(imaging) => Some(imaging),
        _ => None,
    }
}

fn exam<'a>(told: &Told<'a>) -> Option<&'a Exam> {
    match told.body() {
        Body::Exam(exam) => Some(exam),
        _ => None,
    }
}

/// A spinal level or a myotome as part of a key: `l4/l5` and `L4/L5 ` are one.
fn place(text: &str) -> String {
    text.trim().to_uppercase()
}

/// A physician says that treatment may go on.
fn clears(told: &Told<'_>) -> bool {
    red_flags::review(told).is_some_and(|review| review.outcome == ReviewOutcome::ClearedForTreatment)
}

/// The physiatrist decides that the course goes on, as it was or adjusted.
fn goes_on(told: &Told<'_>) -> bool {
    let is_physiatrist = told.by().role == Actor::Physiatrist && told.by().is_named_clinician();
    matches!(told.body(), Body::CourseReview(review) if is_physiatrist && review.decision != CourseDecision::Stop)
}

/// How a finding stands that opened at an instant; what was said at the same instant did not know of it.
fn truth(case: &Case<'_>, opened: Timestamp, ends: impl Fn(&Told<'_>) -> bool) -> Truth {
    match case.live().find(|told| told.at() > opened && ends(told)) {
        Some(review) => Truth::Over {
            outcome: "cleared",
            by: Some(Stamp::clone(review.stamp())),
        },
        None => Truth::Holds,
    }
}
