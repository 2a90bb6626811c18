//! The chart: one patient's shared care plan, computed from the facts in whatever order and however often they come.

mod alert;
mod notice;
mod plan;
mod reading;
mod session;
mod stamp;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use alert::Alert;
pub use notice::{NoticeRecord, Try, TryState};
pub use plan::{PlanRecord, PlanState, PlanStatus};
pub use reading::{Hold, OswestryReading, PainReading};
pub use session::{Session, SessionStatus, Step};
pub use stamp::{Latest, Stamp, Version};

use crate::envelope::Event;
use crate::fact::Fact;
use crate::fact::assessment::{Assessment, Retraction};
use crate::fact::ours::{Notice, OswestryReminder, OswestryScored, Report};
use crate::fact::plan::PlanMark;
use crate::fact::session::{SessionMark, Unprepared};
use crate::id::{AlertId, AssessmentId, NoticeId, PatientId, PlanId, SessionId};
use crate::time::Date;

/// Which of the three Oswestry reminders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reminder {
    /// Due today.
    Due,
    /// Overdue, step 1 or 2.
    Overdue(u8),
    /// Missed.
    Missed,
}

/// An assessment with the event it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// Its event.
    pub stamp: Stamp,
    /// What was found.
    pub assessment: Assessment,
}

/// What an event did to a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It was new.
    New,
    /// Seen before: nothing happened.
    Duplicate,
    /// Seen before with another payload: the first one counts, this one is counted.
    Conflict,
}

/// One patient's shared care plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The patient.
    pub patient: PatientId,
    /// Plans by id; see [`Chart::plan`].
    pub plans: BTreeMap<PlanId, PlanRecord>,
    /// Appointments.
    pub sessions: BTreeMap<SessionId, Session>,
    /// Assessments, retracted ones included; see the readings.
    pub assessments: BTreeMap<AssessmentId, Taken>,
    /// What was taken back.
    pub retractions: BTreeMap<AssessmentId, (Stamp, Retraction)>,
    /// What was said about unprepared PT, by PT and its revision.
    pub unprepared: BTreeMap<(SessionId, u64), Latest<Unprepared>>,
    /// Scores carebus gave.
    pub scored: BTreeMap<AssessmentId, Latest<OswestryScored>>,
    /// Reminders carebus gave.
    pub reminders: BTreeMap<(Date, Reminder), (Stamp, OswestryReminder)>,
    /// Alerts.
    pub alerts: BTreeMap<AlertId, Alert>,
    /// Notices.
    pub notices: BTreeMap<NoticeId, NoticeRecord>,
    /// Reports, by their id.
    pub reports: BTreeMap<String, (Stamp, Report)>,
    /// Identities seen, with a hash of the payload; see [`Chart::apply`].
    seen: BTreeMap<u64, u64>,
    /// Events that said something else under an identity already seen.
    pub conflicts: u32,
}

impl Chart {
    /// An empty chart.
    #[must_use]
    pub const fn new(patient: PatientId) -> Self {
        Self {
            patient,
            plans: BTreeMap::new(),
            sessions: BTreeMap::new(),
            assessments: BTreeMap::new(),
            retractions: BTreeMap::new(),
            unprepared: BTreeMap::new(),
            scored: BTreeMap::new(),
            reminders: BTreeMap::new(),
            alerts: BTreeMap::new(),
            notices: BTreeMap::new(),
            reports: BTreeMap::new(),
            seen: BTreeMap::new(),
            conflicts: 0,
        }
    }

    /// Folds one event in. Any order and any repetition of a set of events gives the same chart; of two payloads
    /// under one identity the first that comes counts.
    pub fn apply(&mut self, event: &Event) -> Applied {
        let identity = hash(event.message_id().as_bytes());
        let payload = hash_of(event);
        match self.seen.entry(identity) {
            std::collections::btree_map::Entry::Occupied(known) => {
                if *known.get() == payload {
                    return Applied::Duplicate;
                }
                self.conflicts = self.conflicts.saturating_add(1);
                return Applied::Conflict;
            }
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(payload);
            }
        }
        self.fold(event);
        Applied::New
    }

    fn fold(&mut self, event: &Event) {
        let stamp = Stamp::of(event);
        match &event.fact {
            Fact::PlanActivated(p) => {
                let version = Version::of(event, p.revision);
                let record = self.plans.entry(p.plan_id.clone()).or_default();
                record.offer_snapshot(version.clone(), p.clone());
                record.offer_state(version, PlanState { status: PlanStatus::Active, reason: None, until: None });
            }
            Fact::PlanRevised(p) => {
                let version = Version::of(event, p.revision);
                self.plans.entry(p.plan_id.clone()).or_default().offer_snapshot(version, p.clone());
            }
            Fact::PlanHeld(m) => self.plan_mark(event, m, PlanStatus::Held),
            Fact::PlanResumed(m) => self.plan_mark(event, m, PlanStatus::Active),
            Fact::PlanCompleted(m) => self.plan_mark(event, m, PlanStatus::Completed),
            Fact::PlanRevoked(m) => self.plan_mark(event, m, PlanStatus::Revoked),
            Fact::SessionBooked(b) => self.step(event, &b.session_id, b.revision, Step::Booked(b.clone())),
            Fact::SessionMoved(b) => self.step(event, &b.session_id, b.revision, Step::Moved(b.clone())),
            Fact::SessionCancelled(m) => self.session_mark(event, m, Step::Cancelled),
            Fact::SessionHeld(m) => self.session_mark(event, m, Step::Held),
            Fact::SessionReleased(m) => self.session_mark(event, m, Step::Released),
            Fact::SessionConfirmed(m) => self.session_mark(event, m, Step::Confirmed),
            Fact::SessionDeclined(m) => self.session_mark(event, m, Step::Declined),
            Fact::SessionMissed(m) => self.session_mark(event, m, Step::Missed),
            Fact::SessionCompleted(c) => self.step(event, &c.session_id, c.revision, Step::Completed(c.clone())),
            Fact::SessionUnprepared(u) => {
                let mut slot = self.unprepared.remove(&(u.session_id.clone(), u.revision));
                Latest::offer(&mut slot, Version { revision: u.revision, stamp }, u.clone());
                self.unprepared.extend(slot.map(|l| ((u.session_id.clone(), u.revision), l)));
            }
            Fact::Assessment(a) => self.take(stamp, a),
            Fact::AssessmentRetracted(r) => {
                let mut slot = self.retractions.remove(&r.assessment_id);
                alert::keep_earliest(&mut slot, stamp, r.clone());
                self.retractions.extend(slot.map(|s| (r.assessment_id.clone(), s)));
            }
            Fact::OswestryScored(s) => {
                let mut slot = self.scored.remove(&s.assessment_id);
                Latest::offer(&mut slot, Version::of(event, None), s.clone());
                self.scored.extend(slot.map(|l| (s.assessment_id.clone(), l)));
            }
            Fact::OswestryDue(r) => self.remind(stamp, Reminder::Due, r.clone()),
            Fact::OswestryOverdue(r) => self.remind(stamp, Reminder::Overdue(r.step.unwrap_or(1)), r.clone()),
            Fact::OswestryMissed(r) => self.remind(stamp, Reminder::Missed, r.clone()),
            _ => self.fold_told(event, stamp),
        }
    }

    /// Alerts, notices and reports: what was told.
    fn fold_told(&mut self, event: &Event, stamp: Stamp) {
        match &event.fact {
            Fact::AlertRaised(a) => {
                let slot = &mut self.alerts.entry(a.alert_id.clone()).or_default().raised;
                alert::keep_earliest(slot, stamp, a.clone());
            }
            Fact::AlertAcknowledged(a) => {
                let slot = &mut self.alerts.entry(a.alert_id.clone()).or_default().acknowledged;
                alert::keep_earliest(slot, stamp, a.clone());
            }
            Fact::AlertResolved(a) => {
                self.alerts.entry(a.alert_id.clone()).or_default().resolve(stamp, a.clone());
            }
            Fact::AlertEscalated(a) => {
                let alert = self.alerts.entry(a.alert_id.clone()).or_default();
                let mut slot = alert.escalated.remove(&a.step);
                alert::keep_earliest(&mut slot, stamp, a.clone());
                alert.escalated.extend(slot.map(|s| (a.step, s)));
            }
            Fact::ReportProgress(r) | Fact::ReportOutcome(r) => {
                let mut slot = self.reports.remove(&r.report_id);
                alert::keep_earliest(&mut slot, stamp, r.clone());
                self.reports.extend(slot.map(|s| (r.report_id.clone(), s)));
            }
            Fact::NoticeAttempted(n) => self.notice(stamp, n, TryState::Attempted),
            Fact::NoticeSent(n) => self.notice(stamp, n, TryState::Sent),
            Fact::NoticeDeferred(n) => self.notice(stamp, n, TryState::Deferred),
            Fact::NoticeRejected(n) => self.notice(stamp, n, TryState::Rejected),
            Fact::NoticeUnknown(n) => self.notice(stamp, n, TryState::Unknown),
            Fact::NoticeAbandoned(n) => self.notice(stamp, n, TryState::Abandoned),
            // Calendars and credentials are folded by the diary; nothing else is left.
            _ => {}
        }
    }

    fn plan_mark(&mut self, event: &Event, mark: &PlanMark, status: PlanStatus) {
        let state = PlanState { status, reason: mark.reason, until: mark.until };
        let version = Version::of(event, mark.revision);
        let record = self.plans.entry(mark.plan_id.clone()).or_default();
        // A resumed plan was activated before; its resumption must not look like a newer beginning.
        if status == PlanStatus::Active {
            Latest::offer(&mut record.state, version, state);
        } else {
            record.offer_state(version, state);
        }
    }

    fn session_mark(&mut self, event: &Event, mark: &SessionMark, step: fn(SessionMark) -> Step) {
        self.step(event, &mark.session_id, mark.revision, step(mark.clone()));
    }

    fn step(&mut self, event: &Event, session: &SessionId, revision: Option<u64>, step: Step) {
        let version = Version::of(event, revision);
        self.sessions.entry(session.clone()).or_default().record(version, step);
    }

    fn take(&mut self, stamp: Stamp, assessment: &Assessment) {
        let id = &assessment.head.assessment_id;
        match self.assessments.get(id) {
            // The same submission under another event: the earlier one counts.
            Some(known) if known.stamp <= stamp => {}
            _ => {
                self.assessments.insert(id.clone(), Taken { stamp, assessment: assessment.clone() });
            }
        }
    }

    fn remind(&mut self, stamp: Stamp, which: Reminder, fact: OswestryReminder) {
        let key = (fact.due_on, which);
        let mut slot = self.reminders.remove(&key);
        alert::keep_earliest(&mut slot, stamp, fact);
        self.reminders.extend(slot.map(|s| (key, s)));
    }

    fn notice(&mut self, stamp: Stamp, fact: &Notice, state: TryState) {
        let record =
            self.notices.entry(fact.notice_id.clone()).or_insert_with(|| NoticeRecord::new(fact.clone()));
        record.record(state, stamp, fact);
    }
}


/// The payload, source, time and id of an event in one number: equal events give equal numbers.
fn hash_of(event: &Event) -> u64 {
    hash(&postcard::to_allocvec(&(&event.time, &event.fact)).unwrap_or_default())
}

fn hash(bytes: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(bytes)
}
