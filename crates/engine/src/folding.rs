//! Which charts are open: those at work and those touched lately; the rest is folded small.

use care::About;
use care::id::PatientId;

use crate::Engine;
use crate::flight::Flight;

/// Open charts at most, some 10 kB each: facts about more patients than that within some seconds cost a folding (some
/// 4 µs) each.
const OPEN_MAX: usize = 16 * 1024;
/// Rounds for which an untouched chart stays open.
const ROUNDS_OPEN: u64 = 10;

impl Engine {
    /// Opens a patient's chart to be worked on.
    pub(crate) fn open(&mut self, id: &PatientId) {
        let Some(entry) = self.patients.get_mut(id) else {
            return;
        };
        // A chart is born open, and then it is not in the queue yet.
        if !entry.chart.is_open() || entry.touched == 0 {
            entry.chart.open();
            self.open.push_back(id.clone());
        }
        entry.touched = self.round + 1;
        if self.open.len() > OPEN_MAX {
            self.fold_some(OPEN_MAX / 64, self.round + 1);
        }
    }

    /// Folds a chart that was opened last.
    pub(crate) fn shut(&mut self, id: &PatientId) {
        if let Some(entry) = self.patients.get_mut(id) {
            entry.chart.fold();
        }
        if self.open.back() == Some(id) {
            self.open.pop_back();
        }
    }

    /// Folds up to `most` charts that nobody has touched for a while; returns how many. Whether and when it is called
    /// changes the memory taken, and nothing else. A caller calls it about once a second.
    pub fn fold_idle(&mut self, most: usize) -> usize {
        self.round += 1;
        let untouched_since = self.round.saturating_sub(ROUNDS_OPEN);
        self.fold_some(most, untouched_since)
    }

    /// How many charts are open.
    #[must_use]
    pub fn open_charts(&self) -> usize {
        self.open.len()
    }

    /// Folds up to `most` of the charts that were open longest and last touched by `until`.
    fn fold_some(&mut self, most: usize, until: u64) -> usize {
        let mut folded = 0;
        for _ in 0..self.open.len().min(most.saturating_mul(2)) {
            if folded == most {
                break;
            }
            let Some(id) = self.open.pop_front() else { break };
            let is_waited_for = self.dirty.contains(&About::Patient(id.clone())) && self.polled;
            let Some(entry) = self.patients.get_mut(&id) else {
                continue;
            };
            if entry.touched > until || is_waited_for || !Flight::is_idle(&entry.flight) {
                self.open.push_back(id);
            } else {
                entry.chart.fold();
                folded += 1;
            }
        }
        folded
    }
}
