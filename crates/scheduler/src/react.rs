//! The worker: charts and diary in, facts that ought to exist and do not out.

use care::chart::{SessionStatus, Stamp};
use care::fact::Fact;
use care::fact::session::{
    Alternative, Booking, BookingStatus, Modality, Placement, Reason, SessionMark, Unprepared,
};
use care::id::{PatientId, SessionId};
use care::role::{By, Role};
use care::time::Timestamp;
use care::{About, Chart, Diary, Draft, Policy, Reaction, Worker};

use crate::alternatives::AlternativeKind;
use crate::case::Case;
use crate::decide::decide;
use crate::instants::{in_hours, shifted};
use crate::practice;
use crate::reading;
use crate::step::{Placed, Step};

/// What ought to be booked, moved, held, released, called off or reported for these patients together.
///
/// Answers each patient of `patients`, in their order.
#[must_use]
pub fn react(
    patients: &[&Chart],
    diary: &Diary,
    policy: &Policy,
    now: Timestamp,
) -> Vec<(PatientId, Reaction)> {
    let rules = reading::rules(policy);
    let cases: Vec<Case> = patients
        .iter()
        .map(|chart| reading::case(chart, &rules, now))
        .collect();
    let diary = practice::diary(diary, &cases, policy, &rules, now);
    let mut decided: std::collections::BTreeMap<PatientId, Vec<Step>> = decide(&cases, &diary, &rules, now)
        .into_iter()
        .map(|d| (d.patient, d.steps))
        .collect();
    let mut answers = Vec::with_capacity(patients.len());
    for (chart, case) in patients.iter().zip(&cases) {
        let steps = decided.remove(&chart.patient).unwrap_or_default();
        let clerk = Clerk { chart, steps: &steps };
        let mut reaction = Reaction {
            facts: steps.iter().filter_map(|step| clerk.draft(step)).collect(),
            look_again: None,
        };
        // A PT session beyond the horizon is looked at when it comes within it.
        for pt in &case.pts {
            let enters = shifted(pt.start, -rules.horizon);
            if enters > now {
                reaction.look_again_at(enters);
            }
        }
        answers.push((chart.patient.clone(), reaction));
    }
    answers
}

/// Writes steps down as facts.
struct Clerk<'a> {
    chart: &'a Chart,
    /// All of this round, because an EA that leaves now is lost to its PT now.
    steps: &'a [Step],
}

impl Clerk<'_> {
    fn draft(&self, step: &Step) -> Option<Draft> {
        let (key, cause, fact) = match step {
            Step::Book(placed) => {
                let cause = self.newest_of(&placed.prepares);
                (
                    mark_key(&placed.session, placed.revision),
                    cause,
                    Fact::SessionBooked(self.booking(placed)),
                )
            }
            Step::Move(placed) => {
                let cause = self.newest_of(&placed.prepares);
                (
                    mark_key(&placed.session, placed.revision),
                    cause,
                    Fact::SessionMoved(self.booking(placed)),
                )
            }
            Step::Hold { ea, because } => {
                let hold = self.chart.holds().last().map(|h| h.stamp.clone());
                let cause = hold.or_else(|| self.plan_stamp());
                let mark = mark(&ea.session, ea.revision, because.name());
                (mark_key(&ea.session, ea.revision), cause, Fact::SessionHeld(mark))
            }
            Step::Cancel { ea, because } => {
                let cause = self.cause_of_cancel(&ea.session);
                let mark = mark(&ea.session, ea.revision, because.name());
                (
                    mark_key(&ea.session, ea.revision),
                    cause,
                    Fact::SessionCancelled(mark),
                )
            }
            Step::Release { ea } => {
                let freed = self
                    .chart
                    .alerts
                    .values()
                    .filter_map(|a| a.truth_gone.clone())
                    .max();
                let mut mark = mark(&ea.session, ea.revision, "hold-ended");
                mark.status = Some(BookingStatus::Proposed);
                (
                    mark_key(&ea.session, ea.revision),
                    freed.or_else(|| self.plan_stamp()),
                    Fact::SessionReleased(mark),
                )
            }
            // Told by the rules of the catalogue; the schedule does not change.
            Step::Report { .. } => return None,
            Step::Unprepared(said) => return self.unprepared(said),
        };
        Some(self.write(key, cause, fact))
    }

    fn write(&self, key: String, cause: Option<Stamp>, fact: Fact) -> Draft {
        Draft {
            worker: Worker::Scheduler,
            about: About::Patient(self.chart.patient.clone()),
            key,
            causation: cause.as_ref().map(|s| s.id.clone()),
            correlation: cause.as_ref().map(|s| s.chain().clone()),
            fact,
        }
    }

    fn booking(&self, placed: &Placed) -> Booking {
        let record = self.chart.plan();
        let plan = record.and_then(|r| r.plan());
        let room = record.and_then(|r| r.holders(Role::Acupuncturist).find_map(|m| m.clinic.clone()));
        Booking {
            session_id: placed.session.clone(),
            revision: Some(placed.revision),
            modality: Modality::Ea,
            start: placed.start,
            end: placed.end,
            clinic: room,
            practitioner: Some(placed.practitioner.clone()),
            status: if placed.proposed {
                BookingStatus::Proposed
            } else {
                BookingStatus::Booked
            },
            points: plan.map(|p| p.ea.points.clone()).filter(|p| !p.is_empty()),
            prepares: Some(placed.prepares.clone()),
            lead_hours: Some(placed.lead_hours),
            placement: Some(Placement {
                target: placed.target,
                deviation_min: placed.deviation.as_mins(),
                rule: placed.fit.name().to_owned(),
            }),
        }
    }

    /// Said once per PT session and revision, and again only if an EA prepared it in between.
    fn unprepared(&self, said: &crate::step::Unprepared) -> Option<Draft> {
        let pt = &said.pt;
        let before = self.chart.unprepared.get(&(pt.session.clone(), pt.revision));
        let lost = self.lost_since(&pt.session, before.map(|b| b.version.stamp.time));
        if before.is_some() && lost.is_none() {
            return None;
        }
        let fact = Unprepared {
            session_id: pt.session.clone(),
            revision: pt.revision,
            reasons: said
                .obstacles
                .list
                .iter()
                .map(|o| Reason {
                    constraint: o.constraint.name().to_owned(),
                    detail: o.detail.clone(),
                })
                .collect(),
            alternatives: said.alternatives.iter().map(alternative).collect(),
        };
        let key = match (before, lost) {
            (Some(_), Some((ea, revision))) => {
                format!("{}/{}/after/{ea}/{revision}", pt.session, pt.revision)
            }
            _ => format!("{}/{}", pt.session, pt.revision),
        };
        let cause = self.newest_of(std::slice::from_ref(&pt.session));
        Some(self.write(key, cause, Fact::SessionUnprepared(fact)))
    }

    /// The newest EA that prepared the PT session and was lost after `since`.
    fn lost_since(&self, pt: &SessionId, since: Option<Timestamp>) -> Option<(SessionId, u64)> {
        let since = since?;
        let leaves = self.steps.iter().find_map(|step| match step {
            Step::Cancel { ea, .. } | Step::Hold { ea, .. } => {
                let prepared = self.chart.sessions.get(&ea.session)?.prepares().contains(pt);
                prepared.then(|| (ea.session.clone(), ea.revision))
            }
            _ => None,
        });
        if leaves.is_some() {
            return leaves;
        }
        let gone = |status| {
            !matches!(
                status,
                SessionStatus::Proposed | SessionStatus::Booked | SessionStatus::Completed
            )
        };
        self.chart
            .sessions
            .iter()
            .filter(|(_, s)| s.prepares().contains(pt) && gone(s.status()))
            .filter_map(|(id, s)| s.newest().map(|(version, _)| (version, id)))
            .filter(|(version, _)| version.stamp.time > since)
            .max_by_key(|(version, _)| version.stamp.clone())
            .map(|(version, id)| (id.clone(), version.revision))
    }

    /// The newest event about any of these appointments.
    fn newest_of(&self, ids: &[SessionId]) -> Option<Stamp> {
        let sessions = ids.iter().filter_map(|id| self.chart.sessions.get(id));
        sessions
            .filter_map(|s| s.newest().map(|(version, _)| version.stamp.clone()))
            .max()
    }

    /// What called an EA off: a PT session of its own, or the end of the plan.
    fn cause_of_cancel(&self, ea: &SessionId) -> Option<Stamp> {
        let prepared = self
            .chart
            .sessions
            .get(ea)
            .map(|s| s.prepares().to_vec())
            .unwrap_or_default();
        self.newest_of(&prepared).max(self.plan_stamp())
    }

    fn plan_stamp(&self) -> Option<Stamp> {
        self.chart.plan().and_then(|p| p.status_since().cloned())
    }
}

fn mark_key(session: &SessionId, revision: u64) -> String {
    format!("{session}/{revision}")
}

fn mark(session: &SessionId, revision: u64, reason: &str) -> SessionMark {
    SessionMark {
        session_id: session.clone(),
        revision: Some(revision),
        reason: Some(reason.to_owned()),
        by: Some(By::carebus()),
        status: None,
    }
}

fn alternative(a: &crate::alternatives::Alternative) -> Alternative {
    Alternative {
        modality: match a.kind {
            AlternativeKind::EaSlot => Modality::Ea,
            AlternativeKind::PtTime => Modality::Pt,
        },
        start: a.start,
        end: a.end,
        gap_hours: in_hours(a.gap),
        breaks: a.breaks.iter().map(|c| c.name().to_owned()).collect(),
        because: a.because.clone(),
    }
}
