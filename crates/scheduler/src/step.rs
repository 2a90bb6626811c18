//! What is decided for one patient: the steps that people are told of, as data.

use care::id::{PatientId, PractitionerId, SessionId};
use care::time::{SignedDuration, Timestamp};

use crate::alternatives::Alternative;
use crate::constraint::{Constraint, Constraints};
use crate::obstacles::Obstacles;

/// Everything decided for one patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The patient.
    pub patient: PatientId,
    /// In the order they should be written.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The EA must not take place until released.
    Hold {
        /// The appointment and the revision this step makes.
        ea: Mark,
        /// What forbids it.
        because: Constraint,
    },
    /// The EA is called off.
    Cancel {
        /// The appointment and the revision this step makes.
        ea: Mark,
        /// Why.
        because: CancelReason,
    },
    /// The held EA may take place again: as a proposal.
    Release {
        /// The appointment and the revision this step makes.
        ea: Mark,
    },
    /// The EA gets another time or practitioner, or prepares other PT sessions than before.
    Move(Placed),
    /// A new EA.
    Book(Placed),
    /// The EA breaks rules and stays, because a person booked it or because it is too near to be moved.
    Report {
        /// The appointment as it stands.
        ea: Mark,
        /// What it breaks.
        breaks: Constraints,
    },
    /// No EA can prepare this PT session.
    Unprepared(Unprepared),
}

/// An appointment at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The appointment.
    pub session: SessionId,
    /// The revision.
    pub revision: u64,
}

/// Why an EA is called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelReason {
    /// The plan was completed or revoked.
    PlanEnded,
    /// Every PT session it prepared is gone.
    PtCancelled,
    /// Its PT sessions are prepared by another EA now.
    Superseded,
    /// It cannot take place, and there is no other slot.
    NoLongerPossible,
}

impl CancelReason {
    /// The code in facts, stable and kebab-case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PlanEnded => "plan-ended",
            Self::PtCancelled => "pt-cancelled",
            Self::Superseded => "superseded",
            Self::NoLongerPossible => "no-longer-possible",
        }
    }
}

/// How well a slot fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// On target for at least one PT session.
    OnTarget,
    /// Acceptable.
    Acceptable,
    /// At the target itself, because no calendar is published.
    ProposedWithoutCalendar,
}

impl Fit {
    /// The code in facts, stable and kebab-case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnTarget => "on-target",
            Self::Acceptable => "acceptable",
            Self::ProposedWithoutCalendar => "proposed-without-calendar",
        }
    }
}

/// An EA in its slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The appointment.
    pub session: SessionId,
    /// The revision this step makes.
    pub revision: u64,
    /// With whom.
    pub practitioner: PractitionerId,
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// Waits to be confirmed.
    pub proposed: bool,
    /// The PT sessions it prepares, by start; never empty.
    pub prepares: Vec<SessionId>,
    /// The target of the PT session it fits best.
    pub target: Timestamp,
    /// Start minus target.
    pub deviation: SignedDuration,
    /// How well it fits.
    pub fit: Fit,
    /// Hours before PT that were aimed at.
    pub lead_hours: u16,
}

/// A PT session that goes ahead unprepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprepared {
    /// The PT session and its revision.
    pub pt: Mark,
    /// What stands in the way.
    pub obstacles: Obstacles,
    /// Up to three, best first.
    pub alternatives: Vec<Alternative>,
}
