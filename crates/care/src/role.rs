//! Who acts and who is told: the roles of a care team.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::MemberId;

/// A role of the care team; rules name roles, plans name the people who hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Primary care physician.
    Pcp,
    /// Physiatrist.
    Physiatrist,
    /// Acupuncturist.
    Acupuncturist,
    /// Physical therapist.
    PhysicalTherapist,
    /// Care coordinator: gets what nobody else can get.
    CareCoordinator,
}

impl Role {
    /// Every role, in the order people are listed.
    pub const ALL: [Self; 5] = [
        Self::Pcp,
        Self::Physiatrist,
        Self::Acupuncturist,
        Self::PhysicalTherapist,
        Self::CareCoordinator,
    ];

    /// The wire code, e.g. `physical_therapist`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pcp => "pcp",
            Self::Physiatrist => "physiatrist",
            Self::Acupuncturist => "acupuncturist",
            Self::PhysicalTherapist => "physical_therapist",
            Self::CareCoordinator => "care_coordinator",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// Who did or said something: a role of the team, the patient, an emergency physician, or carebus itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Primary care physician.
    Pcp,
    /// Physiatrist.
    Physiatrist,
    /// Acupuncturist.
    Acupuncturist,
    /// Physical therapist.
    PhysicalTherapist,
    /// Care coordinator.
    CareCoordinator,
    /// The patient.
    Patient,
    /// Emergency physician.
    EmergencyPhysician,
    /// carebus, in facts it writes itself.
    Carebus,
}

impl Actor {
    /// A physician may close a red flag; nobody else can.
    #[must_use]
    pub const fn is_physician(self) -> bool {
        matches!(self, Self::Pcp | Self::Physiatrist | Self::EmergencyPhysician)
    }

    /// A clinician may clear a contraindication; the patient, the coordinator and carebus may not.
    #[must_use]
    pub const fn is_clinician(self) -> bool {
        self.is_physician() || matches!(self, Self::Acupuncturist | Self::PhysicalTherapist)
    }
}

/// Who did it: role, and the member id where the person is one of the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct By {
    /// The role in which they acted.
    pub role: Actor,
    /// The person, opaque.
    pub member_id: Option<MemberId>,
}

impl By {
    /// carebus itself.
    #[must_use]
    pub const fn carebus() -> Self {
        Self {
            role: Actor::Carebus,
            member_id: None,
        }
    }

    /// A clinician who gave a member id: what a release asks for.
    #[must_use]
    pub const fn is_named_clinician(&self) -> bool {
        self.role.is_clinician() && self.member_id.is_some()
    }
}
