//! Mail as the engine keeps count of it: what is on its way, who waits for room, and what the carrier says of the way.

use std::collections::BTreeSet;

use care::About;
use care::chart::TryState;
use care::id::NoticeId;
use care::time::Timestamp;
use mailer::{Bounds, Delivery, Domain, Lanes, Mail, Sign, Turn};

use crate::Engine;
use crate::flight::Notices;

impl Engine {
    /// Limits how many claims may be open at a time. A driver whose mail takes time sets them once; without, none are.
    pub const fn bound_mail(&mut self, bounds: Bounds) {
        self.settings.bounds = bounds;
        self.lanes.bound(bounds);
    }

    /// What is on its way, and what more may be claimed.
    #[must_use]
    pub const fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// Says since when no mail server takes mail, or that one does: routine mail is not claimed meanwhile. When that
    /// lasted, everything that was put off because of it is due at once.
    pub fn pause_mail(&mut self, since: Option<Timestamp>, now: Timestamp) {
        if self.lanes.pause(since, now) {
            self.look_at_what_was_put_off();
        }
    }

    /// The carrier has answered: the outcome is appended with the next decision about them.
    pub fn delivered(
        &mut self,
        about: &About,
        notice: &NoticeId,
        attempt: u32,
        delivery: Delivery,
        now: Timestamp,
    ) {
        if let Some(flight) = self.flight_mut(about) {
            flight.answered((notice.clone(), attempt), delivery, now);
            self.dirty.insert(about.clone());
        }
    }

    /// What a try said about the domain it went to.
    pub fn note_sign(&mut self, domain: &Domain, sign: Sign, now: Timestamp) {
        self.lanes.breakers_mut().note(domain, sign, now);
    }

    /// Mails were handed out.
    pub(crate) fn leave(&mut self, about: &About, mails: &[Mail]) {
        for mail in mails {
            if let Ok(notice) = NoticeId::new(&mail.notice_id) {
                self.lanes.leave(about, (notice, mail.attempt), mail);
            }
        }
    }

    /// What is on its way about somebody may have become less.
    pub(crate) fn arrive(&mut self, about: &About) {
        let flight = match about {
            About::Patient(id) => self.patients.get(id).map(|e| &e.flight),
            other => self.others.get(other),
        };
        let sending = flight.map(|f| &f.sending);
        self.lanes
            .retain(about, |key| sending.is_some_and(|all| all.contains_key(key)));
    }

    /// Somebody's letters wait for room.
    pub(crate) fn stand(&mut self, about: &About, turns: BTreeSet<Turn>) {
        self.queue.stand(about, turns);
    }

    fn look_at_what_was_put_off(&mut self) {
        let lanes = &self.lanes;
        let was_put_off = |notices: &Notices| {
            let mut last = notices.values().filter_map(|record| record.last());
            last.any(|(_, t)| t.state == TryState::Deferred && lanes.was_out(t.stamp.time))
        };
        let patients = self
            .patients
            .iter()
            .filter(|(_, e)| was_put_off(&e.chart.read().notices));
        let mut found: BTreeSet<About> = patients.map(|(id, _)| About::Patient(id.clone())).collect();
        for about in self.others.keys() {
            if self.notices(about).is_some_and(|all| was_put_off(&all)) {
                found.insert(about.clone());
            }
        }
        self.dirty.append(&mut found);
    }
}
