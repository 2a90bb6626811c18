//! One appointment: every revision of it, and what they come to.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::stamp::{Stamp, Version, wins};
use crate::fact::session::{Booking, BookingStatus, Completion, Delivered, Modality, SessionMark};
use crate::id::{ClinicId, PractitionerId, SessionId};
use crate::time::{Timestamp, hours};

/// Where an appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SessionStatus {
    /// Waits for a person.
    Proposed,
    /// Stands.
    Booked,
    /// Must not take place until released.
    Held,
    /// Refused by its practitioner.
    Declined,
    /// Cancelled.
    Cancelled,
    /// Took place.
    Completed,
    /// Did not take place.
    Missed,
}

impl SessionStatus {
    /// The wire and feed code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Booked => "booked",
            Self::Held => "held",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::Missed => "missed",
        }
    }

    /// Proposed, booked or held: it may still take place. A held one gives its slot free all the same; see the diary.
    #[must_use]
    pub const fn occupies(self) -> bool {
        matches!(self, Self::Proposed | Self::Booked | Self::Held)
    }

    /// Proposed or booked: it is expected to take place.
    #[must_use]
    pub const fn is_expected(self) -> bool {
        matches!(self, Self::Proposed | Self::Booked)
    }
}

/// What one revision says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// Booked.
    Booked(Booking),
    /// Moved.
    Moved(Booking),
    /// Cancelled.
    Cancelled(SessionMark),
    /// Held.
    Held(SessionMark),
    /// Released.
    Released(SessionMark),
    /// Confirmed.
    Confirmed(SessionMark),
    /// Declined.
    Declined(SessionMark),
    /// Took place.
    Completed(Completion),
    /// Did not.
    Missed(SessionMark),
}

impl Step {
    /// The booking a revision carries.
    #[must_use]
    pub const fn booking(&self) -> Option<&Booking> {
        match self {
            Self::Booked(b) | Self::Moved(b) => Some(b),
            _ => None,
        }
    }

    fn status(&self) -> SessionStatus {
        let of = |status: BookingStatus| match status {
            BookingStatus::Proposed => SessionStatus::Proposed,
            BookingStatus::Booked => SessionStatus::Booked,
        };
        match self {
            Self::Booked(b) | Self::Moved(b) => of(b.status),
            Self::Cancelled(_) => SessionStatus::Cancelled,
            Self::Held(_) => SessionStatus::Held,
            Self::Released(m) => of(m.status.unwrap_or(BookingStatus::Proposed)),
            Self::Confirmed(_) => SessionStatus::Booked,
            Self::Declined(_) => SessionStatus::Declined,
            Self::Completed(_) => SessionStatus::Completed,
            Self::Missed(_) => SessionStatus::Missed,
        }
    }
}

/// One appointment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Every revision, oldest first: the order that wins. A list, because a map would set aside room for eleven
    /// steps of 300 bytes where two are usual.
    history: Vec<(Version, Step)>,
}

impl Session {
    pub(super) fn record(&mut self, version: Version, step: Step) {
        match self.history.binary_search_by(|(known, _)| known.cmp(&version)) {
            Ok(at) => {
                if wins(Ordering::Equal, &step, &self.history[at].1) {
                    self.history[at].1 = step;
                }
            }
            Err(at) => {
                // The usual history is short, and spare room would cost more than moving it.
                if self.history.len() < 8 {
                    self.history.reserve_exact(1);
                }
                self.history.insert(at, (version, step));
            }
        }
    }

    /// Every revision, oldest first.
    pub fn history(&self) -> impl DoubleEndedIterator<Item = (&Version, &Step)> {
        self.history.iter().map(|(version, step)| (version, step))
    }

    /// Where it stands: what the newest revision says.
    #[must_use]
    pub fn status(&self) -> SessionStatus {
        self.newest()
            .map_or(SessionStatus::Cancelled, |(_, step)| step.status())
    }

    /// The newest booking; none for a walk-in.
    #[must_use]
    pub fn booking(&self) -> Option<&Booking> {
        self.history().rev().find_map(|(_, step)| step.booking())
    }

    /// The newest revision; the next one is this plus one.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.newest().map_or(0, |(version, _)| version.revision)
    }

    /// The newest revision with the event it came from.
    #[must_use]
    pub fn newest(&self) -> Option<(&Version, &Step)> {
        self.history().next_back()
    }

    /// The event that last gave it a time or a place.
    #[must_use]
    pub fn booked_by(&self) -> Option<&Stamp> {
        self.history()
            .rev()
            .find(|(_, s)| s.booking().is_some())
            .map(|(v, _)| &v.stamp)
    }

    /// When it got its present time and place, unix milliseconds; 0 for a walk-in.
    #[must_use]
    pub fn order(&self) -> u64 {
        self.booked_by()
            .and_then(|s| u64::try_from(s.time.as_millisecond()).ok())
            .unwrap_or(0)
    }

    /// What was done, if it took place.
    #[must_use]
    pub fn completion(&self) -> Option<&Completion> {
        match self.newest() {
            Some((_, Step::Completed(c))) => Some(c),
            _ => None,
        }
    }

    /// What the needles did, if it took place and somebody recorded it.
    #[must_use]
    pub fn delivered(&self) -> Option<&Delivered> {
        self.completion().and_then(|c| c.delivered.as_ref())
    }

    /// PT, EA or acupuncture, where known.
    #[must_use]
    pub fn modality(&self) -> Option<Modality> {
        let walk_in = || self.completion().and_then(|c| c.modality);
        self.booking().map(|b| b.modality).or_else(walk_in)
    }

    /// Real start if it took place, else the planned one.
    #[must_use]
    pub fn start(&self) -> Option<Timestamp> {
        self.completion()
            .map(|c| c.started_at)
            .or_else(|| self.booking().map(|b| b.start))
    }

    /// Real end if known, else the planned one if it fits the start, else the start.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        let start = self.start()?;
        let real = self.completion().and_then(|c| c.ended_at);
        let planned = || self.booking().map(|b| b.end);
        // What began on another day than it was planned for must not seem to have lasted until then.
        let fits = |end: &Timestamp| *end >= start && end.duration_since(start) <= hours(24);
        real.or_else(planned).filter(fits).or(Some(start))
    }

    /// With whom.
    #[must_use]
    pub fn practitioner(&self) -> Option<&PractitionerId> {
        let walk_in = self.completion().and_then(|c| c.practitioner.as_ref());
        self.booking().and_then(|b| b.practitioner.as_ref()).or(walk_in)
    }

    /// Where.
    #[must_use]
    pub fn clinic(&self) -> Option<&ClinicId> {
        let walk_in = self.completion().and_then(|c| c.clinic.as_ref());
        self.booking().and_then(|b| b.clinic.as_ref()).or(walk_in)
    }

    /// Whether carebus placed it: only carebus writes a placement.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.booking().is_some_and(|b| b.placement.is_some())
    }

    /// The PT sessions it prepares, as its newest booking says.
    #[must_use]
    pub fn prepares(&self) -> &[SessionId] {
        self.booking()
            .and_then(|b| b.prepares.as_deref())
            .unwrap_or_default()
    }

    /// Starts that its practitioner refused: the booking each refusal was about.
    pub fn declined_starts(&self) -> impl Iterator<Item = Timestamp> {
        let mut booked: Option<Timestamp> = None;
        self.history().filter_map(move |(_, step)| {
            if let Some(b) = step.booking() {
                booked = Some(b.start);
            }
            matches!(step, Step::Declined(_)).then_some(booked).flatten()
        })
    }
}
