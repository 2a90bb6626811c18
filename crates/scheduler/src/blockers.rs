//! Who is in the way of a placement, and may be asked to make room.

use care::time::Timestamp;

use crate::constraint::{Constraint, Constraints};
use crate::instants::{distance, overlap, shifted};
use crate::occupancy::{Busy, Holder};
use crate::table::{Table, Unit};

impl Table<'_> {
    /// Whether a unit may be pushed aside now.
    pub(crate) fn gives_way(&self, unit: usize) -> bool {
        let known = &self.units[unit];
        known.at.is_some() && (known.told.is_none() || self.told_may_move) && !self.locked.contains(&unit)
    }

    /// The units that have to give way before `unit` can start at `start`; `None` when somebody will not.
    pub(crate) fn blockers(&self, unit: usize, start: Timestamp, broken: Constraints) -> Option<Vec<usize>> {
        const COURSE: Constraints = Constraints::of(&[Constraint::Course]);
        if !broken.and(COURSE).is_empty() {
            return None;
        }
        let slot = (start, shifted(start, self.units[unit].length));
        let mut out = Vec::new();
        if broken.contains(Constraint::Capacity) {
            self.who_fills(slot, &mut out)?;
        }
        if !broken
            .without(Constraints::of(&[Constraint::Capacity]))
            .is_empty()
        {
            self.who_crowds(self.units[unit].case, slot, &mut out);
        }
        (!out.is_empty() && out.len() <= 3).then_some(out)
    }

    /// Units of anybody that must leave so that the slot has a free place.
    fn who_fills(&self, slot: (Timestamp, Timestamp), out: &mut Vec<usize>) -> Option<()> {
        let there = self.occupancy.beside(slot.0, slot.1).filter_map(Busy::tentative);
        let there: Vec<usize> = there.filter(|unit| self.gives_way(*unit)).collect();
        for unit in there {
            let left = |busy: &Busy| !matches!(busy.holder, Holder::Tentative(u) if out.contains(&u));
            if !self.occupancy.is_full_among(slot.0, slot.1, left) {
                return Some(());
            }
            out.push(unit);
        }
        let left = |busy: &Busy| !matches!(busy.holder, Holder::Tentative(u) if out.contains(&u));
        (!self.occupancy.is_full_among(slot.0, slot.1, left)).then_some(())
    }

    /// Units of the same patient that are too close, or in the way of the weekly cap.
    fn who_crowds(&self, case: usize, slot: (Timestamp, Timestamp), out: &mut Vec<usize>) {
        for &unit in self.siblings.get(&case).into_iter().flatten() {
            let Unit {
                at: Some(at), length, ..
            } = self.units[unit]
            else {
                continue;
            };
            let close = distance(at.start, slot.0) < self.rules.spacing
                || overlap(slot, (at.start, shifted(at.start, length)));
            if close && self.gives_way(unit) && !out.contains(&unit) {
                out.push(unit);
            }
        }
    }
}
