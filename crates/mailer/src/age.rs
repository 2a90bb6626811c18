//! Since when something could have been told: what makes a letter late.
//!
//! A fact that carebus itself says after an outage bears the time of its saying. What it rests on happened before, and
//! that is what counts. In doubt a letter is in time: fresh mail must never wait behind a backlog.

use care::chart::{Reminder, Session, Stamp, Step};
use care::fact::ours::{AlertRaised, Severity};
use care::fact::session::Unprepared;
use care::id::SessionId;
use care::time::{Date, Timestamp, ToSpan, hours};
use care::{Chart, Policy};

use crate::occasion::{Matter, Occasion};

/// Since when an occasion could have been told, quiet hours aside.
pub(crate) fn since(chart: &Chart, policy: &Policy, occasion: &Occasion<'_>) -> Timestamp {
    let said = occasion.stamp.time;
    let known = match &occasion.matter {
        Matter::Raised(raised) => came_true(policy, raised),
        Matter::Oswestry(which, reminder) => due(chart, policy, *which, reminder.due_on, said),
        Matter::Ea(_, session) => placed(chart, policy, session, occasion.stamp),
        Matter::Unprepared(what, pt) => unprepared(chart, policy, what, pt, said),
        Matter::Escalated(..) | Matter::Resolved(..) | Matter::Withdrawn(..) | Matter::Report(_) => None,
    };
    known.map_or(said, |at| at.min(said))
}

/// When the truth of an alert began: the time in which acting on it is useful counts from there.
fn came_true(policy: &Policy, raised: &AlertRaised) -> Option<Timestamp> {
    let days = match raised.severity {
        Severity::Info => policy.alerts.info_actionable_days,
        Severity::Advisory => policy.alerts.advisory_actionable_days,
        Severity::Urgent | Severity::Emergency => return None,
    };
    raised
        .actionable_until?
        .saturating_sub(hours(24 * i64::from(days)))
        .ok()
}

/// When a reminder was due to be said; not before the plan said that it would be.
fn due(chart: &Chart, policy: &Policy, which: Reminder, due_on: Date, said: Timestamp) -> Option<Timestamp> {
    let (days, minutes) = match which {
        Reminder::Due => (0, policy.oswestry.remind_at.minutes()),
        Reminder::Overdue(1) => (i64::from(policy.oswestry.overdue_days) + 1, 0),
        Reminder::Overdue(_) | Reminder::Missed => (i64::from(policy.oswestry.late_days) + 1, 0),
    };
    let local = due_on
        .checked_add(days.days())
        .ok()?
        .to_datetime(care::time::Time::midnight())
        .checked_add(i64::from(minutes).minutes())
        .ok()?;
    let at = local.to_zoned(chart.zone()).ok()?.timestamp();
    Some(planned(chart, said)?.max(at))
}

/// When the plan took the shape it had when something was said, as far as the chart still knows.
fn planned(chart: &Chart, said: Timestamp) -> Option<Timestamp> {
    let plan = chart.plan()?;
    let snapshot = plan.snapshot.as_ref().map(|s| s.version.stamp.time);
    let status = plan.status_since().map(|s| s.time);
    let before = [snapshot, status].into_iter().flatten().filter(|at| *at <= said);
    before.chain(plan.activated.as_ref().map(|s| s.time)).max()
}

/// When the PT behind a step of an EA asked for it. `None` where something else may have: a calendar, a hold, a slot
/// that became free.
fn placed(chart: &Chart, policy: &Policy, session: &Session, stamp: &Stamp) -> Option<Timestamp> {
    let mut before: Option<&Stamp> = None;
    let (_, step) = session.history().find(|(version, _)| {
        let found = version.stamp == *stamp;
        before = if found { before } else { Some(&version.stamp) };
        found
    })?;
    match (step, before) {
        (Step::Booked(booking), None) => {
            let prepared = booking.prepares.as_deref().unwrap_or_default();
            // A PT that was said to be unprepared waited for something else.
            let waited = |pt: &&SessionId| chart.unprepared.keys().any(|(known, _)| known == *pt);
            if prepared.iter().any(|pt| waited(&pt)) {
                return None;
            }
            let asked = prepared.iter().map(|pt| asked(chart, policy, pt));
            let newest = asked.collect::<Option<Vec<_>>>()?.into_iter().max()?;
            Some(planned(chart, stamp.time)?.max(newest))
        }
        (Step::Moved(_) | Step::Cancelled(_), Some(before)) => {
            let changes = session.prepares().iter().filter_map(|pt| changed(chart, pt));
            changes.filter(|at| *at > before.time && *at <= stamp.time).max()
        }
        _ => None,
    }
}

/// When a PT was unprepared for the first time, if no EA ever prepared it.
fn unprepared(
    chart: &Chart,
    policy: &Policy,
    what: &Unprepared,
    pt: &Session,
    said: Timestamp,
) -> Option<Timestamp> {
    let mentions = |s: &Session| {
        let bookings = s.history().filter_map(|(_, step)| step.booking());
        bookings
            .flat_map(|b| b.prepares.as_deref().unwrap_or_default())
            .any(|id| *id == what.session_id)
    };
    if pt.start().is_none() || chart.sessions.values().any(mentions) {
        return None;
    }
    Some(planned(chart, said)?.max(asked(chart, policy, &what.session_id)?))
}

/// When a PT asked for its EA: when it was booked, or when it came near enough.
fn asked(chart: &Chart, policy: &Policy, pt: &SessionId) -> Option<Timestamp> {
    let session = chart.sessions.get(pt)?;
    let horizon = hours(24 * i64::from(policy.scheduling.horizon_days));
    let near = session.start()?.saturating_sub(horizon).ok()?;
    Some(session.booked_by()?.time.max(near))
}

fn changed(chart: &Chart, pt: &SessionId) -> Option<Timestamp> {
    Some(chart.sessions.get(pt)?.newest()?.0.stamp.time)
}
