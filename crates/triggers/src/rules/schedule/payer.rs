//! How many visits a payer grants, with and without improvement. Off by default.

use care::chart::{Session, SessionStatus};
use care::fact::ours::{Evidence, Severity};
use care::id::SessionId;
use care::measure::{odi, pain};
use care::role::Role;
use care::time::{Date, Span, Timestamp};

use super::GROUP;
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{Condition, Origin, Rule, RuleInfo};
use crate::rules::medication::runs::number;
use crate::rules::{oswestry, response};

pub(crate) const RULE: Rule = Rule::new(&CAP, beyond);

pub(crate) static CAP: RuleInfo = RuleInfo {
    id: "payer-cap-cms",
    name: "US Medicare visit limits",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::CareCoordinator, Role::Acupuncturist],
    effect: "Warns that a visit is beyond what the payer grants: the 13th within 90 days of the first with no \
             improvement on the chart, or the 21st within 12 months. The payer asks to stop without improvement. No \
             booking is touched. Off unless the policy names it.",
    dedupe: "one per limit and 12 months",
    rearm: "the first visit after 12 months begins another count",
    evidence: Evidence::Policy,
    evidence_note: "A US coverage rule: up to 12 visits in 90 days, 8 more with improvement, at most 20 a year.",
    source: Origin::Addition,
    condition: Condition::Event,
    default_on: false,
    ..RuleInfo::BASE
};

/// The payer the limits are of.
const PAYER: &str = "medicare";

/// A visit, by start.
#[derive(Clone, Copy)]
struct Visit<'a> {
    id: &'a SessionId,
    session: &'a Session,
    start: Timestamp,
    on: Date,
}

fn beyond(case: &Case<'_>) -> Vec<Finding> {
    let payer = case.plan().and_then(|p| p.patient.payer.as_deref());
    if !payer.is_some_and(|payer| payer.eq_ignore_ascii_case(PAYER)) {
        return Vec::new();
    }
    let access = &case.policy.access;
    let granted = usize::from(access.payer_visits);
    let a_year = usize::from(access.payer_visits_a_year);
    let mut found = Vec::new();
    for visits in years(case) {
        let Some(first) = visits.first() else { continue };
        let soon = |v: &&Visit<'_>| number(v.on) - number(first.on) <= i64::from(access.payer_days);
        if let Some(over) = visits
            .get(granted)
            .filter(soon)
            .filter(|v| !has_improved(case, first, v))
        {
            let limit = finding(&visits[..=granted], over, "days");
            found.extend(limit.map(|f| {
                f.value("improvement_on_the_chart", "none")
                    .threshold("visits_without_improvement_at_most", granted)
                    .threshold("within_days", access.payer_days)
            }));
        }
        if let Some(over) = visits.get(a_year) {
            let limit = finding(&visits[..=a_year], over, "year");
            found.extend(limit.map(|f| f.threshold("visits_in_12_months_at_most", a_year)));
        }
    }
    found
}

/// Visits of each 12 months, which begin with the first visit after the last ones.
fn years<'a>(case: &Case<'a>) -> Vec<Vec<Visit<'a>>> {
    let mut years: Vec<Vec<Visit<'a>>> = Vec::new();
    for (id, session) in case.ea() {
        let Some(start) = session
            .start()
            .filter(|_| session.status() == SessionStatus::Completed)
        else {
            continue;
        };
        let visit = Visit {
            id,
            session,
            start,
            on: case.date(start),
        };
        let ends = |first: &Visit<'_>| first.on.checked_add(Span::new().years(1)).ok();
        match years.last_mut() {
            Some(year) if year.first().and_then(ends).is_some_and(|end| visit.on < end) => year.push(visit),
            _ => years.push(vec![visit]),
        }
    }
    years
}

fn finding(visits: &[Visit<'_>], over: &Visit<'_>, limit: &str) -> Option<Finding> {
    let (first, end) = (visits.first()?, over.session.end()?);
    let done = |visit: &Visit<'_>| visit.session.newest().map(|(version, _)| version.stamp.clone());
    let finding = Finding::new(&CAP, format!("{}/{limit}", first.on), end, &done(over)?)
        .value("visit", visits.len())
        .value("session", over.id)
        .value("first_visit_on", first.on)
        .task("check-cover-before-booking");
    let visits = visits.iter().filter_map(done);
    Some(visits.fold(finding, |f, stamp| f.because(&stamp)))
}

/// Pain 30 % better than its baseline, or Oswestry better by a meaningful amount, by the start of a visit.
fn has_improved(case: &Case<'_>, first: &Visit<'_>, by: &Visit<'_>) -> bool {
    let reached = |at: Timestamp| at > first.start && at <= by.start;
    let baseline = response::pain_baseline(case, first.start);
    let eased = baseline.is_some_and(|base| {
        let later = case.pains.iter().filter(|p| reached(p.at));
        later
            .filter_map(|p| pain::compare(&base.pain, &p.pain).ok())
            .any(|change| change.reduction().is_some_and(pain::Reduction::at_least_30))
    });
    let better = oswestry::baseline(case).is_some_and(|(_, from)| {
        let later = oswestry::accepted(case)
            .into_iter()
            .filter(|(r, _)| reached(r.at));
        later
            .filter_map(|(_, to)| odi::compare(from, to).ok())
            .any(odi::Change::improved)
    });
    eased || better
}
