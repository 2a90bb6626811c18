//! Sessions of physical therapy, electroacupuncture and acupuncture, through their whole life.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FieldError;
use super::bound::{
    Any, Bound, Code, Instant, Int, Key, List, Map, Name, Note, Number, Object, Opt, Revision,
};
use super::value::PointCode;
use crate::id::{ClinicId, PractitionerId, SessionId};
use crate::role::By;
use crate::time::Timestamp;

/// What kind of session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Physical therapy.
    Pt,
    /// Electroacupuncture.
    Ea,
    /// Manual acupuncture.
    Acupuncture,
}

/// Whether a booking stands or waits for a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    /// Waits for `session.confirmed`.
    Proposed,
    /// Stands.
    #[default]
    Booked,
}

/// `session.booked` and `session.moved`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Booking {
    /// The appointment.
    pub session_id: SessionId,
    /// The owner's counter.
    #[serde(default, with = "Opt::<Revision>")]
    pub revision: Option<u64>,
    /// PT, EA or acupuncture.
    pub modality: Modality,
    /// Start.
    #[serde(with = "Instant")]
    pub start: Timestamp,
    /// End, after the start and at most 24 h later.
    #[serde(with = "Instant")]
    pub end: Timestamp,
    /// Where.
    pub clinic: Option<ClinicId>,
    /// With whom.
    pub practitioner: Option<PractitionerId>,
    /// Stands or waits.
    #[serde(default)]
    pub status: BookingStatus,
    /// Planned points; absent: unknown.
    #[serde(default, with = "Opt::<List<Any<PointCode>, 200>>")]
    pub points: Option<Vec<PointCode>>,
    /// On an EA: the PT sessions it prepares.
    #[serde(default, with = "Opt::<List<Any<SessionId>, 200>>")]
    pub prepares: Option<Vec<SessionId>>,
    /// On an EA that carebus placed: hours before PT that were aimed at.
    #[serde(default, with = "Opt::<Int<0, 672>>")]
    pub lead_hours: Option<u16>,
    /// On an EA that carebus placed: how it came to this slot.
    #[serde(default, with = "Opt::<Object<Placement>>")]
    pub placement: Option<Placement>,
}

/// Minutes between a target and what was found.
type Deviation = Int<-1_000_000, 1_000_000>;

/// How carebus came to a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// The instant aimed at.
    #[serde(with = "Instant")]
    pub target: Timestamp,
    /// Distance of the chosen start from the target, minutes; negative is earlier.
    #[serde(with = "Deviation")]
    pub deviation_min: i64,
    /// `on-target`, `acceptable` or `proposed-without-calendar`.
    #[serde(with = "Code")]
    pub rule: String,
}

impl Booking {
    pub(super) fn check(&self) -> Result<(), FieldError> {
        check_length("data.end", self.start, self.end)
    }
}

/// Sessions last at most a day: the diary looks no further back for what still runs.
fn check_length(field: &str, start: Timestamp, end: Timestamp) -> Result<(), FieldError> {
    let length = end.duration_since(start);
    if length <= crate::time::minutes(0) {
        return Err(FieldError::new(field, "expected a time after start"));
    }
    if length > crate::time::hours(24) {
        return Err(FieldError::new(field, "expected at most 24 hours after start"));
    }
    Ok(())
}

/// `session.cancelled`, `.held`, `.released`, `.confirmed`, `.declined`, `.missed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionMark {
    /// The appointment.
    pub session_id: SessionId,
    /// The owner's counter.
    #[serde(default, with = "Opt::<Revision>")]
    pub revision: Option<u64>,
    /// A code or a few words.
    #[serde(default, with = "Opt::<Note>")]
    pub reason: Option<String>,
    /// Who.
    #[serde(default, with = "Opt::<Object<By>>")]
    pub by: Option<By>,
    /// On `released`: whether it stands or waits for `confirmed`; proposed if absent.
    pub status: Option<BookingStatus>,
}

/// `session.completed`; one that was never booked is a walk-in and counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Completion {
    /// The appointment.
    pub session_id: SessionId,
    /// The owner's counter.
    #[serde(default, with = "Opt::<Revision>")]
    pub revision: Option<u64>,
    /// Real start.
    #[serde(with = "Instant")]
    pub started_at: Timestamp,
    /// Real end.
    #[serde(default, with = "Opt::<Instant>")]
    pub ended_at: Option<Timestamp>,
    /// For a walk-in: what it was; otherwise the booking says it.
    pub modality: Option<Modality>,
    /// For a walk-in: with whom.
    pub practitioner: Option<PractitionerId>,
    /// For a walk-in: where.
    pub clinic: Option<ClinicId>,
    /// What was done, for needling.
    #[serde(default, with = "Opt::<Object<Delivered>>")]
    pub delivered: Option<Delivered>,
}

impl Completion {
    pub(super) fn check(&self) -> Result<(), FieldError> {
        self.ended_at.map_or(Ok(()), |ended| {
            check_length("data.ended_at", self.started_at, ended)
        })
    }
}

/// What was done in a needling session.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delivered {
    /// Electro, manual or other.
    pub mode: Option<StimulationMode>,
    /// Points used.
    #[serde(default, with = "List::<Any<PointCode>, 200>")]
    pub points: Vec<PointCode>,
    /// Labels of Ashi sites.
    #[serde(default, with = "List::<Name, 200>")]
    pub ashi_sites: Vec<String>,
    /// One frequency, Hz.
    #[serde(default, with = "Opt::<Number<0, 10_000>>")]
    pub frequency_hz: Option<f64>,
    /// Lower of two alternating frequencies, Hz.
    #[serde(default, with = "Opt::<Number<0, 10_000>>")]
    pub frequency_low_hz: Option<f64>,
    /// Higher of two alternating frequencies, Hz.
    #[serde(default, with = "Opt::<Number<0, 10_000>>")]
    pub frequency_high_hz: Option<f64>,
    /// Needle retention, minutes.
    #[serde(default, with = "Opt::<Number<0, 1440>>")]
    pub retention_min: Option<f64>,
    /// Depth per point, mm.
    #[serde(default, with = "Map::<Any<PointCode>, Number<0, 1000>, 200>")]
    pub depth_mm: BTreeMap<PointCode, f64>,
    /// Sterile single-use needles.
    pub single_use_sterile: Option<bool>,
}

/// How the needles were stimulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StimulationMode {
    /// Electrical.
    Electro,
    /// By hand.
    Manual,
    /// Laser, press needle and the like.
    Other,
}

/// `session.unprepared`: a PT session for which no EA can be found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unprepared {
    /// The PT session.
    pub session_id: SessionId,
    /// Revision of the PT session this was said about.
    #[serde(with = "Revision")]
    pub revision: u64,
    /// A minimal set: removing any one would open a slot.
    #[serde(with = "List::<Object<Reason>, 200>")]
    pub reasons: Vec<Reason>,
    /// Up to three, best first.
    #[serde(with = "List::<Object<Alternative>, 200>")]
    pub alternatives: Vec<Alternative>,
}

/// A constraint that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Stable kebab-case name.
    #[serde(with = "Key")]
    pub constraint: String,
    /// In words, with numbers.
    #[serde(with = "Note")]
    pub detail: String,
}

/// What people could do instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Alternative {
    /// `ea` (another EA slot) or `pt` (another PT time).
    pub modality: Modality,
    /// Start.
    #[serde(with = "Instant")]
    pub start: Timestamp,
    /// End.
    #[serde(with = "Instant")]
    pub end: Timestamp,
    /// Hours between EA and PT that would result, one decimal as text.
    #[serde(with = "Code")]
    pub gap_hours: String,
    /// Constraints it would break.
    #[serde(with = "List::<Name, 200>")]
    pub breaks: Vec<String>,
    /// Why it stands at this rank.
    #[serde(with = "Note")]
    pub because: String,
}
