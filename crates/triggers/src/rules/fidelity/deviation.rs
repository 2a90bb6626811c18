//! The composite: a session that differs from the agreed criteria, told once with its parts.

use care::fact::ours::{Evidence, Severity};
use care::measure::fidelity::{Shortfall, are_points_recorded, ashi_sites, points, shortfalls};
use care::role::Role;

use super::{Done, SHARED, done};
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{Rule, RuleInfo, ShowsAs};
use crate::words::listed;

pub(crate) const DISTAL_RULE: Rule = Rule::listed(&DISTAL);
pub(crate) const TOTAL_RULE: Rule = Rule::listed(&TOTAL);
pub(crate) const RETENTION_RULE: Rule = Rule::listed(&RETENTION);
pub(crate) const DEVIATION_RULE: Rule = Rule::new(&DEVIATION, deviations);

const PART: RuleInfo = RuleInfo {
    shows_as: ShowsAs::Part("fidelity-deviation"),
    ..SHARED
};

pub(crate) static DISTAL: RuleInfo = RuleInfo {
    id: "point-distal-min-one",
    name: "At least one distal point",
    effect: "A part of the deviation: none of the distal points the policy lists.",
    evidence: Evidence::Unverified,
    evidence_note: "Pooled data of 17922 patients give little ground to think that the place of needles \
                    changes the effect.",
    ..PART
};

pub(crate) static TOTAL: RuleInfo = RuleInfo {
    id: "point-total-min-four",
    name: "Fewer than four points in a session",
    effect: "A part of the deviation: points and Ashi sites, each counted once; left and right of a code \
             are one.",
    evidence: Evidence::Contradicted,
    evidence_note: "The review named by the source text was not found; pooled data show no effect of the \
                    number of needles against sham.",
    ..PART
};

pub(crate) static RETENTION: RuleInfo = RuleInfo {
    id: "retention-under-15",
    name: "Needle retention under 15 minutes",
    effect: "A part of the deviation; the session still counts as attended.",
    evidence: Evidence::Contradicted,
    evidence_note: "The review named by the source text was not found; pooled data show no effect of \
                    duration.",
    ..PART
};

pub(crate) static DEVIATION: RuleInfo = RuleInfo {
    id: "fidelity-deviation",
    name: "Session differs from the agreed criteria",
    severity: Severity::Advisory,
    effect: "Lists its parts: too few points, too short, no distal point. At 2 of the last 3 sessions the \
             physiatrist is told too. What was not recorded is no deviation.",
    dedupe: "one per session, in place of its parts",
    evidence: Evidence::Unverified,
    evidence_note: "What such a deviation does to the outcome is not known; the figure of the source text \
                    could not be traced.",
    ..SHARED
};

fn deviations(case: &Case<'_>) -> Vec<Finding> {
    let done = done(case);
    let short: Vec<Vec<Shortfall>> = done.iter().map(|d| falls_short(case, d)).collect();
    let mut found = Vec::new();
    for (index, session) in done
        .iter()
        .enumerate()
        .filter(|(index, _)| !short[*index].is_empty())
    {
        let last_three = &short[index.saturating_sub(2)..=index];
        let recent = last_three.iter().filter(|short| !short.is_empty()).count();
        let mut finding = of_session(case, session, &short[index]).value("deviating_of_last_3", recent);
        if recent >= 2 {
            finding.roles.push(Role::Physiatrist);
        }
        found.push(finding);
    }
    found
}

fn falls_short(case: &Case<'_>, session: &Done<'_>) -> Vec<Shortfall> {
    let delivered = session.delivered();
    delivered.map_or_else(Vec::new, |d| shortfalls(d, case.policy))
}

fn of_session(case: &Case<'_>, session: &Done<'_>, short: &[Shortfall]) -> Finding {
    let rules = &case.policy.rules;
    let distal = rules.fidelity_distal_points.iter().map(|p| p.as_str());
    let mut finding = session
        .finding(&DEVIATION)
        .value("parts", listed(short.iter().map(|s| s.rule())))
        .threshold("points_at_least", rules.fidelity_points_min)
        .threshold("retention_min_at_least", rules.fidelity_retention_min)
        .threshold("distal_points", listed(distal));
    if let Some(delivered) = session.delivered().filter(|d| are_points_recorded(d)) {
        let points = points(delivered);
        finding = finding
            .value("points", listed(points.iter().map(|p| p.as_str())))
            .value("ashi_sites", ashi_sites(delivered).len());
    }
    if let Some(retention) = session.delivered().and_then(|d| d.retention_min) {
        finding = finding.value("retention_min", retention);
    }
    finding
}
