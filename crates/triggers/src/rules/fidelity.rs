//! Fidelity: what was delivered, held against what the source text asks for.

use std::collections::BTreeSet;

use care::Policy;
use care::chart::{Session, SessionStatus};
use care::fact::ours::{Evidence, Severity};
use care::fact::session::Delivered;
use care::id::SessionId;
use care::role::Role;

use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{Condition, Origin, Rule, RuleInfo, ShowsAs};
use crate::words::listed;

pub(crate) const DISTAL_RULE: Rule = Rule::listed(&DISTAL);
pub(crate) const TOTAL_RULE: Rule = Rule::listed(&TOTAL);
pub(crate) const RETENTION_RULE: Rule = Rule::listed(&RETENTION);
pub(crate) const DEVIATION_RULE: Rule = Rule::new(&DEVIATION, deviations);

const SHARED: RuleInfo = RuleInfo {
    group: "session fidelity",
    severity: Severity::Info,
    roles: &[Role::Acupuncturist],
    dedupe: "one per session",
    rearm: "the next session",
    source: Origin::SourceText,
    shows_as: ShowsAs::Part("fidelity-deviation"),
    condition: Condition::Event,
    ..RuleInfo::BASE
};

pub(crate) static DISTAL: RuleInfo = RuleInfo {
    id: "point-distal-min-one",
    name: "At least one distal point",
    effect: "A part of the deviation: none of the distal points the policy lists.",
    evidence: Evidence::Unverified,
    evidence_note: "Pooled data of 17922 patients give little ground to think that the place of needles \
                    changes the effect.",
    ..SHARED
};

pub(crate) static TOTAL: RuleInfo = RuleInfo {
    id: "point-total-min-four",
    name: "Fewer than four points in a session",
    effect: "A part of the deviation: points and Ashi sites, each counted once; left and right of a code \
             are one.",
    evidence: Evidence::Contradicted,
    evidence_note: "The review named by the source text was not found; pooled data show no effect of the \
                    number of needles against sham.",
    ..SHARED
};

pub(crate) static RETENTION: RuleInfo = RuleInfo {
    id: "retention-under-15",
    name: "Needle retention under 15 minutes",
    effect: "A part of the deviation; the session still counts as attended.",
    evidence: Evidence::Contradicted,
    evidence_note: "The review named by the source text was not found; pooled data show no effect of \
                    duration.",
    ..SHARED
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
    shows_as: ShowsAs::Alert,
    ..SHARED
};

fn deviations(case: &Case<'_>) -> Vec<Finding> {
    let done: Vec<(&SessionId, &Session)> = case
        .ea()
        .into_iter()
        .filter(|(_, s)| s.status() == SessionStatus::Completed)
        .collect();
    let deviates: Vec<bool> = done
        .iter()
        .map(|(_, s)| !parts(delivered(s), case.policy).is_empty())
        .collect();
    let mut found = Vec::new();
    for (index, (id, session)) in done.iter().enumerate().filter(|(index, _)| deviates[*index]) {
        let (Some((version, _)), Some(end)) = (session.newest(), session.end()) else {
            continue;
        };
        let recent = deviates[index.saturating_sub(2)..=index]
            .iter()
            .filter(|d| **d)
            .count();
        let delivered = delivered(session);
        let mut finding = Finding::new(&DEVIATION, id.to_string(), end, &version.stamp)
            .value("session", id)
            .value("parts", listed(parts(delivered, case.policy)))
            .value("deviating_of_last_3", recent)
            .threshold("points_at_least", case.policy.rules.fidelity_points_min)
            .threshold("retention_min_at_least", case.policy.rules.fidelity_retention_min)
            .threshold(
                "distal_points",
                listed(
                    case.policy
                        .rules
                        .fidelity_distal_points
                        .iter()
                        .map(|p| p.as_str()),
                ),
            );
        if let Some(delivered) = delivered.filter(|d| has_points(d)) {
            finding = finding
                .value("points", listed(points(delivered)))
                .value("ashi_sites", ashi_sites(delivered).len());
        }
        if let Some(retention) = delivered.and_then(|d| d.retention_min) {
            finding = finding.value("retention_min", retention);
        }
        if recent >= 2 {
            finding.roles.push(Role::Physiatrist);
        }
        found.push(finding);
    }
    found
}

fn delivered(session: &Session) -> Option<&Delivered> {
    session.completion().and_then(|c| c.delivered.as_ref())
}

/// Ids of the rules a session falls short of.
fn parts(delivered: Option<&Delivered>, policy: &Policy) -> Vec<&'static str> {
    let Some(delivered) = delivered else {
        return Vec::new();
    };
    let rules = &policy.rules;
    let points = points(delivered);
    let count = points.len() + ashi_sites(delivered).len();
    // A session without a single point is one whose points were not recorded.
    let recorded = has_points(delivered);
    let too_few = recorded && count < usize::from(rules.fidelity_points_min);
    let too_short = delivered
        .retention_min
        .is_some_and(|min| min < rules.fidelity_retention_min);
    let no_distal = recorded
        && !rules
            .fidelity_distal_points
            .iter()
            .any(|p| points.contains(p.as_str()));
    let parts = [
        (no_distal, DISTAL.id),
        (too_few, TOTAL.id),
        (too_short, RETENTION.id),
    ];
    parts
        .into_iter()
        .filter(|(falls_short, _)| *falls_short)
        .map(|(_, id)| id)
        .collect()
}

fn has_points(delivered: &Delivered) -> bool {
    !delivered.points.is_empty() || !delivered.ashi_sites.is_empty()
}

fn points(delivered: &Delivered) -> BTreeSet<&str> {
    delivered.points.iter().map(|p| p.as_str()).collect()
}

fn ashi_sites(delivered: &Delivered) -> BTreeSet<&str> {
    delivered.ashi_sites.iter().map(|site| site.trim()).collect()
}
