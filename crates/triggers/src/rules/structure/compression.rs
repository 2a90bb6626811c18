//! Compression of the cauda equina on an image.

use care::fact::assessment::RedFlagItem as I;
use care::fact::ours::{Action, Evidence, Severity};
use care::fact::value::Tri;
use care::id::EventId;
use care::role::Role;
use care::time::Timestamp;

use super::{SHARED, clears, imaging, truth};
use crate::case::{Case, Told};
use crate::finding::{Finding, Truth};
use crate::rule::{Rule, RuleInfo};
use crate::rules::red_flags::{self, cauda_equina};
use crate::words::code;

pub(crate) const RULE: Rule = Rule::new(&COMPRESSION, compressions);

pub(crate) static COMPRESSION: RuleInfo = RuleInfo {
    id: "structural-cauda-equina-compression",
    name: "Cauda equina compression on imaging",
    severity: Severity::Emergency,
    roles: &[
        Role::Physiatrist,
        Role::Pcp,
        Role::Acupuncturist,
        Role::PhysicalTherapist,
        Role::CareCoordinator,
    ],
    effect: "Holds every EA and advises the PT clinic to hold until a physician clears it. Emergency while \
             any cauda equina symptom is reported or unknown; urgent where each was denied on the day of \
             the image or since.",
    dedupe: "one per imaging report",
    rearm: "another imaging report",
    evidence: Evidence::Supported,
    evidence_note: "A hospital pathway acts on the clinical signs, not on the report alone; a clinical \
                    reference asks for immediate surgical referral where image and sign come together.",
    ..SHARED
};

/// Symptoms that have to be denied, each of them.
const SYMPTOMS: [I; 8] = [
    I::BladderChange,
    I::BowelChange,
    I::SensationOfBladderOrBowel,
    I::SaddleSensoryChange,
    I::BilateralLegWeakness,
    I::BilateralSciatica,
    I::SexualDysfunction,
    I::AnalToneLoss,
];

/// What is known of the symptoms, with the facts that say so.
struct Symptoms {
    state: &'static str,
    because: Vec<EventId>,
}

fn compressions(case: &Case<'_>) -> Vec<Finding> {
    let seen = case
        .live()
        .filter(|told| imaging(told).is_some_and(|i| i.cauda_equina_compression == Tri::Yes));
    seen.map(|told| finding(case, told)).collect()
}

fn finding(case: &Case<'_>, told: &Told<'_>) -> Finding {
    let symptoms = symptoms(case, told.at());
    let severity = if symptoms.state == "denied" {
        Severity::Urgent
    } else {
        Severity::Emergency
    };
    let mut finding = Finding::new(&COMPRESSION, told.id().to_owned(), told.at(), told.stamp())
        .severity(severity)
        .value("cauda_equina_compression", "yes")
        .value("symptoms", symptoms.state)
        .value("episode", "structural dominance")
        .action(Action::task(Action::HOLD_EA))
        .action(Action::task(Action::ADVISE_PT_HOLD))
        .task("ask-for-cauda-equina-symptoms-now")
        .task("immediate-surgical-referral-with-any-symptom")
        .truth(truth(case, told.at(), clears));
    if let Some(level) = imaging(told).and_then(|i| i.level.as_ref()) {
        finding = finding.value("level", level);
    }
    finding.because.extend(symptoms.because);
    finding
}

/// Open, denied (each of them, last said on the day of the image or later), or unknown.
fn symptoms(case: &Case<'_>, image: Timestamp) -> Symptoms {
    let is_symptom = |item: &String| SYMPTOMS.iter().any(|symptom| code(symptom) == *item);
    let open = cauda_equina::incident(case)
        .into_iter()
        .filter(|f| f.truth == Truth::Holds && f.items.iter().any(is_symptom));
    let open: Vec<EventId> = open.flat_map(|f| f.because).collect();
    if !open.is_empty() {
        return Symptoms {
            state: "reported",
            because: open,
        };
    }
    let today = case.day_start(case.date(image)).unwrap_or(image);
    let reports = red_flags::reports(case);
    let denials: Option<Vec<EventId>> = SYMPTOMS
        .iter()
        .map(|symptom| {
            let speaks = |r: &&red_flags::Report<'_>| {
                r.flag.items.contains(symptom) || r.flag.denied.contains(symptom)
            };
            let last = reports.iter().rev().find(speaks)?;
            let denied = last.told.at() >= today && !last.flag.items.contains(symptom);
            denied.then(|| red_flags::stamp(last).id.clone())
        })
        .collect();
    let state = if denials.is_some() { "denied" } else { "unknown" };
    let mut because = denials.unwrap_or_default();
    because.sort_unstable();
    because.dedup();
    Symptoms { state, because }
}
