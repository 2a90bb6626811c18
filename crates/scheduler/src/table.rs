//! The table of one practitioner while placing: what waits, what is placed where, and a way back from every try.

use std::collections::BTreeMap;
use std::rc::Rc;

use care::time::{SignedDuration, Timestamp};

use crate::case::Case;
use crate::company::Company;
use crate::constraint::Constraints;
use crate::diary::Practitioner;
use crate::instants::shifted;
use crate::occupancy::{Busy, Holder, Occupancy};
use crate::permits::{DEPENDS_ON_OTHERS, View, is_allowed, permits_among, was_declined};
use crate::repack::Day;
use crate::rules::{Rules, Window};

/// A start that a unit may take as far as nobody else is placed, and its distance from the target in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) start: Timestamp,
    pub(crate) cost: i64,
}

/// A PT session that needs an EA, or keeps the one it has.
#[derive(Debug, Clone)]
pub(crate) struct Want {
    pub(crate) case: usize,
    pub(crate) pt: usize,
    pub(crate) window: Window,
    /// Best first; equal ones later first.
    pub(crate) choices: Rc<[Choice]>,
}

/// An EA on the table, with the wants it prepares.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) case: usize,
    pub(crate) wants: Vec<usize>,
    pub(crate) choices: Rc<[Choice]>,
    pub(crate) length: SignedDuration,
    /// Where it is placed, and at what cost.
    pub(crate) at: Option<Choice>,
    /// Index of the EA in its case if people were told of it already.
    pub(crate) told: Option<usize>,
}

/// One practitioner's placings in progress.
pub(crate) struct Table<'a> {
    pub(crate) cases: &'a [&'a Case],
    pub(crate) practitioner: Option<&'a Practitioner>,
    pub(crate) rules: &'a Rules,
    pub(crate) now: Timestamp,
    pub(crate) occupancy: Occupancy,
    /// By index of the case.
    pub(crate) companies: BTreeMap<usize, Company>,
    pub(crate) wants: Vec<Want>,
    pub(crate) units: Vec<Unit>,
    /// Units by case.
    pub(crate) siblings: BTreeMap<usize, Vec<usize>>,
    /// Units that must not be pushed aside by what is being tried.
    pub(crate) locked: Vec<usize>,
    /// Whether told units may be pushed aside: only to serve one PT more.
    pub(crate) told_may_move: bool,
    /// The practitioner's days, in order.
    pub(crate) days: Vec<Day>,
    /// Where units were before, for the way back.
    journal: Vec<(usize, Option<Choice>)>,
    /// Checks that may still be spent on the current try.
    pub(crate) budget: u32,
}

impl<'a> Table<'a> {
    pub(crate) fn new(
        cases: &'a [&'a Case],
        practitioner: Option<&'a Practitioner>,
        rules: &'a Rules,
        now: Timestamp,
    ) -> Self {
        Self {
            cases,
            practitioner,
            rules,
            now,
            occupancy: practitioner.map_or_else(|| Occupancy::new(1, 0), |p| p.occupancy.clone()),
            companies: BTreeMap::new(),
            wants: Vec::new(),
            units: Vec::new(),
            siblings: BTreeMap::new(),
            locked: Vec::new(),
            told_may_move: false,
            days: Vec::new(),
            journal: Vec::new(),
            budget: 0,
        }
    }

    /// What a slot of this case is judged against, with everything that is on the table.
    pub(crate) fn view<'s>(&'s self, case: usize) -> View<'s> {
        View {
            case: self.cases[case],
            company: &self.companies[&case],
            practitioner: self.practitioner,
            occupancy: &self.occupancy,
            rules: self.rules,
            now: self.now,
        }
    }

    /// A new unit for wants of one case, not placed yet.
    pub(crate) fn unit(&mut self, case: usize, wants: Vec<usize>) -> usize {
        let choices = self.shared_choices(&wants);
        let length = self.cases[case].length;
        self.units.push(Unit {
            case,
            wants,
            choices,
            length,
            at: None,
            told: None,
        });
        let number = self.units.len() - 1;
        self.siblings.entry(case).or_default().push(number);
        number
    }

    /// A placed unit prepares one want more, at this additional cost.
    pub(crate) fn attach(&mut self, unit: usize, want: usize, cost: i64) {
        self.units[unit].wants.push(want);
        self.units[unit].choices = self.shared_choices(&self.units[unit].wants);
        if let Some(at) = &mut self.units[unit].at {
            at.cost += cost;
        }
    }

    /// Takes an unplaced unit off the table for good.
    pub(crate) fn discard(&mut self, unit: usize) {
        let case = self.units[unit].case;
        self.siblings.entry(case).or_default().retain(|u| *u != unit);
        self.units[unit].wants.clear();
        // A search makes and drops thousands; one with a past on the journal stays as an empty shell.
        if unit + 1 == self.units.len() && !self.journal.iter().any(|(u, _)| *u == unit) {
            self.units.pop();
        }
    }

    /// Forgets the way back; called where nothing is being tried.
    pub(crate) fn settle(&mut self) {
        self.journal.clear();
    }

    /// Starts that suit every one of these wants, best sum first, equal ones later first.
    pub(crate) fn shared_choices(&self, wants: &[usize]) -> Rc<[Choice]> {
        let Some((first, others)) = wants.split_first() else {
            return Rc::new([]);
        };
        if others.is_empty() {
            return Rc::clone(&self.wants[*first].choices);
        }
        let mut shared: Vec<Choice> = self.wants[*first]
            .choices
            .iter()
            .filter_map(|choice| {
                let more: Option<i64> = others.iter().map(|w| self.cost_of(*w, choice.start)).sum();
                Some(Choice {
                    start: choice.start,
                    cost: choice.cost + more?,
                })
            })
            .collect();
        shared.sort_unstable_by_key(|c| (c.cost, std::cmp::Reverse(c.start)));
        shared.into()
    }

    /// Whether the practitioner refused a new EA at this start for this want.
    pub(crate) fn was_declined(&self, want: usize, start: Timestamp) -> bool {
        let want = &self.wants[want];
        let case = self.cases[want.case];
        was_declined(case, &case.pts[want.pt], (start, shifted(start, case.length)))
    }

    /// Cost of a start for a want, if the want has that choice.
    fn cost_of(&self, want: usize, start: Timestamp) -> Option<i64> {
        let want = &self.wants[want];
        let cost = want.window.deviation(start).as_secs();
        // Choices are sorted by cost, so the few of equal cost are easily found.
        let from = want.choices.partition_point(|c| c.cost < cost);
        want.choices[from..]
            .iter()
            .take_while(|c| c.cost == cost)
            .any(|c| c.start == start)
            .then_some(cost)
    }

    /// What an unplaced unit would break at `start`, of all that depends on who else is placed.
    pub(crate) fn check(&self, unit: usize, start: Timestamp) -> Constraints {
        let Unit { case, length, .. } = self.units[unit];
        permits_among(
            &self.view(case),
            (start, shifted(start, length)),
            &[],
            DEPENDS_ON_OTHERS,
        )
    }

    /// Whether an unplaced unit could start at `start` right now.
    pub(crate) fn is_free(&self, unit: usize, start: Timestamp) -> bool {
        let Unit { case, length, .. } = self.units[unit];
        is_allowed(
            &self.view(case),
            (start, shifted(start, length)),
            &[],
            DEPENDS_ON_OTHERS,
        )
    }

    pub(crate) fn put(&mut self, unit: usize, choice: Choice) {
        self.journal.push((unit, self.units[unit].at));
        self.set(unit, Some(choice));
    }

    pub(crate) fn take(&mut self, unit: usize) {
        self.journal.push((unit, self.units[unit].at));
        self.set(unit, None);
    }

    /// A point in time to come back to.
    pub(crate) fn mark(&self) -> usize {
        self.journal.len()
    }

    /// Everything is where it was at the mark.
    pub(crate) fn undo(&mut self, mark: usize) {
        while self.journal.len() > mark {
            if let Some((unit, at)) = self.journal.pop() {
                self.set(unit, at);
            }
        }
    }

    fn set(&mut self, unit: usize, at: Option<Choice>) {
        let Unit {
            case,
            length,
            at: old,
            ..
        } = self.units[unit];
        let company = self.companies.entry(case).or_default();
        if let Some(Choice { start, .. }) = old {
            company.remove((start, shifted(start, length)));
            self.occupancy.remove(start, &Holder::Tentative(unit));
        }
        if let Some(Choice { start, .. }) = at {
            company.add((start, shifted(start, length)));
            self.occupancy.add(Busy {
                start,
                end: shifted(start, length),
                holder: Holder::Tentative(unit),
            });
        }
        self.units[unit].at = at;
    }

    /// Spends one check; `false` when the try has cost enough.
    pub(crate) fn spend(&mut self) -> bool {
        self.budget = self.budget.saturating_sub(1);
        self.budget > 0
    }
}
