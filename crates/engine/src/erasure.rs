//! A patient who was erased: everything kept of them is let go, and nothing about them is taken in again.

use std::collections::BTreeSet;

use care::About;
use care::id::PatientId;

use crate::Engine;
use crate::tally::Tally;

impl Engine {
    /// Whether the log says that everything about somebody was erased. Whatever comes about them later is no fact: a
    /// new record begins under a new id.
    #[must_use]
    pub fn is_erased(&self, about: &About) -> bool {
        matches!(about, About::Patient(id) if self.erased.contains(id))
    }

    /// Lets go of a patient: chart, slots, what is due and what is under way.
    pub(crate) fn erase(&mut self, id: &PatientId, position: u64) {
        if position <= self.position {
            return;
        }
        self.position = position;
        let about = About::Patient(id.clone());
        if let Some(mut entry) = self.patients.remove(id) {
            self.tallies.replace(&mut entry.flight.tally, Tally::default());
            let chart = entry.chart.read();
            for (session_id, session) in &chart.sessions {
                self.diary.leave(id, session_id, session);
            }
            for (practitioner, slot) in &entry.reserved {
                self.diary.give_back(practitioner, slot);
            }
            if let Some(at) = entry.flight.wake {
                self.agenda.remove(&(at, about.clone()));
            }
            // Who waits for a slot may have one now.
            for practitioner in chart.practitioners() {
                let Some(others) = self.patients_of.get(practitioner) else {
                    continue;
                };
                let waiting = self.unprepared.intersection(others).cloned();
                let waiting: Vec<About> = waiting.map(About::Patient).collect();
                self.look_at(waiting);
            }
        }
        for patients in self.patients_of.values_mut() {
            patients.remove(id);
        }
        self.leave_teams(id);
        self.unprepared.remove(id);
        self.lanes.retain(&about, |_| false);
        self.queue.stand(&about, BTreeSet::new());
        self.traffic.forget(&about);
        self.dirty.remove(&about);
        self.feed_stale.remove(id);
        self.feed_under_way.remove(id);
        self.erased.insert(id.clone());
        self.changed.insert(about);
    }
}
