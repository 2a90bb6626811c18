//! Reading a long log: facts about patients are set down as they come, and folded patient by patient.
//!
//! A log jumps from patient to patient. Folding each fact at once would keep all charts open (9 kB each) or open and
//! fold one per fact; set down, a fact takes some 200 bytes, and each chart is opened once for all that came for it.

use care::About;
use care::envelope::Event;
use care::id::PatientId;

use crate::Engine;

/// What is set down at most before it is folded, bytes.
const MOST: usize = 64 << 20;

/// What is set down and not folded yet.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    /// Whether facts are set down at all.
    is_long: bool,
    whose: Vec<PatientId>,
    bytes: usize,
}

impl Engine {
    /// Facts are set down from now on, because many follow and nothing is to be decided before the last of them. What
    /// the engine shows of a chart is right all the same, only dearer to show.
    pub const fn begin_backlog(&mut self) {
        self.backlog.is_long = true;
    }

    /// Folds what was set down; from now on each fact is folded as it comes. Asking for a decision or for what changed
    /// does it too.
    pub fn end_backlog(&mut self) {
        self.backlog.is_long = false;
        self.fold_backlog();
    }

    /// Whether facts are set down at present.
    #[must_use]
    pub const fn reads_backlog(&self) -> bool {
        self.backlog.is_long
    }

    /// Sets a fact down if this is the time for it.
    pub(crate) fn is_set_down(&mut self, event: &Event) -> bool {
        let About::Patient(id) = &event.about else {
            return false;
        };
        let Some(entry) = self.patients.get_mut(id).filter(|_| self.backlog.is_long) else {
            return false;
        };
        if !entry.chart.is_behind() {
            self.backlog.whose.push(id.clone());
        }
        self.backlog.bytes += entry.chart.set_down(event);
        if self.backlog.bytes > MOST {
            self.fold_backlog();
        }
        true
    }

    fn fold_backlog(&mut self) {
        self.backlog.bytes = 0;
        for id in std::mem::take(&mut self.backlog.whose) {
            let Some(entry) = self.patients.get_mut(&id) else {
                continue;
            };
            for event in entry.chart.take_set_down() {
                self.fold_in(&event);
            }
            self.recount(&id);
            self.shut(&id);
        }
    }
}
