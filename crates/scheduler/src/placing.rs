//! Placing the EA of one practitioner together: serve the most PT sessions, then be nearest to the targets.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use care::time::{SignedDuration, Timestamp};

use crate::case::{Case, Ea, Pt};
use crate::company::Company;
use crate::constraint::{Constraint as C, Constraints};
use crate::diary::Practitioner;
use crate::instants::shifted;
use crate::occupancy::Occupancy;
use crate::permits::{DEPENDS_ON_OTHERS, permits, permits_among};
use crate::rules::{Rules, Window};
use crate::table::{Choice, Table, Want};

/// What the list of open starts has settled already.
const SETTLED_BY_HOURS: Constraints = Constraints::of(&[C::OutsideOpenHours, C::Closure, C::OffGrid]);

/// Told EA of one case that can prepare its PT sessions, by index.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts {
    /// They stay where they are.
    pub(crate) fixed: Vec<usize>,
    /// They may move if that serves one PT more; with the PT sessions they prepare.
    pub(crate) movable: Vec<(usize, Vec<usize>)>,
    /// They no longer take the patient's time.
    pub(crate) absent: BTreeSet<usize>,
    /// Held ones that are back.
    pub(crate) released: Vec<usize>,
}

/// Everything that waits for one practitioner.
pub(crate) struct Group<'a> {
    pub(crate) cases: &'a [&'a Case],
    pub(crate) practitioner: Option<&'a Practitioner>,
    /// Without the EA that are gone.
    pub(crate) occupancy: Occupancy,
    /// By case, for every case that wants something.
    pub(crate) hosts: BTreeMap<usize, Hosts>,
    /// (case, PT), without an EA so far.
    pub(crate) needs: Vec<(usize, usize)>,
}

/// An EA that was placed, or a told one that moved or serves more than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) case: usize,
    pub(crate) pts: Vec<usize>,
    pub(crate) start: Timestamp,
    pub(crate) told: Option<usize>,
}

/// What became of a group.
pub(crate) struct Solution {
    pub(crate) seats: Vec<Seat>,
    /// (case, PT, EA): served by a told EA that stays where it is.
    pub(crate) links: Vec<(usize, usize, usize)>,
    /// (case, PT): nobody serves them.
    pub(crate) unserved: Vec<(usize, usize)>,
    /// Everybody's sessions as they are now.
    pub(crate) occupancy: Occupancy,
    /// By case.
    pub(crate) companies: BTreeMap<usize, Company>,
}

/// Places what waits. The result does not depend on the order of `needs`.
pub(crate) fn place(group: Group<'_>, rules: &Rules, now: Timestamp) -> Solution {
    let mut placing = Placing::new(group, rules, now);
    placing.on_target_first();
    placing.acceptable_next();
    placing.make_room();
    placing.table.improve();
    placing.finish()
}

struct Placing<'a> {
    table: Table<'a>,
    hosts: BTreeMap<usize, Hosts>,
    /// Want → told EA that stays.
    fixed: BTreeMap<usize, usize>,
    /// The wants that nobody served before, in order of PT start.
    pending: Vec<usize>,
}

impl<'a> Placing<'a> {
    fn new(group: Group<'a>, rules: &'a Rules, now: Timestamp) -> Self {
        let Group { cases, practitioner, occupancy, hosts, mut needs } = group;
        let mut table = Table::new(cases, practitioner, rules, now);
        table.occupancy = occupancy;
        needs.sort_by_key(|&(c, p)| (cases[c].pts[p].start, &cases[c].patient, &cases[c].pts[p].id));
        for (&case, hosts) in &hosts {
            let known = &cases[case];
            let left_out = |ea: &Ea| hosts.absent.iter().any(|absent| known.eas[*absent].id == ea.id);
            let mut company = Company::of(known, left_out);
            hosts.released.iter().for_each(|ea| company.add(known.eas[*ea].span()));
            table.companies.insert(case, company);
        }
        let mut placing = Self { table, hosts, fixed: BTreeMap::new(), pending: Vec::new() };
        placing.adopt_movable();
        placing.add_pending(&needs);
        placing
    }

    /// Told EA that may move become units, so that a chain can push them; their choices wait until that is needed.
    fn adopt_movable(&mut self) {
        let movable: Vec<(usize, usize, Vec<usize>)> = self
            .hosts
            .iter()
            .flat_map(|(case, hosts)| hosts.movable.iter().map(|(ea, pts)| (*case, *ea, pts.clone())))
            .collect();
        for (case, ea, pts) in movable {
            let known = &self.table.cases[case].eas[ea];
            let (start, end) = known.span();
            self.table.occupancy.forget(&self.table.cases[case].patient, &known.id);
            if let Some(company) = self.table.companies.get_mut(&case) {
                company.remove((start, end));
            }
            let wants: Vec<usize> = pts.iter().map(|pt| self.want(case, *pt, Rc::new([]))).collect();
            let cost = wants.iter().map(|w| self.table.wants[*w].window.deviation(start).as_secs()).sum();
            let unit = self.table.unit(case, wants);
            self.table.units[unit].told = Some(ea);
            self.table.units[unit].length = end.duration_since(start);
            self.table.put(unit, Choice { start, cost });
        }
    }

    fn add_pending(&mut self, needs: &[(usize, usize)]) {
        let mut open = OpenStarts::default();
        open.cover(&self.table, needs);
        if let Some((length, starts)) = open.0.iter().max_by_key(|(_, starts)| starts.len()) {
            self.table.set_days(starts, *length);
        }
        for &(case, pt) in needs {
            let choices = self.choices(case, pt, &open);
            let want = self.want(case, pt, choices);
            self.pending.push(want);
        }
    }

    fn want(&mut self, case: usize, pt: usize, choices: Rc<[Choice]>) -> usize {
        let known = &self.table.cases[case];
        let window = self.table.rules.window(known.pts[pt].start, known.lead_hours, &known.zone);
        self.table.wants.push(Want { case, pt, window, choices });
        self.table.wants.len() - 1
    }

    /// The starts that nothing but other sessions can take from this PT session.
    fn choices(&self, case: usize, pt: usize, open: &OpenStarts) -> Rc<[Choice]> {
        let known = &self.table.cases[case];
        let pt = &known.pts[pt];
        let window = self.table.rules.window(pt.start, known.lead_hours, &known.zone);
        let view = self.table.view(case);
        let target = [window.target];
        let (starts, settled) = match self.table.practitioner.and_then(|p| p.hours.as_ref()) {
            Some(_) => (open.within(known.length, &window), SETTLED_BY_HOURS),
            None => (&target[..], Constraints::NONE),
        };
        let asked = Constraints::ALL.without(DEPENDS_ON_OTHERS).without(settled);
        let mut choices: Vec<Choice> = starts
            .iter()
            .filter(|start| permits_among(&view, (**start, shifted(**start, known.length)), &[pt], asked).is_empty())
            .map(|start| Choice { start: *start, cost: window.deviation(*start).as_secs() })
            .collect();
        choices.sort_unstable_by_key(|c| (c.cost, std::cmp::Reverse(c.start)));
        choices.into()
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
        let left: Vec<usize> = waiting.into_iter().filter(|want| !self.link(*want, false)).collect();
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
                self.table.replan(case, &self.hosts, &mut self.fixed, &self.pending);
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

    fn find_choices_of_told(&mut self) {
        let told: Vec<usize> = (0..self.table.units.len()).filter(|u| self.table.units[*u].told.is_some()).collect();
        let wants: BTreeSet<usize> = told.iter().flat_map(|u| self.table.units[*u].wants.clone()).collect();
        let needs: Vec<(usize, usize)> =
            wants.iter().map(|w| (self.table.wants[*w].case, self.table.wants[*w].pt)).collect();
        let mut open = OpenStarts::default();
        open.cover(&self.table, &needs);
        for (want, (case, pt)) in wants.iter().zip(needs) {
            self.table.wants[*want].choices = self.choices(case, pt, &open);
        }
        for unit in told {
            let wants = self.table.units[unit].wants.clone();
            self.table.units[unit].choices = self.table.shared_choices(&wants);
        }
    }

    /// Links to the nearest EA of the patient that is there already, told or not.
    fn link(&mut self, want: usize, on_target: bool) -> bool {
        let Want { case, window, .. } = self.table.wants[want];
        let suits = |at: Timestamp| if on_target { window.is_on_target(at) } else { window.accepts(at) };
        let rank = |at: Timestamp| (window.deviation(at), std::cmp::Reverse(at));
        let eas = &self.table.cases[case].eas;
        let told = self.hosts.get(&case).into_iter().flat_map(|h| &h.fixed).map(|ea| (eas[*ea].start, true, *ea));
        let units = self.table.siblings.get(&case).into_iter().flatten();
        let units = units.filter_map(|u| self.table.units[*u].at.map(|at| (at.start, false, *u)));
        let best = told.chain(units).filter(|host| suits(host.0)).min_by_key(|host| (rank(host.0), host.2));
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
        let served: BTreeSet<usize> =
            self.table.units.iter().filter(|u| u.at.is_some()).flat_map(|u| u.wants.iter().copied()).collect();
        self.pending.iter().copied().filter(|w| !served.contains(w) && !self.fixed.contains_key(w)).collect()
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
            let Some(at) = self.table.units[number].at else { continue };
            let is_new = self.table.units[number].told.is_none();
            if is_new && !self.stands(number, at) {
                self.table.take(number);
                continue;
            }
            let unit = &self.table.units[number];
            let pts = unit.wants.iter().map(|w| self.table.wants[*w].pt).collect();
            seats.push(Seat { case: unit.case, pts, start: at.start, told: unit.told });
        }
        let name = |want: &usize| (self.table.wants[*want].case, self.table.wants[*want].pt);
        let links = self.fixed.iter().map(|(want, ea)| (name(want).0, name(want).1, *ea)).collect();
        let unserved = self.waiting().iter().map(name).collect();
        Solution { seats, links, unserved, occupancy: self.table.occupancy, companies: self.table.companies }
    }

    fn stands(&mut self, number: usize, at: Choice) -> bool {
        self.table.take(number);
        let unit = &self.table.units[number];
        let case = &self.table.cases[unit.case];
        let pts: Vec<&Pt> = unit.wants.iter().map(|w| &case.pts[self.table.wants[*w].pt]).collect();
        let slot = (at.start, shifted(at.start, unit.length));
        let allowed = permits(&self.table.view(unit.case), slot, &pts).is_empty();
        debug_assert!(allowed, "placing and the predicate disagree");
        self.table.put(number, at);
        allowed
    }
}

/// The practitioner's open starts, once for all PT sessions, by length of session.
#[derive(Default)]
struct OpenStarts(BTreeMap<SignedDuration, Vec<Timestamp>>);

impl OpenStarts {
    fn cover(&mut self, table: &Table<'_>, needs: &[(usize, usize)]) {
        let Some(hours) = table.practitioner.and_then(|p| p.hours.as_ref()) else { return };
        let mut spans: BTreeMap<SignedDuration, (Timestamp, Timestamp)> = BTreeMap::new();
        for &(case, pt) in needs {
            let case = &table.cases[case];
            let (from, to) = table.rules.window(case.pts[pt].start, case.lead_hours, &case.zone).acceptable;
            let span = spans.entry(case.length).or_insert((from, to));
            *span = (span.0.min(from), span.1.max(to));
        }
        for (length, (from, to)) in spans {
            self.0.insert(length, hours.starts(from.max(table.now), to, length).collect());
        }
    }

    fn within(&self, length: SignedDuration, window: &Window) -> &[Timestamp] {
        let starts = self.0.get(&length).map_or(&[][..], Vec::as_slice);
        let from = starts.partition_point(|s| *s < window.acceptable.0);
        let to = starts.partition_point(|s| *s <= window.acceptable.1);
        &starts[from..to.max(from)]
    }
}
