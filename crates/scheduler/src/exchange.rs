//! Giving a slot to the patient for whom it prepares more: an EA for two PT sessions in place of one for a single PT.

use crate::chains::{ANY_COST, SERVE_BUDGET};
use crate::table::{Choice, Table};

/// PT sessions that one EA is tried for together.
const TOGETHER: usize = 4;

impl Table<'_> {
    /// Serves several of these wants of one case together, if fewer others lose their place by it.
    /// Told units are never among the losers. True when it was done.
    pub(crate) fn exchange(&mut self, waiting: &[usize]) -> bool {
        self.settle();
        self.budget = SERVE_BUDGET;
        let most = waiting.len().min(TOGETHER);
        (2..=most)
            .rev()
            .any(|size| waiting.windows(size).any(|group| self.exchange_for(group)))
    }

    fn exchange_for(&mut self, group: &[usize]) -> bool {
        for choice in self.shared_choices(group).iter() {
            if !self.spend() {
                return false;
            }
            let mark = self.mark();
            let unit = self.unit(self.wants[group[0]].case, group.to_vec());
            if self.exchange_at(unit, *choice, group.len()) {
                return true;
            }
            self.undo(mark);
            self.discard(unit);
        }
        false
    }

    fn exchange_at(&mut self, unit: usize, choice: Choice, gain: usize) -> bool {
        let broken = self.check(unit, choice.start);
        let Some(blockers) = self.blockers(unit, choice.start, broken) else {
            return false;
        };
        for blocker in &blockers {
            self.take(*blocker);
        }
        if !self.is_free(unit, choice.start) {
            return false;
        }
        self.put(unit, choice);
        self.locked.push(unit);
        let homeless: Vec<usize> = blockers
            .into_iter()
            .filter(|blocker| self.seat(*blocker, 2, ANY_COST).is_none())
            .collect();
        self.locked.pop();
        let lost: usize = homeless.iter().map(|u| self.units[*u].wants.len()).sum();
        // A told one that is homeless would be a loss to people, whatever is gained.
        if lost >= gain || homeless.iter().any(|u| self.units[*u].told.is_some()) {
            return false;
        }
        homeless.into_iter().for_each(|unit| self.discard(unit));
        true
    }
}
