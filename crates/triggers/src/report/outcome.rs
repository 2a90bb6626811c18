//! The outcome at twelve weeks, with its corrected versions, and the report that closes a plan.

use care::chart::{OswestryReading, PlanStatus, Stamp};
use care::fact::ours::Report;
use care::time::{Date, Timestamp};

use super::{Wanted, id};
use crate::case::Case;
use crate::rules::oswestry;

/// The outcome, once per plan: when the due of twelve weeks is answered, or when its window closes without an answer.
/// A result that comes or goes afterwards makes a corrected version.
pub(super) fn wanted<'c>(case: &'c Case<'_>) -> Option<Wanted<'c>> {
    let window = Window::of(case)?;
    let answer = window.answer(case);
    let decisive: &Stamp = match answer {
        Some(reading) => &reading.stamp,
        None => window.closed_unanswered(case)?,
    };
    Some(Wanted {
        id: id(case, "outcome"),
        reason: Report::OUTCOME,
        assessment: answer.map(|r| r.assessment_id.clone()),
        decisive,
    })
}

/// The end of the window, while it is ahead and nothing was told.
pub(super) fn wake(case: &Case<'_>) -> Option<Timestamp> {
    let window = Window::of(case)?;
    let is_asked = case.ended().is_none() && window.answer(case).is_none();
    Some(window.over).filter(|over| is_asked && *over > case.now)
}

/// The report that closes the plan, once.
pub(super) fn closing<'c>(case: &'c Case<'_>) -> Option<Wanted<'c>> {
    case.plan()?;
    let decisive = case.ended()?;
    let reason = match case.record?.status() {
        PlanStatus::Revoked => Report::REVOKED,
        _ => Report::COMPLETED,
    };
    Some(Wanted {
        id: id(case, "closing"),
        reason,
        assessment: None,
        decisive,
    })
}

/// The window of the due that decides.
struct Window {
    opens: Date,
    closes: Date,
    /// First instant after it.
    over: Timestamp,
}

impl Window {
    /// Of the due whose window holds the day of the policy, never the baseline's own.
    fn of(case: &Case<'_>) -> Option<Self> {
        let every = oswestry::every_days(case);
        let day = i64::from(case.policy.reports.outcome_day);
        let number = ((day + (every - 1) / 2) / every).max(1);
        let due_on = Case::days_after(oswestry::baseline_on(case)?, every * number)?;
        let (opens, closes) = oswestry::window(case, due_on)?;
        let over = case.day_start(closes.tomorrow().ok()?)?;
        Some(Self { opens, closes, over })
    }

    /// The first usable result done in it, while the plan ran.
    fn answer<'c>(&self, case: &'c Case<'_>) -> Option<&'c OswestryReading> {
        let mut accepted = oswestry::accepted(case).into_iter().map(|(reading, _)| reading);
        accepted.find(|r| (self.opens..=self.closes).contains(&r.on) && !oswestry::is_after_end(case, r))
    }

    /// The plan, if its window has closed while it ran; a plan that was told later never asked.
    fn closed_unanswered<'c>(&self, case: &'c Case<'_>) -> Option<&'c Stamp> {
        let record = case.record?;
        let ran = case.ended().is_none_or(|ended| ended.time >= self.over)
            && record.activated.as_ref().is_none_or(|a| a.time < self.over);
        let stamp = record.snapshot.as_ref().map(|s| &s.version.stamp)?;
        (case.now >= self.over && ran).then_some(stamp)
    }
}
