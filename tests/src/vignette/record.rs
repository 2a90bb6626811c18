//! The record: what the log and the mails show so far, and what carebus did as people read it.

use std::collections::BTreeMap;

use care::id::PatientId;
use care::sentence::sentence;
use care::time::Timestamp;
use care::{About, Chart, Worker};
use engine::Simulation;
use mailer::{Mail, Method};

use super::clinic::addressee;
use super::setting::{Setting, Shown};
use super::world::PATIENT;

/// How far log and mails were read.
#[derive(Debug, Default)]
pub(super) struct Record {
    charts: BTreeMap<PatientId, Chart>,
    facts: usize,
    mails: usize,
}

impl Record {
    /// A patient's chart as the log gives it.
    pub(super) fn chart(&self, patient: &str) -> Option<&Chart> {
        self.charts.get(patient)
    }

    /// A new process has sent nothing yet.
    pub(super) const fn mails_begin_anew(&mut self) {
        self.mails = 0;
    }

    /// What carebus did since it was last asked, in order, the time in front where it is later than `now`.
    pub(super) fn done(&mut self, simulation: &Simulation, setting: &Setting, now: Timestamp) -> Vec<String> {
        let mut done = self.facts(simulation, setting);
        if setting.shown.contains(&Shown::Mail) {
            let new = simulation.outbox().iter().skip(self.mails);
            done.extend(new.map(|mail| (mail.date, sent(mail))));
        }
        self.mails = simulation.outbox().len();
        done.sort_by_key(|(at, _)| *at);
        let told = |(at, says): (Timestamp, String)| {
            if at > now {
                format!("{}  {says}", setting.place.show(at))
            } else {
                says
            }
        };
        done.into_iter().map(told).collect()
    }

    fn facts(&mut self, simulation: &Simulation, setting: &Setting) -> Vec<(Timestamp, String)> {
        let mut done = Vec::new();
        for event in simulation.log().iter().skip(self.facts) {
            // Alerts about a practitioner are kept as those of a patient are, under an id no patient has here.
            let told_of = match &event.about {
                About::Patient(id) => Some(id.clone()),
                About::Practitioner(id) => PatientId::new(id.as_str()).ok(),
                About::Member(_) => None,
            };
            if let Some(id) = told_of {
                let chart = self.charts.entry(id.clone()).or_insert_with(|| Chart::new(id));
                chart.apply(event);
            }
            let ours = Worker::ALL
                .iter()
                .any(|worker| worker.source(&event.org) == event.source);
            let shown = Shown::of(&event.fact.name()).is_some_and(|kind| setting.shown.contains(&kind));
            if shown && ours {
                let says = sentence(event, self.charts.get(event.about.id()), &setting.place.zone);
                done.push((event.time, format!("{}{says}", whom(&event.about))));
            }
        }
        self.facts = simulation.log().len();
        done
    }
}

fn whom(about: &About) -> String {
    if about.id() == PATIENT {
        String::new()
    } else {
        format!("{}: ", about.id())
    }
}

fn sent(mail: &Mail) -> String {
    let invitation = match mail.invitation.as_ref().map(|i| i.method) {
        Some(Method::Request) => " (invitation)",
        Some(Method::Cancel) => " (cancellation)",
        None => "",
    };
    let pictures = match mail.images.len() {
        0 => String::new(),
        1 => " (1 picture)".to_owned(),
        n => format!(" ({n} pictures)"),
    };
    format!(
        "mail to {}: {}{invitation}{pictures}",
        addressee(mail.to.expose()),
        mail.subject
    )
}
