//! Assessments: what was measured, asked or found, each taken once and never revised.

mod course;
mod daily;
mod finding;
mod oswestry;
mod safety;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FieldError;
use super::bound::{Bound, Instant, Object};
use crate::id::AssessmentId;
use crate::measure::pain;
use crate::role::{Actor, By};
use crate::time::Timestamp;

pub use course::{Cost, CourseDecision, CourseReview, PlanningState, Referral, Retraction, ReturnToWork};
pub use daily::{Diary, Exercise, Function, Medication, MedicationClass, MedicationStatus, WorkStatus};
pub use finding::{AdverseEvent, AdverseGrade, CentralSensitisation, Exam, Imaging, Pattern, PatternKind};
pub use oswestry::Oswestry;
pub use safety::{
    DeviceKind, RedFlag, RedFlagItem, RedFlagReview, ReviewOutcome, Screening, ScreeningItem, ScreeningValue,
    Symptom, SymptomItem,
};

/// What every assessment carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// This submission.
    pub assessment_id: AssessmentId,
    /// When it was done.
    #[serde(with = "Instant")]
    pub performed_at: Timestamp,
    /// Who did or reported it.
    #[serde(with = "Object::<By>")]
    pub by: By,
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
    ($($(#[doc = $doc:literal])* $code:literal => $variant:ident($payload:ty);)*) => {
        /// What an assessment found, by kind.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub enum Body {
            $($(#[doc = $doc])* $variant($payload),)*
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
                    $($code => Some(super::read::from_json::<$payload>(json).map(Self::$variant)),)*
                    _ => None,
                }
            }

            pub(super) fn to_value(&self) -> serde_json::Value {
                match self { $(Self::$variant(b) => super::read::to_json(b),)* }
            }

            pub(super) fn summary(verb: &str) -> Option<&'static str> {
                match verb {
                    $($code => Some(concat!($($doc),*)),)*
                    _ => None,
                }
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
        match &self.body {
            Body::RedFlagReview(_) if !self.head.by.role.is_physician() => Err(FieldError::new(
                "data.by.role",
                "expected pcp, physiatrist or emergency_physician",
            )),
            Body::Screening(s) => s
                .check()
                .map_err(|expected| FieldError::new("data.value", expected)),
            _ => Ok(()),
        }
    }
}
