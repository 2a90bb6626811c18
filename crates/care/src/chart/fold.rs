//! What each fact adds to a chart: a newer version, an earlier word, or one more step.

use super::stamp::{keep_earliest, keep_earliest_in};
use super::told::{fold_alert, fold_notice};
use super::{Chart, Latest, PlanState, PlanStatus, Reminder, Stamp, Step, Taken, Version};
use crate::envelope::Event;
use crate::fact::Fact;
use crate::fact::assessment::Assessment;
use crate::fact::ours::OswestryReminder;
use crate::fact::plan::PlanMark;
use crate::fact::session::SessionMark;
use crate::id::SessionId;

impl Chart {
    pub(super) fn fold(&mut self, event: &Event) {
        match &event.fact {
            Fact::PlanActivated(p) => {
                let version = Version::of(event, p.revision);
                let record = self.plans.entry(p.plan_id.clone()).or_default();
                record.offer_snapshot(version.clone(), p);
                record.activate(version);
            }
            Fact::PlanRevised(p) => {
                let version = Version::of(event, p.revision);
                self.plans
                    .entry(p.plan_id.clone())
                    .or_default()
                    .offer_snapshot(version, p);
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
            Fact::SessionCompleted(c) => {
                self.step(event, &c.session_id, c.revision, Step::Completed(c.clone()))
            }
            Fact::SessionUnprepared(u) => {
                let key = (u.session_id.clone(), u.revision);
                Latest::offer_in(&mut self.unprepared, key, Version::of(event, Some(u.revision)), u);
            }
            Fact::Assessment(a) => self.take(Stamp::of(event), a),
            Fact::AssessmentRetracted(r) => {
                keep_earliest_in(
                    &mut self.retractions,
                    r.assessment_id.clone(),
                    Stamp::of(event),
                    r,
                );
            }
            Fact::OswestryScored(s) => {
                Latest::offer_in(
                    &mut self.scored,
                    s.assessment_id.clone(),
                    Version::of(event, None),
                    s,
                );
            }
            Fact::OswestryDue(r) => self.remind(event, Reminder::Due, r),
            Fact::OswestryOverdue(r) => self.remind(event, Reminder::Overdue(r.step.unwrap_or(1)), r),
            Fact::OswestryMissed(r) => self.remind(event, Reminder::Missed, r),
            _ => self.fold_told(event),
        }
    }

    /// Alerts, notices and reports: what was told. Calendars and credentials are folded by the diary.
    fn fold_told(&mut self, event: &Event) {
        if let Fact::ReportProgress(r) | Fact::ReportOutcome(r) = &event.fact {
            keep_earliest_in(&mut self.reports, r.report_id.clone(), Stamp::of(event), r);
        }
        fold_alert(&mut self.alerts, event);
        fold_notice(&mut self.notices, event);
    }

    fn plan_mark(&mut self, event: &Event, mark: &PlanMark, status: PlanStatus) {
        let state = PlanState {
            status,
            reason: mark.reason,
            until: mark.until,
        };
        let record = self.plans.entry(mark.plan_id.clone()).or_default();
        Latest::offer(&mut record.state, Version::of(event, mark.revision), &state);
    }

    fn session_mark(&mut self, event: &Event, mark: &SessionMark, step: fn(SessionMark) -> Step) {
        self.step(event, &mark.session_id, mark.revision, step(mark.clone()));
    }

    fn step(&mut self, event: &Event, session: &SessionId, revision: Option<u64>, step: Step) {
        let version = Version::of(event, revision);
        self.sessions
            .entry(session.clone())
            .or_default()
            .record(version, step);
    }

    /// The same submission under another event: the earlier one counts.
    fn take(&mut self, stamp: Stamp, assessment: &Assessment) {
        let id = assessment.head.assessment_id.clone();
        let known = self.assessments.remove(&id).map(|t| (t.stamp, t.assessment));
        let mut slot = known;
        keep_earliest(&mut slot, stamp, assessment);
        self.assessments
            .extend(slot.map(|(stamp, assessment)| (id, Taken { stamp, assessment })));
    }

    fn remind(&mut self, event: &Event, which: Reminder, fact: &OswestryReminder) {
        keep_earliest_in(&mut self.reminders, (fact.due_on, which), Stamp::of(event), fact);
    }
}
