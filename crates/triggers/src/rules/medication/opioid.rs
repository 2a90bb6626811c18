//! Opioids: how much was prescribed, how long they are taken, and whether they were begun for pain that is chronic.

use care::chart::Stamp;
use care::fact::assessment::{Medication, MedicationClass};
use care::fact::ours::{Evidence, Severity};
use care::role::Role;
use care::time::Timestamp;

use super::GROUP;
use super::courses::{Course, courses, medication};
use super::runs::{Run, Stretch, day, number, runs};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{AfterPlan, Condition, Origin, Rule, RuleInfo, Scope};

pub(crate) const SUPPLY_RULE: Rule = Rule::new(&SUPPLY, supplied).waking(wake);
pub(crate) const LONG_RULE: Rule = Rule::new(&LONG, long).waking(wake);
pub(crate) const CHRONIC_RULE: Rule = Rule::new(&CHRONIC, chronic).waking(wake);

const SHARED: RuleInfo = RuleInfo {
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::Pcp, Role::Physiatrist],
    condition: Condition::Standing,
    safety: true,
    after_plan: AfterPlan::AsSafety,
    ..RuleInfo::BASE
};

pub(crate) static SUPPLY: RuleInfo = RuleInfo {
    id: "opioid-over-7-days",
    name: "Opioid supply over seven days",
    effect: "A prompt to review, not a limit: one prescription, or several with at most one day between them, for \
             more than seven days.",
    dedupe: "one per spell of opioids, then one every 28 days while it lasts",
    rearm: "seven days without an opioid, then more than seven days again",
    evidence: Evidence::Contradicted,
    evidence_note: "Seven days stood in an earlier guideline, about acute pain; the one of 2022 took its place \
                    because it was read as a strict limit.",
    source: Origin::SourceText,
    ..SHARED
};

pub(crate) static LONG: RuleInfo = RuleInfo {
    id: "opioid-week-3",
    name: "Opioid into week three",
    effect: "A prompt to review; never a reason to stop from one day to the next.",
    dedupe: "one per chain of days with at most one free day in a row",
    rearm: "two days without an opioid, then 21 days again",
    evidence: Evidence::Unverified,
    evidence_note: "That tolerance comes in the third week could not be traced.",
    source: Origin::SourceText,
    ..SHARED
};

pub(crate) static CHRONIC: RuleInfo = RuleInfo {
    id: "opioid-chronic-lbp",
    name: "Opioid begun for chronic back pain",
    effect: "A prompt to review: the pain had lasted twelve weeks or more, as the plan has it. An opioid known to \
             be for something else does not count.",
    dedupe: "one per start after at least two days without an opioid",
    rearm: "the next start",
    evidence: Evidence::Supported,
    evidence_note: "Guidelines advise against opioids for chronic low back pain, or ask for everything else first.",
    source: Origin::Addition,
    condition: Condition::Event,
    scope: Scope::Plan,
    ..SHARED
};

/// Days without an opioid that end a chain.
const FREE: i64 = 2;
/// Alerts of one spell that are still kept apart: eight years of them.
const KEPT: i64 = 100;

fn stretches<'a>(case: &Case<'a>) -> Vec<Stretch<'a>> {
    let is_opioid = |m: &Medication| m.class == MedicationClass::Opioid;
    courses(case, is_opioid)
        .iter()
        .flat_map(Course::stretches)
        .collect()
}

fn chains<'a>(case: &Case<'a>) -> Vec<Run<'a>> {
    runs(stretches(case), FREE)
}

fn spells<'a>(case: &Case<'a>) -> Vec<Run<'a>> {
    runs(
        stretches(case),
        i64::from(case.policy.medication.opioid_free_days),
    )
}

fn today(case: &Case<'_>) -> i64 {
    number(case.date(case.now))
}

fn ended(run: &Run<'_>, outcome: &'static str) -> Truth {
    Truth::Over {
        outcome,
        by: run.stretches.last().map(|s| s.told.stamp().clone()),
    }
}

/// When a supply of more than so many days was there: with the prescription that brings it, or day by day where none
/// says how long it lasts. Never before its first day.
fn beyond<'a>(case: &Case<'a>, chain: &Run<'a>) -> Option<(Timestamp, &'a Stamp)> {
    let over = chain.nth(i64::from(case.policy.medication.opioid_supply_days) + 1)?;
    let brings = chain
        .stretches
        .iter()
        .find(|s| (s.days.first..=s.days.last).contains(&over))?;
    let on = if brings.supply.is_some() {
        brings.days.first
    } else {
        over
    };
    let begins = case.day_start(day(on)?)?;
    Some((begins.max(brings.told.at()), brings.told.stamp()))
}

fn supplied(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for spell in spells(case) {
        let first = runs(spell.stretches.clone(), FREE)
            .into_iter()
            .find_map(|chain| beyond(case, &chain).map(|(since, by)| (chain, since, by)));
        if let Some((chain, since, by)) = first.filter(|(_, since, _)| *since <= case.now) {
            found.extend(of_spell(case, &spell, &chain, since, by));
        }
    }
    found
}

/// The alert of a spell, and one for each further 28 days of it.
fn of_spell(case: &Case<'_>, spell: &Run<'_>, chain: &Run<'_>, since: Timestamp, by: &Stamp) -> Vec<Finding> {
    let numbers = &case.policy.medication;
    let (today, began) = (today(case), number(case.date(since)));
    let repeat = i64::from(numbers.opioid_repeat_days).max(1);
    let step = |step: i64| {
        let on = began + step * repeat;
        let since = if step == 0 {
            since
        } else {
            case.day_start(day(on)?)?
        };
        let begun = day(spell.first())?;
        let longest = chain.stretches.iter().filter_map(|s| s.supply).max();
        let finding = Finding::new(&SUPPLY, format!("{begun}/{}", step + 1), since, by)
            .value("first_day", begun)
            .value(
                "longest_supply_days",
                longest.map_or("not said".to_owned(), |days| days.to_string()),
            )
            .threshold("days", format!("> {}", numbers.opioid_supply_days))
            .task("review-prompt-not-a-limit")
            .truth(if today > spell.last() + i64::from(numbers.opioid_free_days) {
                ended(spell, "stopped")
            } else {
                Truth::Holds
            });
        Some(spell.told(on).fold(finding, |f, told| f.because(told.stamp())))
    };
    let steps = (today.min(spell.last()) - began).max(0) / repeat;
    ((steps - KEPT).max(0)..=steps).filter_map(step).collect()
}

fn long(case: &Case<'_>) -> Vec<Finding> {
    let days = i64::from(case.policy.medication.opioid_long_days);
    let today = today(case);
    let finding = |chain: &Run<'_>| {
        let on = chain.nth(days).filter(|on| *on <= today)?;
        let (begun, told) = (day(chain.first())?, chain.told(on).last()?);
        let finding = Finding::new(&LONG, begun.to_string(), case.day_start(day(on)?)?, told.stamp())
            .value("days", chain.count(on))
            .value("first_day", begun)
            .threshold("days", format!(">= {days}"))
            .task("review-never-stop-abruptly")
            .truth(if today > chain.last() + FREE {
                ended(chain, "stopped")
            } else {
                Truth::Holds
            });
        Some(chain.told(on).fold(finding, |f, told| f.because(told.stamp())))
    };
    chains(case).iter().filter_map(finding).collect()
}

fn chronic(case: &Case<'_>) -> Vec<Finding> {
    let Some(onset) = case.plan().and_then(|p| p.patient.onset_on).map(number) else {
        return Vec::new();
    };
    let least = 7 * i64::from(case.policy.medication.opioid_chronic_weeks);
    let finding = |chain: &Run<'_>| {
        let first = chain.stretches.first().filter(|s| is_for_back_pain(s))?;
        let lasted = first.days.first - onset;
        let begun = day(first.days.first)?;
        let since = case.day_start(begun).filter(|since| *since <= case.now)?;
        (lasted >= least).then(|| {
            let key = format!("{}/{begun}", case.plan_key());
            Finding::new(&CHRONIC, key, since, first.told.stamp())
                .value("first_day", begun)
                .value("weeks_of_pain", lasted / 7)
                .threshold(
                    "weeks_of_pain",
                    format!(">= {}", case.policy.medication.opioid_chronic_weeks),
                )
                .task("review-opioid")
        })
    };
    chains(case).iter().filter_map(finding).collect()
}

fn is_for_back_pain(stretch: &Stretch<'_>) -> bool {
    let indication = medication(&stretch.told).and_then(|m| m.indication.as_deref());
    let known = indication.map(|text| text.trim().to_ascii_lowercase().replace([' ', '-'], "_"));
    known.is_none_or(|text| matches!(text.as_str(), "" | "lbp" | "low_back_pain"))
}

/// The next day on which a chain begins, reaches a count or is over, or a spell is told again or over.
fn wake(case: &Case<'_>) -> Option<Timestamp> {
    let numbers = &case.policy.medication;
    let (today, repeat) = (today(case), i64::from(numbers.opioid_repeat_days).max(1));
    let (mut days, mut told): (Vec<i64>, Vec<Timestamp>) = (Vec::new(), Vec::new());
    for chain in chains(case) {
        days.extend([chain.first(), chain.last() + FREE + 1]);
        days.extend(chain.nth(i64::from(numbers.opioid_supply_days) + 1));
        days.extend(chain.nth(i64::from(numbers.opioid_long_days)));
        days.extend(chain.stretches.iter().map(|s| s.days.first));
        if let Some((since, _)) = beyond(case, &chain) {
            let began = number(case.date(since));
            days.push(began + ((today - began).max(0) / repeat + 1) * repeat);
            told.extend(Some(since).filter(|since| *since > case.now));
        }
    }
    let over = |spell: &Run<'_>| spell.last() + i64::from(numbers.opioid_free_days) + 1;
    days.extend(spells(case).iter().map(over));
    let next = days.into_iter().filter(|on| *on > today).min();
    told.extend(next.and_then(|on| case.day_start(day(on)?)));
    told.into_iter().min()
}
