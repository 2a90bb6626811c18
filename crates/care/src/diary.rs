//! What spans patients: practitioners' calendars and credentials, and who is with whom when.

mod standing;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::chart::{
    Alert, Chart, Latest, NoticeRecord, Session, SessionStatus, Version, fold_alert, fold_notice,
};
use crate::envelope::Event;
use crate::fact::Fact;
use crate::fact::practitioner::{Calendar, Credentials};
use crate::id::{AlertId, NoticeId, PatientId, PractitionerId, SessionId};
use crate::time::Timestamp;

pub use standing::{Standing, standing};

/// One practitioner.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Practitioner {
    /// Newest calendar.
    pub calendar: Option<Latest<Calendar>>,
    /// Newest credentials by kind.
    pub credentials: BTreeMap<String, Latest<Credentials>>,
    /// Alerts about the practitioner: one for all patients.
    pub alerts: BTreeMap<AlertId, Alert>,
    /// Notices about those alerts.
    pub notices: BTreeMap<NoticeId, NoticeRecord>,
}

impl Practitioner {
    /// Folds a fact about the practitioner in.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::CalendarPublished(c) => {
                Latest::offer(&mut self.calendar, Version::of(event, c.revision), c);
            }
            Fact::CredentialsPublished(c) => {
                Latest::offer_in(
                    &mut self.credentials,
                    c.kind.clone(),
                    Version::of(event, c.revision),
                    c,
                );
            }
            _ => {
                fold_alert(&mut self.alerts, event);
                fold_notice(&mut self.notices, event);
            }
        }
    }
}

/// A session that takes up its practitioner's time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Busy {
    /// Start.
    pub start: Timestamp,
    /// Whose session.
    pub patient: PatientId,
    /// Which session.
    pub session: SessionId,
    /// End.
    pub end: Timestamp,
    /// When it was booked, unix milliseconds: of two in one place the later gives way.
    pub order: u64,
}

/// By start, patient and session: the end, and when it was booked.
type Slots = BTreeMap<(Timestamp, PatientId, SessionId), (Timestamp, u64)>;

/// Calendars, credentials and the occupancy of every practitioner.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diary {
    practitioners: BTreeMap<PractitionerId, Practitioner>,
    busy: BTreeMap<PractitionerId, Slots>,
}

impl Diary {
    /// What is known of a practitioner.
    #[must_use]
    pub fn practitioner(&self, id: &PractitionerId) -> Option<&Practitioner> {
        self.practitioners.get(id)
    }

    /// Every practitioner that published anything.
    pub fn practitioners(&self) -> impl Iterator<Item = (&PractitionerId, &Practitioner)> {
        self.practitioners.iter()
    }

    /// For folding facts in and for loading a checkpoint.
    pub fn practitioner_mut(&mut self, id: &PractitionerId) -> &mut Practitioner {
        self.practitioners.entry(id.clone()).or_default()
    }

    /// Sessions of a practitioner that overlap `from..to`, by start. Sessions last at most 24 hours.
    pub fn busy(&self, id: &PractitionerId, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Busy> {
        let earliest = from
            .saturating_sub(crate::time::hours(24))
            .unwrap_or(Timestamp::MIN);
        self.busy
            .get(id)
            .into_iter()
            .flat_map(move |sessions| {
                sessions
                    .range(earliest_key(earliest)..)
                    .take_while(move |((start, _, _), _)| *start < to)
            })
            .filter(move |(_, (end, _))| *end > from)
            .map(|((start, patient, session), (end, order))| Busy {
                start: *start,
                patient: patient.clone(),
                session: session.clone(),
                end: *end,
                order: *order,
            })
    }

    /// Takes a session's slot, as it stood before a fact, out.
    pub fn leave(&mut self, patient: &PatientId, id: &SessionId, session: &Session) {
        if let Some((practitioner, start, ..)) = slot(session)
            && let Some(sessions) = self.busy.get_mut(practitioner)
        {
            sessions.remove(&(start, patient.clone(), id.clone()));
            if sessions.is_empty() {
                self.busy.remove(practitioner);
            }
        }
    }

    /// Puts a session's slot, as it stands now, in.
    pub fn enter(&mut self, patient: &PatientId, id: &SessionId, session: &Session) {
        if let Some((practitioner, start, end, order)) = slot(session) {
            let sessions = self.busy.entry(practitioner.clone()).or_default();
            sessions.insert((start, patient.clone(), id.clone()), (end, order));
        }
    }

    /// Keeps a slot for a decision that is not in the log yet, so that the next patient is not given the same one.
    pub fn reserve(&mut self, practitioner: &PractitionerId, slot: &Busy) {
        let sessions = self.busy.entry(practitioner.clone()).or_default();
        sessions.insert(
            (slot.start, slot.patient.clone(), slot.session.clone()),
            (slot.end, slot.order),
        );
    }

    /// Gives a kept slot back: the decision was not taken into the log.
    pub fn give_back(&mut self, practitioner: &PractitionerId, slot: &Busy) {
        if let Some(sessions) = self.busy.get_mut(practitioner) {
            sessions.remove(&(slot.start, slot.patient.clone(), slot.session.clone()));
            if sessions.is_empty() {
                self.busy.remove(practitioner);
            }
        }
    }

    /// Puts every session of a chart in: after loading a checkpoint.
    pub fn enter_all(&mut self, chart: &Chart) {
        for (id, session) in &chart.sessions {
            self.enter(&chart.patient, id, session);
        }
    }
}

/// The least key at an instant: ids sort after it because `-` is the least character an id may begin with.
fn earliest_key(at: Timestamp) -> (Timestamp, PatientId, SessionId) {
    #[expect(clippy::expect_used, reason = "a constant that is an id")]
    let least = (
        PatientId::new("-").expect("an id"),
        SessionId::new("-").expect("an id"),
    );
    (at, least.0, least.1)
}

/// Practitioner, start, end and order of a session that takes up time: expected or done. A held one gives its time free.
fn slot(session: &Session) -> Option<(&PractitionerId, Timestamp, Timestamp, u64)> {
    let takes_time = session.status().is_expected() || session.status() == SessionStatus::Completed;
    let practitioner = session.practitioner().filter(|_| takes_time)?;
    Some((practitioner, session.start()?, session.end()?, session.order()))
}
