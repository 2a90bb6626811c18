//! Sessions of physical therapy, electroacupuncture and acupuncture, through their whole life.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FieldError;
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
    pub revision: Option<u64>,
    /// PT, EA or acupuncture.
    pub modality: Modality,
    /// Start.
    pub start: Timestamp,
    /// End, after the start and at most 24 h later.
    pub end: Timestamp,
    /// Where.
    pub clinic: Option<ClinicId>,
    /// With whom.
    pub practitioner: Option<PractitionerId>,
    /// Stands or waits.
    #[serde(default)]
    pub status: BookingStatus,
    /// Planned points; absent: unknown.
    pub points: Option<Vec<PointCode>>,
    /// On an EA: the PT sessions it prepares.
    pub prepares: Option<Vec<SessionId>>,
    /// On an EA that carebus placed: hours before PT that were aimed at.
    pub lead_hours: Option<u16>,
    /// On an EA that carebus placed: how it came to this slot.
    pub placement: Option<Placement>,
}

/// How carebus came to a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// The instant aimed at.
    pub target: Timestamp,
    /// Distance of the chosen start from the target, minutes; negative is earlier.
    pub deviation_min: i64,
    /// `on-target`, `acceptable` or `proposed-without-calendar`.
    pub rule: String,
}

impl Booking {
    pub(super) fn check(&self) -> Result<(), FieldError> {
        let length = self.end.duration_since(self.start);
        if length <= crate::time::minutes(0) {
            return Err(FieldError::new("data.end", "expected a time after start"));
        }
        if length > crate::time::hours(24) {
            return Err(FieldError::new("data.end", "expected at most 24 hours after start"));
        }
        Ok(())
    }
}

/// `session.cancelled`, `.held`, `.released`, `.confirmed`, `.declined`, `.missed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionMark {
    /// The appointment.
    pub session_id: SessionId,
    /// The owner's counter.
    pub revision: Option<u64>,
    /// A code or a few words.
    pub reason: Option<String>,
    /// Who.
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
    pub revision: Option<u64>,
    /// Real start.
    pub started_at: Timestamp,
    /// Real end.
    pub ended_at: Option<Timestamp>,
    /// For a walk-in: what it was; otherwise the booking says it.
    pub modality: Option<Modality>,
    /// For a walk-in: with whom.
    pub practitioner: Option<PractitionerId>,
    /// For a walk-in: where.
    pub clinic: Option<ClinicId>,
    /// What was done, for needling.
    pub delivered: Option<Delivered>,
}

/// What was done in a needling session.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delivered {
    /// Electro, manual or other.
    pub mode: Option<StimulationMode>,
    /// Points used.
    #[serde(default)]
    pub points: Vec<PointCode>,
    /// Labels of Ashi sites.
    #[serde(default)]
    pub ashi_sites: Vec<String>,
    /// One frequency, Hz.
    pub frequency_hz: Option<f64>,
    /// Lower of two alternating frequencies, Hz.
    pub frequency_low_hz: Option<f64>,
    /// Higher of two alternating frequencies, Hz.
    pub frequency_high_hz: Option<f64>,
    /// Needle retention, minutes.
    pub retention_min: Option<f64>,
    /// Depth per point, mm.
    #[serde(default)]
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
    pub revision: u64,
    /// A minimal set: removing any one would open a slot.
    pub reasons: Vec<Reason>,
    /// Up to three, best first.
    pub alternatives: Vec<Alternative>,
}

/// A constraint that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Stable kebab-case name.
    pub constraint: String,
    /// In words, with numbers.
    pub detail: String,
}

/// What people could do instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Alternative {
    /// `ea` (another EA slot) or `pt` (another PT time).
    pub modality: Modality,
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// Hours between EA and PT that would result, one decimal as text.
    pub gap_hours: String,
    /// Constraints it would break.
    pub breaks: Vec<String>,
    /// Why it stands at this rank.
    pub because: String,
}
