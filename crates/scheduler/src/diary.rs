//! The practitioners of an organisation: hours, licence, and who is with them when.

use std::collections::BTreeMap;

use care::id::PractitionerId;
use care::time::{Date, TimeZone, Timestamp};

use crate::occupancy::Occupancy;
use crate::open_hours::OpenHours;

/// Whether somebody may needle on a given day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Licence {
    /// Nothing was ever published about it: not a reason to refuse.
    #[default]
    Unknown,
    /// Not qualified, or never verified: no day is good.
    Refused,
    /// Good up to and including this local day.
    Through(Date),
}

/// One practitioner.
#[derive(Debug, Clone)]
pub struct Practitioner {
    /// Published hours; without them EA are proposed at the target itself.
    pub hours: Option<OpenHours>,
    /// Qualification and licence.
    pub licence: Licence,
    /// Everybody's sessions with this practitioner.
    pub occupancy: Occupancy,
}

impl Default for Practitioner {
    fn default() -> Self {
        Self {
            hours: None,
            licence: Licence::Unknown,
            occupancy: Occupancy::new(1, 0),
        }
    }
}

impl Practitioner {
    /// With published hours; capacity and buffer come from them.
    #[must_use]
    pub fn with_hours(hours: OpenHours) -> Self {
        let occupancy = Occupancy::new(hours.capacity, hours.buffer_min);
        Self {
            hours: Some(hours),
            licence: Licence::Unknown,
            occupancy,
        }
    }

    /// Whether the licence holds on the local day of `at`; `zone` stands in where no hours are published.
    #[must_use]
    pub fn may_needle(&self, at: Timestamp, zone: &TimeZone) -> bool {
        match self.licence {
            Licence::Unknown => true,
            Licence::Refused => false,
            Licence::Through(day) => {
                let zone = self.hours.as_ref().map_or(zone, OpenHours::zone);
                zone.to_datetime(at).date() <= day
            }
        }
    }
}

/// Every practitioner that is known of.
#[derive(Debug, Clone, Default)]
pub struct Diary {
    /// By id.
    pub practitioners: BTreeMap<PractitionerId, Practitioner>,
}
