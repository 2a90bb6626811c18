//! What a clinic's feed holds: one entry per session that concerns its PT, nothing clinical beyond that.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::session::{Modality, Reason};
use crate::id::{ClinicId, OrgId, PatientId, SessionId};
use crate::time::Timestamp;

/// One entry, on `clinic.<org>.<clinic>.session.<session_id>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeedEntry {
    /// Whose session.
    pub patient: PatientId,
    /// The session.
    pub session_id: SessionId,
    /// Its revision: entries of one session are ordered by it.
    pub revision: u64,
    /// PT or EA.
    pub modality: Modality,
    /// `proposed`, `booked`, `held`, `cancelled`, …, or `unprepared` for a PT session without EA.
    pub status: String,
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// On an EA: the PT sessions it prepares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prepares: Vec<SessionId>,
    /// On an EA that carebus placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_hours: Option<u16>,
    /// On an unprepared PT: what stands in the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// On a PT: a red flag is open, and holding the session is advised.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hold_advised: bool,
}

/// An entry and the clinic whose feed it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The clinic.
    pub clinic: ClinicId,
    /// The entry.
    pub entry: FeedEntry,
}

impl Posting {
    /// The subject of the entry.
    #[must_use]
    pub fn subject(&self, org: &OrgId) -> String {
        format!("clinic.{org}.{}.session.{}", self.clinic, self.entry.session_id)
    }
}
