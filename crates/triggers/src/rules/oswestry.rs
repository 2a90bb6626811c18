//! Oswestry: what its results say. When one is due is told by the facts of the two-week clock.
//!
//! The baseline is the first usable result in the window of due number 0 (the plan's baseline day, or its first day).
//! If none came there, no rule about change is evaluated: a later result would hide what happened before it.

pub(crate) mod band;
pub(crate) mod change;
pub(crate) mod clock;
pub(crate) mod missing;
pub(crate) mod submission;

use care::chart::OswestryReading;
use care::measure::odi::Scored;
use care::time::Date;

use crate::case::Case;

pub(crate) const GROUP: &str = "Oswestry";

/// Days between dues.
pub(crate) fn every_days(case: &Case<'_>) -> i64 {
    let planned = case.plan().and_then(|p| p.oswestry).and_then(|o| o.every_days);
    i64::from(planned.unwrap_or(case.policy.oswestry.every_days).max(1))
}

/// Due number 0.
pub(crate) fn baseline_on(case: &Case<'_>) -> Option<Date> {
    let plan = case.plan()?;
    Some(plan.oswestry.map_or(plan.started_on, |o| o.baseline_on))
}

/// First and last day on which a result answers a due: the windows tile the calendar, 6 days before and 7 after at 14.
pub(crate) fn window(case: &Case<'_>, due_on: Date) -> Option<(Date, Date)> {
    let every = every_days(case);
    Some((
        Case::days_after(due_on, -((every - 1) / 2))?,
        Case::days_after(due_on, every / 2)?,
    ))
}

/// Usable results of the current plan with their scores, by time, from the opening of the baseline's window on.
pub(crate) fn accepted<'c>(case: &'c Case<'_>) -> Vec<(&'c OswestryReading, &'c Scored)> {
    let Some((opens, _)) = baseline_on(case).and_then(|day| window(case, day)) else {
        return Vec::new();
    };
    let of_plan = case.readings.iter().filter(|r| r.on >= opens);
    of_plan
        .filter_map(|r| r.usable().map(|scored| (r, scored)))
        .collect()
}

/// The result that later ones are held against.
pub(crate) fn baseline<'c>(case: &'c Case<'_>) -> Option<(&'c OswestryReading, &'c Scored)> {
    let (_, closes) = window(case, baseline_on(case)?)?;
    accepted(case)
        .into_iter()
        .next()
        .filter(|(reading, _)| reading.on <= closes)
}

/// Sent after the plan ended: kept, and nobody is asked for anything.
pub(crate) fn is_after_end(case: &Case<'_>, reading: &OswestryReading) -> bool {
    case.ended().is_some_and(|ended| reading.at >= ended.time)
}

/// A score as people read it.
pub(crate) fn shown(scored: &Scored) -> String {
    format!("{} %", scored.score.percent())
}
