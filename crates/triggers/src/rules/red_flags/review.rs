//! What follows a red flag: the word that a physician reviewed it, and the telling again when nobody takes it on.

use care::fact::assessment::ReviewOutcome;
use care::fact::ours::{Evidence, Severity};
use care::role::Role;

use super::{GROUP, review};
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{AfterPlan, Condition, Origin, Rule, RuleInfo, ShowsAs};
use crate::words::code;

pub(crate) const UNACKNOWLEDGED_RULE: Rule = Rule::listed(&UNACKNOWLEDGED);
pub(crate) const RESOLVED_RULE: Rule = Rule::new(&RESOLVED, resolved);

pub(crate) static UNACKNOWLEDGED: RuleInfo = RuleInfo {
    id: "red-flag-unacknowledged",
    name: "Red-flag incident not acknowledged",
    group: GROUP,
    severity: Severity::Emergency,
    roles: &[Role::CareCoordinator, Role::Pcp, Role::Physiatrist],
    effect: "Tells the next roles: emergencies after 15 minutes and every 15 minutes up to 8 times, \
             urgent ones after 4 clinic hours; then a banner stays.",
    dedupe: "per incident and step",
    rearm: "a new incident",
    evidence: Evidence::Assumption,
    evidence_note: "No published interval was seen.",
    source: Origin::Assumption,
    shows_as: ShowsAs::Fact("alert.escalated"),
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

pub(crate) static RESOLVED: RuleInfo = RuleInfo {
    id: "red-flag-resolved",
    name: "Red flag reviewed",
    group: GROUP,
    severity: Severity::Info,
    roles: &[
        Role::Pcp,
        Role::Physiatrist,
        Role::Acupuncturist,
        Role::PhysicalTherapist,
        Role::CareCoordinator,
    ],
    effect: "Says what a physician decided. Only cleared_for_treatment lifts the hold; held EA that still \
             fits waits for a person. The Oswestry clock runs on.",
    dedupe: "one per review",
    rearm: "the next review",
    evidence: Evidence::Assumption,
    evidence_note: "Nobody but a physician can close a red flag, the patient included.",
    source: Origin::Assumption,
    condition: Condition::Event,
    after_plan: AfterPlan::AsSafety,
    ..RuleInfo::BASE
};

fn resolved(case: &Case<'_>) -> Vec<Finding> {
    let is_open = super::is_open(case);
    let finding = |told: &crate::case::Told<'_>| {
        let outcome = review(told)?.outcome;
        // What was reported after it is not cleared by it.
        let hold = if outcome == ReviewOutcome::ClearedForTreatment && !is_open {
            "lifted"
        } else {
            "stays"
        };
        Some(
            Finding::new(&RESOLVED, told.id().to_owned(), told.at(), told.stamp())
                .value("outcome", code(outcome))
                .value("hold", hold)
                .value("reviewed_by", code(told.by().role)),
        )
    };
    case.live().filter_map(finding).collect()
}
