//! What a patient's days show: medicines, exercise, diary, function.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::bound::{Bound, CalendarDay, Int, Key, Name, Number, Opt};
use crate::time::Date;

/// Class of a medicine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MedicationClass {
    /// Non-steroidal anti-inflammatory.
    Nsaid,
    /// Opioid.
    Opioid,
    /// Anticoagulant.
    Anticoagulant,
    /// Two antiplatelet drugs together.
    AntiplateletDual,
    /// Sleep aid.
    SleepAid,
    /// Rescue analgesic.
    Rescue,
    /// Anything else.
    Other,
}

/// Whether a medicine is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MedicationStatus {
    /// Taken.
    Active,
    /// No longer taken.
    Stopped,
}

/// `assessment.medication`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Medication {
    /// The medicine of this patient, opaque.
    #[serde(with = "Key")]
    pub medication_id: String,
    /// Its class.
    pub class: MedicationClass,
    /// Taken or not.
    pub status: MedicationStatus,
    /// First day.
    #[serde(default, with = "Opt::<CalendarDay>")]
    pub starts_on: Option<Date>,
    /// Last day.
    #[serde(default, with = "Opt::<CalendarDay>")]
    pub stops_on: Option<Date>,
    /// Days the prescription lasts.
    #[serde(default, with = "Opt::<Int<0, 3660>>")]
    pub days_supply: Option<u16>,
    /// Doses taken.
    #[serde(default, with = "Opt::<Int<0, 10_000>>")]
    pub doses: Option<u16>,
    /// On the skin only.
    pub topical: Option<bool>,
    /// Without prescription.
    pub otc: Option<bool>,
    /// What for, a code.
    #[serde(default, with = "Opt::<Name>")]
    pub indication: Option<String>,
}

/// `assessment.exercise`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exercise {
    /// The day.
    #[serde(with = "CalendarDay")]
    pub on: Date,
    /// Minutes.
    #[serde(default, with = "Opt::<Int<0, 1440>>")]
    pub minutes: Option<u16>,
    /// With a therapist.
    pub supervised: Option<bool>,
}

/// `assessment.diary`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diary {
    /// The day.
    #[serde(with = "CalendarDay")]
    pub on: Date,
    /// Time to fall asleep, minutes.
    #[serde(default, with = "Opt::<Int<0, 1440>>")]
    pub sleep_onset_min: Option<u16>,
    /// Morning stiffness, minutes.
    #[serde(default, with = "Opt::<Int<0, 1440>>")]
    pub morning_stiffness_min: Option<u16>,
    /// Mood, 0..=10.
    #[serde(default, with = "Opt::<Int<0, 10>>")]
    pub mood: Option<u8>,
}

/// Whether the patient works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkStatus {
    /// Not working.
    Off,
    /// Partly.
    Partial,
    /// Fully.
    Full,
}

/// `assessment.function`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Function {
    /// Pain-free walking, metres.
    #[serde(default, with = "Opt::<Int<0, 1_000_000>>")]
    pub pain_free_walk_m: Option<u32>,
    /// Lifting, kg.
    #[serde(default, with = "Opt::<Number<0, 1000>>")]
    pub lifting_kg: Option<f64>,
    /// Sitting, minutes.
    #[serde(default, with = "Opt::<Int<0, 1440>>")]
    pub sitting_min: Option<u16>,
    /// Work.
    pub work_status: Option<WorkStatus>,
    /// A goal, a code.
    #[serde(default, with = "Opt::<Name>")]
    pub goal: Option<String>,
    /// Whether the goal was met.
    pub goal_met: Option<bool>,
}
