//! The sentences a vignette may use: one file per subject, each with the shapes it knows.

mod access;
mod alert;
mod assessment;
mod calendar;
mod clock;
mod delivered;
mod ea;
mod mail;
mod plan;
mod pt;
mod safety;
mod structure;

use std::cell::RefCell;

use care::Chart;
use care::time::Timestamp;
use serde_json::{Value, json};

use super::moment::Place;
use super::post::Mood;
use super::world::{PATIENT, World};

pub(super) use plan::began_on;

/// What a sentence makes happen.
#[derive(Debug)]
pub(super) enum Act {
    /// A fact is published.
    Publish(Published),
    /// The facts of the last sentence arrive again.
    Again,
    /// The mail server changes its mood.
    MailServer(Mood),
    /// carebus stops after this line.
    GoDown,
    /// carebus starts and reads the log.
    ComeBack,
    /// The clock runs, no more.
    Nothing,
}

/// A fact before it has an envelope.
#[derive(Debug)]
pub(super) struct Published {
    /// `noun.verb`.
    pub(super) name: &'static str,
    /// `patient/p-1`.
    pub(super) about: String,
    /// Who publishes it.
    pub(super) source: String,
    /// The payload.
    pub(super) data: Value,
}

/// None: another subject's sentence.
pub(super) type Answer = Option<Result<Vec<Act>, String>>;

/// A sentence taken apart: `p-2: PT pt-1 booked for … (60 min) (arrives late, happened Thu 06-04 09:00)`.
#[derive(Debug)]
pub(super) struct Spoken<'a> {
    /// Whom it is about.
    pub(super) patient: &'a str,
    /// What happened.
    pub(super) body: &'a str,
    /// When.
    pub(super) happened: Timestamp,
    /// What stands in parentheses at its end, until somebody has taken it.
    notes: RefCell<Vec<&'a str>>,
}

/// Whether what stands before a colon is a patient or a practitioner.
pub(super) fn is_somebody(whom: &str) -> bool {
    !whom.contains(' ') && (whom.starts_with("p-") || is_practitioner(whom))
}

fn is_practitioner(whom: &str) -> bool {
    whom.starts_with("acu-")
}

impl<'a> Spoken<'a> {
    pub(super) fn read(text: &'a str, now: Timestamp, place: &Place) -> Result<Self, String> {
        let (text, happened) = match text.split_once(" (arrives late, happened ") {
            Some((text, moment)) => (text, place.moment(moment.trim_end_matches(')'))?),
            None => (text, now),
        };
        if happened > now {
            return Err("what arrives late happened earlier than the line".to_owned());
        }
        let (patient, text) = match text.split_once(": ") {
            Some((whom, text)) if is_somebody(whom) => (whom, text),
            _ => (PATIENT, text),
        };
        let (body, notes) = match text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
            Some((body, notes)) => (body, notes.split(", ").map(str::trim).collect()),
            None => (text, Vec::new()),
        };
        Ok(Self {
            patient,
            body: body.trim(),
            happened,
            notes: RefCell::new(notes),
        })
    }

    /// Takes the first note that reads so.
    pub(super) fn note<T>(&self, reads: impl Fn(&'a str) -> Option<T>) -> Option<T> {
        let mut notes = self.notes.borrow_mut();
        let (at, value) = notes
            .iter()
            .enumerate()
            .find_map(|(at, note)| Some((at, reads(note)?)))?;
        notes.remove(at);
        Some(value)
    }

    /// Takes `from <what>` for `from`.
    pub(super) fn note_after(&self, word: &str) -> Option<&'a str> {
        self.note(|note| note.strip_prefix(word)?.strip_prefix(' '))
    }

    /// Takes a note of exactly this word.
    pub(super) fn is_noted(&self, word: &str) -> bool {
        self.note(|note| (note == word).then_some(())).is_some()
    }

    /// Takes `60 min` for `min`.
    pub(super) fn note_number<T: std::str::FromStr>(&self, unit: &str) -> Option<T> {
        self.note(|note| note.strip_suffix(unit)?.trim_end().parse().ok())
    }
}

/// What a sentence may look at.
pub(super) struct Scene<'a> {
    pub(super) world: &'a World,
    pub(super) place: &'a Place,
    pub(super) patient: String,
    pub(super) at: Timestamp,
}

impl<'a> Scene<'a> {
    pub(super) fn new(world: &'a World, spoken: &Spoken<'_>) -> Self {
        Self {
            world,
            place: world.place(),
            patient: spoken.patient.to_owned(),
            at: spoken.happened,
        }
    }

    pub(super) fn about(&self) -> String {
        let kind = if is_practitioner(&self.patient) {
            "practitioner"
        } else {
            "patient"
        };
        format!("{kind}/{}", self.patient)
    }

    pub(super) fn chart(&self) -> Option<&'a Chart> {
        self.world.chart(&self.patient)
    }

    /// The last snapshot of the patient's plan.
    pub(super) fn plan(&self) -> Result<&'a Value, String> {
        let no_plan = || format!("{} has no plan yet", self.patient);
        self.world.plan(&self.patient).ok_or_else(no_plan)
    }

    /// A fact about the patient.
    pub(super) fn publish(&self, name: &'static str, source: &str, data: Value) -> Act {
        Act::Publish(Published {
            name,
            about: self.about(),
            source: source.to_owned(),
            data,
        })
    }

    /// An assessment of a kind; `by` as the sentence calls them.
    pub(super) fn assess(
        &self,
        name: &'static str,
        by: &str,
        id: Option<&str>,
        body: Value,
    ) -> Result<Act, String> {
        let id = id.map_or_else(|| format!("a-{}", self.world.fresh_number()), str::to_owned);
        let mut data = json!({
            "assessment_id": id, "performed_at": self.at.to_string(), "by": super::clinic::by(by)?,
        });
        if let (Some(data), Value::Object(body)) = (data.as_object_mut(), body) {
            data.extend(body);
        }
        Ok(self.publish(name, "clinic", data))
    }
}

/// One subject: the shapes it knows, and how it reads one.
type Subject = (&'static [&'static str], fn(&Spoken<'_>, &Scene<'_>) -> Answer);

const SUBJECTS: [Subject; 11] = [
    (plan::KNOWN, plan::read),
    (calendar::KNOWN, calendar::read),
    (pt::KNOWN, pt::read),
    (ea::KNOWN, ea::read),
    (assessment::KNOWN, assessment::read),
    (safety::KNOWN, safety::read),
    (access::KNOWN, access::read),
    (structure::KNOWN, structure::read),
    (alert::KNOWN, alert::read),
    (mail::KNOWN, mail::read),
    (clock::KNOWN, clock::read),
];

/// What a sentence makes happen.
///
/// # Errors
/// What was expected: for a sentence nobody knows, the shapes that are known.
pub(super) fn read(spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let Some(answer) = SUBJECTS.iter().find_map(|(_, read)| read(spoken, scene)) else {
        let known: Vec<String> = SUBJECTS
            .iter()
            .flat_map(|(known, _)| *known)
            .map(|known| format!("\n    {known}"))
            .collect();
        return Err(format!(
            "`{}` is no sentence carebus's vignettes know; these are:{}",
            spoken.body,
            known.concat()
        ));
    };
    let acts = answer?;
    match spoken.notes.borrow().first() {
        Some(note) => Err(format!("`({note})` says nothing here")),
        None => Ok(acts),
    }
}
