//! What may make needling unsafe: screening answers, red flags and their review.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::bound::{Any, Bound, Code, Instant, Int, List, Opt};
use crate::fact::value::{Tri, Zone};
use crate::time::Timestamp;

/// What safety screening asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScreeningItem {
    /// Infection of the skin at a site.
    LocalInfection,
    /// Bleeding disorder.
    Coagulopathy,
    /// Implanted electronic device.
    ImplantedDevice,
    /// Pregnancy.
    Pregnancy,
    /// Malignant tumour at a site.
    Malignancy,
    /// Epilepsy.
    Epilepsy,
}

/// What screening found; which values fit depends on the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScreeningValue {
    /// Present.
    Yes,
    /// Absent.
    No,
    /// Not known; never read as no.
    Unknown,
    /// No coagulopathy.
    None,
    /// Present and controlled.
    Controlled,
    /// Present and not controlled.
    Uncontrolled,
}

/// What kind of device is implanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Spinal cord stimulator.
    SpinalCordStimulator,
    /// Intrathecal pump.
    IntrathecalPump,
    /// Sacral neuromodulator.
    SacralNeuromodulator,
    /// Another active implant.
    OtherActive,
    /// Pacemaker.
    Pacemaker,
    /// Implantable cardioverter-defibrillator.
    Icd,
    /// Cardiac resynchronisation device.
    Crt,
}

/// `assessment.screening`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("oneOf" = [
    {
        "properties": {
            "item": { "const": "coagulopathy" },
            "value": { "enum": ["none", "controlled", "uncontrolled", "unknown"] },
        },
    },
    {
        "properties": {
            "item": { "const": "epilepsy" },
            "value": { "enum": ["controlled", "uncontrolled", "no", "unknown"] },
        },
    },
    {
        "properties": {
            "item": { "enum": ["local_infection", "implanted_device", "pregnancy", "malignancy"] },
            "value": { "enum": ["yes", "no", "unknown"] },
        },
    },
]))]
pub struct Screening {
    /// What was asked.
    pub item: ScreeningItem,
    /// What was found.
    pub value: ScreeningValue,
    /// Where.
    #[serde(default, with = "List::<Any<Zone>, 200>")]
    pub zones: Vec<Zone>,
    /// For a device.
    pub device_kind: Option<DeviceKind>,
    /// For a device: which one, opaque.
    #[serde(default, with = "Opt::<Code>")]
    pub device_id: Option<String>,
}

impl Screening {
    pub(super) fn check(&self) -> Result<(), &'static str> {
        use ScreeningItem as I;
        use ScreeningValue as V;
        let (fits, expected) = match self.item {
            I::Coagulopathy => (
                matches!(self.value, V::None | V::Controlled | V::Uncontrolled | V::Unknown),
                "expected none, controlled, uncontrolled or unknown for coagulopathy",
            ),
            // The contract names only the two for epilepsy; "no" and "unknown" are what a form without it sends.
            I::Epilepsy => (
                matches!(self.value, V::Controlled | V::Uncontrolled | V::No | V::Unknown),
                "expected controlled, uncontrolled, no or unknown for epilepsy",
            ),
            _ => (
                matches!(self.value, V::Yes | V::No | V::Unknown),
                "expected yes, no or unknown for this item",
            ),
        };
        if fits { Ok(()) } else { Err(expected) }
    }
}

/// What a red-flag questionnaire names; the names are those of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the clinical terms themselves")]
pub enum RedFlagItem {
    BladderChange,
    BowelChange,
    SensationOfBladderOrBowel,
    SaddleSensoryChange,
    BilateralLegWeakness,
    BilateralSciatica,
    SexualDysfunction,
    AnalToneLoss,
    ProgressiveMotorDeficit,
    GaitDisturbance,
    FootDrop,
    HistoryOfCancer,
    UnexplainedWeightLoss,
    NightPain,
    NightPainUnrelieved,
    MultisitePain,
    NewOnset,
    NoImprovementOneMonth,
    Fever,
    ChillsRigors,
    SystemicallyUnwell,
    Immunosuppression,
    IvDrugUse,
    RecentBacterialInfection,
    PenetratingWound,
    RecentSpinalProcedure,
    MajorTrauma,
    MinorTrauma,
    SuddenOnset,
    StructuralDeformity,
    ThoracicPain,
}

/// `assessment.red_flag`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RedFlag {
    /// What was reported.
    #[serde(with = "List::<Any<RedFlagItem>, 64>")]
    pub items: Vec<RedFlagItem>,
    /// What was asked and denied.
    #[serde(default, with = "List::<Any<RedFlagItem>, 64>")]
    pub denied: Vec<RedFlagItem>,
    /// When it began.
    #[serde(default, with = "Opt::<Instant>")]
    pub onset_at: Option<Timestamp>,
    /// Whether it is getting worse.
    #[serde(default)]
    pub worsening: Tri,
    /// Muscle strength, 0..=5.
    #[serde(default, with = "Opt::<Int<0, 5>>")]
    pub mrc_grade: Option<u8>,
    /// Morning stiffness, minutes.
    #[serde(default, with = "Opt::<Int<0, 1440>>")]
    pub morning_stiffness_min: Option<u16>,
    /// Age when the pain began, years.
    #[serde(default, with = "Opt::<Int<0, 130>>")]
    pub age_at_onset: Option<u8>,
    /// How long the pain has lasted, weeks.
    #[serde(default, with = "Opt::<Int<0, 7000>>")]
    pub duration_weeks: Option<u16>,
}

/// How a physician closed a red flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewOutcome {
    /// Needling and PT may go on: the only outcome that ends a hold.
    ClearedForTreatment,
    /// Sent on.
    Referred,
    /// Admitted to hospital.
    Admitted,
}

/// `assessment.red_flag_review`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RedFlagReview {
    /// What the physician decided.
    pub outcome: ReviewOutcome,
}

/// Symptoms that may come from medicines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the clinical terms themselves")]
pub enum SymptomItem {
    BlackStool,
    Haematemesis,
    ReducedUrine,
    Oedema,
}

/// `assessment.symptom`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Symptom {
    /// What was reported.
    #[serde(with = "List::<Any<SymptomItem>, 64>")]
    pub items: Vec<SymptomItem>,
}
