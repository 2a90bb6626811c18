//! Red flags that ask rather than hold: inflammatory features, and a single non-specific flag.

use std::collections::BTreeMap;

use care::fact::assessment::RedFlagItem as I;
use care::fact::ours::{Evidence, Severity};
use care::id::EventId;
use care::role::Role;
use care::time::Timestamp;

use super::malignancy::is_age_at_risk;
use super::{GROUP, Report, incidents, reports, stamp};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{AfterPlan, Condition, Origin, Rule, RuleInfo};
use crate::words::code;

pub(crate) const INFLAMMATORY_RULE: Rule = Rule::new(&INFLAMMATORY, inflammatory);
pub(crate) const SINGLE_RULE: Rule = Rule::new(&SINGLE, single);

pub(crate) static INFLAMMATORY: RuleInfo = RuleInfo {
    id: "red-flag-inflammatory",
    name: "Features of inflammatory back pain",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::Pcp, Role::Physiatrist],
    effect: "Suggests a rheumatologist; holds nothing. Began below 45 years, stiff for 30 minutes or more \
             in the morning, for 12 weeks or more.",
    dedupe: "once per episode of care",
    rearm: "never in the episode",
    evidence: Evidence::Unverified,
    evidence_note: "The three numbers are recalled, not looked up; a pathway refers suspected ankylosing \
                    spondylitis.",
    source: Origin::Addition,
    condition: Condition::Event,
    after_plan: AfterPlan::AsSafety,
    ..RuleInfo::BASE
};

pub(crate) static SINGLE: RuleInfo = RuleInfo {
    id: "red-flag-single-nonspecific",
    name: "Single non-specific flag",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::Pcp],
    effect: "Holds nothing; ask at the next contact. Exactly one of: night pain, new onset above 50 or \
             below 20 years, thoracic pain, no improvement in a month; and no other red flag. Fever alone \
             is a possible infection.",
    dedupe: "one per item and episode of care",
    rearm: "another item; two together are judged by the other rules",
    evidence: Evidence::Supported,
    evidence_note: "That single flags have many false positives is; how well most of them predict is not \
                    known.",
    source: Origin::Addition,
    condition: Condition::Event,
    ends_as: "superseded",
    after_plan: AfterPlan::AsSafety,
    ..RuleInfo::BASE
};

const BEGAN_BELOW_YEARS: u8 = 45;
const STIFF_MIN: u16 = 30;
const LASTING_WEEKS: u16 = 12;

fn inflammatory(case: &Case<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<String, Finding> = BTreeMap::new();
    for report in reports(case) {
        let (Some(age), Some(stiff), Some(weeks)) = (
            age_at_onset(case, &report),
            report.flag.morning_stiffness_min,
            weeks(case, &report),
        ) else {
            continue;
        };
        if age < BEGAN_BELOW_YEARS && stiff >= STIFF_MIN && weeks >= LASTING_WEEKS {
            let key = format!("{}/inflammatory", episode(case, report.told.at()));
            let finding = Finding::new(&INFLAMMATORY, key.clone(), report.told.at(), stamp(&report))
                .value("age_at_onset_years", age)
                .value("morning_stiffness_min", stiff)
                .value("duration_weeks", weeks)
                .threshold("age_at_onset_years", format!("< {BEGAN_BELOW_YEARS}"))
                .threshold("morning_stiffness_min", format!(">= {STIFF_MIN}"))
                .threshold("duration_weeks", format!(">= {LASTING_WEEKS}"))
                .task("consider-rheumatology-referral");
            found.entry(key).or_insert(finding);
        }
    }
    found.into_values().collect()
}

/// As reported, or as the plan's year of birth and onset come to.
fn age_at_onset(case: &Case<'_>, report: &Report<'_>) -> Option<u8> {
    let planned = || {
        let patient = &case.plan()?.patient;
        u8::try_from(patient.onset_on?.year() - patient.birth_year?).ok()
    };
    report.flag.age_at_onset.or_else(planned)
}

fn weeks(case: &Case<'_>, report: &Report<'_>) -> Option<u16> {
    let planned = || {
        let onset = case.plan()?.patient.onset_on?;
        u16::try_from(onset.until(case.date(report.told.at())).ok()?.get_days() / 7).ok()
    };
    report.flag.duration_weeks.or_else(planned)
}

fn single(case: &Case<'_>) -> Vec<Finding> {
    let others: Vec<Finding> = incidents(case)
        .into_iter()
        .filter(|f| f.truth != Truth::Lasts)
        .collect();
    let is_known = |id: &EventId| others.iter().any(|f| f.because.contains(id));
    let mut found: BTreeMap<(&str, I), Finding> = BTreeMap::new();
    for report in reports(case) {
        let items = nonspecific(case, &report);
        if let [item] = items[..]
            && !is_known(&stamp(&report).id)
        {
            let episode = episode(case, report.told.at());
            let finding = || {
                let key = format!("{episode}/{}", code(item));
                Finding::new(&SINGLE, key, report.told.at(), stamp(&report))
                    .value("item", code(item))
                    .value("reported_by", code(report.told.by().role))
                    .task("ask-at-next-contact")
            };
            found.entry((episode, item)).or_insert_with(finding);
        }
    }
    found.into_values().collect()
}

/// The non-specific items of a report. Night pain that nothing relieves is night pain.
fn nonspecific(case: &Case<'_>, report: &Report<'_>) -> Vec<I> {
    let counts = |item: &I| match item {
        I::NightPain | I::ThoracicPain | I::NoImprovementOneMonth | I::Fever => Some(*item),
        I::NightPainUnrelieved => Some(I::NightPain),
        I::NewOnset => is_age_at_risk(case, report).then_some(I::NewOnset),
        _ => None,
    };
    let mut items: Vec<I> = report.flag.items.iter().filter_map(counts).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// The plan whose episode an instant lies in; `-` before it began, or without one.
fn episode<'a>(case: &Case<'a>, at: Timestamp) -> &'a str {
    match case.chart.episode_start() {
        Some(start) if at >= start => case.plan_key(),
        _ => "-",
    }
}
