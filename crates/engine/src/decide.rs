//! One poll: who is looked at, which worker speaks first, and what goes out together.

use std::collections::BTreeSet;

use care::diary::Busy;
use care::fact::Fact;
use care::id::PatientId;
use care::reaction::Draft;
use care::time::Timestamp;
use care::{About, Reaction, Worker};
use mailer::{Claim, Mail};

use crate::flight::Flight;
use crate::{Decision, Engine};

/// Patients looked at in one poll: bounds the time one poll takes, not what is decided.
const BATCH: usize = 4096;
/// Practitioners and members looked at in one poll: each is seen through the charts of all their patients.
const PEOPLE: usize = 32;

impl Engine {
    /// What ought to be appended now. Costs what is due, not what exists.
    ///
    /// For each patient the workers speak in the order scores, alerts, scheduling, mail; the first that has something
    /// to say ends the round for that patient, and the next is asked once those facts are back through the log. So a
    /// hold is in the chart before the scheduler looks, and one letter tells the whole of a change.
    pub fn poll(&mut self, now: Timestamp) -> Vec<Decision> {
        self.end_backlog();
        self.polled = true;
        let mut decisions = Vec::new();
        let mut to_schedule = Vec::new();
        let mut people = Vec::new();
        for about in self.candidates(now) {
            let About::Patient(id) = about else {
                people.push(about);
                continue;
            };
            let early = self.ask_before_scheduling(&id, now);
            if early.facts.is_empty() {
                to_schedule.push((id, early));
            } else {
                decisions.extend(self.hand_out(About::Patient(id), early.facts, Vec::new(), now));
            }
        }
        let scheduled = self.ask_scheduler(&to_schedule, now);
        for ((id, mut so_far), reaction) in to_schedule.into_iter().zip(scheduled) {
            so_far.merge(reaction);
            if so_far.facts.is_empty() {
                decisions.extend(self.ask_mailer(&id, so_far, now));
            } else {
                decisions.extend(self.hand_out(About::Patient(id), so_far.facts, Vec::new(), now));
            }
        }
        for about in people {
            decisions.extend(match &about {
                About::Patient(_) => None,
                About::Practitioner(id) => self.ask_about_practitioner(id, now),
                About::Member(id) => self.ask_about_member(id, now),
            });
        }
        decisions
    }

    /// What became of mail, and nothing else: for a process that is about to stop.
    pub fn poll_outcomes(&mut self, now: Timestamp) -> Vec<Decision> {
        self.end_backlog();
        let patients = self.patients.keys().cloned().map(About::Patient);
        let mut all: Vec<About> = patients.chain(self.others.keys().cloned()).collect();
        all.retain(|about| self.flight(about).is_some_and(Flight::is_idle));
        all.sort();
        all.into_iter()
            .filter_map(|about| {
                let outcomes = self.outcomes(&about).facts;
                self.hand_out(about, outcomes, Vec::new(), now)
            })
            .collect()
    }

    /// Whoever has new facts or is due on the agenda, without those whose last decision is not back yet.
    fn candidates(&mut self, now: Timestamp) -> Vec<About> {
        self.dirty.append(&mut self.queue.call(&self.lanes, now));
        while let Some((at, about)) = self.agenda.first().cloned() {
            if at > now {
                break;
            }
            self.agenda.remove(&(at, about.clone()));
            self.dirty.insert(about);
        }
        let ready = |about: &&About| self.flight(about).is_some_and(Flight::is_idle);
        let is_patient = |about: &&About| matches!(about, About::Patient(_));
        let patients = self.dirty.iter().filter(is_patient).filter(ready).take(BATCH);
        let people = self.dirty.iter().rev().take_while(|about| !is_patient(about));
        let mut people: Vec<&About> = people.filter(ready).take(PEOPLE).collect();
        people.reverse();
        let candidates: Vec<About> = patients.chain(people).cloned().collect();
        for about in &candidates {
            self.dirty.remove(about);
            if let About::Patient(id) = about {
                self.open(id);
            }
            if let Some(flight) = self.flight_mut(about)
                && let Some(at) = flight.wake.take()
            {
                self.agenda.remove(&(at, about.clone()));
            }
        }
        candidates
    }

    pub(crate) fn is_on(&self, worker: Worker) -> bool {
        self.settings.workers.contains(&worker)
    }

    /// Outcomes of mail, then scores, then alerts.
    fn ask_before_scheduling(&self, id: &PatientId, now: Timestamp) -> Reaction {
        let mut all = self.outcomes(&About::Patient(id.clone()));
        let Some(entry) = self.patients.get(id).filter(|_| all.facts.is_empty()) else {
            return all;
        };
        let chart = entry.chart.read();
        if self.is_on(Worker::Oswestry) && self.doubt.is_none() {
            all.merge(oswestry::react(&chart, &self.settings.policy, now));
        }
        if all.facts.is_empty() && self.is_on(Worker::Triggers) {
            let mut said = triggers::react(&chart, &self.settings.policy, now);
            self.keep_what_may_be_said(&mut said.facts, |id| chart.alerts.get(id));
            all.merge(said);
        }
        all
    }

    /// One answer per patient, in the order they were given.
    fn ask_scheduler(&mut self, patients: &[(PatientId, Reaction)], now: Timestamp) -> Vec<Reaction> {
        let mut answers = vec![Reaction::default(); patients.len()];
        if !self.is_on(Worker::Scheduler) || patients.is_empty() {
            return answers;
        }
        let read: Vec<_> = patients.iter().filter_map(|(id, _)| self.chart(id)).collect();
        let charts: Vec<&care::Chart> = read.iter().map(AsRef::as_ref).collect();
        let mut said: std::collections::BTreeMap<PatientId, Reaction> =
            scheduler::react(&charts, &self.diary, &self.settings.policy, now)
                .into_iter()
                .collect();
        for ((id, _), answer) in patients.iter().zip(&mut answers) {
            *answer = said.remove(id).unwrap_or_default();
            self.keep_what_may_be_said(&mut answer.facts, |_| None);
        }
        answers
    }

    /// Nothing else to say: mail, or rest until the agenda.
    fn ask_mailer(&mut self, id: &PatientId, mut so_far: Reaction, now: Timestamp) -> Option<Decision> {
        let is_unprepared = !self.chart(id)?.unprepared.is_empty();
        self.note_unprepared(id, is_unprepared);
        let about = About::Patient(id.clone());
        let (mut mails, mut waits) = (Vec::new(), BTreeSet::new());
        if self.is_on(Worker::Mailer) {
            let chart = self.chart(id)?;
            let mut round = mailer::react(&chart, &self.settings.policy, &self.desk(&about), now);
            self.keep_what_may_be_said(&mut round.facts, |_| None);
            so_far.merge(Reaction {
                facts: round.facts,
                look_again: round.look_again,
            });
            (mails, waits) = (round.mails, round.waits);
            if so_far.facts.is_empty() {
                self.call_readers(id, now);
            }
        }
        self.stand(&about, waits);
        self.conclude(&about, so_far, mails, now)
    }

    /// Hands out what was said; if it is nothing, whoever it is about rests until the agenda.
    pub(crate) fn conclude(
        &mut self,
        about: &About,
        said: Reaction,
        mails: Vec<Mail>,
        now: Timestamp,
    ) -> Option<Decision> {
        if said.facts.is_empty() {
            self.rest(about, said.look_again, now);
            return None;
        }
        self.hand_out(about.clone(), said.facts, mails, now)
    }

    /// Puts somebody on the agenda. A wake-up that is already past would spin: it is a second from now.
    pub(crate) fn rest(&mut self, about: &About, look_again: Option<Timestamp>, now: Timestamp) {
        let Some(flight) = self.flight_mut(about) else {
            return;
        };
        let soonest = now
            .saturating_add(care::time::SignedDuration::from_secs(1))
            .unwrap_or(Timestamp::MAX);
        flight.wake = look_again.map(|at| at.max(soonest));
        if let Some(at) = flight.wake {
            self.agenda.insert((at, about.clone()));
        }
        self.changed.insert(about.clone());
    }

    /// Gives facts their envelopes, keeps the slots they take, and counts them as in flight.
    fn hand_out(
        &mut self,
        about: About,
        facts: Vec<Draft>,
        mails: Vec<Mail>,
        now: Timestamp,
    ) -> Option<Decision> {
        let org = self.settings.org.clone();
        let (events, defects): (Vec<care::Event>, Vec<care::Event>) = facts
            .into_iter()
            .map(|draft| draft.at(&org, now))
            .partition(reads_back);
        self.defects.extend(
            defects
                .iter()
                .map(|event| format!("{} about {}", event.fact.name(), event.about)),
        );
        if events.is_empty() {
            return None;
        }
        let flight = self.flight_mut(&about)?;
        flight
            .in_flight
            .extend(events.iter().map(|event| event.id.clone()));
        for mail in &mails {
            if let Ok(notice) = care::id::NoticeId::new(&mail.notice_id) {
                flight.sending.insert((notice, mail.attempt), false);
            }
        }
        let expected = flight.last;
        self.leave(&about, &mails);
        let claims = events.iter().filter_map(|e| Claim::of(&e.fact, e.time)).collect();
        self.traffic.expect(&about, claims);
        if let About::Patient(id) = &about {
            self.reserve(id, &events, now);
        }
        // They stay dirty: once these facts are back, the remaining workers are asked.
        self.dirty.insert(about.clone());
        Some(Decision {
            about,
            expected,
            events,
            mails,
        })
    }

    /// Keeps the slots that a decision takes.
    fn reserve(&mut self, id: &PatientId, events: &[care::Event], now: Timestamp) {
        let Some(entry) = self.patients.get_mut(id) else {
            return;
        };
        for event in events {
            if let Some((practitioner, slot)) = slot_of(id, &event.fact, now) {
                self.diary.reserve(&practitioner, &slot);
                entry.reserved.push((practitioner, slot));
            }
        }
    }
}

/// A fact of ours that the contract would refuse must not reach the log: it would be quarantined there, and derived
/// again for ever. It is a defect, counted and shown.
fn reads_back(event: &care::Event) -> bool {
    care::Event::decode_line(&event.encode()).is_ok()
}

fn slot_of(patient: &PatientId, fact: &Fact, now: Timestamp) -> Option<(care::id::PractitionerId, Busy)> {
    let (Fact::SessionBooked(b) | Fact::SessionMoved(b)) = fact else {
        return None;
    };
    let order = u64::try_from(now.as_millisecond()).unwrap_or(0);
    let slot = Busy {
        start: b.start,
        patient: patient.clone(),
        session: b.session_id.clone(),
        end: b.end,
        order,
    };
    Some((b.practitioner.clone()?, slot))
}
