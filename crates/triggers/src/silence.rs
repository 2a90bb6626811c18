//! The clock of an alert that nobody takes on: when it is told again, and when carebus has said all it can.

use care::chart::Alert;
use care::fact::ours::Severity;
use care::policy::Alerts;
use care::time::{SignedDuration, TimeZone, Timestamp, hours, minutes};

/// `reason` of an `alert.escalated` because nobody took the alert on.
pub(crate) const UNACKNOWLEDGED: &str = "unacknowledged";

/// When an alert that waits for somebody is told again: an emergency at even steps day and night, an urgent one once,
/// after some hours of clinic time.
pub(crate) struct Clock {
    since: Timestamp,
    first: Timestamp,
    every: SignedDuration,
    times: u16,
}

impl Clock {
    /// Of an alert; none where it waits for nobody.
    pub(crate) fn of(alert: &Alert, policy: &Alerts, zone: &TimeZone) -> Option<Self> {
        let severity = alert.severity().filter(|_| alert.is_waiting())?;
        let since = since(alert, severity)?;
        let every = minutes(i64::from(policy.emergency_again_min));
        if severity == Severity::Emergency {
            let (first, times) = (since.saturating_add(every).ok()?, policy.emergency_again_times);
            return Some(Self {
                since,
                first,
                every,
                times,
            });
        }
        let first = policy.clinic_time_after(since, hours(i64::from(policy.urgent_again_hours)), zone);
        Some(Self {
            since,
            first,
            every,
            times: 1,
        })
    }

    /// From when on it counts.
    pub(crate) const fn since(&self) -> Timestamp {
        self.since
    }

    /// How often it is told again in all.
    pub(crate) const fn times(&self) -> u16 {
        self.times
    }

    /// How often it ought to have been told again by an instant.
    pub(crate) fn number_at(&self, at: Timestamp) -> u16 {
        if at < self.first {
            return 0;
        }
        let steps = at.duration_since(self.first).as_secs() / self.every.as_secs().max(1);
        u16::try_from(steps)
            .unwrap_or(u16::MAX)
            .saturating_add(1)
            .min(self.times)
    }

    /// The number that was told last, read off its time: if some were missed they are not made up for.
    pub(crate) fn told(&self, alert: &Alert) -> u16 {
        let silent = alert
            .escalated
            .values()
            .filter(|(_, e)| e.reason == UNACKNOWLEDGED);
        silent
            .map(|(stamp, _)| self.number_at(stamp.time))
            .max()
            .unwrap_or(0)
    }

    /// The next instant after `now` at which it is told again.
    pub(crate) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let number = self.number_at(now);
        let steps = i32::from(number);
        let at = self.first.saturating_add(self.every.checked_mul(steps)?).ok()?;
        (number < self.times).then_some(at)
    }
}

/// Since when an alert is as severe as it is now.
pub(crate) fn since(alert: &Alert, severity: Severity) -> Option<Timestamp> {
    let (raised_at, raised) = alert.raised.as_ref()?;
    if raised.severity >= severity {
        return Some(raised_at.time);
    }
    let grown = alert.escalated.values().filter(|(_, e)| e.severity >= severity);
    grown.map(|(stamp, _)| stamp.time).min()
}

/// Whether an alert was told again as often as it is, and still nobody has taken it on: from here on it only stands
/// where people look.
#[must_use]
pub fn nobody_took_it_on(alert: &Alert, policy: &Alerts, zone: &TimeZone) -> bool {
    Clock::of(alert, policy, zone).is_some_and(|clock| clock.told(alert) >= clock.times())
}
