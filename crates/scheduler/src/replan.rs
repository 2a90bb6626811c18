//! One patient alone: which EA serve the most of the patient's PT sessions while everybody else stays.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use care::time::Timestamp;

use crate::group::Hosts;
use crate::table::{Choice, Table};

/// Steps of one search; a patient with a month of PT sessions stays far below.
const BUDGET: u32 = 2_000;
/// PT sessions that one new EA is tried for together.
const TOGETHER: usize = 3;

/// What serves a want: a told EA that stays, or a new one, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Told(usize),
    New(usize),
}

#[derive(Debug, Clone, Default)]
struct Plan {
    served: usize,
    cost: i64,
    starts: Vec<Timestamp>,
    /// (want, by whom).
    links: Vec<(usize, By)>,
}

struct Search {
    /// Wants of the patient, in order of PT start.
    wants: Vec<usize>,
    fixed: Vec<(Timestamp, usize)>,
    plan: Plan,
    best: Plan,
    budget: u32,
}

impl Table<'_> {
    /// Finds the patient's best plan and adopts it if it serves more, or as many and nearer to the targets.
    pub(crate) fn replan(
        &mut self,
        case: usize,
        hosts: &BTreeMap<usize, Hosts>,
        fixed: &mut BTreeMap<usize, usize>,
        pending: &[usize],
    ) {
        self.settle();
        let units = self.siblings.get(&case).cloned().unwrap_or_default();
        let (told, new): (Vec<usize>, Vec<usize>) =
            units.into_iter().partition(|u| self.units[*u].told.is_some());
        let by_told: Vec<usize> = told.iter().flat_map(|u| self.units[*u].wants.clone()).collect();
        let wants: Vec<usize> = pending
            .iter()
            .copied()
            .filter(|w| self.wants[*w].case == case && !by_told.contains(w))
            .collect();
        let mut now = Plan::default();
        for &want in &wants {
            let unit = new
                .iter()
                .find_map(|u| self.units[*u].at.filter(|_| self.units[*u].wants.contains(&want)));
            let told = fixed.get(&want).map(|ea| self.cases[case].eas[*ea].start);
            if let Some(start) = told.or(unit.map(|at| at.start)) {
                now.served += 1;
                now.cost += self.wants[want].window.deviation(start).as_secs();
            }
        }
        let stay = hosts.get(&case).map_or(&[][..], |h| &h.fixed);
        let stay = stay
            .iter()
            .map(|ea| (self.cases[case].eas[*ea].start, *ea))
            .collect();
        let before = (now.served, Reverse(now.cost));
        let mark = self.mark();
        new.iter().for_each(|unit| self.take(*unit));
        let mut search = Search {
            wants,
            fixed: stay,
            plan: Plan::default(),
            best: now,
            budget: BUDGET,
        };
        search.explore(self, case, 0);
        if (search.best.served, Reverse(search.best.cost)) <= before {
            self.undo(mark);
            return;
        }
        new.into_iter().for_each(|unit| self.discard(unit));
        self.adopt(case, &search.best, fixed, &search.wants);
    }

    fn adopt(&mut self, case: usize, plan: &Plan, fixed: &mut BTreeMap<usize, usize>, wants: &[usize]) {
        for want in wants {
            fixed.remove(want);
        }
        for (number, start) in plan.starts.iter().enumerate() {
            let of_unit = plan
                .links
                .iter()
                .filter(|(_, by)| *by == By::New(number))
                .map(|(want, _)| *want);
            let of_unit: Vec<usize> = of_unit.collect();
            if of_unit.is_empty() {
                continue;
            }
            let cost = of_unit
                .iter()
                .map(|w| self.wants[*w].window.deviation(*start).as_secs())
                .sum();
            let unit = self.unit(case, of_unit);
            self.put(unit, Choice { start: *start, cost });
        }
        for (want, by) in &plan.links {
            if let By::Told(ea) = by {
                fixed.insert(*want, *ea);
            }
        }
    }
}

impl Search {
    fn explore(&mut self, table: &mut Table<'_>, case: usize, next: usize) {
        let Some(&want) = self.wants.get(next) else {
            let found = (self.plan.served, Reverse(self.plan.cost));
            if found > (self.best.served, Reverse(self.best.cost)) {
                self.best = self.plan.clone();
            }
            return;
        };
        let reach = self.plan.served + self.wants.len() - next;
        if self.budget == 0 || (reach, Reverse(self.plan.cost)) <= (self.best.served, Reverse(self.best.cost))
        {
            return;
        }
        self.budget -= 1;
        let window = table.wants[want].window;
        let told = self.fixed.iter().map(|(start, ea)| (*start, By::Told(*ea)));
        let new = self
            .plan
            .starts
            .iter()
            .enumerate()
            .map(|(number, start)| (*start, By::New(number)))
            .filter(|host| !table.was_declined(want, host.0));
        let host = told
            .chain(new)
            .filter(|h| window.accepts(h.0))
            .min_by_key(|h| (window.deviation(h.0), Reverse(h.0)));
        if let Some((start, by)) = host {
            self.linked(table, case, next, (start, by));
            if window.is_on_target(start) {
                return;
            }
        }
        for start in self.starts(table, case, next, host.is_some()) {
            let mark = table.mark();
            let unit = table.unit(case, vec![want]);
            table.put(unit, Choice { start, cost: 0 });
            self.plan.starts.push(start);
            self.linked(table, case, next, (start, By::New(self.plan.starts.len() - 1)));
            self.plan.starts.pop();
            table.undo(mark);
            table.discard(unit);
        }
        self.explore(table, case, next + 1);
    }

    fn linked(&mut self, table: &mut Table<'_>, case: usize, next: usize, host: (Timestamp, By)) {
        let want = self.wants[next];
        let cost = table.wants[want].window.deviation(host.0).as_secs();
        self.plan.links.push((want, host.1));
        self.plan.served += 1;
        self.plan.cost += cost;
        self.explore(table, case, next + 1);
        self.plan.cost -= cost;
        self.plan.served -= 1;
        self.plan.links.pop();
    }

    /// Free starts worth trying: the best, the earliest and the latest that suit this want and the ones after it.
    fn starts(&self, table: &mut Table<'_>, case: usize, next: usize, on_target: bool) -> Vec<Timestamp> {
        let window = table.wants[self.wants[next]].window;
        let mut starts = Vec::new();
        for last in (next..self.wants.len().min(next + TOGETHER)).rev() {
            let unit = table.unit(case, self.wants[next..=last].to_vec());
            let free =
                |c: &&Choice| (!on_target || window.is_on_target(c.start)) && table.is_free(unit, c.start);
            let choices = &table.units[unit].choices;
            starts.extend(choices.iter().filter(free).take(2).map(|c| c.start));
            let mut by_time: Vec<Choice> = choices.to_vec();
            by_time.sort_unstable_by_key(|c| c.start);
            starts.extend(by_time.iter().find(free).map(|c| c.start));
            starts.extend(by_time.iter().rev().find(free).map(|c| c.start));
            table.discard(unit);
        }
        let mut seen = std::collections::BTreeSet::new();
        starts.retain(|start| seen.insert(*start));
        starts
    }
}
