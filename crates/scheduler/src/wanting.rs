//! What goes on the table before placing: the PT sessions that wait, and the EA that may move, each with its choices.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::constraint::{Constraint as C, Constraints};
use crate::instants::shifted;
use crate::open_starts::OpenStarts;
use crate::permits::{DEPENDS_ON_OTHERS, permits_among};
use crate::placing::Placing;
use crate::table::{Choice, Want};

/// What the list of open starts has settled already.
const SETTLED_BY_HOURS: Constraints = Constraints::of(&[C::OutsideOpenHours, C::Closure, C::OffGrid]);

impl Placing<'_> {
    /// Told EA that may move become units, so that a chain can push them; their choices wait until that is needed.
    pub(crate) fn adopt_movable(&mut self) {
        let movable: Vec<(usize, usize, Vec<usize>)> = self
            .hosts
            .iter()
            .flat_map(|(case, hosts)| hosts.movable.iter().map(|(ea, pts)| (*case, *ea, pts.clone())))
            .collect();
        for (case, ea, pts) in movable {
            let known = &self.table.cases[case].eas[ea];
            let (start, end) = known.span();
            self.table
                .occupancy
                .forget(&self.table.cases[case].patient, &known.id);
            if let Some(company) = self.table.companies.get_mut(&case) {
                company.remove((start, end));
            }
            let wants: Vec<usize> = pts.iter().map(|pt| self.want(case, *pt, Rc::new([]))).collect();
            let cost = wants
                .iter()
                .map(|w| self.table.wants[*w].window.deviation(start).as_secs())
                .sum();
            let unit = self.table.unit(case, wants);
            self.table.units[unit].told = Some(ea);
            self.table.units[unit].length = end.duration_since(start);
            self.table.put(unit, Choice { start, cost });
        }
    }

    /// Lists what waits, with the starts that could serve it.
    pub(crate) fn add_pending(&mut self, needs: &[(usize, usize)]) {
        let mut open = OpenStarts::default();
        open.cover(&self.table, needs);
        if let Some((length, starts)) = open.usual() {
            self.table.set_days(starts, length);
        }
        for &(case, pt) in needs {
            let choices = self.choices(case, pt, &open);
            let want = self.want(case, pt, choices);
            self.pending.push(want);
        }
    }

    fn want(&mut self, case: usize, pt: usize, choices: Rc<[Choice]>) -> usize {
        let known = &self.table.cases[case];
        let window = self
            .table
            .rules
            .window(known.pts[pt].start, known.lead_hours, &known.zone);
        self.table.wants.push(Want {
            case,
            pt,
            window,
            choices,
        });
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
            .filter(|start| {
                permits_among(&view, (**start, shifted(**start, known.length)), &[pt], asked).is_empty()
            })
            .map(|start| Choice {
                start: *start,
                cost: window.deviation(*start).as_secs(),
            })
            .collect();
        choices.sort_unstable_by_key(|c| (c.cost, std::cmp::Reverse(c.start)));
        choices.into()
    }

    /// Finds where told EA could go, once it is known that some may have to.
    pub(crate) fn find_choices_of_told(&mut self) {
        let told: Vec<usize> = (0..self.table.units.len())
            .filter(|u| self.table.units[*u].told.is_some())
            .collect();
        let wants: BTreeSet<usize> = told
            .iter()
            .flat_map(|u| self.table.units[*u].wants.clone())
            .collect();
        let needs: Vec<(usize, usize)> = wants
            .iter()
            .map(|w| (self.table.wants[*w].case, self.table.wants[*w].pt))
            .collect();
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
}
