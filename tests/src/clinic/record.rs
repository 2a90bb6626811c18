//! The log as a test reads it: every fact with its place, and what must hold of all of them together.

use std::collections::{BTreeMap, BTreeSet};

use bus::{BusError, Connection, Received};
use care::envelope::{Event, Fault, Message};
use care::fact::Fact;
use care::fact::ours::Notice;
use care::fact::session::Modality;
use care::id::PatientId;
use care::time::Timestamp;
use care::{About, Chart, Policy};
use engine::{Engine, Settings};

use super::acme;

/// The log up to where it was read.
#[derive(Debug, Default)]
pub struct Record {
    /// Facts by their sequence.
    pub facts: Vec<(u64, Event)>,
    /// What is no fact, by its sequence.
    pub refused: Vec<(u64, Fault)>,
    /// The last sequence read.
    pub end: u64,
    subjects: BTreeMap<u64, String>,
}

impl Record {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Reads to the end of the log; a server that was killed a moment ago is given time to come back.
    pub(super) async fn read_on(&mut self, conn: &Connection) {
        for _ in 0..super::LOOKS {
            match self.try_to_read_on(conn).await {
                Err(error) if error.is_passing() => tokio::time::sleep(super::BETWEEN_LOOKS).await,
                read => return read.expect("the log"),
            }
        }
        panic!("the log could not be read for a minute");
    }

    async fn try_to_read_on(&mut self, conn: &Connection) -> Result<(), BusError> {
        let org = acme();
        let head = bus::streams::head(conn, &org).await?.last_sequence;
        if head <= self.end {
            return Ok(());
        }
        let from = self.end + 1;
        let read = bus::export::export::<BusError>(conn, &org, from, Some(head), |received| {
            self.take(&received);
            Ok(())
        });
        read.await.map(drop)
    }

    fn take(&mut self, received: &Received) {
        assert!(received.sequence > self.end, "the log is in order");
        self.end = received.sequence;
        let message = Message {
            subject: &received.subject,
            headers: &received.headers,
            payload: &received.payload,
            // Later than any virtual clock of a test, whatever year it is here.
            received_at: Timestamp::constant(4_102_444_800, 0),
        };
        match Event::decode(message) {
            Ok(event) => self.facts.push((received.sequence, event)),
            Err(fault) => {
                self.subjects.insert(received.sequence, received.subject.clone());
                self.refused.push((received.sequence, fault));
            }
        }
    }

    /// Facts of a name, in log order.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Event> {
        self.facts
            .iter()
            .map(|(_, event)| event)
            .filter(move |event| event.fact.name() == name)
    }

    /// Facts that carebus itself published.
    pub fn ours(&self) -> impl Iterator<Item = &Event> {
        self.facts
            .iter()
            .map(|(_, event)| event)
            .filter(|event| event.source.as_str().starts_with("urn:carebus:"))
    }

    /// Whether the log holds a fact of this id.
    #[must_use]
    pub fn holds(&self, id: &str) -> bool {
        self.facts.iter().any(|(_, event)| event.id.as_str() == id)
    }

    /// Notices of a verb: `attempted`, `sent`, `deferred`, ….
    #[must_use]
    pub fn notices(&self, verb: &str) -> Vec<&Notice> {
        let name = format!("notice.{verb}");
        let all = self.facts.iter().filter(|(_, event)| event.fact.name() == name);
        all.filter_map(|(_, event)| notice(&event.fact)).collect()
    }

    /// A patient's chart by this log alone.
    ///
    /// # Panics
    /// When nothing is known of the patient.
    #[must_use]
    pub fn chart(&self, patient: &str) -> Chart {
        let id = PatientId::new(patient).expect("an id");
        self.folded()
            .chart(&id)
            .unwrap_or_else(|| panic!("nothing about {patient}"))
            .into_owned()
    }

    /// The state by this log alone: folded anew, from its beginning, with nothing in between.
    #[must_use]
    pub fn folded(&self) -> Engine {
        let mut engine = Engine::new(Settings::new(acme(), Policy::default()));
        let mut facts = self.facts.iter().peekable();
        let mut refused = self.subjects.iter().peekable();
        loop {
            let fact_is_next = match (facts.peek(), refused.peek()) {
                (Some((at, _)), Some((other, _))) => at < other,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => return engine,
            };
            if fact_is_next {
                if let Some((at, event)) = facts.next() {
                    engine.apply(event, *at);
                }
            } else if let Some((at, subject)) = refused.next() {
                match About::of_subject(subject) {
                    Some(about) => engine.pass_over(&about, *at),
                    None => engine.skip_to(*at),
                }
            }
        }
    }

    /// One line per fact.
    #[must_use]
    pub fn told(&self) -> String {
        let line = |(at, event): &(u64, Event)| format!("{at:>5} {event:?}");
        self.facts.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Each thing that carebus may do once was done once.
    ///
    /// # Panics
    /// When something was done twice, with the log.
    pub fn assert_nothing_doubled(&self) {
        let mut identities = BTreeSet::new();
        let mut tries = BTreeSet::new();
        let mut alerts = BTreeSet::new();
        for (at, event) in &self.facts {
            assert!(
                identities.insert(event.message_id()),
                "{event:?} again at {at}\n{}",
                self.told()
            );
            match &event.fact {
                Fact::NoticeAttempted(notice) => {
                    let key = (notice.notice_id.clone(), notice.attempt);
                    assert!(
                        tries.insert(key),
                        "{event:?} tries again at {at}\n{}",
                        self.told()
                    );
                }
                Fact::AlertRaised(raised) => {
                    assert!(
                        alerts.insert(&raised.alert_id),
                        "{event:?} raises again at {at}\n{}",
                        self.told()
                    );
                }
                _ => {}
            }
        }
        for chart in self.folded().charts() {
            assert_eq!(
                chart.conflicts,
                0,
                "{}: one id, two payloads\n{}",
                chart.patient,
                self.told()
            );
        }
    }

    /// How many active EA prepare each active PT session, by patient and session.
    #[must_use]
    pub fn preparations(&self) -> BTreeMap<String, usize> {
        let mut all = BTreeMap::new();
        for chart in self.folded().charts() {
            let active = |modality| {
                let sessions = chart.sessions.iter();
                sessions.filter(move |(_, s)| s.modality() == Some(modality) && s.status().is_expected())
            };
            for (pt, _) in active(Modality::Pt) {
                let count = active(Modality::Ea)
                    .filter(|(_, ea)| ea.prepares().contains(pt))
                    .count();
                all.insert(format!("{} {pt}", chart.patient), count);
            }
        }
        all
    }
}

fn notice(fact: &Fact) -> Option<&Notice> {
    match fact {
        Fact::NoticeAttempted(n)
        | Fact::NoticeSent(n)
        | Fact::NoticeDeferred(n)
        | Fact::NoticeRejected(n)
        | Fact::NoticeUnknown(n)
        | Fact::NoticeAbandoned(n) => Some(n),
        _ => None,
    }
}
