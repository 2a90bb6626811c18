//! What a record keeps of the event it came from, and which of two revisions wins.

use serde::{Deserialize, Serialize};

use crate::envelope::Event;
use crate::id::EventId;
use crate::time::Timestamp;

/// Where a record comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// When it happened.
    pub time: Timestamp,
    /// The event.
    pub id: EventId,
    /// First event of its chain, if it is not the event itself.
    pub correlation: Option<EventId>,
}

impl Stamp {
    /// Of an event.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self { time: event.time, id: event.id.clone(), correlation: event.correlation.clone() }
    }

    /// First event of the chain.
    #[must_use]
    pub fn chain(&self) -> &EventId {
        self.correlation.as_ref().unwrap_or(&self.id)
    }
}

/// Order of the versions of one entity: the newest of (revision, time, id) wins, however often facts arrive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    /// The owner's counter; the event's time in unix milliseconds where there is none.
    pub revision: u64,
    /// The event.
    pub stamp: Stamp,
}

impl Version {
    /// Of an event about an entity.
    #[must_use]
    pub fn of(event: &Event, revision: Option<u64>) -> Self {
        let stand_in = u64::try_from(event.time.as_millisecond()).unwrap_or(0);
        Self { revision: revision.unwrap_or(stand_in), stamp: Stamp::of(event) }
    }
}

/// The newest version of something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latest<T> {
    /// Which version.
    pub version: Version,
    /// What it says.
    pub value: T,
}

impl<T> Latest<T> {
    /// Puts `value` in `slot` if it is newer than what is there; true if it was.
    pub fn offer(slot: &mut Option<Self>, version: Version, value: T) -> bool {
        let newer = slot.as_ref().is_none_or(|known| known.version < version);
        if newer {
            *slot = Some(Self { version, value });
        }
        newer
    }
}
