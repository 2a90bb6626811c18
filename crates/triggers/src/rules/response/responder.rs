//! Responders: pain down by 30 %, by half.

use care::fact::ours::{Evidence, Severity};
use care::measure::pain::Reduction;
use care::role::Role;

use super::{GROUP, Scores};
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};
use crate::words::tenths;

pub(crate) const THIRTY_RULE: Rule = Rule::new(&THIRTY, thirty);
pub(crate) const FIFTY_RULE: Rule = Rule::new(&FIFTY, fifty);

const SHARED: RuleInfo = RuleInfo {
    group: GROUP,
    severity: Severity::Info,
    dedupe: "the first time in the plan",
    rearm: "a new plan",
    evidence: Evidence::Supported,
    source: Origin::SourceText,
    condition: Condition::Event,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

pub(crate) static THIRTY: RuleInfo = RuleInfo {
    id: "responder-30",
    name: "Pain down by 30 % or more",
    roles: &[Role::Pcp, Role::Physiatrist, Role::Acupuncturist],
    effect: "Says after how many sessions it was first reached; the registry counts it. Whether the next score \
             confirms it is noted and told to nobody.",
    evidence_note: "A consensus on chronic pain calls 30 % a moderate change, another on back pain 30 % of the \
                    baseline the least that matters. From a low baseline it is less than that in points.",
    ..SHARED
};

pub(crate) static FIFTY: RuleInfo = RuleInfo {
    id: "responder-50",
    name: "Pain down by half or more",
    roles: &[Role::Physiatrist, Role::Acupuncturist],
    effect: "Says after how many sessions it was first reached; the registry looks again at six months.",
    evidence_note: "A consensus on chronic pain calls 50 % a substantial change.",
    ..SHARED
};

fn thirty(case: &Case<'_>) -> Vec<Finding> {
    let first = |scores: Scores<'_>| {
        let (finding, next) = first(case, &scores, &THIRTY, ">= 30", Reduction::at_least_30)?;
        let confirmed = match next {
            None => "not yet",
            Some(true) => "yes",
            Some(false) => "no",
        };
        Some(finding.value("confirmed_by_next_score", confirmed))
    };
    Scores::of(case).and_then(first).into_iter().collect()
}

fn fifty(case: &Case<'_>) -> Vec<Finding> {
    let first = |scores: Scores<'_>| first(case, &scores, &FIFTY, ">= 50", Reduction::at_least_50);
    let found = Scores::of(case).and_then(first);
    found.map(|(finding, _)| finding).into_iter().collect()
}

/// The first score that reaches it, and whether the next one does too. A baseline of zero reaches nothing.
fn first(
    case: &Case<'_>,
    scores: &Scores<'_>,
    rule: &'static RuleInfo,
    threshold: &str,
    reaches: fn(Reduction) -> bool,
) -> Option<(Finding, Option<bool>)> {
    let mut evaluable = scores
        .in_course(case)
        .filter_map(|(p, change)| Some((p, change, change.reduction()?)));
    let (now, change, reduction) = evaluable.find(|(_, _, reduction)| reaches(*reduction))?;
    let next = evaluable.next().map(|(_, _, reduction)| reaches(reduction));
    let attended = case.chart.attended_ea();
    let sessions = attended
        .iter()
        .filter(|(_, s)| s.start().is_some_and(|start| start <= now.at))
        .count();
    let scale = now.pain.scale().code();
    let finding = Finding::new(rule, format!("{}/first", case.plan_key()), now.at, &now.stamp)
        .because(&scores.baseline.stamp)
        .value(&format!("pain_baseline_{scale}"), scores.baseline.pain.value())
        .value(&format!("pain_now_{scale}"), now.pain.value())
        .value("pain_reduction_percent", tenths(reduction.percent_x10()))
        .value("low_baseline", change.low_baseline())
        .value("attended_sessions", sessions)
        .threshold("pain_reduction_percent", threshold);
    Some((finding, next))
}
