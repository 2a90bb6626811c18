//! Making room: a unit takes a slot, whoever sat there takes another, and so on for a few steps.

use std::rc::Rc;

use crate::table::{Choice, Table};

/// More than any sum of deviations.
pub(crate) const ANY_COST: i64 = i64::MAX / 4;

/// Longest chain of units that push each other aside.
const DEPTH: u8 = 4;
/// Checks spent on serving one want, and on one improvement.
pub(crate) const SERVE_BUDGET: u32 = 500;
const IMPROVE_BUDGET: u32 = 200;
/// Rounds of improvement; each looks at every unit once.
const ROUNDS: usize = 3;

impl Table<'_> {
    /// Places an unplaced unit where the total cost of all units rises by at most `allowed`; the rise is returned.
    /// Nobody loses a place: who is pushed aside finds another within the allowance, or nothing happens.
    pub(crate) fn seat(&mut self, unit: usize, depth: u8, allowed: i64) -> Option<i64> {
        let choices = Rc::clone(&self.units[unit].choices);
        let affordable = || choices.iter().copied().take_while(|c| c.cost <= allowed);
        for choice in affordable() {
            if !self.spend() {
                return None;
            }
            if self.is_free(unit, choice.start) {
                self.put(unit, choice);
                return Some(choice.cost);
            }
        }
        if depth == 0 {
            return None;
        }
        for choice in affordable() {
            let mark = self.mark();
            if let Some(rise) = self.push_aside(unit, choice, depth, allowed) {
                return Some(rise);
            }
            self.undo(mark);
            if self.budget == 0 {
                return None;
            }
        }
        None
    }

    fn push_aside(&mut self, unit: usize, choice: Choice, depth: u8, allowed: i64) -> Option<i64> {
        if !self.spend() {
            return None;
        }
        let broken = self.check(unit, choice.start);
        let blockers = self.blockers(unit, choice.start, broken)?;
        let mut asides = Vec::with_capacity(blockers.len());
        for blocker in blockers {
            asides.push((blocker, self.units[blocker].at?.cost));
            self.take(blocker);
        }
        if !self.is_free(unit, choice.start) {
            return None;
        }
        self.put(unit, choice);
        self.locked.push(unit);
        let rise = self.seat_all(&asides, depth - 1, choice.cost, allowed);
        self.locked.pop();
        rise
    }

    fn seat_all(&mut self, asides: &[(usize, i64)], depth: u8, mut rise: i64, allowed: i64) -> Option<i64> {
        for &(unit, was) in asides {
            rise += self.seat(unit, depth, allowed - rise + was)? - was;
        }
        Some(rise)
    }

    /// Serves a want nobody serves: with a unit of its own, or by moving a unit of the patient to where it suits both.
    pub(crate) fn serve(&mut self, want: usize) -> bool {
        self.settle();
        self.budget = SERVE_BUDGET;
        let case = self.wants[want].case;
        let alone = self.unit(case, vec![want]);
        for depth in 0..=DEPTH {
            if self.seat(alone, depth, ANY_COST).is_some() {
                return true;
            }
        }
        if self.repack(alone) {
            return true;
        }
        self.discard(alone);
        self.budget = SERVE_BUDGET;
        let siblings = self.siblings.get(&case).cloned().unwrap_or_default();
        siblings.into_iter().any(|sibling| self.join(sibling, want))
    }

    /// Moves a unit to a start that also suits `want`.
    fn join(&mut self, sibling: usize, want: usize) -> bool {
        let known = &self.units[sibling];
        if known.at.is_none() || (known.told.is_some() && !self.told_may_move) {
            return false;
        }
        let mark = self.mark();
        let (old_wants, old_choices) = (known.wants.clone(), Rc::clone(&known.choices));
        let together: Vec<usize> = old_wants.iter().copied().chain([want]).collect();
        self.take(sibling);
        self.units[sibling].choices = self.shared_choices(&together);
        self.units[sibling].wants = together;
        for depth in 0..=2 {
            if self.seat(sibling, depth, ANY_COST).is_some() {
                return true;
            }
        }
        self.units[sibling].choices = old_choices;
        self.units[sibling].wants = old_wants;
        self.undo(mark);
        false
    }

    /// Lowers the total cost, unit by unit, until a round changes nothing. Told units stay where they are.
    pub(crate) fn improve(&mut self) {
        for _ in 0..ROUNDS {
            let mut better = false;
            for unit in 0..self.units.len() {
                better |= self.improve_one(unit);
            }
            if !better {
                return;
            }
        }
    }

    fn improve_one(&mut self, unit: usize) -> bool {
        let Some(at) = self.units[unit]
            .at
            .filter(|at| at.cost > 0 && self.units[unit].told.is_none())
        else {
            return false;
        };
        self.settle();
        self.budget = IMPROVE_BUDGET;
        let mark = self.mark();
        self.take(unit);
        let better = self.seat(unit, 2, at.cost - 1).is_some();
        if !better {
            self.undo(mark);
        }
        better
    }
}
