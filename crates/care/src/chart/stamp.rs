//! What a record keeps of the event it came from, and which of two revisions wins.

use std::cmp::Ordering;
use std::collections::btree_map::{BTreeMap, Entry};

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
        Self {
            time: event.time,
            id: event.id.clone(),
            correlation: event.correlation.clone(),
        }
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
        Self {
            revision: revision.unwrap_or(stand_in),
            stamp: Stamp::of(event),
        }
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

impl<T: Clone + Serialize> Latest<T> {
    /// Puts `value` in `slot` if it is newer than what is there.
    pub(crate) fn offer(slot: &mut Option<Self>, version: Version, value: &T) {
        match slot {
            Some(known) => known.replace(version, value),
            None => {
                *slot = Some(Self {
                    version,
                    value: value.clone(),
                })
            }
        }
    }

    /// The same in a map.
    pub(crate) fn offer_in<K: Ord>(map: &mut BTreeMap<K, Self>, key: K, version: Version, value: &T) {
        match map.entry(key) {
            Entry::Occupied(mut known) => known.get_mut().replace(version, value),
            Entry::Vacant(slot) => {
                slot.insert(Self {
                    version,
                    value: value.clone(),
                });
            }
        }
    }

    pub(super) fn replace(&mut self, version: Version, value: &T) {
        if wins(version.cmp(&self.version), value, &self.value) {
            *self = Self {
                version,
                value: value.clone(),
            };
        }
    }
}

/// Keeps the earlier of two, so that the order of arrival does not matter.
pub(super) fn keep_earliest<T: Clone + Serialize>(slot: &mut Option<(Stamp, T)>, stamp: Stamp, value: &T) {
    if slot
        .as_ref()
        .is_none_or(|(known, said)| wins(known.cmp(&stamp), value, said))
    {
        *slot = Some((stamp, value.clone()));
    }
}

/// The same in a map.
pub(crate) fn keep_earliest_in<K: Ord, T: Clone + Serialize>(
    map: &mut BTreeMap<K, (Stamp, T)>,
    key: K,
    stamp: Stamp,
    value: &T,
) {
    match map.entry(key) {
        Entry::Vacant(slot) => {
            slot.insert((stamp, value.clone()));
        }
        Entry::Occupied(mut entry) => {
            let (known, said) = entry.get();
            if wins(known.cmp(&stamp), value, said) {
                entry.insert((stamp, value.clone()));
            }
        }
    }
}

/// Whether a new value takes the place of the known one. An identity is source and id, so two events may share
/// time and id; between those the lesser encoding wins, because something must, whoever comes first.
pub(super) fn wins<T: Serialize>(order: Ordering, new: &T, known: &T) -> bool {
    let encoded = |value: &T| postcard::to_allocvec(value).unwrap_or_default();
    order.then_with(|| encoded(known).cmp(&encoded(new))) == Ordering::Greater
}
