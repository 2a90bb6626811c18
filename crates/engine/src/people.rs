//! Practitioners and members: decisions about those who treat and those who are told.

use care::envelope::Event;
use care::id::{MemberId, PractitionerId};
use care::time::Timestamp;
use care::{About, Reaction, Worker};

use crate::flight::Notices;
use crate::{Decision, Engine};

impl Engine {
    pub(crate) fn apply_to_practitioner(&mut self, id: &PractitionerId, event: &Event) {
        let practitioner = self.diary.practitioner_mut(id);
        practitioner.apply(event);
        if let Some(flight) = self.others.get_mut(&event.about) {
            flight.settle(&event.id, &practitioner.notices);
        }
        let affected = self.patients_of.get(id).into_iter().flatten().cloned();
        self.dirty.extend(affected.map(About::Patient));
    }

    pub(crate) fn apply_to_member(&mut self, id: &MemberId, event: &Event) {
        let postbox = self.postboxes.entry(id.clone()).or_default();
        postbox.apply(event);
        if let Some(flight) = self.others.get_mut(&event.about) {
            flight.settle(&event.id, &postbox.notices);
        }
    }

    /// Every notice about somebody.
    pub(crate) fn notices(&self, about: &About) -> Option<&Notices> {
        match about {
            About::Patient(id) => self.patients.get(id).map(|e| &e.chart.notices),
            About::Practitioner(id) => self.diary.practitioner(id).map(|p| &p.notices),
            About::Member(id) => self.postboxes.get(id).map(|p| &p.notices),
        }
    }

    /// How mail about somebody ended, as far as the log does not say so yet.
    pub(crate) fn outcomes(&self, about: &About) -> Reaction {
        let (Some(flight), Some(notices)) = (self.flight(about), self.notices(about)) else {
            return Reaction::default();
        };
        Reaction {
            facts: flight.outcomes(about, notices),
            look_again: None,
        }
    }

    /// One round about a practitioner: outcomes of mail, then alerts.
    pub(crate) fn ask_about_practitioner(&mut self, id: &PractitionerId, now: Timestamp) -> Option<Decision> {
        let about = About::Practitioner(id.clone());
        let mut reaction = self.outcomes(&about);
        if reaction.facts.is_empty() && self.is_on(Worker::Triggers) {
            reaction.merge(self.judge_practitioner(id, now));
        }
        self.conclude(&about, reaction, Vec::new(), now)
    }

    /// What `triggers` finds about a practitioner. The rules about practitioners are asked here: with what the diary
    /// holds of them, the alerts among it, the policy and the time.
    #[expect(clippy::unused_self, reason = "the rules will read the diary and the policy")]
    fn judge_practitioner(&self, _id: &PractitionerId, _now: Timestamp) -> Reaction {
        Reaction::default()
    }

    /// One round about a member: outcomes of mail.
    pub(crate) fn ask_about_member(&mut self, id: &MemberId, now: Timestamp) -> Option<Decision> {
        let about = About::Member(id.clone());
        let reaction = self.outcomes(&about);
        self.conclude(&about, reaction, Vec::new(), now)
    }
}
