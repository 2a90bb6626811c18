//! Which stretch of a chart belongs to a plan, and when its course ended.

use care::Chart;
use care::chart::{PlanRecord, PlanStatus};
use care::id::PlanId;
use care::time::{Date, TimeZone, Timestamp};

use super::Attended;
use crate::assumed::LAPSED_DAYS;

/// From the first day of a plan to the first day of the patient's next one.
pub(super) struct Span {
    pub(super) from: Timestamp,
    first_day: Date,
    next: Option<(Timestamp, Date)>,
    zone: TimeZone,
}

/// How a course ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The plan was completed.
    Completed,
    /// The plan was revoked.
    Revoked,
    /// The next plan began.
    Superseded,
    /// Nobody came any more.
    Lapsed,
}

/// The end of a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// When: as the plan's mark says, else the end of the last session.
    pub at: Timestamp,
    /// How.
    pub how: How,
}

impl Span {
    pub(super) fn of(chart: &Chart, plan: &PlanId) -> Option<Self> {
        let record = chart.plans.get(plan)?;
        let key = order(plan, record)?;
        // Of two plans of one day the one activated later goes on; the other has no day of its own.
        let next = chart
            .plans
            .iter()
            .filter_map(|(id, other)| order(id, other))
            .filter(|other| *other > key)
            .min()
            .map(|(from, _, id)| (from, chart.plans.get(id).and_then(first_day)));
        Some(Self {
            from: key.0,
            first_day: first_day(record)?,
            next: next.and_then(|(from, day)| Some((from, day?))),
            zone: record.zone(),
        })
    }

    pub(super) fn contains(&self, at: Timestamp) -> bool {
        at >= self.from && self.next.is_none_or(|(next, _)| at < next)
    }

    pub(super) fn contains_day(&self, day: Date) -> bool {
        day >= self.first_day && self.next.is_none_or(|(_, next)| day < next)
    }

    /// Before the next plan began.
    pub(super) fn is_before_next(&self, at: Timestamp) -> bool {
        self.next.is_none_or(|(next, _)| at < next)
    }

    /// The patient's local day.
    pub(super) fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// Local days from one instant to another.
    pub(super) fn days(&self, from: Timestamp, to: Timestamp) -> i64 {
        days(self.date(from), self.date(to))
    }

    /// The plan's own mark first; then what came after it; then silence.
    pub(super) fn ending(
        &self,
        record: &PlanRecord,
        attended: &[Attended],
        now: Timestamp,
    ) -> Option<Ending> {
        let next = self.next.map(|(next, _)| next).filter(|next| *next <= now);
        let mark = record.status_since().map(|s| s.time).filter(|at| *at < now);
        let how = match record.status() {
            PlanStatus::Completed => Some(How::Completed),
            PlanStatus::Revoked => Some(How::Revoked),
            PlanStatus::Active | PlanStatus::Held => None,
        };
        if let (Some(at), Some(how)) = (mark, how) {
            let at = next.map_or(at, |next| at.min(next));
            return Some(Ending { at, how });
        }
        let last = attended.last();
        if let Some(next) = next {
            let at = last.map_or(next, |l| l.end.min(next));
            return Some(Ending {
                at,
                how: How::Superseded,
            });
        }
        last.filter(|l| self.days(l.start, now) > LAPSED_DAYS)
            .map(|l| Ending {
                at: l.end,
                how: How::Lapsed,
            })
    }
}

/// Days from one day to another.
pub(super) fn days(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

fn first_day(record: &PlanRecord) -> Option<Date> {
    record.plan().map(|p| p.started_on)
}

/// What plans of one patient follow each other by.
fn order<'a>(id: &'a PlanId, record: &PlanRecord) -> Option<(Timestamp, Option<Timestamp>, &'a PlanId)> {
    let from = first_day(record)?.to_zoned(record.zone()).ok()?.timestamp();
    Some((from, record.activated.as_ref().map(|a| a.time), id))
}
