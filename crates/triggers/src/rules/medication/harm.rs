//! A symptom that an NSAID may cause.

use care::chart::Alert;
use care::fact::assessment::{Body, Medication, MedicationClass, Symptom, SymptomItem};
use care::fact::ours::{Evidence, Severity};
use care::role::{Actor, Role};
use care::time::{Date, Timestamp};

use super::GROUP;
use super::courses::{Course, courses};
use super::runs::number;
use crate::case::{Case, Told};
use crate::finding::Finding;
use crate::rule::{Condition, Origin, Rule, RuleInfo};
use crate::words::{code, listed};

pub(crate) const RULE: Rule = Rule::new(&HARM, harms);

pub(crate) static HARM: RuleInfo = RuleInfo {
    id: "nsaid-harm-symptom",
    name: "Symptom of bleeding or of the kidneys on an NSAID",
    group: GROUP,
    severity: Severity::Emergency,
    roles: &[Role::Pcp, Role::Physiatrist, Role::CareCoordinator],
    effect: "Asks to phone the patient or to send them to an emergency department. Black stool and vomited blood are \
             an emergency, less urine and swelling are urgent. An NSAID counts until seven days after it was stopped, \
             one used on the skin too. Holds no EA.",
    dedupe: "one incident until a person resolves it; a new symptom tells everybody again",
    rearm: "a person's resolution, then another report",
    evidence: Evidence::Partly,
    evidence_note: "General practice: pages for patients on NSAIDs ask them to call at once; the figures of the source \
                    text could not be traced.",
    source: Origin::Addition,
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

/// Reports between two resolutions by a person.
struct Incident<'a> {
    number: usize,
    reports: Vec<(Told<'a>, &'a Symptom)>,
}

fn harms(case: &Case<'_>) -> Vec<Finding> {
    let nsaids = courses(case, |m: &Medication| m.class == MedicationClass::Nsaid);
    let on_nsaid = |told: &Told<'_>| {
        nsaids
            .iter()
            .any(|course| counts(case, course, case.date(told.at())))
    };
    let closed = closed(case);
    let mut incidents: Vec<Incident<'_>> = Vec::new();
    for told in case.live().filter(|told| on_nsaid(told)) {
        let Body::Symptom(symptom) = told.body() else {
            continue;
        };
        if symptom.items.is_empty() {
            continue;
        }
        let number = 1 + closed.iter().filter(|at| **at <= told.at()).count();
        match incidents.last_mut() {
            Some(incident) if incident.number == number => incident.reports.push((*told, symptom)),
            _ => incidents.push(Incident {
                number,
                reports: vec![(*told, symptom)],
            }),
        }
    }
    let finding = |incident: &Incident<'_>| finding(case, incident, &nsaids);
    incidents.iter().filter_map(finding).collect()
}

fn finding(case: &Case<'_>, incident: &Incident<'_>, nsaids: &[Course<'_>]) -> Option<Finding> {
    let (first, _) = incident.reports.first()?;
    let mut items: Vec<SymptomItem> = incident
        .reports
        .iter()
        .flat_map(|(_, s)| s.items.clone())
        .collect();
    items.sort_unstable();
    items.dedup();
    let bleeds = |item: &SymptomItem| matches!(item, SymptomItem::BlackStool | SymptomItem::Haematemesis);
    let severity = if items.iter().any(bleeds) {
        Severity::Emergency
    } else {
        Severity::Urgent
    };
    let concerned = |course: &&Course<'_>| {
        let days = incident.reports.iter().map(|(told, _)| case.date(told.at()));
        { days }.any(|day| counts(case, course, day))
    };
    let concerned: Vec<&Course<'_>> = nsaids.iter().filter(concerned).collect();
    let mut finding = Finding::new(
        &HARM,
        format!("incident/{}", incident.number),
        first.at(),
        first.stamp(),
    )
    .severity(severity)
    .value("medicines", listed(concerned.iter().map(|c| c.medicine)))
    .value("reported_by", code(first.by().role))
    .threshold("days_since_nsaid_at_most", case.policy.medication.nsaid_harm_days)
    .task("phone-the-patient-or-emergency-department");
    finding.items = items.iter().map(code).collect();
    let reports = incident.reports.iter().map(|(told, _)| told.stamp());
    let said = concerned
        .iter()
        .flat_map(|c| [Some(c.episode.last()), c.episode.cleared.as_ref()]);
    let said = said.flatten().map(Told::stamp);
    Some(reports.chain(said).take(500).fold(finding, Finding::because))
}

/// Whether a course of an NSAID counts on a day: begun, and not stopped longer ago than the policy says.
fn counts(case: &Case<'_>, course: &Course<'_>, day: Date) -> bool {
    let within = i64::from(case.policy.medication.nsaid_harm_days);
    let recent = |stopped: Date| number(day) - number(stopped) <= within;
    course.began().is_some_and(|began| began <= day) && course.stopped.is_none_or(recent)
}

/// When a person resolved an incident: what is reported later is another one.
fn closed(case: &Case<'_>) -> Vec<Timestamp> {
    let ours = |alert: &&Alert| {
        alert
            .raised
            .as_ref()
            .is_some_and(|(_, r)| r.rule.as_str() == HARM.id)
    };
    let by_person = |alert: &Alert| {
        let (stamp, resolved) = alert.resolved.as_ref()?;
        (resolved.by.role != Actor::Carebus).then_some(stamp.time)
    };
    case.chart
        .alerts
        .values()
        .filter(ours)
        .filter_map(by_person)
        .collect()
}
