//! Possible vertebral fracture.

use care::fact::assessment::RedFlagItem as I;
use care::fact::ours::{Action, Evidence, Severity};
use care::fact::value::Tri;
use care::role::Role;

use super::{GROUP, Incident, Stretch, stretches};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo};
use crate::words::code;

pub(crate) const RULE: Rule = Rule::new(&SUSPECTED, suspected);

pub(crate) static SUSPECTED: RuleInfo = RuleInfo {
    id: "red-flag-fracture",
    name: "Possible vertebral fracture",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[
        Role::Pcp,
        Role::Physiatrist,
        Role::PhysicalTherapist,
        Role::Acupuncturist,
    ],
    effect: "Holds every EA and advises the PT clinic to hold until a physician clears it. Minor trauma \
             where osteoporosis or steroids are not known is advisory and holds nothing.",
    dedupe: "one open incident per patient; an added item tells again",
    rearm: "a report after a physician's review",
    evidence: Evidence::Supported,
    evidence_note: "Major trauma and steroid use are the flags guidelines name most (2016 overview).",
    source: Origin::Addition,
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

const ITEMS: [I; 4] = [
    I::MajorTrauma,
    I::MinorTrauma,
    I::SuddenOnset,
    I::StructuralDeformity,
];

/// Per stretch: the suspicion, and the question while brittle bones are not known of.
pub(crate) fn suspected(case: &Case<'_>) -> Vec<Finding> {
    let brittle = brittle_bones(case);
    stretches(case)
        .iter()
        .flat_map(|stretch| [suspicion(case, stretch, brittle), question(stretch, brittle)])
        .flatten()
        .collect()
}

/// Osteoporosis or prolonged steroids: no only when both are known to be absent.
fn brittle_bones(case: &Case<'_>) -> Tri {
    let Some(patient) = case.plan().map(|p| &p.patient) else {
        return Tri::Unknown;
    };
    match (patient.osteoporosis, patient.prolonged_steroids) {
        (Tri::Yes, _) | (_, Tri::Yes) => Tri::Yes,
        (Tri::No, Tri::No) => Tri::No,
        _ => Tri::Unknown,
    }
}

fn is_suspicion(incident: &Incident<'_>, brittle: Tri) -> bool {
    let light = incident.has(I::MinorTrauma) || incident.has(I::SuddenOnset);
    incident.has(I::MajorTrauma) || incident.has(I::StructuralDeformity) || (light && brittle == Tri::Yes)
}

fn suspicion(case: &Case<'_>, stretch: &Stretch<'_>, brittle: Tri) -> Option<Finding> {
    let incident = stretch.naming(&ITEMS, Severity::Urgent);
    // Bones that a later revision of the plan calls sound end no hold: a physician does.
    let otherwise = if is_suspicion(&incident, brittle) {
        Truth::Holds
    } else {
        Truth::Lasts
    };
    let finding = incident.finding(&SUSPECTED, format!("incident/{}", stretch.number))?;
    let patient = case.plan().map(|p| &p.patient);
    Some(
        finding
            .value(
                "osteoporosis",
                code(patient.map_or(Tri::Unknown, |p| p.osteoporosis)),
            )
            .value(
                "prolonged_steroids",
                code(patient.map_or(Tri::Unknown, |p| p.prolonged_steroids)),
            )
            .action(Action::task(Action::HOLD_EA))
            .action(Action::task(Action::ADVISE_PT_HOLD))
            .task("physician-review")
            .truth(stretch.truth(otherwise)),
    )
}

fn question(stretch: &Stretch<'_>, brittle: Tri) -> Option<Finding> {
    let all = stretch.naming(&ITEMS, Severity::Advisory);
    let minor = stretch.naming(&[I::MinorTrauma], Severity::Advisory);
    let otherwise = if is_suspicion(&all, brittle) {
        Truth::Over {
            outcome: "superseded",
            by: None,
        }
    } else if brittle == Tri::Unknown {
        Truth::Holds
    } else {
        Truth::Over {
            outcome: "answered",
            by: None,
        }
    };
    let finding = minor.finding(&SUSPECTED, format!("question/{}", stretch.number))?;
    Some(
        finding
            .task("ask-for-osteoporosis-and-steroids")
            .truth(stretch.truth(otherwise)),
    )
}
