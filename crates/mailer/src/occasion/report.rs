//! Reports worth telling: those of the current plan, while they are fresh, true, and the newest of their kind.

use care::chart::{PlanStatus, Stamp};
use care::fact::ours::{Report, Severity};
use care::time::{Timestamp, hours};
use care::{Chart, Policy};

use super::{Audience, Matter, Occasion};

/// A report with when it was written.
type Written<'a> = (&'a Stamp, &'a Report);

pub(super) fn occasions<'a>(chart: &'a Chart, policy: &Policy, now: Timestamp) -> Vec<Occasion<'a>> {
    let plan = chart.plan();
    let current = plan.and_then(|p| p.plan()).map(|p| &p.plan_id);
    let is_over = plan.is_some_and(|p| matches!(p.status(), PlanStatus::Completed | PlanStatus::Revoked));
    let of_plan: Vec<Written<'a>> = chart
        .reports
        .values()
        .map(|(stamp, report)| (stamp, report))
        .filter(|(_, report)| current.is_some() && report.plan_id.as_ref() == current)
        .collect();
    let useful = hours(24 * i64::from(policy.reports.useful_days));
    let is_fresh = |stamp: &Stamp| stamp.time.saturating_add(useful).is_ok_and(|until| now <= until);
    let is_worth_it = |(stamp, report): &Written<'a>| {
        // The end of a plan ends talk of progress; an outcome is told all the same.
        is_fresh(stamp)
            && (report.is_outcome() || !is_over)
            && holds(chart, report)
            && !of_plan.iter().any(|other| replaces(*other, (stamp, report)))
    };
    of_plan
        .iter()
        .filter(|written| is_worth_it(written))
        .map(|(stamp, report)| Occasion {
            key: format!("report/{}", report.report_id),
            severity: Severity::Advisory,
            to: Audience::Roles(report.roles.clone()),
            stamp,
            matter: Matter::Report(report),
        })
        .collect()
}

/// What led to it was not taken back.
fn holds(chart: &Chart, report: &Report) -> bool {
    let taken_back = |id| chart.retractions.contains_key(id);
    !report.assessment_id.as_ref().is_some_and(taken_back)
}

/// Any newer report shows all that a report of progress does, to the same people and more; of an outcome only its
/// corrected version does. Of two written at one instant, the outcome shows more.
fn replaces(newer: Written<'_>, older: Written<'_>) -> bool {
    let rank = |(stamp, report): Written<'_>| {
        let id = report.report_id.clone();
        (stamp.time, report.closing, report.is_outcome(), id.len(), id)
    };
    let same_kind = newer.1.closing == older.1.closing;
    let may = !older.1.is_outcome() || (newer.1.is_outcome() && same_kind);
    may && rank(newer) > rank(older)
}
