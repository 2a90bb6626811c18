//! The state as entries of bytes, and back: what a ledger keeps so that a restart need not read the whole log.

use std::sync::Arc;

use care::About;
use care::chart::has_open_claim;
use care::diary::Practitioner;
use care::id::{BadId, MemberId, PatientId, PractitionerId};
use care::member::Postbox;
use care::time::Timestamp;
use mailer::Claim;
use serde::{Deserialize, Serialize};

use crate::entry::Entry;
use crate::flight::Flight;
use crate::kept::{Kept, written};
use crate::people::claim_of;
use crate::tally::Tally;
use crate::{Engine, Settings};

/// What stands at a key: these bytes, one after the other. A chart that is folded small is shared with the engine: the
/// charts of 100 000 patients need not be there twice while they are written.
pub type Value = [Arc<[u8]>; 2];

/// Entries that changed: a key, and the new value or none to remove it.
pub type Changes = Vec<(Vec<u8>, Option<Value>)>;

/// First byte of every value: the layout of what follows.
const FORMAT: u8 = 5;

/// An entry that cannot be read: the checkpoint is set aside and rebuilt from the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the checkpoint has an entry of another format or damaged; it is rebuilt from the log")]
pub struct Damaged;

/// Under which regime every worker had its say, and when to look again; none if one has not.
type Settled = Option<(u64, Option<Timestamp>)>;

/// What somebody's rest depends on, as one number: the policy, and which workers were asked. To be made once and not
/// for everybody: it writes the whole policy down.
pub(crate) fn regime(settings: &Settings) -> u64 {
    let workers: Vec<&str> = settings.workers.iter().map(|w| w.name()).collect();
    let regime = format!("{}/{}", settings.policy.hash(), workers.join(","));
    xxhash_rust::xxh3::xxh3_64(regime.as_bytes())
}

/// What stands before a patient's folded chart.
#[derive(Serialize, Deserialize)]
struct PatientEntry {
    last: u64,
    settled: Settled,
    /// Whether the feed was told all of it.
    fed: bool,
}

#[derive(Serialize, Deserialize)]
struct PractitionerEntry {
    practitioner: Practitioner,
    last: u64,
    settled: Settled,
}

#[derive(Serialize, Deserialize)]
struct MemberEntry {
    postbox: Postbox,
    last: u64,
    settled: Settled,
}

impl Engine {
    /// Entries that changed since the last call.
    pub fn take_changes(&mut self) -> Changes {
        self.end_backlog();
        let changed = std::mem::take(&mut self.changed);
        let mut changes: Changes = Vec::new();
        for about in &changed {
            if let About::Patient(id) = about
                && self.erased.contains(id)
            {
                changes.push((key(about), None));
                changes.push((erased_key(id), encoded(&(), Arc::default())));
            } else if let Some(value) = self.value(about) {
                changes.push((key(about), Some(value)));
            }
        }
        changes
    }

    fn value(&self, about: &About) -> Option<Value> {
        match about {
            About::Patient(id) => {
                let entry = self.patients.get(id)?;
                let settled = self.settled(about, &entry.flight);
                let fed = self.is_fed(id);
                let last = entry.flight.last;
                encoded(&PatientEntry { last, settled, fed }, entry.chart.bytes())
            }
            About::Practitioner(id) => {
                let practitioner = self.diary.practitioner(id).cloned().unwrap_or_default();
                let flight = self.others.get(about)?;
                let (last, settled) = (flight.last, self.settled(about, flight));
                let entry = PractitionerEntry {
                    practitioner,
                    last,
                    settled,
                };
                encoded(&entry, Arc::default())
            }
            About::Member(id) => {
                let postbox = self.postboxes.get(id).cloned().unwrap_or_default();
                let flight = self.others.get(about)?;
                let (last, settled) = (flight.last, self.settled(about, flight));
                let entry = MemberEntry {
                    postbox,
                    last,
                    settled,
                };
                encoded(&entry, Arc::default())
            }
        }
    }

    /// Under which regime every worker had its say about somebody, and when to look again; none if one has not.
    fn settled(&self, about: &About, flight: &Flight) -> Settled {
        // While the clock is in doubt nobody was asked everything.
        let is_asked = !self.dirty.contains(about) && !self.queue.holds(about) && self.doubt.is_none();
        let is_settled = is_asked && flight.is_idle();
        is_settled.then_some((self.regime, flight.wake))
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
        let mut claims = Vec::new();
        for (key, value) in entries {
            match key.split_at_checked(2) {
                Some((b"p/", id)) => engine.restore_patient(id, &value, &mut claims)?,
                Some((b"c/", id)) => {
                    let id = id_of(id, PractitionerId::new)?;
                    let entry: PractitionerEntry = decoded(&value)?;
                    // Of whom nothing was readable, nothing is known.
                    if entry.practitioner != Practitioner::default() {
                        *engine.diary.practitioner_mut(&id) = entry.practitioner;
                    }
                    engine.restore_flight(About::Practitioner(id), entry.last, entry.settled);
                }
                Some((b"m/", id)) => {
                    let id = id_of(id, MemberId::new)?;
                    let entry: MemberEntry = decoded(&value)?;
                    if entry.postbox != Postbox::default() {
                        engine.postboxes.insert(id.clone(), entry.postbox);
                    }
                    engine.restore_flight(About::Member(id), entry.last, entry.settled);
                }
                Some((b"x/", id)) => {
                    decoded::<()>(&value)?;
                    engine.erased.insert(id_of(id, PatientId::new)?);
                }
                _ => return Err(Damaged),
            }
        }
        engine.meet_members();
        engine.count_letters(claims);
        Ok(engine)
    }

    fn restore_flight(&mut self, about: About, last: u64, settled: Settled) {
        let mut flight = Flight::at(last);
        flight.wake = self.wake_of(&about, settled);
        // A claim without an outcome was cut off by the restart: the mailer must look.
        if self.notices(&about).is_some_and(|all| has_open_claim(&all)) {
            self.dirty.insert(about.clone());
        }
        self.tallies.touch(&about);
        self.others.insert(about, flight);
    }

    /// When to look at somebody again: then, or at once if they were not settled, or under another policy or other
    /// workers.
    fn wake_of(&mut self, about: &About, settled: Settled) -> Option<Timestamp> {
        let Some((_, wake)) = settled.filter(|(regime, _)| *regime == self.regime) else {
            self.dirty.insert(about.clone());
            return None;
        };
        self.agenda.extend(wake.map(|at| (at, about.clone())));
        wake
    }

    fn restore_patient(&mut self, id: &[u8], value: &[u8], claims: &mut Vec<Claim>) -> Result<(), Damaged> {
        let id = id_of(id, PatientId::new)?;
        let about = About::Patient(id.clone());
        let (saved, chart): (PatientEntry, &[u8]) = begun(value)?;
        let wake = self.wake_of(&about, saved.settled);
        let (kept, chart) = Kept::of_bytes(chart).ok_or(Damaged)?;
        claims.extend(chart.notices.values().filter_map(claim_of));
        if !saved.fed {
            self.feed_stale.insert(id.clone());
        }
        self.diary.enter_all(&chart);
        for practitioner in chart.practitioners() {
            self.patients_of
                .entry(practitioner.clone())
                .or_default()
                .insert(id.clone());
        }
        for record in chart.plans.values() {
            if let Some(newest) = &record.snapshot {
                self.recall_team(&id, &newest.value, &newest.version.stamp);
            }
        }
        let mut entry = Box::new(Entry::of(kept, Flight::at(saved.last)));
        // Here, because here the chart is at hand.
        self.tallies
            .replace(&mut entry.flight.tally, Tally::of_chart(&chart));
        entry.flight.wake = wake;
        self.note_unprepared(&id, !chart.unprepared.is_empty());
        // A claim without an outcome was cut off by the restart: the mailer must look.
        if chart.has_open_claim() {
            self.dirty.insert(about);
        }
        self.patients.insert(id, entry);
        Ok(())
    }

    /// One number for the whole state at a position: equal states give equal numbers on every replica.
    #[must_use]
    pub fn state_hash(&self) -> u64 {
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        let mut charts: Vec<(&PatientId, &Kept)> =
            self.patients.iter().map(|(id, e)| (id, &e.chart)).collect();
        charts.sort_by_key(|(id, _)| *id);
        for (_, chart) in charts {
            hasher.update(&written(&chart.read()));
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

fn encoded<T: Serialize>(entry: &T, chart: Arc<[u8]>) -> Option<Value> {
    let entry = postcard::to_extend(entry, vec![FORMAT]).ok()?;
    Some([entry.into(), chart])
}

fn decoded<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Damaged> {
    begun(bytes).map(|(entry, _)| entry)
}

/// The entry, and what stands after it.
fn begun<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), Damaged> {
    match bytes.split_first() {
        Some((&FORMAT, body)) => postcard::take_from_bytes(body).map_err(|_| Damaged),
        _ => Err(Damaged),
    }
}

fn id_of<'a, T>(bytes: &'a [u8], new: impl Fn(&'a str) -> Result<T, BadId>) -> Result<T, Damaged> {
    let text = std::str::from_utf8(bytes).map_err(|_| Damaged)?;
    new(text).map_err(|_| Damaged)
}
