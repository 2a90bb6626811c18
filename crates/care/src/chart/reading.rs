//! What rules and workers read off a chart: the current plan, holds, scores and attended sessions in order.

use super::stamp::Stamp;
use super::{Chart, PlanRecord, PlanStatus, Session, SessionStatus, Taken};
use crate::fact::assessment::Body;
use crate::fact::ours::Action;
use crate::fact::session::Modality;
use crate::fact::value::Zone;
use crate::id::{AlertId, AssessmentId, RuleId, SessionId};
use crate::measure::odi::{MaxMissing, Scored, Validity};
use crate::measure::pain::Pain;
use crate::role::By;
use crate::time::{Date, TimeZone, Timestamp};

/// A safety hold that stands: an alert whose truth is not gone says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The alert.
    pub alert_id: AlertId,
    /// Its rule.
    pub rule: RuleId,
    /// The event that raised it.
    pub stamp: Stamp,
    /// Only electrical stimulation.
    pub electro_only: bool,
    /// Only these zones; empty: all.
    pub zones: Vec<Zone>,
}

/// A pain score that was not taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PainReading {
    /// The submission.
    pub assessment_id: AssessmentId,
    /// Its event.
    pub stamp: Stamp,
    /// When it was felt.
    pub at: Timestamp,
    /// The score.
    pub pain: Pain,
}

/// An Oswestry that was not taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OswestryReading {
    /// The submission.
    pub assessment_id: AssessmentId,
    /// Its event.
    pub stamp: Stamp,
    /// When it was filled in.
    pub at: Timestamp,
    /// The local day of that.
    pub on: Date,
    /// Who sent it.
    pub by: By,
    /// The score; none when no section is answered.
    pub scored: Option<Scored>,
    /// Whether the score may be used.
    pub validity: Validity,
    /// Another one of the same day says otherwise and was sent later: this one no longer counts.
    pub superseded_by: Option<AssessmentId>,
}

impl OswestryReading {
    /// Valid and not superseded: the score rules work with.
    #[must_use]
    pub fn usable(&self) -> Option<&Scored> {
        let counts = self.validity.is_valid() && self.superseded_by.is_none();
        self.scored.as_ref().filter(|_| counts)
    }
}

impl Chart {
    /// The current plan: the one activated last; one of which only marks or revisions arrived counts as oldest.
    #[must_use]
    pub fn plan(&self) -> Option<&PlanRecord> {
        self.plans
            .iter()
            .max_by_key(|(id, p)| (p.activated.as_ref().map(|a| a.time), *id))
            .map(|(_, p)| p)
    }

    /// Whether there is a plan in force.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.plan()
            .is_some_and(|p| p.status() == PlanStatus::Active && p.plan().is_some())
    }

    /// Zone of the patient's days.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        self.plan().map_or(TimeZone::UTC, PlanRecord::zone)
    }

    /// First instant of the current plan's first day: sessions before it belong to an earlier episode.
    #[must_use]
    pub fn episode_start(&self) -> Option<Timestamp> {
        let record = self.plan()?;
        record
            .plan()?
            .started_on
            .to_zoned(record.zone())
            .ok()
            .map(|z| z.timestamp())
    }

    /// Practitioners that the patient's plans and sessions name.
    pub fn practitioners(&self) -> impl Iterator<Item = &crate::id::PractitionerId> {
        let teams = self
            .plans
            .values()
            .filter_map(PlanRecord::plan)
            .flat_map(|p| &p.team);
        let sessions = self.sessions.values().filter_map(Session::practitioner);
        teams.filter_map(|m| m.practitioner.as_ref()).chain(sessions)
    }

    /// Whether a mail was claimed and the log does not say how that ended.
    #[must_use]
    pub fn has_open_claim(&self) -> bool {
        super::has_open_claim(&self.notices)
    }

    /// Holds that stand, oldest first.
    #[must_use]
    pub fn holds(&self) -> Vec<Hold> {
        let mut holds = Vec::new();
        for alert in self.alerts.values().filter(|a| a.is_true()) {
            let Some((stamp, raised)) = &alert.raised else {
                continue;
            };
            holds.extend(raised.actions.iter().filter(|a| a.is_hold()).map(|action| Hold {
                alert_id: raised.alert_id.clone(),
                rule: raised.rule.clone(),
                stamp: stamp.clone(),
                electro_only: action.what == Action::HOLD_ELECTRO,
                zones: action.zones.clone(),
            }));
        }
        holds.sort_by(|a, b| (&a.stamp, &a.alert_id).cmp(&(&b.stamp, &b.alert_id)));
        holds
    }

    /// Assessments that were not taken back, by time of performance.
    #[must_use]
    pub fn taken(&self) -> Vec<&Taken> {
        let mut taken: Vec<&Taken> = self
            .assessments
            .iter()
            .filter(|(id, _)| !self.retractions.contains_key(*id))
            .map(|(_, t)| t)
            .collect();
        taken.sort_by(|a, b| {
            (a.assessment.head.performed_at, &a.stamp).cmp(&(b.assessment.head.performed_at, &b.stamp))
        });
        taken
    }

    /// Pain scores by time.
    #[must_use]
    pub fn pains(&self) -> Vec<PainReading> {
        let reading = |t: &Taken| match &t.assessment.body {
            Body::Pain(pain) => Some(PainReading {
                assessment_id: t.assessment.head.assessment_id.clone(),
                stamp: t.stamp.clone(),
                at: t.assessment.head.performed_at,
                pain: *pain,
            }),
            _ => None,
        };
        self.taken().into_iter().filter_map(reading).collect()
    }

    /// Oswestry results by time, with those marked that a later one of the same day replaces.
    #[must_use]
    pub fn oswestries(&self, limit: MaxMissing) -> Vec<OswestryReading> {
        let zone = self.zone();
        let reading = |t: &Taken| match &t.assessment.body {
            Body::Oswestry(o) => Some(OswestryReading {
                assessment_id: t.assessment.head.assessment_id.clone(),
                stamp: t.stamp.clone(),
                at: t.assessment.head.performed_at,
                on: t.assessment.head.performed_at.to_zoned(zone.clone()).date(),
                by: t.assessment.head.by.clone(),
                scored: o.given.score().map(|score| Scored {
                    score,
                    version: o.instrument_version.clone(),
                }),
                validity: o.given.validity(limit),
                superseded_by: None,
            }),
            _ => None,
        };
        let mut readings: Vec<OswestryReading> = self.taken().into_iter().filter_map(reading).collect();
        mark_superseded(&mut readings);
        readings
    }

    /// EA sessions of the current episode that took place, by start: number k of the rules is index k − 1.
    #[must_use]
    pub fn attended_ea(&self) -> Vec<(&SessionId, &Session)> {
        self.attended(Modality::Ea)
    }

    /// Sessions of one modality of the current episode that took place, by start.
    #[must_use]
    pub fn attended(&self, modality: Modality) -> Vec<(&SessionId, &Session)> {
        let from = self.episode_start();
        let mut attended: Vec<(&SessionId, &Session)> = self
            .sessions
            .iter()
            .filter(|(_, s)| s.status() == SessionStatus::Completed && s.modality() == Some(modality))
            .filter(|(_, s)| from.is_none_or(|from| s.start().is_some_and(|at| at >= from)))
            .collect();
        attended.sort_by_key(|(id, s)| (s.start(), *id));
        attended
    }
}

/// Of the valid results of one day the last sent counts: later event time, then the greater id.
fn mark_superseded(readings: &mut [OswestryReading]) {
    for i in 0..readings.len() {
        let winner = readings
            .iter()
            .filter(|r| r.on == readings[i].on && r.validity.is_valid())
            .max_by(|a, b| (a.stamp.time, &a.stamp.id).cmp(&(b.stamp.time, &b.stamp.id)))
            .map(|r| r.assessment_id.clone());
        readings[i].superseded_by =
            winner.filter(|w| readings[i].validity.is_valid() && *w != readings[i].assessment_id);
    }
}
