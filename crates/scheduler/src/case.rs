//! One patient as the scheduler sees them: PT sessions to prepare, EA sessions there are, and what stands in the way.

use care::id::{PatientId, PractitionerId, SessionId};
use care::time::{SignedDuration, TimeZone, Timestamp};

/// Where the care plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanState {
    /// There is no plan: nothing is placed, safety holds still work.
    Absent,
    /// EA are placed.
    Active,
    /// Future EA are held.
    Held,
    /// Completed or revoked: future EA that carebus placed are cancelled.
    Ended,
}

/// Body zones of a set of points, as bits; all bits when the points are unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zones(pub u8);

impl Zones {
    /// Unknown points lie in every zone.
    pub const EVERYWHERE: Self = Self(u8::MAX);
}

/// What an EA session does to the patient, as far as a hold can touch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needling {
    /// Zones of its points.
    pub zones: Zones,
    /// Whether current is used.
    pub electro: bool,
}

impl Needling {
    /// Electroacupuncture at points nobody has named.
    pub const UNKNOWN: Self = Self {
        zones: Zones::EVERYWHERE,
        electro: true,
    };
}

/// What a contraindication, red flag or other safety hold forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Every EA.
    All,
    /// Every EA that uses current.
    Electro,
    /// Every EA with a point in these zones.
    Zones(Zones),
}

impl Hold {
    /// Whether the hold forbids this session.
    #[must_use]
    pub const fn touches(self, needling: Needling) -> bool {
        match self {
            Self::All => true,
            Self::Electro => needling.electro,
            Self::Zones(zones) => zones.0 & needling.zones.0 != 0,
        }
    }
}

/// A PT session that is neither cancelled nor over.
#[derive(Debug, Clone)]
pub struct Pt {
    /// The appointment.
    pub id: SessionId,
    /// Its revision.
    pub revision: u64,
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// With whom, where known: another time is only suggested inside their published hours.
    pub practitioner: Option<PractitionerId>,
    /// Booked; otherwise proposed or held: nothing is placed for it, and what is placed stays.
    pub booked: bool,
    /// A hold ended after it was booked: its EA is proposed, never booked.
    pub ask: bool,
}

impl Pt {
    pub(crate) const fn span(&self) -> (Timestamp, Timestamp) {
        (self.start, self.end)
    }
}

/// Where an EA session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EaStatus {
    /// Waits to be confirmed.
    Proposed,
    /// Stands.
    Booked,
    /// Must not take place until released; `by_us`: carebus held it, so carebus may release it.
    Held {
        /// carebus held it.
        by_us: bool,
    },
    /// Took place.
    Completed,
    /// Did not take place.
    Missed,
    /// Was called off.
    Cancelled,
    /// Was refused by its practitioner.
    Declined,
}

/// An EA session, whatever became of it.
#[derive(Debug, Clone)]
pub struct Ea {
    /// The appointment.
    pub id: SessionId,
    /// Its revision.
    pub revision: u64,
    /// Start; the real one if it took place.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// Where it stands.
    pub status: EaStatus,
    /// carebus placed it; hand-booked ones are never moved or cancelled.
    pub placed_by_us: bool,
    /// The PT sessions it is known to prepare.
    pub prepares: Vec<SessionId>,
    /// With whom.
    pub practitioner: Option<PractitionerId>,
    /// What it does.
    pub needling: Needling,
    /// Order in which bookings were made: of two in one place of a calendar the later gives way.
    pub order: u64,
}

impl Ea {
    /// Proposed or booked: takes time of patient and practitioner.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, EaStatus::Proposed | EaStatus::Booked)
    }

    /// Whether it can prepare a PT session: it took place, or is going to.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.is_active() || matches!(self.status, EaStatus::Completed)
    }

    pub(crate) const fn span(&self) -> (Timestamp, Timestamp) {
        (self.start, self.end)
    }

    pub(crate) fn knows(&self, pt: &SessionId) -> bool {
        self.prepares.contains(pt)
    }
}

/// One patient's view of everything that placing needs.
#[derive(Debug, Clone)]
pub struct Case {
    /// The patient.
    pub patient: PatientId,
    /// Zone of the plan: its wall clock.
    pub zone: TimeZone,
    /// Where the plan stands.
    pub plan: PlanState,
    /// The acupuncturist whose calendar is used.
    pub practitioner: Option<PractitionerId>,
    /// Lead of the plan, hours, where it has its own.
    pub lead_hours: Option<u16>,
    /// Length of a new EA session.
    pub length: SignedDuration,
    /// What a new EA session would do.
    pub needling: Needling,
    /// Safety holds that stand.
    pub holds: Vec<Hold>,
    /// EA attended since the course began or was last reviewed.
    pub attended: u32,
    /// The last review said stop.
    pub stopped: bool,
    /// PT sessions that are neither cancelled nor over.
    pub pts: Vec<Pt>,
    /// EA sessions, all of them.
    pub eas: Vec<Ea>,
    /// Other sessions of the patient that take time: start and end.
    pub elsewhere: Vec<(Timestamp, Timestamp)>,
}

impl Case {
    /// Whether a hold forbids this session.
    #[must_use]
    pub fn is_touched(&self, needling: Needling) -> bool {
        self.holds.iter().any(|hold| hold.touches(needling))
    }

    pub(crate) fn pt(&self, id: &SessionId) -> Option<&Pt> {
        self.pts.iter().find(|pt| pt.id == *id)
    }

    pub(crate) fn ea(&self, id: &SessionId) -> Option<&Ea> {
        self.eas.iter().find(|ea| ea.id == *id)
    }
}
