//! Oswestry results that cannot be used as they came: too many blanks, or two of one day that differ.

use care::chart::OswestryReading;
use care::fact::assessment::{Body, Oswestry};
use care::fact::ours::{Evidence, Severity};
use care::role::Role;

use super::{GROUP, baseline_on, is_after_end, window};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};
use crate::words::code;

pub(crate) const INVALID_RULE: Rule = Rule::new(&INVALID, invalid);
pub(crate) const DUPLICATE_RULE: Rule = Rule::new(&DUPLICATE, duplicate);

pub(crate) static INVALID: RuleInfo = RuleInfo {
    id: "odi-invalid",
    name: "Oswestry cannot be scored",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::CareCoordinator],
    effect: "Stored without a score, answers no due; ask for the blank sections the same day. What cannot \
             be read at all is in quarantine.",
    dedupe: "one per submission",
    rearm: "another submission",
    evidence: Evidence::Partly,
    evidence_note: "No statement of the developer was found; two scoring programs stop at one blank \
                    section, and an audit of 2008 found every form with blanks mis-scored by hand.",
    source: Origin::Addition,
    condition: Condition::Standing,
    scope: Scope::Plan,
    ends_as: "answered",
    ..RuleInfo::BASE
};

pub(crate) static DUPLICATE: RuleInfo = RuleInfo {
    id: "odi-duplicate",
    name: "Oswestry submitted twice with different answers",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::CareCoordinator],
    effect: "The one sent later counts, both are kept; equal ones are silent.",
    dedupe: "one per pair",
    rearm: "another pair",
    evidence: Evidence::Assumption,
    evidence_note: "No source.",
    source: Origin::Assumption,
    condition: Condition::Event,
    ..RuleInfo::BASE
};

fn invalid(case: &Case<'_>) -> Vec<Finding> {
    let finding = |reading: &OswestryReading| {
        let key = format!("{}/{}", case.plan_key(), reading.assessment_id);
        let later = case
            .readings
            .iter()
            .find(|r| r.usable().is_some() && r.at >= reading.at);
        let truth = match later {
            Some(answer) => Truth::Over {
                outcome: "answered",
                by: Some(answer.stamp.clone()),
            },
            None => Truth::Holds,
        };
        let missing = submitted(case, reading).and_then(|o| o.given.missing());
        Finding::new(&INVALID, key, reading.at, &reading.stamp)
            .value(
                "missing_sections",
                missing.map_or("unknown".to_owned(), |n| n.to_string()),
            )
            .value("reason", code(reading.validity))
            .threshold("missing_sections_at_most", case.policy.oswestry.max_missing.get())
            .task("ask-for-blank-sections-today")
            .truth(truth)
    };
    // What came before the plan is not asked about now, except for its baseline.
    let Some((opens, _)) = baseline_on(case).and_then(|day| window(case, day)) else {
        return Vec::new();
    };
    let unusable = |r: &&OswestryReading| !r.validity.is_valid() && r.on >= opens && !is_after_end(case, r);
    case.readings.iter().filter(unusable).map(finding).collect()
}

fn duplicate(case: &Case<'_>) -> Vec<Finding> {
    let mut valid: Vec<&OswestryReading> = case
        .readings
        .iter()
        .filter(|r| r.validity.is_valid() && !is_after_end(case, r))
        .collect();
    valid.sort_by(|a, b| (a.on, a.stamp.time, &a.stamp.id).cmp(&(b.on, b.stamp.time, &b.stamp.id)));
    let mut found = Vec::new();
    for (index, later) in valid.iter().enumerate() {
        for earlier in valid[..index].iter().filter(|r| r.on == later.on) {
            if submitted(case, earlier) == submitted(case, later) {
                continue;
            }
            let key = format!("{}+{}", earlier.assessment_id, later.assessment_id);
            let counts = later.superseded_by.as_ref().unwrap_or(&later.assessment_id);
            let finding = Finding::new(&DUPLICATE, key, later.at.max(earlier.at), &later.stamp)
                .because(&earlier.stamp)
                .value("day", later.on)
                .value("counts", counts);
            found.push(finding);
        }
    }
    found
}

fn submitted<'c>(case: &'c Case<'_>, reading: &OswestryReading) -> Option<&'c Oswestry> {
    match &case
        .chart
        .assessments
        .get(&reading.assessment_id)?
        .assessment
        .body
    {
        Body::Oswestry(oswestry) => Some(oswestry),
        _ => None,
    }
}
