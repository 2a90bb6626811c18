//! What clinicians find: images, examinations, patterns, central sensitisation, adverse events.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::bound::{Bound, Code, Instant, Int, Key, Number, Opt};
use crate::fact::value::Tri;
use crate::id::SessionId;
use crate::time::Timestamp;

/// `assessment.imaging`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Imaging {
    /// How it was taken, a code.
    #[serde(default, with = "Opt::<Code>")]
    pub modality: Option<String>,
    /// Spinal level, e.g. `L4/L5`.
    #[serde(default, with = "Opt::<Code>")]
    pub level: Option<String>,
    /// Slip, mm.
    #[serde(default, with = "Opt::<Number<0, 200>>")]
    pub slip_mm: Option<f64>,
    /// Meyerding grade, 1..=5.
    #[serde(default, with = "Opt::<Int<0, 5>>")]
    pub meyerding_grade: Option<u8>,
    /// Disc herniation seen.
    #[serde(default)]
    pub disc_herniation: Tri,
    /// Cauda equina compression seen.
    #[serde(default)]
    pub cauda_equina_compression: Tri,
}

/// `assessment.exam`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exam {
    /// Muscle strength, 0..=5.
    #[serde(with = "Int::<0, 5>")]
    pub mrc_grade: u8,
    /// Which myotome, e.g. `L5`.
    #[serde(with = "Key")]
    pub myotome: String,
    /// Getting worse.
    #[serde(default)]
    pub progressive: Tri,
    /// When it began.
    #[serde(default, with = "Opt::<Instant>")]
    pub onset_at: Option<Timestamp>,
}

/// Pattern recorded by the acupuncturist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatternKind {
    /// Cold-damp.
    ColdDamp,
    /// Liver-qi stagnation.
    LiverQiStagnation,
    /// Another one.
    Other,
    /// None was applied: a valid answer.
    NoneApplied,
}

/// `assessment.pattern`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pattern {
    /// The pattern.
    pub pattern: PatternKind,
}

/// How bad an adverse event was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdverseGrade {
    /// Minor.
    Minor,
    /// Moderate.
    Moderate,
    /// Serious.
    Serious,
}

/// `assessment.adverse_event`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdverseEvent {
    /// The event, opaque.
    #[serde(with = "Key")]
    pub event_id: String,
    /// The session it belongs to.
    pub session_id: Option<SessionId>,
    /// What, a code.
    #[serde(with = "Key")]
    pub kind: String,
    /// How bad.
    pub grade: AdverseGrade,
    /// Whether the session caused it, a code.
    #[serde(default, with = "Opt::<Code>")]
    pub causality: Option<String>,
}

/// `assessment.central_sensitisation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CentralSensitisation {
    /// Found or not.
    pub value: Tri,
    /// With which instrument, a code.
    #[serde(default, with = "Opt::<Code>")]
    pub instrument: Option<String>,
}
