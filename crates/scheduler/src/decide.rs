//! All decisions of one round: sort what there is, place what waits, say what cannot be done.

use std::collections::{BTreeMap, BTreeSet};

use care::id::{PractitionerId, SessionId, derived};
use care::time::Timestamp;

use crate::alternatives::alternatives;
use crate::case::{Case, Ea};
use crate::diary::Diary;
use crate::instants::shifted;
use crate::obstacles::obstacles;
use crate::occupancy::Occupancy;
use crate::permits::View;
use crate::placing::{Group, Hosts, Seat, Solution, place};
use crate::rules::{Confirm, Rules};
use crate::standing::{Occupancies, Standing, stand};
use crate::step::{CancelReason, Decision, Fit, Mark, Placed, Step, Unprepared};

/// Decides for these patients together. What the cases already show is not decided again.
/// The result does not depend on the order of `cases`; it is sorted by patient.
#[must_use]
pub fn decide(cases: &[Case], diary: &Diary, rules: &Rules, now: Timestamp) -> Vec<Decision> {
    let mut cases: Vec<&Case> = cases.iter().collect();
    cases.sort_by(|a, b| a.patient.cmp(&b.patient));
    let cases = &cases[..];
    let mut occupancies = touched(cases, diary);
    let standings = cases.iter().map(|case| stand(case, diary, &mut occupancies, rules, now)).collect();
    let mut round = Round { cases, diary, rules, now, steps: vec![Vec::new(); cases.len()], standings };
    for (practitioner, members) in round.groups() {
        round.settle_group(practitioner.as_ref(), &members, &mut occupancies);
    }
    for number in 0..cases.len() {
        round.settle_case(number);
    }
    let decided = cases.iter().zip(round.steps);
    decided.filter(|(_, steps)| !steps.is_empty()).map(|(case, steps)| Decision { patient: case.patient.clone(), steps }).collect()
}

fn touched(cases: &[&Case], diary: &Diary) -> Occupancies {
    let plans = cases.iter().filter_map(|case| case.practitioner.as_ref());
    let booked = cases.iter().flat_map(|case| &case.eas).filter_map(|ea| ea.practitioner.as_ref());
    let ids: BTreeSet<&PractitionerId> = plans.chain(booked).collect();
    ids.into_iter()
        .map(|id| {
            let known = diary.practitioners.get(id).map(|p| p.occupancy.clone());
            (id.clone(), known.unwrap_or_else(|| Occupancy::new(1, 0)))
        })
        .collect()
}

struct Round<'a> {
    cases: &'a [&'a Case],
    diary: &'a Diary,
    rules: &'a Rules,
    now: Timestamp,
    standings: Vec<Standing>,
    steps: Vec<Vec<Step>>,
}

impl Round<'_> {
    /// Cases by the practitioner they are placed with, where at least one of them wants something.
    fn groups(&self) -> BTreeMap<Option<PractitionerId>, Vec<usize>> {
        let mut groups: BTreeMap<Option<PractitionerId>, Vec<usize>> = BTreeMap::new();
        for (number, case) in self.cases.iter().enumerate() {
            groups.entry(case.practitioner.clone()).or_default().push(number);
        }
        groups.retain(|_, members| members.iter().any(|case| !self.standings[*case].wants.is_empty()));
        groups
    }

    fn settle_group(&mut self, id: Option<&PractitionerId>, members: &[usize], occupancies: &mut Occupancies) {
        let nobody = crate::diary::Practitioner::default();
        let practitioner = id.map(|id| self.diary.practitioners.get(id).unwrap_or(&nobody));
        let needs = members.iter().flat_map(|case| self.standings[*case].wants.iter().map(|pt| (*case, *pt))).collect();
        let hosts = members.iter().map(|case| (*case, self.hosts(*case, id))).collect();
        let occupancy = id.and_then(|id| occupancies.get(id)).cloned().unwrap_or_else(|| Occupancy::new(1, 0));
        let solution = place(Group { cases: self.cases, practitioner, occupancy, hosts, needs }, self.rules, self.now);
        for (case, pt, ea) in &solution.links {
            self.standings[*case].links.insert(*pt, *ea);
        }
        for seat in &solution.seats {
            self.settle_seat(seat, practitioner.is_some_and(|p| p.hours.is_some()));
        }
        self.say_unprepared(&solution, practitioner);
    }

    fn hosts(&self, case: usize, practitioner: Option<&PractitionerId>) -> Hosts {
        let standing = &self.standings[case];
        let of_case = &self.cases[case].eas;
        let mut linked: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (pt, ea) in &standing.links {
            linked.entry(*ea).or_default().push(*pt);
        }
        let may_move = |ea: &usize| standing.movable.contains(ea) && of_case[*ea].practitioner.as_ref() == practitioner;
        let (movable, fixed): (Vec<usize>, Vec<usize>) =
            standing.hosts.iter().copied().partition(|ea| may_move(ea) && linked.contains_key(ea));
        let movable = movable.into_iter().map(|ea| (ea, linked.remove(&ea).unwrap_or_default())).collect();
        let held = standing.hold.iter().map(|(ea, _)| *ea);
        let absent = standing.gone.iter().copied().chain(held).collect();
        Hosts { fixed, movable, absent, released: standing.release.clone() }
    }

    /// A placement: a told EA that stays, moves or serves more; an EA that follows its PT session; or a new one.
    fn settle_seat(&mut self, seat: &Seat, has_calendar: bool) {
        let case = self.cases[seat.case];
        if let Some(ea) = seat.told {
            self.standings[seat.case].links.extend(seat.pts.iter().map(|pt| (*pt, ea)));
            if case.eas[ea].start != seat.start {
                let placed = self.placed(seat, has_calendar, Some(&case.eas[ea]));
                self.steps[seat.case].extend(placed.map(Step::Move));
                // It said all it prepares already, so it must not be said again.
                self.standings[seat.case].hosts.remove(&ea);
            }
            return;
        }
        let follower = self.follower(seat);
        if let Some(ea) = follower {
            let standing = &mut self.standings[seat.case];
            standing.gone.remove(&ea);
            standing.hosts.remove(&ea);
            standing.movable.remove(&ea);
        }
        let placed = self.placed(seat, has_calendar, follower.map(|ea| &case.eas[ea]));
        self.steps[seat.case].extend(placed.map(if follower.is_some() { Step::Move } else { Step::Book }));
    }

    /// An EA of ours that lost its time or its purpose and was placed for one of these PT sessions.
    fn follower(&self, seat: &Seat) -> Option<usize> {
        let (case, standing) = (self.cases[seat.case], &self.standings[seat.case]);
        let idle = standing.movable.iter().filter(|ea| !standing.links.values().any(|linked| linked == *ea));
        let mut candidates = standing.gone.iter().chain(idle).copied();
        candidates.find(|ea| {
            let ea = &case.eas[*ea];
            ea.is_active()
                && !self.rules.frozen(ea.start, self.now)
                && seat.pts.iter().any(|pt| ea.knows(&case.pts[*pt].id))
        })
    }

    fn placed(&self, seat: &Seat, has_calendar: bool, before: Option<&Ea>) -> Option<Placed> {
        let case = self.cases[seat.case];
        let mut pts: Vec<_> = seat.pts.iter().map(|pt| &case.pts[*pt]).collect();
        pts.sort_by_key(|pt| (pt.start, &pt.id));
        let windows = pts.iter().map(|pt| self.rules.window(pt.start, case.lead_hours, &case.zone));
        let best = windows.min_by_key(|window| window.deviation(seat.start))?;
        let fit = match (has_calendar, best.is_on_target(seat.start)) {
            (false, _) => Fit::ProposedWithoutCalendar,
            (true, true) => Fit::OnTarget,
            (true, false) => Fit::Acceptable,
        };
        let length = match seat.told {
            Some(ea) => case.eas[ea].end.duration_since(case.eas[ea].start),
            None => case.length,
        };
        Some(Placed {
            session: before.map(|ea| ea.id.clone()).or_else(|| new_id(case, &pts.first()?.id))?,
            revision: before.map_or(1, |ea| ea.revision + 1),
            practitioner: case.practitioner.clone()?,
            start: seat.start,
            end: shifted(seat.start, length),
            proposed: !has_calendar || self.rules.confirm == Confirm::Ask || pts.iter().any(|pt| pt.ask),
            prepares: pts.iter().map(|pt| pt.id.clone()).collect(),
            target: best.target,
            deviation: seat.start.duration_since(best.target),
            fit,
            lead_hours: case.lead_hours.unwrap_or(self.rules.lead_hours),
        })
    }

    fn say_unprepared(&mut self, solution: &Solution, practitioner: Option<&crate::diary::Practitioner>) {
        for (number, pt) in &solution.unserved {
            let case = self.cases[*number];
            let pt = &case.pts[*pt];
            let view = View {
                case,
                company: &solution.companies[number],
                practitioner,
                occupancy: &solution.occupancy,
                rules: self.rules,
                now: self.now,
            };
            self.steps[*number].push(Step::Unprepared(Unprepared {
                pt: Mark { session: pt.id.clone(), revision: pt.revision },
                obstacles: obstacles(&view, pt),
                alternatives: alternatives(&view, pt, self.diary),
            }));
        }
    }

    /// What is left to say of one patient once everybody is placed.
    fn settle_case(&mut self, number: usize) {
        let case = self.cases[number];
        let standing = &self.standings[number];
        let next = |ea: usize| Mark { session: case.eas[ea].id.clone(), revision: case.eas[ea].revision + 1 };
        let mut first = Vec::new();
        first.extend(standing.hold.iter().map(|(ea, because)| Step::Hold { ea: next(*ea), because: *because }));
        let idle = standing.movable.iter().filter(|ea| !standing.links.values().any(|linked| linked == *ea));
        let idle = idle.filter(|ea| standing.hosts.contains(ea) && !self.waits_for_paused(number, **ea));
        for ea in standing.cancel.iter().chain(&standing.gone).chain(idle) {
            first.push(Step::Cancel { ea: next(*ea), because: self.why_cancelled(number, *ea) });
        }
        first.extend(standing.release.iter().map(|ea| Step::Release { ea: next(*ea) }));
        let mut last = self.relinked(number);
        let now = |ea: usize| Mark { session: case.eas[ea].id.clone(), revision: case.eas[ea].revision };
        last.extend(standing.report.iter().map(|(ea, breaks)| Step::Report { ea: now(*ea), breaks: *breaks }));
        let steps = &mut self.steps[number];
        steps.splice(0..0, first);
        steps.extend(last);
    }

    fn waits_for_paused(&self, case: usize, ea: usize) -> bool {
        let case = self.cases[case];
        case.eas[ea].prepares.iter().any(|id| case.pt(id).is_some_and(|pt| !pt.booked))
    }

    fn why_cancelled(&self, number: usize, ea: usize) -> CancelReason {
        let (case, standing) = (self.cases[number], &self.standings[number]);
        if case.plan == crate::case::PlanState::Ended {
            return CancelReason::PlanEnded;
        }
        let known: Vec<usize> = (0..case.pts.len()).filter(|pt| case.eas[ea].knows(&case.pts[*pt].id)).collect();
        let unserved = |pt: &usize| {
            let id = &case.pts[*pt].id;
            self.steps[number].iter().any(|s| matches!(s, Step::Unprepared(u) if u.pt.session == *id))
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
            let pts: Vec<usize> = standing.links.iter().filter(|(_, e)| *e == ea).map(|(pt, _)| *pt).collect();
            let told: BTreeSet<&SessionId> = known.prepares.iter().collect();
            let now: BTreeSet<&SessionId> = pts.iter().map(|pt| &case.pts[*pt].id).collect();
            let ours = known.placed_by_us && known.is_active() && known.start > self.now;
            if !ours || pts.is_empty() || told == now {
                continue;
            }
            let seat = Seat { case: number, pts, start: known.start, told: Some(*ea) };
            let has_calendar = self.has_calendar(known);
            steps.extend(self.placed(&seat, has_calendar, Some(known)).map(|placed| {
                Step::Move(Placed {
                    proposed: known.status == crate::case::EaStatus::Proposed,
                    practitioner: known.practitioner.clone().unwrap_or(placed.practitioner),
                    ..placed
                })
            }));
        }
        steps
    }

    fn has_calendar(&self, ea: &Ea) -> bool {
        let practitioner = ea.practitioner.as_ref().and_then(|id| self.diary.practitioners.get(id));
        practitioner.is_some_and(|p| p.hours.is_some())
    }
}

/// The id of a new EA: derived from the PT session it is first placed for, and counted on past the ids it had before.
fn new_id(case: &Case, pt: &SessionId) -> Option<SessionId> {
    (0_u32..).find_map(|n| {
        let id = derived(&["scheduler", case.patient.as_str(), "ea", pt.as_str(), &n.to_string()]);
        let id = SessionId::new(id.to_string()).ok()?;
        case.ea(&id).is_none().then_some(id)
    })
}
