//! Why a message is refused: a code for machines, and the field for people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a message was refused; the code goes into the quarantine subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalReason {
    /// The bytes are not JSON.
    NotJson,
    /// JSON, but no CloudEvents 1.0 envelope.
    NotCloudevent,
    /// A type the contract does not know.
    UnknownType,
    /// A later major version of a known type.
    UnknownVersion,
    /// `subject` or `type` disagree with the NATS subject.
    SubjectMismatch,
    /// A field is missing or not what was expected.
    InvalidField,
    /// `time` is more than 24 hours ahead.
    Future,
    /// More than 64 KiB.
    TooLarge,
    /// About a patient who was erased.
    PatientErased,
}

impl RefusalReason {
    /// The wire code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotJson => "not-json",
            Self::NotCloudevent => "not-cloudevent",
            Self::UnknownType => "unknown-type",
            Self::UnknownVersion => "unknown-version",
            Self::SubjectMismatch => "subject-mismatch",
            Self::InvalidField => "invalid-field",
            Self::Future => "future",
            Self::TooLarge => "too-large",
            Self::PatientErased => "patient-erased",
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A message that is not a fact, with the field and what was expected of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct Fault {
    /// Code.
    pub reason: RefusalReason,
    /// Names the field and what was expected; never repeats the value, which may be personal.
    pub detail: String,
}

impl Fault {
    /// A fact about a patient of whom the log was to forget everything: nobody may be told of it as of a new patient.
    #[must_use]
    pub fn erased() -> Self {
        Self::new(
            RefusalReason::PatientErased,
            "NATS subject: the patient was erased; expected a new id for a new record",
        )
    }

    pub(super) fn new(reason: RefusalReason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }

    pub(super) fn field(field: &str, expected: impl fmt::Display) -> Self {
        Self::new(RefusalReason::InvalidField, format!("{field}: {expected}"))
    }
}
