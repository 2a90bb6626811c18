//! Cauda equina and progressive nerve damage: one incident per patient, whichever of three rules sees it first.

use care::fact::assessment::RedFlagItem as I;
use care::fact::ours::{Action, Evidence, Severity};
use care::fact::value::Tri;
use care::role::Role;

use super::{GROUP, Incident, Report, Stretch, stretches};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo};

/// The first row finds for all three.
pub(crate) const BOWEL_BLADDER_RULE: Rule = Rule::new(&BOWEL_BLADDER, incident);
pub(crate) const OTHER_RULE: Rule = Rule::listed(&OTHER);
pub(crate) const NEURO_RULE: Rule = Rule::listed(&NEURO);

const EVERYBODY: &[Role] = &[
    Role::Pcp,
    Role::Physiatrist,
    Role::Acupuncturist,
    Role::PhysicalTherapist,
    Role::CareCoordinator,
];

const SHARED: RuleInfo = RuleInfo {
    group: GROUP,
    severity: Severity::Emergency,
    roles: EVERYBODY,
    dedupe: "one incident per patient, shared by the three rules; a new item tells everybody again",
    rearm: "a report after a physician's review",
    evidence: Evidence::Supported,
    condition: Condition::Standing,
    safety: true,
    incident: Some("red-flag-incident"),
    ..RuleInfo::BASE
};

pub(crate) static BOWEL_BLADDER: RuleInfo = RuleInfo {
    id: "red-flag-bowel-bladder",
    name: "Sudden bowel or bladder change",
    effect: "Holds every EA and advises the PT clinic to hold. Telephone within the hour, emergency \
             department with MRI; mail is no emergency channel. Urgent instead where it is old and said \
             to be stable.",
    evidence_note: "A clinical reference asks for immediate referral of new or worsening disturbance, and \
                    MRI within 4 hours of the request: more urgent than the source text.",
    source: Origin::SourceText,
    ..SHARED
};

pub(crate) static OTHER: RuleInfo = RuleInfo {
    id: "red-flag-ces-other",
    name: "Other cauda equina symptoms",
    effect: "As a bowel or bladder change; the same incident.",
    evidence_note: "Saddle sensation, weakness of both legs and sexual function stand in the reference \
                    lists seen.",
    source: Origin::Addition,
    ..SHARED
};

pub(crate) static NEURO: RuleInfo = RuleInfo {
    id: "red-flag-progressive-neuro",
    name: "Severe or progressive leg weakness, gait disturbance",
    effect: "Holds every EA and advises the PT clinic to hold; spinal assessment the same day; the same \
             incident. Foot drop counts unless strength is 4 or 5 and it is said not to get worse.",
    evidence_note: "New or progressive deficit is urgent the same day in the pathway seen; a 2014 study \
                    finds the course of strength 3 or less unfavourable.",
    source: Origin::Addition,
    ..SHARED
};

/// One finding per stretch; its rule is the one that the earliest report speaks for.
pub(crate) fn incident(case: &Case<'_>) -> Vec<Finding> {
    stretches(case)
        .iter()
        .filter_map(|stretch| of_stretch(case, stretch))
        .collect()
}

fn of_stretch(case: &Case<'_>, stretch: &Stretch<'_>) -> Option<Finding> {
    let new_days = case.policy.rules.cauda_equina_new_days;
    let mut incident = Incident {
        severity: Severity::Urgent,
        items: [].into(),
        reports: Vec::new(),
    };
    let mut rule: Option<&'static RuleInfo> = None;
    for report in &stretch.reports {
        let fires = fires(report, new_days);
        for (info, item, severity) in &fires {
            rule.get_or_insert(info);
            incident.items.insert(*item);
            incident.severity = incident.severity.max(*severity);
        }
        incident.reports.extend((!fires.is_empty()).then_some(*report));
    }
    let finding = incident.finding(rule?, format!("incident/{}", stretch.number))?;
    Some(
        finding
            .threshold("new_within_days", new_days)
            .action(Action::task(Action::HOLD_EA))
            .action(Action::task(Action::ADVISE_PT_HOLD))
            .task("telephone-within-the-hour")
            .task("emergency-department-with-mri")
            .truth(stretch.truth(Truth::Holds)),
    )
}

/// What a report fires, by rule in the order of the catalogue.
fn fires(report: &Report<'_>, new_days: u16) -> Vec<(&'static RuleInfo, I, Severity)> {
    let by_age = if report.is_old_and_stable(new_days) {
        Severity::Urgent
    } else {
        Severity::Emergency
    };
    let flag = report.flag;
    let fired = |item: I| match item {
        I::BladderChange | I::BowelChange | I::SensationOfBladderOrBowel => {
            Some((&BOWEL_BLADDER, item, by_age))
        }
        I::SaddleSensoryChange
        | I::BilateralLegWeakness
        | I::BilateralSciatica
        | I::SexualDysfunction
        | I::AnalToneLoss => Some((&OTHER, item, by_age)),
        I::ProgressiveMotorDeficit => Some((&NEURO, item, Severity::Emergency)),
        // Old and stable it is not new; it is still a sign that a physician has to see.
        I::GaitDisturbance => Some((&NEURO, item, by_age)),
        I::FootDrop if flag.mrc_grade.is_some_and(|g| g >= 4) && flag.worsening == Tri::No => None,
        I::FootDrop => Some((&NEURO, item, Severity::Emergency)),
        _ => None,
    };
    let mut fires: Vec<_> = flag.items.iter().copied().filter_map(fired).collect();
    let rank = |info: &RuleInfo| {
        [BOWEL_BLADDER.id, OTHER.id, NEURO.id]
            .iter()
            .position(|id| *id == info.id)
    };
    fires.sort_by_key(|(info, item, _)| (rank(info), *item));
    fires
}
