//! Where one patient's EA sessions stand before anything is placed: held, released, displaced, linked or loose.

use std::collections::{BTreeMap, BTreeSet};

use care::id::PractitionerId;
use care::time::Timestamp;

use crate::case::{Case, Ea, EaStatus, PlanState, Pt};
use crate::constraint::{Constraint as C, Constraints};
use crate::diary::Diary;
use crate::instants::shifted;
use crate::occupancy::Occupancy;
use crate::permits::judge;
use crate::rules::{Rules, Window};

/// Constraints that make an EA which carebus placed move away, because it cannot take place where it is.
const DISPLACE: Constraints =
    Constraints::of(&[C::OutsideOpenHours, C::Closure, C::Capacity, C::PatientOverlap]);

/// Working copies of the practitioners' sessions, without what is gone.
pub(crate) type Occupancies = BTreeMap<PractitionerId, Occupancy>;

/// One patient's EA, sorted by what is to become of them; everything by index.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// Held now, and by what.
    pub(crate) hold: Vec<(usize, C)>,
    /// Released now: proposed again.
    pub(crate) release: Vec<usize>,
    /// Cancelled now, whatever is placed.
    pub(crate) cancel: Vec<usize>,
    /// Break a rule and stay: booked by hand, or too near to be moved.
    pub(crate) report: Vec<(usize, Constraints)>,
    /// Ours that cannot take place as booked and start too soon to be moved, and what they break.
    pub(crate) stuck: Vec<(usize, Constraints)>,
    /// Can prepare PT sessions and stay where they are, unless `loose` or `movable` says otherwise.
    pub(crate) hosts: BTreeSet<usize>,
    /// Hosts that may move if that serves one PT more.
    pub(crate) movable: BTreeSet<usize>,
    /// Left their time already: they follow a PT session of theirs, or are cancelled.
    pub(crate) gone: BTreeSet<usize>,
    /// PT → EA.
    pub(crate) links: BTreeMap<usize, usize>,
    /// PT sessions that wait for an EA.
    pub(crate) wants: Vec<usize>,
}

/// Sorts the EA of one patient. `occupancies` loses the sessions that leave their time.
pub(crate) fn stand(
    case: &Case,
    diary: &Diary,
    occupancies: &mut Occupancies,
    rules: &Rules,
    now: Timestamp,
) -> Standing {
    let mut standing = Standing::default();
    let future = || (0..case.eas.len()).filter(|ea| case.eas[*ea].start > now);
    match case.plan {
        PlanState::Ended => {
            for ea in future().filter(|ea| is_expected_or_held(&case.eas[*ea])) {
                if case.eas[ea].placed_by_us {
                    standing.cancel.push(ea);
                } else if case.eas[ea].is_active() {
                    standing.report.push((ea, Constraints::of(&[C::PlanInactive])));
                }
            }
        }
        PlanState::Held => standing.hold.extend(
            future()
                .filter(|ea| case.eas[*ea].is_active())
                .map(|ea| (ea, C::PlanInactive)),
        ),
        PlanState::Absent => {
            let touched =
                future().filter(|ea| case.eas[*ea].is_active() && case.is_touched(case.eas[*ea].needling));
            standing.hold.extend(touched.map(|ea| (ea, C::Hold)));
        }
        PlanState::Active => Sorting {
            case,
            diary,
            occupancies,
            rules,
            now,
            standing: &mut standing,
        }
        .sort(),
    }
    standing
}

fn is_expected_or_held(ea: &Ea) -> bool {
    ea.is_active() || matches!(ea.status, EaStatus::Held { .. })
}

/// The sorting of one patient with an active plan.
pub(crate) struct Sorting<'a> {
    pub(crate) case: &'a Case,
    pub(crate) diary: &'a Diary,
    pub(crate) occupancies: &'a mut Occupancies,
    pub(crate) rules: &'a Rules,
    pub(crate) now: Timestamp,
    pub(crate) standing: &'a mut Standing,
}

impl Sorting<'_> {
    fn sort(&mut self) {
        for ea in 0..self.case.eas.len() {
            self.sort_one(ea);
        }
        self.link_known();
        self.release_held();
        self.let_go();
    }

    fn sort_one(&mut self, number: usize) {
        let ea = &self.case.eas[number];
        if !ea.counts() {
            return;
        }
        if ea.start <= self.now || !ea.is_active() {
            self.standing.hosts.insert(number);
            return;
        }
        if let Some(by) = self.held_by(ea) {
            self.standing.hold.push((number, by));
            return;
        }
        let broken = judge(self.case, ea, self.diary, self.rules, self.now);
        let elsewhere = self.case.practitioner.is_some() && ea.practitioner != self.case.practitioner;
        let displaced = ea.placed_by_us && (elsewhere || !broken.and(DISPLACE).is_empty());
        let frozen = self.rules.frozen(ea.start, self.now);
        if displaced && !frozen {
            self.leave(number);
            return;
        }
        if displaced {
            self.standing.stuck.push((number, broken));
        }
        if displaced || (!ea.placed_by_us && !broken.is_empty()) {
            self.standing.report.push((number, broken));
        }
        self.standing.hosts.insert(number);
        if ea.placed_by_us && !frozen {
            self.standing.movable.insert(number);
        }
    }

    /// What forbids this EA as it is, for safety.
    pub(crate) fn held_by(&self, ea: &Ea) -> Option<C> {
        if self.case.is_touched(ea.needling) {
            return Some(C::Hold);
        }
        let practitioner = ea
            .practitioner
            .as_ref()
            .and_then(|id| self.diary.practitioners.get(id));
        practitioner
            .is_some_and(|p| !p.may_needle(ea.start, &self.case.zone))
            .then_some(C::Credentials)
    }

    pub(crate) fn leave(&mut self, number: usize) {
        self.standing.gone.insert(number);
        self.standing.hosts.remove(&number);
        self.standing.movable.remove(&number);
        let ea = &self.case.eas[number];
        if let Some(occupancy) = ea
            .practitioner
            .as_ref()
            .and_then(|id| self.occupancies.get_mut(id))
        {
            occupancy.forget(&self.case.patient, &ea.id);
        }
    }

    pub(crate) fn window(&self, pt: &Pt) -> Window {
        self.rules.window(pt.start, self.case.lead_hours, &self.case.zone)
    }

    /// An EA that is known to prepare a PT keeps it while the gap is acceptable; else step (1): any EA on target.
    fn link_known(&mut self) {
        for (number, pt) in self
            .case
            .pts
            .iter()
            .enumerate()
            .filter(|(_, pt)| pt.start > self.now)
        {
            let window = self.window(pt);
            let nearest = |suits: &dyn Fn(&Ea) -> bool| {
                let suiting = self
                    .standing
                    .hosts
                    .iter()
                    .copied()
                    .filter(|ea| suits(&self.case.eas[*ea]));
                suiting.min_by_key(|ea| {
                    let ea = &self.case.eas[*ea];
                    (window.deviation(ea.start), std::cmp::Reverse(ea.start), &ea.id)
                })
            };
            let known = nearest(&|ea| ea.knows(&pt.id) && window.accepts(ea.start));
            let serves = pt.booked && pt.start <= shifted(self.now, self.rules.horizon);
            let on_target = || nearest(&|ea| serves && window.is_on_target(ea.start));
            match known.or_else(on_target) {
                Some(ea) => {
                    self.standing.links.insert(number, ea);
                }
                None if serves => self.standing.wants.push(number),
                None => {}
            }
        }
    }

    /// Ours that prepare nothing: they wait as hosts, make way for a PT session that moved, or go.
    fn let_go(&mut self) {
        for number in self.standing.movable.clone() {
            let ea = &self.case.eas[number];
            if self.standing.links.values().any(|linked| *linked == number) {
                continue;
            }
            let could_serve = self
                .standing
                .wants
                .iter()
                .any(|pt| self.window(&self.case.pts[*pt]).accepts(ea.start));
            let waits_for_paused = ea
                .prepares
                .iter()
                .any(|id| self.case.pt(id).is_some_and(|pt| !pt.booked));
            if !could_serve && !waits_for_paused {
                self.leave(number);
            }
        }
        self.let_frozen_go();
    }

    /// A frozen EA is never moved; it goes only when none of its PT sessions is left.
    fn let_frozen_go(&mut self) {
        let linked: BTreeSet<usize> = self.standing.links.values().copied().collect();
        let frozen: Vec<usize> = self
            .standing
            .hosts
            .iter()
            .copied()
            .filter(|n| !linked.contains(n) && !self.standing.movable.contains(n))
            .filter(|n| {
                self.case.eas[*n].placed_by_us
                    && self.case.eas[*n].is_active()
                    && self.case.eas[*n].start > self.now
            })
            .collect();
        for number in frozen {
            let ea = &self.case.eas[number];
            if ea.prepares.iter().any(|id| self.case.pt(id).is_some()) {
                if !self.standing.report.iter().any(|(known, _)| *known == number) {
                    self.standing.report.push((number, Constraints::of(&[C::Gap])));
                }
            } else if !self
                .standing
                .wants
                .iter()
                .any(|pt| self.window(&self.case.pts[*pt]).accepts(ea.start))
            {
                self.leave(number);
            }
        }
    }
}
