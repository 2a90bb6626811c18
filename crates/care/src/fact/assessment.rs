//! Assessments: what was measured, asked or found, each taken once and never revised.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FieldError;
use super::value::{Tri, Zone};
use crate::id::{AssessmentId, SessionId};
use crate::measure::odi;
use crate::measure::pain;
use crate::role::{Actor, By, Role};
use crate::time::{Date, Timestamp};

/// What every assessment carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// This submission.
    pub assessment_id: AssessmentId,
    /// When it was done.
    pub performed_at: Timestamp,
    /// Who did or reported it.
    pub by: By,
}

/// `assessment.oswestry`: ten section scores, or a ready percent, or a raw sum with its maximum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "OswestryWire", into = "OswestryWire")]
#[schemars(with = "OswestryWire")]
pub struct Oswestry {
    /// Version of the instrument; scores of different versions are never compared.
    pub instrument_version: String,
    /// What was submitted.
    pub given: odi::Given,
}

/// The wire form: exactly one of `items`, `percent` with `unit`, `raw` with `max`.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
struct OswestryWire {
    instrument_version: String,
    items: Option<odi::Items>,
    percent: Option<odi::Percent>,
    unit: Option<String>,
    raw: Option<u16>,
    max: Option<u16>,
}

impl TryFrom<OswestryWire> for Oswestry {
    type Error = String;
    fn try_from(w: OswestryWire) -> Result<Self, String> {
        if w.instrument_version.is_empty() || w.instrument_version.len() > 32 {
            return Err("instrument_version: expected 1 to 32 characters such as 2.1a".to_owned());
        }
        let given = odi::Given::from_fields(w.items, w.percent, w.unit.as_deref(), w.raw, w.max)
            .map_err(|e| format!("expected a complete result: {e}"))?;
        Ok(Self { instrument_version: w.instrument_version, given })
    }
}

impl From<Oswestry> for OswestryWire {
    fn from(o: Oswestry) -> Self {
        let mut wire = Self { instrument_version: o.instrument_version, ..Self::default() };
        match o.given {
            odi::Given::Items(items) => wire.items = Some(items),
            odi::Given::Percent(percent) => {
                wire.percent = Some(percent);
                wire.unit = Some("%".to_owned());
            }
            odi::Given::Raw(raw) => {
                wire.raw = Some(raw.points());
                wire.max = Some(raw.max());
            }
        }
        wire
    }
}

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
pub struct Screening {
    /// What was asked.
    pub item: ScreeningItem,
    /// What was found.
    pub value: ScreeningValue,
    /// Where.
    #[serde(default)]
    pub zones: Vec<Zone>,
    /// For a device.
    pub device_kind: Option<DeviceKind>,
    /// For a device: which one, opaque.
    pub device_id: Option<String>,
}

impl Screening {
    fn check(&self) -> Result<(), &'static str> {
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
            _ => (matches!(self.value, V::Yes | V::No | V::Unknown), "expected yes, no or unknown for this item"),
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
    pub items: Vec<RedFlagItem>,
    /// What was asked and denied.
    #[serde(default)]
    pub denied: Vec<RedFlagItem>,
    /// When it began.
    pub onset_at: Option<Timestamp>,
    /// Whether it is getting worse.
    #[serde(default)]
    pub worsening: Tri,
    /// Muscle strength, 0..=5.
    pub mrc_grade: Option<u8>,
    /// Morning stiffness, minutes.
    pub morning_stiffness_min: Option<u16>,
    /// Age when the pain began, years.
    pub age_at_onset: Option<u8>,
    /// How long the pain has lasted, weeks.
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

/// `assessment.imaging`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Imaging {
    /// How it was taken, a code.
    pub modality: Option<String>,
    /// Spinal level, e.g. `L4/L5`.
    pub level: Option<String>,
    /// Slip, mm.
    pub slip_mm: Option<f64>,
    /// Meyerding grade, 1..=5.
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
    pub mrc_grade: u8,
    /// Which myotome, e.g. `L5`.
    pub myotome: String,
    /// Getting worse.
    #[serde(default)]
    pub progressive: Tri,
    /// When it began.
    pub onset_at: Option<Timestamp>,
}

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
    pub medication_id: String,
    /// Its class.
    pub class: MedicationClass,
    /// Taken or not.
    pub status: MedicationStatus,
    /// First day.
    pub starts_on: Option<Date>,
    /// Last day.
    pub stops_on: Option<Date>,
    /// Days the prescription lasts.
    pub days_supply: Option<u16>,
    /// Doses taken.
    pub doses: Option<u16>,
    /// On the skin only.
    pub topical: Option<bool>,
    /// Without prescription.
    pub otc: Option<bool>,
    /// What for, a code.
    pub indication: Option<String>,
}

/// `assessment.exercise`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exercise {
    /// The day.
    pub on: Date,
    /// Minutes.
    pub minutes: Option<u16>,
    /// With a therapist.
    pub supervised: Option<bool>,
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
    pub event_id: String,
    /// The session it belongs to.
    pub session_id: Option<SessionId>,
    /// What, a code.
    pub kind: String,
    /// How bad.
    pub grade: AdverseGrade,
    /// Whether the session caused it, a code.
    pub causality: Option<String>,
}

/// `assessment.diary`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diary {
    /// The day.
    pub on: Date,
    /// Time to fall asleep, minutes.
    pub sleep_onset_min: Option<u16>,
    /// Morning stiffness, minutes.
    pub morning_stiffness_min: Option<u16>,
    /// Mood, 0..=10.
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
    pub pain_free_walk_m: Option<u32>,
    /// Lifting, kg.
    pub lifting_kg: Option<f64>,
    /// Sitting, minutes.
    pub sitting_min: Option<u16>,
    /// Work.
    pub work_status: Option<WorkStatus>,
    /// A goal, a code.
    pub goal: Option<String>,
    /// Whether the goal was met.
    pub goal_met: Option<bool>,
}

/// Whether return-to-work planning is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanningState {
    /// Under way.
    Open,
    /// Done.
    Closed,
}

/// `assessment.return_to_work`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReturnToWork {
    /// Under way or done.
    pub state: PlanningState,
    /// Since when.
    pub on: Date,
}

/// `assessment.central_sensitisation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CentralSensitisation {
    /// Found or not.
    pub value: Tri,
    /// With which instrument, a code.
    pub instrument: Option<String>,
}

/// What a course review decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CourseDecision {
    /// Go on.
    Continue,
    /// Go on differently.
    Adjust,
    /// Stop needling.
    Stop,
}

/// `assessment.course_review`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CourseReview {
    /// What was decided.
    pub decision: CourseDecision,
    /// Why, a code.
    pub note_code: Option<String>,
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
    pub items: Vec<SymptomItem>,
}

/// `assessment.referral`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Referral {
    /// To whom.
    pub to: Role,
    /// The day.
    pub on: Date,
}

/// `assessment.cost`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// How much.
    pub amount: f64,
    /// ISO 4217 code.
    pub currency: String,
    /// For what, a code.
    pub what: String,
    /// The day.
    pub on: Date,
}

/// `assessment.retracted`: takes one assessment back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Retraction {
    /// The one taken back.
    pub assessment_id: AssessmentId,
    /// Why.
    pub reason: Option<String>,
}


/// An assessment of any kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// Id, time and author.
    pub head: Head,
    /// What was found.
    pub body: Body,
}

macro_rules! bodies {
    ($($(#[$doc:meta])* $code:literal => $variant:ident($payload:ty);)*) => {
        /// What an assessment found, by kind.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub enum Body {
            $($(#[$doc])* $variant($payload),)*
        }

        impl Body {
            /// The verb of every kind, e.g. `oswestry` of `assessment.oswestry`.
            pub const VERBS: &'static [&'static str] = &[$($code),*];

            /// The verb of this kind.
            #[must_use]
            pub const fn verb(&self) -> &'static str {
                match self { $(Self::$variant(_) => $code,)* }
            }

            pub(super) fn parse(verb: &str, json: &str) -> Option<Result<Self, FieldError>> {
                match verb {
                    $($code => Some(super::from_json::<$payload>(json).map(Self::$variant)),)*
                    _ => None,
                }
            }

            pub(super) fn to_value(&self) -> serde_json::Value {
                match self { $(Self::$variant(b) => super::to_json(b),)* }
            }

            pub(super) fn schema(verb: &str, generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
                match verb {
                    $($code => Some(<$payload>::json_schema(generator)),)*
                    _ => None,
                }
            }
        }
    };
}

bodies! {
    /// Ten section scores.
    "oswestry" => Oswestry(Oswestry);
    /// A pain score.
    "pain" => Pain(pain::Pain);
    /// A screening answer.
    "screening" => Screening(Screening);
    /// Red flags reported or denied.
    "red_flag" => RedFlag(RedFlag);
    /// A physician's review of red flags.
    "red_flag_review" => RedFlagReview(RedFlagReview);
    /// An imaging report.
    "imaging" => Imaging(Imaging);
    /// A neurological examination.
    "exam" => Exam(Exam);
    /// A medicine.
    "medication" => Medication(Medication);
    /// Exercise done.
    "exercise" => Exercise(Exercise);
    /// A pattern.
    "pattern" => Pattern(Pattern);
    /// An adverse event.
    "adverse_event" => AdverseEvent(AdverseEvent);
    /// A diary page.
    "diary" => Diary(Diary);
    /// What the patient can do.
    "function" => Function(Function);
    /// Return-to-work planning.
    "return_to_work" => ReturnToWork(ReturnToWork);
    /// Central sensitisation.
    "central_sensitisation" => CentralSensitisation(CentralSensitisation);
    /// Review after a course.
    "course_review" => CourseReview(CourseReview);
    /// Symptoms.
    "symptom" => Symptom(Symptom);
    /// A referral.
    "referral" => Referral(Referral);
    /// A cost.
    "cost" => Cost(Cost);
}

impl Assessment {
    /// What the types alone cannot say: who may say it, and which values go together.
    pub(super) fn check(&self) -> Result<(), FieldError> {
        if self.head.by.role == Actor::Carebus {
            return Err(FieldError::new("data.by.role", "expected a person, not carebus"));
        }
        let mrc = |grade: Option<u8>| {
            let fits = grade.is_none_or(|g| g <= 5);
            if fits { Ok(()) } else { Err(FieldError::new("data.mrc_grade", "expected an integer 0 to 5")) }
        };
        match &self.body {
            Body::RedFlagReview(_) if !self.head.by.role.is_physician() => {
                Err(FieldError::new("data.by.role", "expected pcp, physiatrist or emergency_physician"))
            }
            Body::Screening(s) => s.check().map_err(|expected| FieldError::new("data.value", expected)),
            Body::RedFlag(r) if r.items.len() > 64 || r.denied.len() > 64 => {
                Err(FieldError::new("data.items", "expected at most 64 entries"))
            }
            Body::RedFlag(r) => mrc(r.mrc_grade),
            Body::Exam(e) => mrc(Some(e.mrc_grade)),
            _ => Ok(()),
        }
    }
}
