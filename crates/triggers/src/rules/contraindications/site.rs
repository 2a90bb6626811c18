//! Contraindications at a place: infection and malignant tumour, held zone by zone.

use std::collections::BTreeSet;

use care::fact::assessment::{Screening, ScreeningItem, ScreeningValue};
use care::fact::ours::{Action, Evidence, Severity};
use care::fact::value::Zone;
use care::role::Role;

use super::{GROUP, Held, Hold, answer, findings, verdict};
use crate::case::{Case, Told};
use crate::episode::{Verdict, episodes};
use crate::rule::{Condition, Origin, Rule, RuleInfo};

pub(crate) const INFECTION_RULE: Rule = Rule::new(&INFECTION, |case| findings(infections(case)));
pub(crate) const MALIGNANCY_RULE: Rule = Rule::new(&MALIGNANCY, |case| findings(malignancies(case)));

pub(crate) static INFECTION: RuleInfo = RuleInfo {
    id: "contra-active-infection-site",
    name: "Active infection at the needling site",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[Role::Acupuncturist, Role::Pcp, Role::CareCoordinator],
    effect: "Holds EA that uses the zone, and every EA where the zone or the planned points are unknown; \
             PT is not held.",
    dedupe: "one per zone while the finding stands",
    rearm: "a clinician's no for the zone, then another yes; a further zone",
    evidence: Evidence::Supported,
    evidence_note: "A 2005 clinical overview excludes needling where skin is infected or broken: local, \
                    not whole-body.",
    source: Origin::SourceText,
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

pub(crate) static MALIGNANCY: RuleInfo = RuleInfo {
    id: "contra-malignancy-site",
    name: "Malignant tumour at or near the needling site",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[Role::Acupuncturist, Role::Pcp, Role::Physiatrist],
    effect: "Holds EA that uses the zone, and every EA where the zone or the planned points are unknown.",
    dedupe: "one per zone while the finding stands",
    rearm: "a clinician's no for the zone, then another yes; a further zone",
    evidence: Evidence::Partly,
    evidence_note: "A 1999 safety guideline lists malignant tumours as a heading; its text was not seen.",
    source: Origin::Addition,
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

pub(crate) fn infections(case: &Case<'_>) -> Vec<Held> {
    zone_by_zone(case, ScreeningItem::LocalInfection, &INFECTION)
}

pub(crate) fn malignancies(case: &Case<'_>) -> Vec<Held> {
    zone_by_zone(case, ScreeningItem::Malignancy, &MALIGNANCY)
}

/// One hold per zone reported; a report that names no zone is a hold of its own for all of them, which only a `no`
/// that names no zone ends.
fn zone_by_zone(case: &Case<'_>, item: ScreeningItem, rule: &'static RuleInfo) -> Vec<Held> {
    let reported = case
        .told
        .iter()
        .filter_map(|t| answer(t, item))
        .filter(|s| s.value == ScreeningValue::Yes);
    let mut places: BTreeSet<Option<Zone>> = BTreeSet::new();
    for screening in reported {
        places.extend(screening.zones.iter().copied().map(Some));
        places.extend(screening.zones.is_empty().then_some(None));
    }
    let mut held = Vec::new();
    for place in places {
        let read = |told: &Told<'_>| {
            let about = answer(told, item).filter(|s| is_about(s, place));
            about.map_or(Verdict::Nothing, |s| {
                verdict(told, s.value, ScreeningValue::Yes, &[ScreeningValue::No])
            })
        };
        held.extend(episodes(case, read).iter().map(|episode| {
            let hold = Hold {
                rule,
                name: place.map_or("anywhere", Zone::code).to_owned(),
                action: Action::HOLD_EA,
                zones: place.into_iter().collect(),
            };
            hold.held(case, episode)
        }));
    }
    held
}

/// Whether an answer says something about a place: a yes about exactly what it names, a no without zones about all.
fn is_about(screening: &Screening, place: Option<Zone>) -> bool {
    match place {
        None => screening.zones.is_empty(),
        Some(zone) if screening.value == ScreeningValue::Yes => screening.zones.contains(&zone),
        Some(zone) => screening.zones.is_empty() || screening.zones.contains(&zone),
    }
}
