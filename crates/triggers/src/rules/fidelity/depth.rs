//! How deep the needles went, at the two points that have a limit.

use std::collections::BTreeMap;

use care::fact::assessment::{Body, RedFlagItem};
use care::fact::ours::{Evidence, Severity};
use care::id::EventId;
use care::role::Role;
use care::time::hours;

use super::{Done, SHARED, done};
use crate::case::{Case, Told};
use crate::finding::Finding;
use crate::rule::{Rule, RuleInfo};

pub(crate) const BL23_RULE: Rule = Rule::new(&BL23, |case| {
    let limit = case.policy.fidelity.depth_bl23_mm;
    deeper(case, &BL23, "BL23", limit, |session, finding| {
        checked(case, session, finding)
    })
});
pub(crate) const GB34_RULE: Rule = Rule::new(&GB34, |case| {
    let limit = case.policy.fidelity.depth_gb34_mm;
    deeper(case, &GB34, "GB34", limit, |_, finding| finding)
});

pub(crate) static BL23: RuleInfo = RuleInfo {
    id: "depth-bl23",
    name: "BL23 deeper than 1.2 inches",
    severity: Severity::Advisory,
    effect: "Flags the session and asks after flank pain, blood in the urine and fever for 24 hours. \
             Whatever of these is reported makes it urgent, and tells the PCP.",
    rearm: "the next session; a symptom tells again",
    evidence: Evidence::Partly,
    evidence_note: "Cautious for most: in images of 140 people the kidney lay some 7 cm deep; a 2017 review \
                    finds 20 to 31 mm suitable. The inches may have been meant as cun.",
    ..SHARED
};

pub(crate) static GB34: RuleInfo = RuleInfo {
    id: "depth-gb34",
    name: "GB34 deeper than 0.8 inches",
    effect: "Flags the session. No other point has a limit.",
    evidence: Evidence::Unverified,
    evidence_note: "One practitioner's page says less; the usual textbook ranges were not found.",
    ..SHARED
};

/// One finding per session in which a point was needled deeper than its limit; the limit itself is not deeper.
fn deeper(
    case: &Case<'_>,
    rule: &'static RuleInfo,
    point: &str,
    limit: f64,
    more: impl Fn(&Done<'_>, Finding) -> Finding,
) -> Vec<Finding> {
    let finding = |session: &Done<'_>| {
        let depths = &session.delivered()?.depth_mm;
        let (_, depth) = depths.iter().find(|(code, _)| code.as_str() == point)?;
        (*depth > limit).then(|| {
            let finding = session.finding(rule).value("point", point);
            let finding = finding
                .value("depth_mm", depth)
                .threshold("depth_mm", format!("<= {limit}"));
            more(session, finding)
        })
    };
    done(case).iter().filter_map(finding).collect()
}

/// What was reported in the hours after, if anything.
fn checked(case: &Case<'_>, session: &Done<'_>, finding: Finding) -> Finding {
    let mut symptoms: BTreeMap<&'static str, &EventId> = BTreeMap::new();
    for told in case.live().filter(|told| is_after(case, session, told)) {
        for symptom in symptoms_in(told) {
            symptoms.entry(symptom).or_insert(&told.stamp().id);
        }
    }
    let mut finding = finding.task("symptom-check-for-24-hours");
    if !symptoms.is_empty() {
        finding = finding.severity(Severity::Urgent).task("medical-review-same-day");
        finding.roles.push(Role::Pcp);
    }
    finding.items = symptoms.keys().map(|symptom| (*symptom).to_owned()).collect();
    let because: std::collections::BTreeSet<EventId> = symptoms.into_values().cloned().collect();
    finding.because.extend(because);
    finding
}

/// An adverse event that names a session belongs to it, whenever it was reported; anything else belongs to the hours
/// from the session's start.
fn is_after(case: &Case<'_>, session: &Done<'_>, told: &Told<'_>) -> bool {
    if let Body::AdverseEvent(event) = told.body()
        && let Some(id) = &event.session_id
    {
        return id == session.id;
    }
    let within = hours(i64::from(case.policy.fidelity.symptom_check_hours));
    let until = session.end.saturating_add(within).unwrap_or(session.end);
    session.session.start().is_some_and(|start| start <= told.at()) && told.at() <= until
}

/// Symptoms of a kidney that was touched; an adverse event names its kind in a code of the clinic's.
fn symptoms_in(told: &Told<'_>) -> Vec<&'static str> {
    match told.body() {
        Body::AdverseEvent(event) => match event.kind.to_lowercase().replace(['-', ' '], "_").as_str() {
            "flank_pain" => vec!["flank_pain"],
            "haematuria" | "hematuria" | "blood_in_urine" => vec!["haematuria"],
            "fever" => vec!["fever"],
            _ => Vec::new(),
        },
        Body::RedFlag(flag) if flag.items.contains(&RedFlagItem::Fever) => vec!["fever"],
        _ => Vec::new(),
    }
}
