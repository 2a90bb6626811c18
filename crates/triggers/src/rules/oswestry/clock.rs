//! What the two-week clock says for itself, and the alert that two misses in a row are worth.

use std::collections::BTreeMap;

use care::chart::{Reminder, Stamp};
use care::fact::ours::{Evidence, Severity};
use care::role::Role;
use care::time::Date;

use super::{GROUP, accepted, baseline_on, every_days, window};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope, ShowsAs};

pub(crate) const DUE_RULE: Rule = Rule::listed(&DUE);
pub(crate) const OVERDUE_RULE: Rule = Rule::new(&OVERDUE, missed_twice);
pub(crate) const EARLY_RULE: Rule = Rule::listed(&EARLY);

pub(crate) static DUE: RuleInfo = RuleInfo {
    id: "odi-due",
    name: "Oswestry due",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::CareCoordinator, Role::Acupuncturist],
    effect: "A reminder on the morning of the due day; the grid is fixed to the baseline and never slides.",
    dedupe: "one per due date",
    rearm: "the next due date",
    evidence: Evidence::Policy,
    evidence_note: "The interval is the team's own choice; the instrument's distributor names none. It \
                    asks about today, so results two weeks apart do not overlap.",
    source: Origin::SourceText,
    shows_as: ShowsAs::Fact("oswestry.due"),
    ..RuleInfo::BASE
};

pub(crate) static OVERDUE: RuleInfo = RuleInfo {
    id: "odi-overdue",
    name: "Oswestry overdue",
    group: GROUP,
    severity: Severity::Advisory,
    // Of the alert; the fact itself goes to coordinator and acupuncturist.
    roles: &[Role::Physiatrist, Role::Pcp],
    effect: "Coordinator and acupuncturist are told by the fact, in two steps. The second due missed in a \
             row is an alert to physiatrist and PCP.",
    dedupe: "one per step and due date; one alert per run of misses",
    rearm: "the next due date; an answer between two runs",
    evidence: Evidence::Assumption,
    evidence_note: "Every offset is the clinic's to set.",
    source: Origin::SourceText,
    shows_as: ShowsAs::Fact("oswestry.overdue"),
    condition: Condition::Standing,
    scope: Scope::Plan,
    ends_as: "answered",
    ..RuleInfo::BASE
};

pub(crate) static EARLY: RuleInfo = RuleInfo {
    id: "odi-early-or-extra",
    name: "Oswestry submitted early or as an extra",
    group: GROUP,
    severity: Severity::Info,
    roles: &[],
    effect: "The first usable result in a window answers its due, early or late; a further one is \
             unscheduled. Both count for every rule about results.",
    dedupe: "one score per submission",
    rearm: "the next submission",
    evidence: Evidence::Assumption,
    evidence_note: "No source.",
    source: Origin::Assumption,
    shows_as: ShowsAs::Fact("oswestry.scored"),
    ..RuleInfo::BASE
};

/// One finding per run of two or more dues missed in a row.
fn missed_twice(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut before: Option<(u32, &Stamp)> = None;
    let mut run = 0_u32;
    for (k, (due_on, stamp)) in missed(case) {
        run = if before.is_some_and(|(last, _)| last.checked_add(1) == Some(k)) {
            run + 1
        } else {
            1
        };
        if let Some((_, first)) = before.filter(|_| run == 2) {
            let answer = accepted(case)
                .into_iter()
                .find(|(r, _)| r.on > due_on && r.at > stamp.time);
            let truth = match answer {
                Some((answer, _)) => Truth::Over {
                    outcome: "answered",
                    by: Some(answer.stamp.clone()),
                },
                None if case.is_active() => Truth::Holds,
                None => Truth::Lasts,
            };
            let key = format!("{}/missed/{due_on}", case.plan_key());
            let finding = Finding::new(&OVERDUE, key, stamp.time, stamp)
                .because(first)
                .value("missed_in_a_row", 2)
                .value("last_due_on", due_on)
                .threshold("missed_in_a_row", 2)
                .task("ask-for-oswestry")
                .truth(truth);
            found.push(finding);
        }
        before = Some((k, stamp));
    }
    found
}

/// Dues that the clock said were missed, by number, without those of another grid and those that a result answers
/// which came late but was done in time.
fn missed<'a>(case: &Case<'a>) -> BTreeMap<u32, (Date, &'a Stamp)> {
    let Some(first) = baseline_on(case) else {
        return BTreeMap::new();
    };
    let accepted = accepted(case);
    let on_grid =
        |due_on: Date, k: u32| Case::days_after(first, every_days(case) * i64::from(k)) == Some(due_on);
    let answered = |due_on: Date| {
        let Some((opens, closes)) = window(case, due_on) else {
            return false;
        };
        accepted.iter().any(|(r, _)| (opens..=closes).contains(&r.on))
    };
    let said = case
        .chart
        .reminders
        .iter()
        .filter(|((_, which), _)| *which == Reminder::Missed);
    said.filter(|((due_on, _), (_, fact))| on_grid(*due_on, fact.k) && !answered(*due_on))
        .map(|((due_on, _), (stamp, fact))| (fact.k, (*due_on, stamp)))
        .collect()
}
