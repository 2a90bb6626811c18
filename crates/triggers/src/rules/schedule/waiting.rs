//! Waiting for physical therapy after a referral.

use care::chart::SessionStatus;
use care::fact::assessment::{Body, Referral};
use care::fact::ours::{Evidence, Severity};
use care::fact::session::Modality;
use care::role::Role;
use care::time::{Date, Timestamp};

use super::GROUP;
use crate::case::{Case, Told};
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};
use crate::rules::medication::runs::{day, number};

pub(crate) const RULE: Rule = Rule::new(&WAIT, waits).waking(wake);

pub(crate) static WAIT: RuleInfo = RuleInfo {
    id: "pt-access-wait",
    name: "PT waiting more than three weeks",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::CareCoordinator, Role::Physiatrist],
    effect: "Says how long the patient has waited since the referral, and suggests graded exercise at home meanwhile.",
    dedupe: "one on day 22, then one every 14 days",
    rearm: "a PT session that took place, then another referral",
    evidence: Evidence::Unverified,
    evidence_note: "The limit is the source text's; how many wait as long could not be traced.",
    source: Origin::SourceText,
    condition: Condition::Standing,
    scope: Scope::Plan,
    ends_as: "corrected",
    ..RuleInfo::BASE
};

/// Alerts of one wait that are still kept apart: almost four years of them.
const KEPT: i64 = 100;

/// From the first referral after the last PT to the next PT.
struct Wait<'a> {
    referrals: Vec<(Told<'a>, Date)>,
    /// The PT session that ended it.
    seen: Option<&'a care::chart::Stamp>,
}

fn waits(case: &Case<'_>) -> Vec<Finding> {
    all(case).iter().flat_map(|wait| steps(case, wait)).collect()
}

/// Every wait, oldest first. A second referral before the PT is the same wait.
fn all<'a>(case: &Case<'a>) -> Vec<Wait<'a>> {
    let earlier = earlier_plans_ended(case);
    let mut referrals: Vec<(Told<'a>, Date)> = case
        .live()
        .filter(|told| earlier.is_none_or(|ended| told.at() > ended))
        .filter_map(|told| Some((*told, referral(told)?.on)))
        .collect();
    referrals.sort_by_key(|(told, on)| (*on, told.stamp()));
    let mut seen: Vec<(Date, &care::chart::Stamp)> = case
        .chart
        .sessions
        .values()
        .filter(|s| s.modality() == Some(Modality::Pt) && s.status() == SessionStatus::Completed)
        .filter_map(|s| Some((case.date(s.start()?), &s.newest()?.0.stamp)))
        .collect();
    seen.sort();
    let mut waits: Vec<Wait<'a>> = Vec::new();
    for (told, on) in referrals {
        let by = seen.iter().find(|(day, _)| *day >= on).map(|(_, stamp)| *stamp);
        match waits.last_mut() {
            Some(wait) if wait.seen == by => wait.referrals.push((told, on)),
            _ => waits.push(Wait {
                referrals: vec![(told, on)],
                seen: by,
            }),
        }
    }
    waits
}

fn referral<'a>(told: &Told<'a>) -> Option<&'a Referral> {
    match told.body() {
        Body::Referral(referral) if referral.to == Role::PhysicalTherapist => Some(referral),
        _ => None,
    }
}

/// What was asked for under a plan that ended is not waited for under the next.
fn earlier_plans_ended(case: &Case<'_>) -> Option<Timestamp> {
    use care::chart::PlanStatus as S;
    let others = case
        .chart
        .plans
        .values()
        .filter(|plan| case.record != Some(*plan));
    let ended = others.filter(|plan| matches!(plan.status(), S::Completed | S::Revoked));
    ended.filter_map(|plan| plan.status_since()).map(|s| s.time).max()
}

fn steps(case: &Case<'_>, wait: &Wait<'_>) -> Vec<Finding> {
    let (today, repeat) = (number(case.date(case.now)), repeat(case));
    let Some(over) = first_day(case, wait)
        .map(|first| today - first)
        .filter(|over| *over >= 0)
    else {
        return Vec::new();
    };
    let last = over / repeat;
    ((last - KEPT).max(0)..=last)
        .filter_map(|step| finding(case, wait, step))
        .collect()
}

fn finding(case: &Case<'_>, wait: &Wait<'_>, step: i64) -> Option<Finding> {
    let (_, on) = wait.referrals.first()?;
    let reached = first_day(case, wait)? + step * repeat(case);
    let truth = match wait.seen {
        Some(by) => Truth::Over {
            outcome: "pt-delivered",
            by: Some(by.clone()),
        },
        None if case.is_active() => Truth::Holds,
        None => Truth::Lasts,
    };
    let key = format!("{}/{on}/{}", case.plan_key(), step + 1);
    let (decisive, _) = wait.referrals.first()?;
    let finding = Finding::new(&WAIT, key, case.day_start(day(reached)?)?, decisive.stamp())
        .value("referred_on", on)
        .value("days_waited", reached - number(*on))
        .threshold("days_waited", format!("> {}", case.policy.access.pt_wait_days))
        .task("graded-exercise-at-home")
        .truth(truth);
    Some(finding)
}

fn repeat(case: &Case<'_>) -> i64 {
    i64::from(case.policy.access.pt_wait_repeat_days).max(1)
}

/// The first day on which it is too long.
fn first_day(case: &Case<'_>, wait: &Wait<'_>) -> Option<i64> {
    let (_, on) = wait.referrals.first()?;
    Some(number(*on) + i64::from(case.policy.access.pt_wait_days) + 1)
}

fn wake(case: &Case<'_>) -> Option<Timestamp> {
    let (today, repeat) = (number(case.date(case.now)), repeat(case));
    let next = |wait: &Wait<'_>| {
        let first = first_day(case, wait)?;
        let over = today - first;
        Some(if over < 0 {
            first
        } else {
            first + (over / repeat + 1) * repeat
        })
    };
    let waits = all(case);
    let days = waits.iter().filter(|wait| wait.seen.is_none()).filter_map(next);
    case.day_start(day(days.min()?)?)
}
