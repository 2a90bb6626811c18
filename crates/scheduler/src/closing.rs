//! What is left to say of one patient once everybody is placed: holds, releases, what is called off, what prepares more.

use std::collections::BTreeSet;

use care::id::SessionId;

use crate::case::{Ea, EaStatus, PlanState};
use crate::decide::Round;
use crate::group::Seat;
use crate::obstacles::stuck;
use crate::step::{CancelReason, Mark, Placed, Step, Unprepared};

impl Round<'_> {
    /// What is left to say of one patient once everybody is placed.
    pub(crate) fn settle_case(&mut self, number: usize) {
        let case = self.cases[number];
        let standing = &self.standings[number];
        let next = |ea: usize| Mark {
            session: case.eas[ea].id.clone(),
            revision: case.eas[ea].revision + 1,
        };
        let mut first = Vec::new();
        first.extend(standing.hold.iter().map(|(ea, because)| Step::Hold {
            ea: next(*ea),
            because: *because,
        }));
        let idle = standing
            .movable
            .iter()
            .filter(|ea| !standing.links.values().any(|linked| linked == *ea));
        let idle = idle.filter(|ea| standing.hosts.contains(ea) && !self.waits_for_paused(number, **ea));
        for ea in standing.cancel.iter().chain(&standing.gone).chain(idle) {
            first.push(Step::Cancel {
                ea: next(*ea),
                because: self.why_cancelled(number, *ea),
            });
        }
        first.extend(standing.release.iter().map(|ea| Step::Release { ea: next(*ea) }));
        let mut last = self.relinked(number);
        let now = |ea: usize| Mark {
            session: case.eas[ea].id.clone(),
            revision: case.eas[ea].revision,
        };
        last.extend(standing.report.iter().map(|(ea, breaks)| Step::Report {
            ea: now(*ea),
            breaks: *breaks,
        }));
        last.extend(self.said_stuck(number));
        let steps = &mut self.steps[number];
        steps.splice(0..0, first);
        steps.extend(last);
    }

    /// PT sessions whose EA is in the calendar and cannot take place.
    fn said_stuck(&self, number: usize) -> Vec<Step> {
        let (case, standing) = (self.cases[number], &self.standings[number]);
        let mut steps = Vec::new();
        for (pt, linked) in &standing.links {
            let Some((ea, breaks)) = standing.stuck.iter().find(|(ea, _)| ea == linked) else {
                continue;
            };
            let pt = &case.pts[*pt];
            steps.push(Step::Unprepared(Unprepared {
                pt: Mark {
                    session: pt.id.clone(),
                    revision: pt.revision,
                },
                obstacles: stuck(&case.eas[*ea], *breaks, &case.zone, self.now),
                alternatives: Vec::new(),
            }));
        }
        steps
    }

    fn waits_for_paused(&self, case: usize, ea: usize) -> bool {
        let case = self.cases[case];
        case.eas[ea]
            .prepares
            .iter()
            .any(|id| case.pt(id).is_some_and(|pt| !pt.booked))
    }

    fn why_cancelled(&self, number: usize, ea: usize) -> CancelReason {
        let (case, standing) = (self.cases[number], &self.standings[number]);
        if case.plan == PlanState::Ended {
            return CancelReason::PlanEnded;
        }
        let known: Vec<usize> = (0..case.pts.len())
            .filter(|pt| case.eas[ea].knows(&case.pts[*pt].id))
            .collect();
        let unserved = |pt: &usize| {
            let id = &case.pts[*pt].id;
            self.steps[number]
                .iter()
                .any(|s| matches!(s, Step::Unprepared(u) if u.pt.session == *id))
        };
        if known.is_empty() {
            CancelReason::PtCancelled
        } else if known.iter().any(unserved) || standing.cancel.contains(&ea) {
            CancelReason::NoLongerPossible
        } else {
            CancelReason::Superseded
        }
    }

    /// Ours that stay where they are and prepare other PT sessions than people were told.
    fn relinked(&self, number: usize) -> Vec<Step> {
        let (case, standing) = (self.cases[number], &self.standings[number]);
        let mut steps = Vec::new();
        for ea in standing.hosts.iter().filter(|ea| !standing.release.contains(ea)) {
            let known = &case.eas[*ea];
            let pts: Vec<usize> = standing
                .links
                .iter()
                .filter(|(_, e)| *e == ea)
                .map(|(pt, _)| *pt)
                .collect();
            let told: BTreeSet<&SessionId> = known.prepares.iter().collect();
            let now: BTreeSet<&SessionId> = pts.iter().map(|pt| &case.pts[*pt].id).collect();
            let ours = known.placed_by_us && known.is_active() && known.start > self.now;
            if !ours || pts.is_empty() || told == now {
                continue;
            }
            let seat = Seat {
                case: number,
                pts,
                start: known.start,
                told: Some(*ea),
            };
            let has_calendar = self.has_calendar(known);
            steps.extend(self.placed(&seat, has_calendar, Some(known)).map(|placed| {
                Step::Move(Placed {
                    proposed: known.status == EaStatus::Proposed,
                    practitioner: known.practitioner.clone().unwrap_or(placed.practitioner),
                    ..placed
                })
            }));
        }
        steps
    }

    fn has_calendar(&self, ea: &Ea) -> bool {
        let practitioner = ea
            .practitioner
            .as_ref()
            .and_then(|id| self.diary.practitioners.get(id));
        practitioner.is_some_and(|p| p.hours.is_some())
    }
}
