//! A course that closed early, and nobody said why.

use care::fact::ours::{Evidence, Severity};
use care::fact::plan::PlanReason;
use care::role::Role;

use super::GROUP;
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{AfterPlan, Condition, Origin, Rule, RuleInfo, Scope};
use crate::words::code;

pub(crate) const RULE: Rule = Rule::new(&MINIMUM, short);

pub(crate) static MINIMUM: RuleInfo = RuleInfo {
    id: "course-minimum",
    name: "Course shorter than six sessions",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::Acupuncturist, Role::Physiatrist],
    effect: "The plan closed after at least one session and before the course was complete, for another reason \
             than recovery, the patient's choice, a red flag or a contraindication. The registry counts the course \
             as incomplete.",
    dedupe: "once per plan",
    rearm: "a new plan",
    evidence: Evidence::Unverified,
    evidence_note: "Trials give eight to fifteen sessions; no source was found that makes six a minimum.",
    source: Origin::SourceText,
    condition: Condition::Event,
    scope: Scope::Plan,
    after_plan: AfterPlan::Speaks,
    ..RuleInfo::BASE
};

fn short(case: &Case<'_>) -> Vec<Finding> {
    found(case).into_iter().collect()
}

fn found(case: &Case<'_>) -> Option<Finding> {
    let ended = case.ended()?;
    let reason = case.record?.reason();
    let explained = [
        PlanReason::Recovered,
        PlanReason::PatientChoice,
        PlanReason::RedFlag,
        PlanReason::Contraindication,
    ];
    if reason.is_some_and(|reason| explained.contains(&reason)) {
        return None;
    }
    let length = usize::from(case.policy.scheduling.course_sessions);
    let mut attended = case.chart.attended_ea();
    attended.retain(|(_, session)| session.start().is_some_and(|start| start < ended.time));
    if attended.is_empty() || attended.len() >= length {
        return None;
    }
    let finding = Finding::new(&MINIMUM, format!("{}/course", case.plan_key()), ended.time, ended)
        .value("attended_sessions", attended.len())
        .value("reason", reason.map_or_else(|| "none".to_owned(), code))
        .threshold("attended_sessions_at_least", length);
    let completed = attended.iter().filter_map(|(_, session)| session.newest());
    Some(completed.fold(finding, |finding, (version, _)| finding.because(&version.stamp)))
}
