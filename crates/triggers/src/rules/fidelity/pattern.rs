//! Patterns: whether one was recorded for the course, and whether the points follow it.

use care::chart::PlanStatus;
use care::fact::assessment::{Body, PatternKind};
use care::fact::ours::Evidence;
use care::fact::session::Delivered;
use care::measure::fidelity::{are_points_recorded, ashi_sites};
use care::time::Timestamp;

use super::{Done, SHARED, done};
use crate::case::{Case, Told};
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};

pub(crate) const UNRECORDED_RULE: Rule = Rule::new(&UNRECORDED, unrecorded);
pub(crate) const COLD_DAMP_RULE: Rule = Rule::new(&COLD_DAMP, cold_damp);
pub(crate) const LIVER_QI_RULE: Rule = Rule::new(&LIVER_QI, liver_qi);

pub(crate) static UNRECORDED: RuleInfo = RuleInfo {
    id: "pattern-not-recorded",
    name: "No pattern recorded for the course",
    effect: "Asks for a pattern once the first EA took place; none_applied is an answer.",
    dedupe: "once per plan",
    rearm: "a new plan",
    evidence: Evidence::Unverified,
    evidence_note: "No outcome evidence for choosing points by pattern was seen, and raters agree poorly on \
                    patterns.",
    condition: Condition::Standing,
    scope: Scope::Plan,
    ends_as: "corrected",
    ..SHARED
};

pub(crate) static COLD_DAMP: RuleInfo = RuleInfo {
    id: "pattern-cold-damp",
    name: "Cold-damp pattern without BL25 and an Ashi site",
    effect: "Flags the session, softly: never more than info.",
    ..TRADITION
};

pub(crate) static LIVER_QI: RuleInfo = RuleInfo {
    id: "pattern-liver-qi",
    name: "Liver-qi stagnation without LR3",
    effect: "Flags the session. LR3 counts toward the total of points, not as a bladder or distal one.",
    ..TRADITION
};

const TRADITION: RuleInfo = RuleInfo {
    evidence: Evidence::Unverified,
    evidence_note: "Traditional teaching.",
    source: Origin::SourceText,
    ..SHARED
};

fn kind(told: &Told<'_>) -> Option<PatternKind> {
    match told.body() {
        Body::Pattern(pattern) => Some(pattern.pattern),
        _ => None,
    }
}

/// One that was recorded before the plan counts too, if no earlier course lies between.
fn unrecorded(case: &Case<'_>) -> Vec<Finding> {
    let Some(first) = case.chart.attended_ea().first().map(|(id, _)| *id) else {
        return Vec::new();
    };
    let done = done(case);
    let Some(at) = done.iter().position(|session| session.id == first) else {
        return Vec::new();
    };
    let session_before = at.checked_sub(1).map(|last| done[last].end);
    let before = session_before.max(plan_before(case));
    let recorded = case
        .live()
        .find(|told| kind(told).is_some() && before.is_none_or(|before| told.at() > before));
    let truth = match recorded {
        Some(told) => Truth::Over {
            outcome: "recorded",
            by: Some(told.stamp().clone()),
        },
        None if case.is_active() => Truth::Holds,
        None => Truth::Lasts,
    };
    let first = &done[at];
    let key = format!("{}/course", case.plan_key());
    vec![
        first
            .keyed(&UNRECORDED, key)
            .value("pattern", "not recorded")
            .task("record-a-pattern-or-none-applied")
            .truth(truth),
    ]
}

/// When the last of the earlier plans ended, at the latest when the current one began.
fn plan_before(case: &Case<'_>) -> Option<Timestamp> {
    let began = case.record?.activated.as_ref()?.time;
    let others = case
        .chart
        .plans
        .iter()
        .filter(|(id, _)| id.as_str() != case.plan_key());
    let ended = others.filter_map(|(_, plan)| match plan.status() {
        PlanStatus::Completed | PlanStatus::Revoked => plan.status_since().map(|s| s.time.min(began)),
        PlanStatus::Active | PlanStatus::Held => plan.activated.as_ref().map(|s| s.time),
    });
    ended.max()
}

fn cold_damp(case: &Case<'_>) -> Vec<Finding> {
    let missing = |delivered: &Delivered| {
        let missing = [
            (!has(delivered, "BL25"), "BL25"),
            (ashi_sites(delivered).is_empty(), "an Ashi site"),
        ];
        missing
            .into_iter()
            .filter(|(is_missing, _)| *is_missing)
            .map(|(_, what)| what)
            .collect()
    };
    without(case, &COLD_DAMP, PatternKind::ColdDamp, missing)
}

fn liver_qi(case: &Case<'_>) -> Vec<Finding> {
    let missing = |delivered: &Delivered| match has(delivered, "LR3") {
        true => Vec::new(),
        false => vec!["LR3"],
    };
    without(case, &LIVER_QI, PatternKind::LiverQiStagnation, missing)
}

/// Sessions under a pattern that lack what it asks for. The pattern is the last one recorded until the session ended.
fn without(
    case: &Case<'_>,
    rule: &'static RuleInfo,
    pattern: PatternKind,
    missing: impl Fn(&Delivered) -> Vec<&'static str>,
) -> Vec<Finding> {
    let finding = |session: &Done<'_>| {
        let recorded = case
            .live()
            .rfind(|told| kind(told).is_some() && told.at() <= session.end)?;
        let delivered = session.delivered().filter(|d| are_points_recorded(d))?;
        let missing = missing(delivered);
        let lacks = kind(recorded) == Some(pattern) && !missing.is_empty();
        lacks.then(|| {
            session
                .finding(rule)
                .because(recorded.stamp())
                .value("pattern", crate::words::code(pattern))
                .value("missing", missing.join(" and "))
        })
    };
    done(case).iter().filter_map(finding).collect()
}

fn has(delivered: &Delivered, code: &str) -> bool {
    delivered.points.iter().any(|point| point.as_str() == code)
}
