//! The plan as it stands: newest snapshot, newest status.

use serde::{Deserialize, Serialize};

use super::stamp::{Latest, Stamp, Version};
use crate::fact::plan::{Member, Plan, PlanReason};
use crate::id::PractitionerId;
use crate::role::Role;
use crate::time::{Date, TimeZone, Timestamp};

/// Status of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlanStatus {
    /// In force.
    Active,
    /// Paused.
    Held,
    /// Over, goals reached or course done.
    Completed,
    /// Over, stopped.
    Revoked,
}

/// A status with what was said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanState {
    /// The status.
    pub status: PlanStatus,
    /// Why.
    pub reason: Option<PlanReason>,
    /// Last day of a hold, if known.
    pub until: Option<Date>,
}

/// One plan of a patient.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// Newest snapshot; none while only a mark has arrived.
    pub snapshot: Option<Box<Latest<Plan>>>,
    /// Newest status.
    pub state: Option<Latest<PlanState>>,
    /// Earliest known beginning: which of several plans is the current one.
    pub activated: Option<Stamp>,
}

impl PlanRecord {
    pub(super) fn offer_snapshot(&mut self, version: Version, plan: &Plan) {
        match &mut self.snapshot {
            Some(known) => known.replace(version, plan),
            None => {
                self.snapshot = Some(Box::new(Latest {
                    version,
                    value: plan.clone(),
                }))
            }
        }
    }

    /// A beginning; a resumption is none, and must not look like a newer one.
    pub(super) fn activate(&mut self, version: Version) {
        if self.activated.as_ref().is_none_or(|known| version.stamp < *known) {
            self.activated = Some(version.stamp.clone());
        }
        Latest::offer(
            &mut self.state,
            version,
            &PlanState {
                status: PlanStatus::Active,
                reason: None,
                until: None,
            },
        );
    }

    /// The snapshot, if there is one.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.snapshot.as_ref().map(|s| &s.value)
    }

    /// The status; a snapshot alone means active.
    #[must_use]
    pub fn status(&self) -> PlanStatus {
        self.state.as_ref().map_or(PlanStatus::Active, |s| s.value.status)
    }

    /// Why the status is what it is.
    #[must_use]
    pub fn reason(&self) -> Option<PlanReason> {
        self.state.as_ref().and_then(|s| s.value.reason)
    }

    /// When the status began.
    #[must_use]
    pub fn status_since(&self) -> Option<&Stamp> {
        self.state.as_ref().map(|s| &s.version.stamp)
    }

    /// Zone of the patient's days; UTC while there is no snapshot.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        self.plan().map_or(TimeZone::UTC, |p| p.timezone.zone())
    }

    /// The local day of an instant.
    #[must_use]
    pub fn local_date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone()).date()
    }

    /// Everybody who holds a role.
    pub fn holders(&self, role: Role) -> impl Iterator<Item = &Member> {
        self.plan()
            .into_iter()
            .flat_map(|p| &p.team)
            .filter(move |m| m.role == role)
    }

    /// The acupuncturist whose calendar EA goes into: the first who names one.
    #[must_use]
    pub fn practitioner(&self) -> Option<&PractitionerId> {
        self.holders(Role::Acupuncturist)
            .find_map(|m| m.practitioner.as_ref())
    }
}
