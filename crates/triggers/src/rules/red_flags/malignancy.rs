//! Possible spinal malignancy.

use std::collections::BTreeSet;

use care::fact::assessment::RedFlagItem as I;
use care::fact::ours::{Action, Evidence, Severity};
use care::fact::value::Zone;
use care::role::Role;
use care::time::{Timestamp, hours};

use super::{GROUP, Incident, Report, Stretch, stretches};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo};

pub(crate) const RULE: Rule = Rule::new(&SUSPECTED, suspected);

pub(crate) static SUSPECTED: RuleInfo = RuleInfo {
    id: "red-flag-malignancy",
    name: "Possible spinal malignancy",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[Role::Pcp, Role::Physiatrist, Role::Acupuncturist],
    effect: "Holds EA that uses lumbar points until a physician clears it. A history of cancer alone, or \
             two of: weight loss, night pain that nothing relieves, pain at several sites, new onset \
             above 50 or below 20 years, no improvement in a month.",
    dedupe: "one per 90 days unless an item is added; an added item tells again",
    rearm: "an item added, or 90 days after it was cleared",
    evidence: Evidence::Partly,
    evidence_note: "Guidelines agree mostly on a history of cancer and weight loss; single features have \
                    many false positives, so that two are asked for is an assumption.",
    source: Origin::Addition,
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

/// A cleared suspicion is not raised anew by the same items for 90 days.
const REPEAT_HOURS: i64 = 24 * 90;

const ITEMS: [I; 6] = [
    I::HistoryOfCancer,
    I::UnexplainedWeightLoss,
    I::NightPainUnrelieved,
    I::MultisitePain,
    I::NewOnset,
    I::NoImprovementOneMonth,
];

/// One finding per stretch that names an item.
pub(crate) fn suspected(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut before: Option<(BTreeSet<I>, Option<Timestamp>)> = None;
    for stretch in &stretches(case) {
        let incident = weighed(case, stretch);
        let Some(finding) = incident.finding(&SUSPECTED, format!("incident/{}", stretch.number)) else {
            continue;
        };
        let recent = |cleared: Timestamp| finding.since.duration_since(cleared) < hours(REPEAT_HOURS);
        let known = before
            .take_if(|(_, cleared)| !cleared.is_none_or(recent))
            .is_none()
            && before
                .as_ref()
                .is_some_and(|(items, _)| incident.items.is_subset(items));
        let fires = is_enough(&incident.items) && !known;
        if fires {
            let told = before.take().map(|(items, _)| items).unwrap_or_default();
            before = Some((&told | &incident.items, stretch.cleared.map(|c| c.at())));
        }
        // Not enough any more, because a year of birth was corrected, ends no hold: a physician does.
        let otherwise = if fires { Truth::Holds } else { Truth::Lasts };
        found.push(
            finding
                .threshold("items_at_least", "2, or history_of_cancer")
                .action(Action {
                    what: Action::HOLD_EA.to_owned(),
                    zones: vec![Zone::Lumbar],
                })
                .task("physician-review")
                .truth(stretch.truth(otherwise)),
        );
    }
    found
}

/// The items of a stretch, without a new onset at an age that makes it likely to be harmless.
fn weighed<'a>(case: &Case<'a>, stretch: &Stretch<'a>) -> Incident<'a> {
    let mut incident = stretch.naming(&ITEMS, Severity::Urgent);
    let at_risk = incident
        .reports
        .iter()
        .any(|r| r.flag.items.contains(&I::NewOnset) && is_age_at_risk(case, r));
    if !at_risk {
        incident.items.remove(&I::NewOnset);
        let named = |r: &Report<'_>| r.flag.items.iter().any(|item| incident.items.contains(item));
        incident.reports.retain(named);
    }
    incident
}

fn is_enough(items: &BTreeSet<I>) -> bool {
    items.contains(&I::HistoryOfCancer) || items.len() >= 2
}

/// Above 50 or below 20 when the pain began; an unknown age counts, because unknown is never no.
pub(crate) fn is_age_at_risk(case: &Case<'_>, report: &Report<'_>) -> bool {
    if let Some(age) = report.flag.age_at_onset {
        return !(20..=50).contains(&age);
    }
    let Some(born) = case.plan().and_then(|p| p.patient.birth_year) else {
        return true;
    };
    // Of a year of birth only two ages are known: the older may be above 50, the younger below 20.
    let turning = case.date(report.told.at()).year() - born;
    turning > 50 || turning - 1 < 20
}
