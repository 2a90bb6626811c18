//! Possible spinal infection.

use care::fact::assessment::RedFlagItem as I;
use care::fact::ours::{Action, Evidence, Severity};
use care::role::Role;

use super::{GROUP, Incident, Stretch, stretches};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo};

pub(crate) const RULE: Rule = Rule::new(&SUSPECTED, suspected);

pub(crate) static SUSPECTED: RuleInfo = RuleInfo {
    id: "red-flag-infection",
    name: "Possible spinal infection",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[Role::Pcp, Role::Physiatrist, Role::Acupuncturist],
    effect: "Holds every EA until a physician clears it; medical review the same day. Fever without a \
             risk is advisory and holds nothing.",
    dedupe: "one open incident per patient; an added item tells again",
    rearm: "a report after a physician's review",
    evidence: Evidence::Supported,
    evidence_note: "The items stand in the lists seen; that a sign and a risk have to meet is an assumption.",
    source: Origin::Addition,
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

const SIGNS: [I; 3] = [I::Fever, I::ChillsRigors, I::SystemicallyUnwell];
const RISKS: [I; 5] = [
    I::Immunosuppression,
    I::IvDrugUse,
    I::RecentBacterialInfection,
    I::PenetratingWound,
    I::RecentSpinalProcedure,
];

/// Per stretch: the suspicion, or the fever alone that it was before.
pub(crate) fn suspected(case: &Case<'_>) -> Vec<Finding> {
    stretches(case)
        .iter()
        .flat_map(|stretch| [suspicion(stretch), fever(stretch)])
        .flatten()
        .collect()
}

fn is_suspicion(incident: &Incident<'_>) -> bool {
    SIGNS.iter().any(|item| incident.has(*item)) && RISKS.iter().any(|item| incident.has(*item))
}

fn suspicion(stretch: &Stretch<'_>) -> Option<Finding> {
    let incident = stretch.naming(&[&SIGNS[..], &RISKS[..]].concat(), Severity::Urgent);
    if !is_suspicion(&incident) {
        return None;
    }
    let finding = incident.finding(&SUSPECTED, format!("incident/{}", stretch.number))?;
    Some(
        finding
            .threshold("items", "a sign and a risk")
            .action(Action::task(Action::HOLD_EA))
            .task("medical-review-same-day")
            .truth(stretch.truth(Truth::Holds)),
    )
}

fn fever(stretch: &Stretch<'_>) -> Option<Finding> {
    let incident = stretch.naming(&[&SIGNS[..], &RISKS[..]].concat(), Severity::Advisory);
    let signs = stretch.naming(&SIGNS, Severity::Advisory);
    let grown = is_suspicion(&incident);
    if !signs.has(I::Fever) {
        return None;
    }
    let otherwise = if grown {
        Truth::Over {
            outcome: "superseded",
            by: None,
        }
    } else {
        Truth::Holds
    };
    let finding = signs.finding(&SUSPECTED, format!("fever/{}", stretch.number))?;
    Some(
        finding
            .task("ask-for-signs-of-infection")
            .truth(stretch.truth(otherwise)),
    )
}
