//! Placing the EA of one practitioner together: serve the most PT sessions, then be nearest to the targets.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use care::time::Timestamp;

use crate::case::{Ea, Pt};
use crate::company::Company;
use crate::group::{Group, Hosts, Seat, Solution};
use crate::instants::shifted;
use crate::permits::permits;
use crate::rules::Rules;
use crate::table::{Choice, Table, Want};

/// Places what waits. The result does not depend on the order of `needs`.
pub(crate) fn place(group: Group<'_>, rules: &Rules, now: Timestamp) -> Solution {
    let mut placing = Placing::new(group, rules, now);
    placing.on_target_first();
    placing.acceptable_next();
    placing.make_room();
    placing.table.improve();
    placing.fill_what_became_free();
    placing.finish()
}

/// Placing in progress.
pub(crate) struct Placing<'a> {
    pub(crate) table: Table<'a>,
    pub(crate) hosts: BTreeMap<usize, Hosts>,
    /// Want → told EA that stays.
    pub(crate) fixed: BTreeMap<usize, usize>,
    /// The wants that nobody served before, in order of PT start.
    pub(crate) pending: Vec<usize>,
}

impl<'a> Placing<'a> {
    fn new(group: Group<'a>, rules: &'a Rules, now: Timestamp) -> Self {
        let Group {
            cases,
            practitioner,
            occupancy,
            hosts,
            mut needs,
        } = group;
        let mut table = Table::new(cases, practitioner, rules, now);
        table.occupancy = occupancy;
        needs.sort_by_key(|&(c, p)| (cases[c].pts[p].start, &cases[c].patient, &cases[c].pts[p].id));
        for (&case, hosts) in &hosts {
            let known = &cases[case];
            let left_out = |ea: &Ea| hosts.absent.iter().any(|absent| known.eas[*absent].id == ea.id);
            let mut company = Company::of(known, left_out);
            hosts
                .released
                .iter()
                .for_each(|ea| company.add(known.eas[*ea].span()));
            table.companies.insert(case, company);
        }
        let mut placing = Self {
            table,
            hosts,
            fixed: BTreeMap::new(),
            pending: Vec::new(),
        };
        placing.adopt_movable();
        placing.add_pending(&needs);
        placing
    }

    /// Steps (1) and (2) of the order of preference.
    fn on_target_first(&mut self) {
        for want in self.pending.clone() {
            if !self.link(want, true) {
                self.seat_best(want, true);
            }
        }
    }

    /// Steps (3) and (4).
    fn acceptable_next(&mut self) {
        let waiting = self.waiting();
        let left: Vec<usize> = waiting
            .into_iter()
            .filter(|want| !self.link(*want, false))
            .collect();
        for want in left {
            if !self.link(want, false) {
                self.seat_best(want, false);
            }
        }
    }

    /// Who is left gets a place by pushing others aside, told sessions last.
    fn make_room(&mut self) {
        loop {
            for case in self.waiting_by_case().into_keys() {
                self.table
                    .replan(case, &self.hosts, &mut self.fixed, &self.pending);
            }
            for want in self.waiting() {
                let _served = self.link(want, false) || self.table.serve(want);
            }
            // Every exchange serves more PT sessions than before, so this ends.
            let waiting = self.waiting_by_case();
            if !waiting.values().any(|wants| self.table.exchange(wants)) {
                break;
            }
        }
        let waiting = self.waiting();
        if waiting.is_empty() || self.table.units.iter().all(|unit| unit.told.is_none()) {
            return;
        }
        self.find_choices_of_told();
        self.table.told_may_move = true;
        for want in waiting {
            self.table.serve(want);
        }
        self.table.told_may_move = false;
    }

    /// Moving units nearer to their targets may have left a slot that suits who still waits.
    fn fill_what_became_free(&mut self) {
        for want in self.waiting() {
            if !self.link(want, false) {
                self.seat_best(want, false);
            }
        }
    }

    /// Links to the nearest EA of the patient that is there already, told or not.
    fn link(&mut self, want: usize, on_target: bool) -> bool {
        let Want { case, window, .. } = self.table.wants[want];
        let suits = |at: Timestamp| {
            if on_target {
                window.is_on_target(at)
            } else {
                window.accepts(at)
            }
        };
        let rank = |at: Timestamp| (window.deviation(at), std::cmp::Reverse(at));
        let eas = &self.table.cases[case].eas;
        let told = self
            .hosts
            .get(&case)
            .into_iter()
            .flat_map(|h| &h.fixed)
            .map(|ea| (eas[*ea].start, true, *ea));
        let units = self.table.siblings.get(&case).into_iter().flatten();
        let units = units
            .filter_map(|u| self.table.units[*u].at.map(|at| (at.start, false, *u)))
            .filter(|host| !self.table.was_declined(want, host.0));
        let best = told
            .chain(units)
            .filter(|host| suits(host.0))
            .min_by_key(|host| (rank(host.0), host.2));
        match best {
            Some((_, true, ea)) => {
                self.fixed.insert(want, ea);
                true
            }
            Some((at, false, unit)) => {
                self.table.attach(unit, want, window.deviation(at).as_secs());
                true
            }
            None => false,
        }
    }

    /// Places a unit of its own at the best start that is free right now.
    fn seat_best(&mut self, want: usize, on_target: bool) {
        let Want { case, window, .. } = self.table.wants[want];
        let unit = self.table.unit(case, vec![want]);
        let choices = Rc::clone(&self.table.units[unit].choices);
        let free = choices
            .iter()
            .filter(|c| !on_target || window.is_on_target(c.start))
            .find(|c| self.table.is_free(unit, c.start));
        match free {
            Some(choice) => self.table.put(unit, *choice),
            None => self.table.discard(unit),
        }
    }

    fn waiting(&self) -> Vec<usize> {
        let served: BTreeSet<usize> = self
            .table
            .units
            .iter()
            .filter(|u| u.at.is_some())
            .flat_map(|u| u.wants.iter().copied())
            .collect();
        self.pending
            .iter()
            .copied()
            .filter(|w| !served.contains(w) && !self.fixed.contains_key(w))
            .collect()
    }

    fn waiting_by_case(&self) -> BTreeMap<usize, Vec<usize>> {
        let mut by_case: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for want in self.waiting() {
            by_case.entry(self.table.wants[want].case).or_default().push(want);
        }
        by_case
    }

    /// Reads the table off. Every placement is asked once more against everything else: the predicate has the last word.
    fn finish(mut self) -> Solution {
        let mut seats = Vec::new();
        for number in 0..self.table.units.len() {
            let Some(at) = self.table.units[number].at else {
                continue;
            };
            let is_new = self.table.units[number].told.is_none();
            if is_new && !self.stands(number, at) {
                self.table.take(number);
                continue;
            }
            let unit = &self.table.units[number];
            let pts = unit.wants.iter().map(|w| self.table.wants[*w].pt).collect();
            seats.push(Seat {
                case: unit.case,
                pts,
                start: at.start,
                told: unit.told,
            });
        }
        let name = |want: &usize| (self.table.wants[*want].case, self.table.wants[*want].pt);
        let links = self
            .fixed
            .iter()
            .map(|(want, ea)| (name(want).0, name(want).1, *ea))
            .collect();
        let unserved = self.waiting().iter().map(name).collect();
        Solution {
            seats,
            links,
            unserved,
            occupancy: self.table.occupancy,
            companies: self.table.companies,
        }
    }

    fn stands(&mut self, number: usize, at: Choice) -> bool {
        self.table.take(number);
        let unit = &self.table.units[number];
        let case = &self.table.cases[unit.case];
        let pts: Vec<&Pt> = unit
            .wants
            .iter()
            .map(|w| &case.pts[self.table.wants[*w].pt])
            .collect();
        let slot = (at.start, shifted(at.start, unit.length));
        let refused = permits(&self.table.view(unit.case), slot, &pts);
        debug_assert!(
            refused.is_empty(),
            "placing and the predicate disagree: {refused:?}"
        );
        let allowed = refused.is_empty();
        self.table.put(number, at);
        allowed
    }
}
