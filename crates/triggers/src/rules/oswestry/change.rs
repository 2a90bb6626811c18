//! Oswestry got better, or worse.

use care::chart::OswestryReading;
use care::fact::ours::{Evidence, Severity};
use care::measure::odi::{Change, Scored, compare};
use care::role::Role;

use super::{GROUP, accepted, baseline, is_after_end, shown};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{AfterPlan, Condition, Origin, Rule, RuleInfo, Scope};
use crate::rules::red_flags;
use crate::words::tenths;

pub(crate) const IMPROVED_RULE: Rule = Rule::new(&IMPROVED, improved);
pub(crate) const WORSE_RULE: Rule = Rule::new(&WORSE, worse);

pub(crate) static IMPROVED: RuleInfo = RuleInfo {
    id: "odi-mcid-improved",
    name: "Oswestry improved by a meaningful amount",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::Pcp, Role::Physiatrist, Role::Acupuncturist],
    effect: "10 points or 30 % of the baseline, both shown; the outcome report uses it.",
    dedupe: "the first time in the plan",
    rearm: "a new plan",
    evidence: Evidence::Supported,
    evidence_note: "Expert consensus of 2008; a surgical cohort of 23280 finds 30 % predicts satisfaction \
                    at least as well as points. From a low baseline 10 points are out of reach.",
    source: Origin::Addition,
    condition: Condition::Event,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

pub(crate) static WORSE: RuleInfo = RuleInfo {
    id: "odi-worse",
    name: "Oswestry worse by 10 points or more",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[
        Role::Physiatrist,
        Role::Acupuncturist,
        Role::PhysicalTherapist,
        Role::Pcp,
    ],
    effect: "Above the result before it or above the baseline; asks for the red-flag questions. After the \
             plan has ended, only beside an open red flag.",
    dedupe: "one per result",
    rearm: "the next result, held against this one",
    evidence: Evidence::Assumption,
    evidence_note: "Published limits are for improvement; the printed form gives 10 points as the least \
                    detectable change.",
    source: Origin::Addition,
    condition: Condition::Event,
    scope: Scope::Plan,
    after_plan: AfterPlan::AsSafety,
    ..RuleInfo::BASE
};

fn improved(case: &Case<'_>) -> Vec<Finding> {
    let Some((base, from)) = baseline(case) else {
        return Vec::new();
    };
    let later = accepted(case)
        .into_iter()
        .skip(1)
        .filter(|(r, _)| !is_after_end(case, r));
    let first = later
        .filter_map(|(r, to)| Some((r, to, compare(from, to).ok()?)))
        .find(|(_, _, c)| c.improved());
    let finding = |(reading, to, change): (&OswestryReading, &Scored, Change)| {
        Finding::new(
            &IMPROVED,
            format!("{}/improved", case.plan_key()),
            reading.at,
            &reading.stamp,
        )
        .because(&base.stamp)
        .value("oswestry_baseline", shown(from))
        .value("oswestry_now", shown(to))
        .value("better_by_points", tenths(change.points_x10()))
        .value(
            "better_by_percent",
            change.relative_x10().map_or("not evaluable".to_owned(), tenths),
        )
        .value("reached_10_points", change.improved_10_points())
        .value("reached_30_percent", change.improved_30_percent())
        .threshold("better_by_points", ">= 10")
        .threshold("or_better_by_percent", ">= 30")
    };
    first.map(finding).into_iter().collect()
}

fn worse(case: &Case<'_>) -> Vec<Finding> {
    // Without a baseline no rule about change is evaluated, this one included.
    let Some(base) = baseline(case) else {
        return Vec::new();
    };
    let accepted = accepted(case);
    let mut found = Vec::new();
    for (index, (reading, to)) in accepted.iter().enumerate().skip(1) {
        // Results of another version of the instrument are never compared.
        let before = accepted[..index]
            .iter()
            .rev()
            .find(|(_, from)| from.version == to.version)
            .copied();
        let held_against = [("previous", before), ("baseline", Some(base))];
        let against = held_against
            .into_iter()
            .filter_map(|(name, from)| Some((name, from?)))
            .collect::<Vec<_>>();
        if against
            .iter()
            .any(|(_, (_, from))| compare(from, to).is_ok_and(Change::worse_10_points))
        {
            let is_asked = !is_after_end(case, reading) || red_flags::is_open(case);
            let truth = if is_asked { Truth::Holds } else { Truth::Lasts };
            found.push(worse_than(case, (reading, to), &against).truth(truth));
        }
    }
    found
}

/// A result with its score.
type Scoring<'c> = (&'c OswestryReading, &'c Scored);

fn worse_than(case: &Case<'_>, (reading, to): Scoring<'_>, against: &[(&str, Scoring<'_>)]) -> Finding {
    let key = format!("{}/{}", case.plan_key(), reading.assessment_id);
    let mut finding = Finding::new(&WORSE, key, reading.at, &reading.stamp)
        .value("oswestry_now", shown(to))
        .threshold("worse_by_points", ">= 10")
        .task("ask-red-flag-questions");
    for (name, (from_reading, from)) in against {
        let Ok(change) = compare(from, to) else { continue };
        finding = finding.value(&format!("oswestry_{name}"), shown(from)).value(
            &format!("worse_by_points_than_{name}"),
            tenths(-change.points_x10()),
        );
        // It rests on what it is worse than, not on everything it was held against.
        if change.worse_10_points() {
            finding = finding.because(&from_reading.stamp);
        }
    }
    finding
}
