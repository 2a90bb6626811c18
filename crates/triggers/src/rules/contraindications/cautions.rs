//! What asks for care and holds nothing: anticoagulants, and epilepsy where a clinic wants it.

use care::fact::assessment::{Medication, MedicationClass, ScreeningItem, ScreeningValue};
use care::fact::ours::{Evidence, Severity};
use care::role::Role;
use care::time::Timestamp;

use super::{GROUP, answer, general, verdict};
use crate::case::{Case, Told};
use crate::episode::{Verdict, episodes};
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo};
use crate::rules::medication::courses::{Course, courses, medication};
use crate::words::code;

pub(crate) const ANTICOAGULANT_RULE: Rule = Rule::new(&ANTICOAGULANT, anticoagulants).waking(wake);
pub(crate) const EPILEPSY_RULE: Rule = Rule::new(&EPILEPSY, epilepsies);

pub(crate) static ANTICOAGULANT: RuleInfo = RuleInfo {
    id: "caution-anticoagulant",
    name: "Anticoagulant in use",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::Acupuncturist],
    effect: "No hold: superficial technique at BL points, pressure afterwards, control confirmed with the \
             prescriber. Two antiplatelet drugs together count.",
    dedupe: "one per medicine and course of it",
    rearm: "a new course, or another medicine",
    evidence: Evidence::Supported,
    evidence_note: "As a caution only: a systematic review counts 1 moderate bleed in 3974 treatments of \
                    384 patients on anticoagulants.",
    source: Origin::Addition,
    condition: Condition::Standing,
    ends_as: "stopped",
    ..RuleInfo::BASE
};

pub(crate) static EPILEPSY: RuleInfo = RuleInfo {
    id: "caution-epilepsy",
    name: "Uncontrolled epilepsy",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::Acupuncturist, Role::Pcp],
    effect: "No hold; off unless the policy names it.",
    dedupe: "one while uncontrolled",
    rearm: "a clinician's controlled or no, then uncontrolled again",
    evidence: Evidence::Unverified,
    evidence_note: "Weak: one practitioner's page, no guideline.",
    source: Origin::Addition,
    condition: Condition::Standing,
    default_on: false,
    ends_as: "cleared",
    ..RuleInfo::BASE
};

fn anticoagulants(case: &Case<'_>) -> Vec<Finding> {
    // An uncontrolled coagulopathy holds every EA: the caution has nothing to add.
    let held = general::coagulopathies(case)
        .iter()
        .any(|h| h.finding.truth == Truth::Holds);
    let mut found = Vec::new();
    for course in courses(case, is_anticoagulant) {
        let (first, last) = (course.episode.first(), course.episode.last());
        let Some(class) = medication(last).map(|m| code(m.class)) else {
            continue;
        };
        let otherwise = match days(case, &course) {
            (_, Some(end)) if end <= case.now => Truth::Over {
                outcome: "stopped",
                by: Some(last.stamp().clone()),
            },
            (Some(begin), _) if begin > case.now => Truth::Lasts,
            _ if held => Truth::Lasts,
            _ => Truth::Holds,
        };
        // The day it was told, not the day the medicine was begun, which may lie years back: what is useful to
        // know begins when it is known.
        let key = format!("{}/{}", course.medicine, course.episode.number);
        let finding = Finding::new(&ANTICOAGULANT, key, first.at(), first.stamp())
            .because(last.stamp())
            .value("class", class)
            .task("superficial-technique-at-bl-points")
            .task("confirm-control-with-prescriber")
            .truth(course.episode.truth("stopped", otherwise));
        found.push(finding);
    }
    found
}

fn epilepsies(case: &Case<'_>) -> Vec<Finding> {
    use ScreeningValue as V;
    let read = |told: &Told<'_>| {
        let about = answer(told, ScreeningItem::Epilepsy);
        about.map_or(Verdict::Nothing, |s| {
            verdict(told, s.value, V::Uncontrolled, &[V::Controlled, V::No])
        })
    };
    let found = episodes(case, read);
    let finding = |episode: &crate::episode::Episode<'_>| {
        let first = episode.first();
        Finding::new(
            &EPILEPSY,
            format!("uncontrolled/{}", episode.number),
            first.at(),
            first.stamp(),
        )
        .because(episode.last().stamp())
        .value("epilepsy", "uncontrolled")
        .truth(episode.truth("cleared", Truth::Holds))
    };
    found.iter().map(finding).collect()
}

fn is_anticoagulant(m: &Medication) -> bool {
    matches!(
        m.class,
        MedicationClass::Anticoagulant | MedicationClass::AntiplateletDual
    )
}

/// The first instant on which it is taken, and the first after its last day.
fn days(case: &Case<'_>, course: &Course<'_>) -> (Option<Timestamp>, Option<Timestamp>) {
    let begin = course.began().and_then(|day| case.day_start(day));
    let end = course
        .stopped
        .and_then(|day| case.day_start(Case::days_after(day, 1)?));
    (begin, end)
}

fn wake(case: &Case<'_>) -> Option<Timestamp> {
    let courses = courses(case, is_anticoagulant);
    let days = courses.iter().map(|course| days(case, course));
    days.flat_map(|(begin, end)| [begin, end])
        .flatten()
        .filter(|at| *at > case.now)
        .min()
}
