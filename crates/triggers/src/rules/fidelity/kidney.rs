//! BL23 and the kidney: a note about thin patients before the session, and where the point lies.

use care::chart::{Session, Stamp};
use care::fact::ours::{Evidence, Severity};
use care::fact::value::PointCode;
use care::landmark::Landmark;

use super::SHARED;
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Rule, RuleInfo, Scope, ShowsAs};

pub(crate) const THIN_RULE: Rule = Rule::new(&THIN, thin);
pub(crate) const LANDMARK_RULE: Rule = Rule::listed(&LANDMARK);

pub(crate) static THIN: RuleInfo = RuleInfo {
    id: "kidney-zone-thin",
    name: "Thin patient and BL23 near the kidney",
    severity: Severity::Advisory,
    effect: "A note before the session, with the depth that the clinic has set for BL23 and the place of \
             the point. Points that nobody has named say nothing.",
    dedupe: "once per plan",
    rearm: "a new plan; the body mass index rises to the limit and falls below it again",
    evidence: Evidence::Partly,
    evidence_note: "In images the kidney lay some 7 cm deep even in underweight people; a needle that \
                    points outward is the larger risk. What is thin is an assumption.",
    condition: Condition::Standing,
    scope: Scope::Plan,
    ..SHARED
};

pub(crate) static LANDMARK: RuleInfo = RuleInfo {
    id: "landmark-bl23",
    name: "Where BL23 lies",
    roles: &[],
    effect: "A test of the shipped data: 1.5 cun lateral to the lower border of the spinous process of L2.",
    dedupe: "none: nothing is raised",
    rearm: "never",
    evidence: Evidence::Supported,
    evidence_note: "A 2017 review of depth and angle at the point.",
    shows_as: ShowsAs::BuildTest,
    ..SHARED
};

fn is_bl23(point: &PointCode) -> bool {
    point.as_str() == "BL23"
}

/// At most one: what the newest revision of the plan says, since BL23 was planned too.
fn thin(case: &Case<'_>) -> Vec<Finding> {
    finding(case).into_iter().collect()
}

fn finding(case: &Case<'_>) -> Option<Finding> {
    let limit = case.policy.fidelity.bmi_thin_below;
    let snapshot = case.record?.snapshot.as_ref()?;
    let plan = &snapshot.value;
    let bmi = plan.patient.bmi.filter(|bmi| *bmi < limit)?;
    let told = &snapshot.version.stamp;
    let is_planned = plan.ea.points.iter().any(is_bl23);
    // The last of them: as they pass by, this only moves back, and time alone makes nothing news.
    let ahead = case
        .future_ea()
        .into_iter()
        .filter_map(|(_, session)| booking(session))
        .max();
    // An EA that is over or was cancelled ends nothing: the note was given for this plan.
    let ever = || {
        case.ea()
            .into_iter()
            .filter_map(|(_, session)| booking(session))
            .max()
    };
    let (since, truth) = match (is_planned, ahead) {
        (true, _) => (told, Truth::Holds),
        (false, Some(booked)) => (told.max(booked), Truth::Holds),
        (false, None) => (told.max(ever()?), Truth::Lasts),
    };
    let truth = if case.is_active() { truth } else { Truth::Lasts };
    let point = PointCode::new("BL23").ok()?;
    let mut finding = Finding::new(&THIN, format!("{}/course", case.plan_key()), since.time, since)
        .because(told)
        .value("bmi", bmi)
        .value("point", point.as_str())
        .threshold("bmi", format!("< {limit}"))
        .threshold(
            "depth_mm_set_by_the_clinic",
            format!("<= {}", case.policy.fidelity.depth_bl23_mm),
        )
        .task("mind-the-depth-at-bl23")
        .truth(truth);
    if let Some(landmark) = Landmark::of(&point) {
        finding = finding.value("landmark", landmark);
    }
    Some(finding)
}

/// The event that booked an EA with BL23.
fn booking(session: &Session) -> Option<&Stamp> {
    let points = session.booking()?.points.as_deref().unwrap_or_default();
    points.iter().any(is_bl23).then(|| session.booked_by())?
}
