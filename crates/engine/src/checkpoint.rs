//! The state as entries of bytes, and back: what a ledger keeps so that a restart need not read the whole log.

use care::About;
use care::chart::Chart;
use care::diary::Practitioner;
use care::id::{BadId, MemberId, PatientId, PractitionerId};
use care::member::Postbox;
use care::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::entry::Entry;
use crate::flight::Flight;
use crate::{Engine, Settings};

/// Entries that changed: a key, and the new value or none to remove it.
pub type Changes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// First byte of every value: the layout of what follows.
const FORMAT: u8 = 3;

/// An entry that cannot be read: the checkpoint is set aside and rebuilt from the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the checkpoint has an entry of another format or damaged; it is rebuilt from the log")]
pub struct Damaged;

#[derive(Serialize, Deserialize)]
struct PatientEntry {
    chart: Chart,
    last: u64,
    /// Present when every worker had its say: under which regime, and when to look again.
    settled: Option<(String, Option<Timestamp>)>,
    /// Whether the feed was told all of it.
    fed: bool,
}

#[derive(Serialize, Deserialize)]
struct PractitionerEntry {
    practitioner: Practitioner,
    last: u64,
}

#[derive(Serialize, Deserialize)]
struct MemberEntry {
    postbox: Postbox,
    last: u64,
}

impl Engine {
    /// Entries that changed since the last call.
    pub fn take_changes(&mut self) -> Changes {
        let changed = std::mem::take(&mut self.changed);
        let mut changes: Changes = Vec::new();
        for about in &changed {
            if let About::Patient(id) = about
                && self.erased.contains(id)
            {
                changes.push((key(about), None));
                changes.push((erased_key(id), Some(vec![FORMAT])));
            } else if let Some(value) = self.value(about) {
                changes.push((key(about), Some(value)));
            }
        }
        changes
    }

    fn value(&self, about: &About) -> Option<Vec<u8>> {
        match about {
            About::Patient(id) => {
                let entry = self.patients.get(id)?;
                let is_settled = !self.dirty.contains(about) && entry.flight.is_idle();
                let settled = is_settled.then(|| (self.regime(), entry.flight.wake));
                let fed = self.is_fed(id);
                encoded(&PatientEntry {
                    chart: entry.chart.clone(),
                    last: entry.flight.last,
                    settled,
                    fed,
                })
            }
            About::Practitioner(id) => {
                let practitioner = self.diary.practitioner(id).cloned().unwrap_or_default();
                let last = self.others.get(about)?.last;
                encoded(&PractitionerEntry { practitioner, last })
            }
            About::Member(id) => {
                let postbox = self.postboxes.get(id).cloned().unwrap_or_default();
                let last = self.others.get(about)?.last;
                encoded(&MemberEntry { postbox, last })
            }
        }
    }

    /// What a patient's rest depends on: the policy, and which workers were asked.
    fn regime(&self) -> String {
        let workers: Vec<&str> = self.settings.workers.iter().map(|w| w.name()).collect();
        format!("{}/{}", self.settings.policy.hash(), workers.join(","))
    }

    /// An engine from a checkpoint taken at `position`.
    ///
    /// # Errors
    /// [`Damaged`] when an entry cannot be read.
    pub fn restore(
        settings: Settings,
        entries: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
        position: u64,
    ) -> Result<Self, Damaged> {
        let mut engine = Self::new(settings);
        engine.position = position;
        for (key, value) in entries {
            match key.split_at_checked(2) {
                Some((b"p/", id)) => engine.restore_patient(id, &value)?,
                Some((b"c/", id)) => {
                    let id = id_of(id, PractitionerId::new)?;
                    let entry: PractitionerEntry = decoded(&value)?;
                    // Of whom nothing was readable, nothing is known.
                    if entry.practitioner != Practitioner::default() {
                        *engine.diary.practitioner_mut(&id) = entry.practitioner;
                    }
                    engine.restore_flight(About::Practitioner(id), entry.last);
                }
                Some((b"m/", id)) => {
                    let id = id_of(id, MemberId::new)?;
                    let entry: MemberEntry = decoded(&value)?;
                    if entry.postbox != Postbox::default() {
                        engine.postboxes.insert(id.clone(), entry.postbox);
                    }
                    engine.restore_flight(About::Member(id), entry.last);
                }
                Some((b"x/", id)) => {
                    decoded::<()>(&value)?;
                    engine.erased.insert(id_of(id, PatientId::new)?);
                }
                _ => return Err(Damaged),
            }
        }
        engine.count_letters();
        Ok(engine)
    }

    /// There are few of them: all are looked at again.
    fn restore_flight(&mut self, about: About, last: u64) {
        self.dirty.insert(about.clone());
        self.others.insert(about, Flight::at(last));
    }

    fn restore_patient(&mut self, id: &[u8], value: &[u8]) -> Result<(), Damaged> {
        let id = id_of(id, PatientId::new)?;
        let about = About::Patient(id.clone());
        let saved: PatientEntry = decoded(value)?;
        let wake = match saved.settled {
            Some((regime, wake)) if regime == self.regime() => wake,
            // Not settled, or under another policy or other workers: the patient is looked at again.
            _ => {
                self.dirty.insert(about.clone());
                None
            }
        };
        self.agenda.extend(wake.map(|at| (at, about.clone())));
        if !saved.fed {
            self.feed_stale.insert(id.clone());
        }
        self.diary.enter_all(&saved.chart);
        for practitioner in saved.chart.practitioners() {
            self.patients_of
                .entry(practitioner.clone())
                .or_default()
                .insert(id.clone());
        }
        for record in saved.chart.plans.values() {
            self.note_team(&id, record.plan().map_or(&[], |p| &p.team));
        }
        let mut entry = Entry::of(saved.chart, Flight::at(saved.last));
        entry.flight.wake = wake;
        entry.waits_for_a_slot = !entry.chart.unprepared.is_empty();
        // A claim without an outcome was cut off by the restart: the mailer must look.
        if entry.chart.has_open_claim() {
            self.dirty.insert(about);
        }
        self.patients.insert(id, entry);
        Ok(())
    }

    /// One number for the whole state at a position: equal states give equal numbers on every replica.
    #[must_use]
    pub fn state_hash(&self) -> u64 {
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        for chart in self.charts() {
            hasher.update(&postcard::to_allocvec(chart).unwrap_or_default());
        }
        for (id, practitioner) in self.diary.practitioners() {
            hasher.update(id.as_str().as_bytes());
            hasher.update(&postcard::to_allocvec(practitioner).unwrap_or_default());
        }
        for (id, postbox) in &self.postboxes {
            hasher.update(id.as_str().as_bytes());
            hasher.update(&postcard::to_allocvec(postbox).unwrap_or_default());
        }
        for id in &self.erased {
            hasher.update(id.as_str().as_bytes());
        }
        hasher.digest()
    }
}

fn key(about: &About) -> Vec<u8> {
    let prefix = match about {
        About::Patient(_) => "p/",
        About::Practitioner(_) => "c/",
        About::Member(_) => "m/",
    };
    format!("{prefix}{}", about.id()).into_bytes()
}

/// Of who was erased the id is left.
fn erased_key(id: &PatientId) -> Vec<u8> {
    format!("x/{id}").into_bytes()
}

fn encoded<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    postcard::to_extend(value, vec![FORMAT]).ok()
}

fn decoded<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Damaged> {
    match bytes.split_first() {
        Some((&FORMAT, body)) => postcard::from_bytes(body).map_err(|_| Damaged),
        _ => Err(Damaged),
    }
}

fn id_of<'a, T>(bytes: &'a [u8], new: impl Fn(&'a str) -> Result<T, BadId>) -> Result<T, Damaged> {
    let text = std::str::from_utf8(bytes).map_err(|_| Damaged)?;
    new(text).map_err(|_| Damaged)
}
