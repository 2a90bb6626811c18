//! What an operator counts over everybody: notices, alerts, Oswestry dues; kept up by difference, never by looking at all.

use std::collections::{BTreeMap, BTreeSet};

use care::chart::{Alert, Chart, NoticeRecord, Reminder, TryState};
use care::fact::ours::Severity;
use care::id::{AlertId, NoticeId, PatientId};
use care::time::Timestamp;
use care::{About, Diary};

use crate::Engine;
use crate::flight::Flight;

/// States of a notice, in the order of [`Counts::notices`].
pub const NOTICE_STATES: [TryState; 6] = [
    TryState::Attempted,
    TryState::Deferred,
    TryState::Unknown,
    TryState::Rejected,
    TryState::Abandoned,
    TryState::Sent,
];

/// Severities, in the order of [`Counts::open_alerts`] and [`Counts::unacknowledged_since`].
pub const SEVERITIES: [Severity; 4] = [
    Severity::Info,
    Severity::Advisory,
    Severity::Urgent,
    Severity::Emergency,
];

/// Counts over all patients, practitioners and members; nobody's id is in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Patients known.
    pub patients: u64,
    /// Notices by the state of their newest try, as in [`NOTICE_STATES`].
    pub notices: [u64; 6],
    /// Alerts that were raised and have not ended, as in [`SEVERITIES`].
    pub open_alerts: [u64; 4],
    /// When the oldest of those that nobody took on was raised, as in [`SEVERITIES`].
    pub unacknowledged_since: [Option<Timestamp>; 4],
    /// When the oldest emergency was raised that waits and of which no mail server has taken a mail yet.
    pub untold_emergency_since: Option<Timestamp>,
    /// Oswestry dues that were announced, and are not answered, overdue or missed.
    pub oswestry_due: u64,
    /// Oswestry dues that are overdue, and not answered or missed.
    pub oswestry_overdue: u64,
    /// Facts that said something else under an identity already seen.
    pub contradictions: u64,
}

/// One patient's, practitioner's or member's part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    notices: [u16; 6],
    open: [u16; 4],
    /// Milliseconds since 1970; [`NEVER`] if there is none.
    waiting: [i64; 4],
    untold: i64,
    contradictions: u32,
    oswestry: Oswestry,
}

const NEVER: i64 = i64::MAX;

/// The newest due that a reminder was given about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Oswestry {
    Settled,
    Due,
    Overdue,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            notices: [0; 6],
            open: [0; 4],
            waiting: [NEVER; 4],
            untold: NEVER,
            contradictions: 0,
            oswestry: Oswestry::Settled,
        }
    }
}

impl Tally {
    /// Of a patient.
    pub(crate) fn of_chart(chart: &Chart) -> Self {
        Self {
            contradictions: chart.conflicts,
            oswestry: oswestry(chart),
            ..Self::of(&chart.alerts, &chart.notices)
        }
    }

    fn of(alerts: &BTreeMap<AlertId, Alert>, notices: &BTreeMap<NoticeId, NoticeRecord>) -> Self {
        let mut tally = Self::default();
        for (_, newest) in notices.values().filter_map(NoticeRecord::last) {
            count(&mut tally.notices, state_index(newest.state));
        }
        for alert in alerts.values().filter(|alert| alert.is_open()) {
            let (Some((stamp, raised)), Some(severity)) = (&alert.raised, alert.severity()) else {
                continue;
            };
            let index = severity_index(severity);
            count(&mut tally.open, index);
            if alert.acknowledged.is_some() {
                continue;
            }
            let since = stamp.time.as_millisecond();
            tally.waiting[index] = tally.waiting[index].min(since);
            if severity == Severity::Emergency && !is_told(&raised.alert_id, notices) {
                tally.untold = tally.untold.min(since);
            }
        }
        tally
    }
}

fn count(counts: &mut [u16], index: usize) {
    counts[index] = counts[index].saturating_add(1);
}

const fn state_index(state: TryState) -> usize {
    match state {
        TryState::Attempted => 0,
        TryState::Deferred => 1,
        TryState::Unknown => 2,
        TryState::Rejected => 3,
        TryState::Abandoned => 4,
        TryState::Sent => 5,
    }
}

const fn severity_index(severity: Severity) -> usize {
    match severity {
        Severity::Info => 0,
        Severity::Advisory => 1,
        Severity::Urgent => 2,
        Severity::Emergency => 3,
    }
}

/// Whether a mail about an alert, when it was raised or at any step, was taken by a mail server.
fn is_told(alert: &AlertId, notices: &BTreeMap<NoticeId, NoticeRecord>) -> bool {
    let is_about = |about: &String| {
        let rest = about.strip_prefix(alert.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let sent = notices.values().filter(|notice| notice.is_sent());
    sent.flat_map(|notice| &notice.notice.about).any(is_about)
}

/// By what the log says: the newest due that was announced, unless it is answered or the plan is over.
fn oswestry(chart: &Chart) -> Oswestry {
    let Some((due_on, reminder)) = chart.reminders.keys().next_back() else {
        return Oswestry::Settled;
    };
    let mut scores = chart.scored.values();
    if !chart.is_active() || scores.any(|scored| scored.value.answers_due == Some(*due_on)) {
        return Oswestry::Settled;
    }
    match reminder {
        Reminder::Due => Oswestry::Due,
        Reminder::Overdue(_) => Oswestry::Overdue,
        Reminder::Missed => Oswestry::Settled,
    }
}

/// The sum of all tallies.
#[derive(Debug, Default)]
pub(crate) struct Tallies {
    /// Whose tally may not be what their record says.
    stale: BTreeSet<About>,
    notices: [u64; 6],
    open: [u64; 4],
    /// How many have their oldest waiting alert at an instant.
    waiting: [BTreeMap<i64, u32>; 4],
    untold: BTreeMap<i64, u32>,
    contradictions: u64,
    due: u64,
    overdue: u64,
}

impl Tallies {
    /// Takes note that somebody's record changed.
    pub(crate) fn touch(&mut self, about: &About) {
        if !self.stale.contains(about) {
            self.stale.insert(about.clone());
        }
    }

    /// Puts one tally in the place of another.
    pub(crate) fn replace(&mut self, old: &mut Tally, new: Tally) {
        if *old == new {
            return;
        }
        for (sum, (before, after)) in self.notices.iter_mut().zip(old.notices.iter().zip(new.notices)) {
            *sum = (*sum + u64::from(after)).saturating_sub(u64::from(*before));
        }
        for (sum, (before, after)) in self.open.iter_mut().zip(old.open.iter().zip(new.open)) {
            *sum = (*sum + u64::from(after)).saturating_sub(u64::from(*before));
        }
        for (all, (before, after)) in self.waiting.iter_mut().zip(old.waiting.iter().zip(new.waiting)) {
            move_instant(all, *before, after);
        }
        move_instant(&mut self.untold, old.untold, new.untold);
        self.contradictions =
            (self.contradictions + u64::from(new.contradictions)).saturating_sub(old.contradictions.into());
        let is = |tally: &Tally, state| u64::from(tally.oswestry == state);
        self.due = (self.due + is(&new, Oswestry::Due)).saturating_sub(is(old, Oswestry::Due));
        self.overdue =
            (self.overdue + is(&new, Oswestry::Overdue)).saturating_sub(is(old, Oswestry::Overdue));
        *old = new;
    }
}

fn move_instant(all: &mut BTreeMap<i64, u32>, before: i64, after: i64) {
    if before == after {
        return;
    }
    if after != NEVER {
        *all.entry(after).or_default() += 1;
    }
    if let Some(count) = all.get_mut(&before) {
        *count -= 1;
        if *count == 0 {
            all.remove(&before);
        }
    }
}

fn oldest(all: &BTreeMap<i64, u32>) -> Option<Timestamp> {
    let (first, _) = all.first_key_value()?;
    Timestamp::from_millisecond(*first).ok()
}

fn of_practitioner(diary: &Diary, about: &About) -> Tally {
    let About::Practitioner(id) = about else {
        return Tally::default();
    };
    let known = diary.practitioner(id);
    known.map_or_else(Tally::default, |known| Tally::of(&known.alerts, &known.notices))
}

impl Engine {
    /// What an operator counts. Costs what changed since the last call, not what exists.
    pub fn counts(&mut self) -> Counts {
        // While a long log is read, what changed changes again: counted at its end.
        let stale = if self.reads_backlog() {
            BTreeSet::new()
        } else {
            std::mem::take(&mut self.tallies.stale)
        };
        for about in stale {
            let tally = match &about {
                About::Patient(id) => self.patients.get(id).map(|e| Tally::of_chart(&e.chart.read())),
                About::Practitioner(_) => Some(of_practitioner(&self.diary, &about)),
                About::Member(id) => {
                    let postbox = self.postboxes.get(id);
                    postbox.map(|known| Tally::of(&BTreeMap::new(), &known.notices))
                }
            };
            self.put_tally(&about, tally.unwrap_or_default());
        }
        let sums = &self.tallies;
        Counts {
            patients: self.patients.len() as u64,
            notices: sums.notices,
            open_alerts: sums.open,
            unacknowledged_since: std::array::from_fn(|index| oldest(&sums.waiting[index])),
            untold_emergency_since: oldest(&sums.untold),
            oswestry_due: sums.due,
            oswestry_overdue: sums.overdue,
            contradictions: sums.contradictions,
        }
    }

    /// Counts a patient whose chart is open now, so that it need not be opened for that.
    pub(crate) fn recount(&mut self, id: &PatientId) {
        if let Some(entry) = self.patients.get_mut(id) {
            let tally = Tally::of_chart(&entry.chart.read());
            self.tallies.replace(&mut entry.flight.tally, tally);
            self.tallies.stale.remove(&About::Patient(id.clone()));
        }
    }

    fn put_tally(&mut self, about: &About, tally: Tally) {
        let flight: Option<&mut Flight> = match about {
            About::Patient(id) => self.patients.get_mut(id).map(|e| &mut e.flight),
            other => self.others.get_mut(other),
        };
        if let Some(flight) = flight {
            self.tallies.replace(&mut flight.tally, tally);
        }
    }

    /// How many are to be looked at now, and since when the one that waits longest for its time to come does.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> (usize, Option<Timestamp>) {
        let come = self.agenda.iter().take_while(|(at, _)| *at <= now).count();
        let oldest = self.wake_at().filter(|at| *at <= now);
        (self.dirty.len() + come, oldest)
    }
}
