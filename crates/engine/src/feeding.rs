//! What the clinics' feeds are still to be told.

use care::About;
use care::feed::Posting;
use care::id::PatientId;

use crate::Engine;

impl Engine {
    /// Feed entries that changed since the last call. They count as on their way until [`Engine::posted`].
    pub fn take_postings(&mut self) -> Vec<Posting> {
        self.end_backlog();
        let stale = std::mem::take(&mut self.feed_stale);
        let mut postings = Vec::new();
        for id in stale {
            postings.extend(
                self.patients
                    .get_mut(&id)
                    .map(|entry| entry.new_postings())
                    .unwrap_or_default(),
            );
            self.feed_under_way.insert(id);
        }
        postings
    }

    /// Everything taken has been published, except what failed: that comes again with the next call.
    pub fn posted(&mut self, failed: &[Posting]) {
        self.changed.extend(
            std::mem::take(&mut self.feed_under_way)
                .into_iter()
                .map(About::Patient),
        );
        for posting in failed {
            let id = &posting.entry.patient;
            if let Some(entry) = self.patients.get_mut(id) {
                entry.forget_posting(posting);
                self.feed_stale.insert(id.clone());
            }
        }
    }

    /// The feeds are not those that were told: everything is told anew.
    pub fn feed_anew(&mut self) {
        for (id, entry) in &mut self.patients {
            entry.forget_postings();
            self.feed_stale.insert(id.clone());
        }
    }

    /// Whether the feeds were told all there is about a patient.
    pub(crate) fn is_fed(&self, id: &PatientId) -> bool {
        !self.feed_stale.contains(id) && !self.feed_under_way.contains(id)
    }
}
