//! One patient at one instant: what every rule reads, computed once.

use care::chart::{
    OswestryReading, PainReading, PlanRecord, PlanStatus, Session, SessionStatus, Stamp, Taken,
};
use care::fact::assessment::Body;
use care::fact::plan::Plan;
use care::fact::session::Modality;
use care::id::{AssessmentId, SessionId};
use care::role::By;
use care::time::{Date, Span, TimeZone, Timestamp};
use care::{Chart, Policy};

use crate::finding::Truth;
use crate::subject::Subject;

/// An assessment, and whether it was taken back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    taken: &'a Taken,
    pub(crate) live: bool,
}

impl<'a> Told<'a> {
    pub(crate) const fn at(&self) -> Timestamp {
        self.taken.assessment.head.performed_at
    }

    pub(crate) const fn stamp(&self) -> &'a Stamp {
        &self.taken.stamp
    }

    pub(crate) const fn by(&self) -> &'a By {
        &self.taken.assessment.head.by
    }

    pub(crate) const fn body(&self) -> &'a Body {
        &self.taken.assessment.body
    }

    pub(crate) fn id(&self) -> &'a str {
        self.taken.assessment.head.assessment_id.as_str()
    }

    pub(crate) const fn assessment_id(&self) -> &'a AssessmentId {
        &self.taken.assessment.head.assessment_id
    }

    fn pain(&self) -> Option<PainReading> {
        let Body::Pain(pain) = self.body() else {
            return None;
        };
        let assessment_id = self.taken.assessment.head.assessment_id.clone();
        Some(PainReading {
            assessment_id,
            stamp: self.stamp().clone(),
            at: self.at(),
            pain: *pain,
        })
    }
}

/// What rules read.
pub(crate) struct Case<'a> {
    /// The patient, as alerts see them.
    pub(crate) subject: Subject<'a>,
    pub(crate) chart: &'a Chart,
    pub(crate) policy: &'a Policy,
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
    pub(crate) record: Option<&'a PlanRecord>,
    /// Every assessment by time of performance, retracted ones too: they keep the numbers of episodes stable.
    pub(crate) told: Vec<Told<'a>>,
    /// Oswestry results that were not taken back, by time.
    pub(crate) readings: Vec<OswestryReading>,
    /// Pain scores that were not taken back, by time.
    pub(crate) pains: Vec<PainReading>,
}

impl<'a> Case<'a> {
    pub(crate) fn new(chart: &'a Chart, policy: &'a Policy, now: Timestamp) -> Self {
        let live = |id| !chart.retractions.contains_key(id);
        let mut told: Vec<Told<'a>> = chart
            .assessments
            .iter()
            .map(|(id, taken)| Told {
                taken,
                live: live(id),
            })
            .collect();
        told.sort_by(|a, b| (a.at(), a.stamp()).cmp(&(b.at(), b.stamp())));
        let pains = told.iter().filter(|t| t.live).filter_map(Told::pain).collect();
        Self {
            subject: Subject::patient(chart, policy, now),
            chart,
            policy,
            now,
            zone: chart.zone(),
            record: chart.plan(),
            told,
            readings: chart.oswestries(policy.oswestry.max_missing),
            pains,
        }
    }

    /// Assessments that were not taken back, by time of performance.
    pub(crate) fn live(&self) -> impl DoubleEndedIterator<Item = &Told<'a>> {
        self.told.iter().filter(|t| t.live)
    }

    /// The current plan's snapshot.
    pub(crate) fn plan(&self) -> Option<&'a Plan> {
        self.record.and_then(PlanRecord::plan)
    }

    /// What begins the key of a rule that looks at one plan; `-` where there is none.
    pub(crate) fn plan_key(&self) -> &'a str {
        self.plan().map_or("-", |p| p.plan_id.as_str())
    }

    /// In force: neither paused nor ended.
    pub(crate) fn is_active(&self) -> bool {
        self.chart.is_active()
    }

    /// When the plan ended, with the fact that says so.
    pub(crate) fn ended(&self) -> Option<&'a Stamp> {
        let record = self.record?;
        let ended = matches!(record.status(), PlanStatus::Completed | PlanStatus::Revoked);
        record.status_since().filter(|_| ended)
    }

    /// A routine truth asks nobody for anything while the plan is paused or has ended.
    pub(crate) fn while_active(&self) -> Truth {
        if self.is_active() {
            Truth::Holds
        } else {
            Truth::Lasts
        }
    }

    /// Before the plan ended.
    pub(crate) fn is_in_course(&self, at: Timestamp) -> bool {
        self.ended().is_none_or(|ended| at < ended.time)
    }

    /// Local days from one instant to another.
    pub(crate) fn days_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        let days = self.date(to).duration_since(self.date(from));
        days.as_hours() / 24
    }

    pub(crate) fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// First instant of a local day.
    pub(crate) fn day_start(&self, day: Date) -> Option<Timestamp> {
        day.to_zoned(self.zone.clone()).ok().map(|z| z.timestamp())
    }

    /// A local day shifted; none where the calendar ends.
    pub(crate) fn days_after(day: Date, days: i64) -> Option<Date> {
        day.checked_add(Span::new().try_days(days).ok()?).ok()
    }

    /// EA appointments of any state, by start.
    pub(crate) fn ea(&self) -> Vec<(&'a SessionId, &'a Session)> {
        let mut ea: Vec<_> = self
            .chart
            .sessions
            .iter()
            .filter(|(_, s)| s.modality() == Some(Modality::Ea))
            .collect();
        ea.sort_by_key(|(id, s)| (s.start(), *id));
        ea
    }

    /// EA ahead that takes up its slot: proposed, booked or held.
    pub(crate) fn future_ea(&self) -> Vec<(&'a SessionId, &'a Session)> {
        let ahead = |s: &Session| s.status().occupies() && s.start().is_some_and(|at| at > self.now);
        self.ea().into_iter().filter(|(_, s)| ahead(s)).collect()
    }

    /// Whether an appointment is expected to take place.
    pub(crate) fn is_expected(session: &Session) -> bool {
        matches!(session.status(), SessionStatus::Proposed | SessionStatus::Booked)
    }
}
