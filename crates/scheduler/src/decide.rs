//! All decisions of one round: sort what there is, place what waits, say what cannot be done.

use std::collections::{BTreeMap, BTreeSet};

use care::id::{PractitionerId, SessionId, derived};
use care::time::Timestamp;

use crate::alternatives::alternatives;
use crate::case::{Case, Ea};
use crate::diary::Diary;
use crate::group::{Group, Hosts, Seat, Solution};
use crate::instants::shifted;
use crate::obstacles::obstacles;
use crate::occupancy::Occupancy;
use crate::permits::View;
use crate::placing::place;
use crate::rules::{Confirm, Rules};
use crate::standing::{Occupancies, Standing, stand};
use crate::step::{Decision, Fit, Mark, Placed, Step, Unprepared};

/// Decides for these patients together. What the cases already show is not decided again.
/// The result does not depend on the order of `cases`; it is sorted by patient.
#[must_use]
pub fn decide(cases: &[Case], diary: &Diary, rules: &Rules, now: Timestamp) -> Vec<Decision> {
    let mut cases: Vec<&Case> = cases.iter().collect();
    cases.sort_by(|a, b| a.patient.cmp(&b.patient));
    let cases = &cases[..];
    let mut occupancies = touched(cases, diary);
    let standings = cases
        .iter()
        .map(|case| stand(case, diary, &mut occupancies, rules, now))
        .collect();
    let mut round = Round {
        cases,
        diary,
        rules,
        now,
        steps: vec![Vec::new(); cases.len()],
        standings,
    };
    for (practitioner, members) in round.groups() {
        round.settle_group(practitioner.as_ref(), &members, &mut occupancies);
    }
    for number in 0..cases.len() {
        round.settle_case(number);
    }
    let decided = cases.iter().zip(round.steps);
    decided
        .filter(|(_, steps)| !steps.is_empty())
        .map(|(case, steps)| Decision {
            patient: case.patient.clone(),
            steps,
        })
        .collect()
}

fn touched(cases: &[&Case], diary: &Diary) -> Occupancies {
    let plans = cases.iter().filter_map(|case| case.practitioner.as_ref());
    let booked = cases
        .iter()
        .flat_map(|case| &case.eas)
        .filter_map(|ea| ea.practitioner.as_ref());
    let ids: BTreeSet<&PractitionerId> = plans.chain(booked).collect();
    ids.into_iter()
        .map(|id| {
            let known = diary.practitioners.get(id).map(|p| p.occupancy.clone());
            (id.clone(), known.unwrap_or_else(|| Occupancy::new(1, 0)))
        })
        .collect()
}

/// One round in progress; everything by index of the case.
pub(crate) struct Round<'a> {
    pub(crate) cases: &'a [&'a Case],
    pub(crate) diary: &'a Diary,
    pub(crate) rules: &'a Rules,
    pub(crate) now: Timestamp,
    pub(crate) standings: Vec<Standing>,
    pub(crate) steps: Vec<Vec<Step>>,
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

    fn settle_group(
        &mut self,
        id: Option<&PractitionerId>,
        members: &[usize],
        occupancies: &mut Occupancies,
    ) {
        let nobody = crate::diary::Practitioner::default();
        let practitioner = id.map(|id| self.diary.practitioners.get(id).unwrap_or(&nobody));
        let needs = members
            .iter()
            .flat_map(|case| self.standings[*case].wants.iter().map(|pt| (*case, *pt)))
            .collect();
        let hosts = members
            .iter()
            .map(|case| (*case, self.hosts(*case, id)))
            .collect();
        let occupancy = id
            .and_then(|id| occupancies.get(id))
            .cloned()
            .unwrap_or_else(|| Occupancy::new(1, 0));
        let solution = place(
            Group {
                cases: self.cases,
                practitioner,
                occupancy,
                hosts,
                needs,
            },
            self.rules,
            self.now,
        );
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
        let may_move =
            |ea: &usize| standing.movable.contains(ea) && of_case[*ea].practitioner.as_ref() == practitioner;
        let (movable, fixed): (Vec<usize>, Vec<usize>) = standing
            .hosts
            .iter()
            .copied()
            .partition(|ea| may_move(ea) && linked.contains_key(ea));
        let movable = movable
            .into_iter()
            .map(|ea| (ea, linked.remove(&ea).unwrap_or_default()))
            .collect();
        let held = standing.hold.iter().map(|(ea, _)| *ea);
        let absent = standing.gone.iter().copied().chain(held).collect();
        Hosts {
            fixed,
            movable,
            absent,
            released: standing.release.clone(),
        }
    }

    /// A placement: a told EA that stays, moves or serves more; an EA that follows its PT session; or a new one.
    fn settle_seat(&mut self, seat: &Seat, has_calendar: bool) {
        let case = self.cases[seat.case];
        if let Some(ea) = seat.told {
            self.standings[seat.case]
                .links
                .extend(seat.pts.iter().map(|pt| (*pt, ea)));
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
        self.steps[seat.case].extend(placed.map(if follower.is_some() {
            Step::Move
        } else {
            Step::Book
        }));
    }

    /// An EA of ours that lost its time or its purpose and was placed for one of these PT sessions.
    fn follower(&self, seat: &Seat) -> Option<usize> {
        let (case, standing) = (self.cases[seat.case], &self.standings[seat.case]);
        let idle = standing
            .movable
            .iter()
            .filter(|ea| !standing.links.values().any(|linked| linked == *ea));
        let mut candidates = standing.gone.iter().chain(idle).copied();
        candidates.find(|ea| {
            let ea = &case.eas[*ea];
            ea.is_active()
                && !self.rules.frozen(ea.start, self.now)
                && seat.pts.iter().any(|pt| ea.knows(&case.pts[*pt].id))
        })
    }

    /// An EA in its slot, with the id and revision of what it was before.
    pub(crate) fn placed(&self, seat: &Seat, has_calendar: bool, before: Option<&Ea>) -> Option<Placed> {
        let case = self.cases[seat.case];
        let mut pts: Vec<_> = seat.pts.iter().map(|pt| &case.pts[*pt]).collect();
        pts.sort_by_key(|pt| (pt.start, &pt.id));
        let windows = pts
            .iter()
            .map(|pt| self.rules.window(pt.start, case.lead_hours, &case.zone));
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
            session: before
                .map(|ea| ea.id.clone())
                .or_else(|| new_id(case, &pts.first()?.id))?,
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
                pt: Mark {
                    session: pt.id.clone(),
                    revision: pt.revision,
                },
                obstacles: obstacles(&view, pt),
                alternatives: alternatives(&view, pt, self.diary),
            }));
        }
    }
}

/// The id of a new EA: derived from the PT session it is first placed for, and counted on past the ids it had before.
fn new_id(case: &Case, pt: &SessionId) -> Option<SessionId> {
    (0_u32..).find_map(|n| {
        let id = derived(&[
            "scheduler",
            case.patient.as_str(),
            "ea",
            pt.as_str(),
            &n.to_string(),
        ]);
        let id = SessionId::new(id.to_string()).ok()?;
        case.ea(&id).is_none().then_some(id)
    })
}
