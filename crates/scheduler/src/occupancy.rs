//! Who is with a practitioner when: every busy stretch, told and tentative, and whether one more fits.

use care::id::{PatientId, SessionId};
use care::time::{SignedDuration, Timestamp, minutes};

use crate::instants::{before, shifted};

/// Whose time a stretch is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// A session that people know of, and its place in the order of bookings.
    Told {
        /// The patient.
        patient: PatientId,
        /// The appointment, unique within the patient.
        session: SessionId,
        /// Order in which bookings were made.
        order: u64,
    },
    /// A placement that is being thought about, by its number.
    Tentative(usize),
}

/// One session of a practitioner, of any patient and modality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// Whose.
    pub holder: Holder,
}

impl Busy {
    /// The number of the tentative placement, if it is one.
    #[must_use]
    pub const fn tentative(&self) -> Option<usize> {
        match self.holder {
            Holder::Tentative(number) => Some(number),
            Holder::Told { .. } => None,
        }
    }
}

/// The busy stretches of one practitioner.
#[derive(Debug, Clone)]
pub struct Occupancy {
    capacity: usize,
    buffer: SignedDuration,
    /// Sorted by (start, holder).
    busy: Vec<Busy>,
    /// Starts and ends of `busy` alone: every question begins with a search, and these fit into few cache lines.
    spans: Vec<(Timestamp, Timestamp)>,
    /// No stretch is longer, so a look back of this length sees all.
    longest: SignedDuration,
}

impl Occupancy {
    /// An empty day book: sessions at one time, and free minutes after each.
    #[must_use]
    pub fn new(capacity: u16, buffer_min: u16) -> Self {
        Self {
            capacity: usize::from(capacity.max(1)),
            buffer: minutes(i64::from(buffer_min)),
            busy: Vec::new(),
            spans: Vec::new(),
            longest: SignedDuration::ZERO,
        }
    }

    /// Another capacity and buffer for the same sessions.
    pub fn resize(&mut self, capacity: u16, buffer_min: u16) {
        self.capacity = usize::from(capacity.max(1));
        self.buffer = minutes(i64::from(buffer_min));
    }

    /// Enters a stretch.
    pub fn add(&mut self, busy: Busy) {
        self.longest = self.longest.max(busy.end.duration_since(busy.start));
        let at = self
            .busy
            .partition_point(|b| (b.start, &b.holder) < (busy.start, &busy.holder));
        self.spans.insert(at, (busy.start, busy.end));
        self.busy.insert(at, busy);
    }

    /// Strikes a stretch out; nothing happens if it is not there.
    pub fn remove(&mut self, start: Timestamp, holder: &Holder) {
        let at = self
            .busy
            .partition_point(|b| (b.start, &b.holder) < (start, holder));
        if self
            .busy
            .get(at)
            .is_some_and(|b| b.start == start && b.holder == *holder)
        {
            self.busy.remove(at);
            self.spans.remove(at);
        }
    }

    /// Strikes out what people know of a session, wherever it is.
    pub fn forget(&mut self, patient: &PatientId, session: &SessionId) {
        self.busy.retain(|b| !matches!(&b.holder, Holder::Told { patient: p, session: s, .. } if p == patient && s == session));
        self.spans = self.busy.iter().map(|b| (b.start, b.end)).collect();
    }

    /// The stretches that share time with `[start, end)`, buffers counted.
    pub fn beside(&self, start: Timestamp, end: Timestamp) -> impl Iterator<Item = &Busy> {
        self.places_beside(start, end).map(|at| &self.busy[at])
    }

    fn places_beside(&self, start: Timestamp, end: Timestamp) -> impl Iterator<Item = usize> {
        let until = shifted(end, self.buffer);
        // One subtraction here instead of an addition for every neighbour.
        let after = before(start, self.buffer);
        let from = before(after, self.longest);
        let first = self.spans.partition_point(|span| span.0 < from);
        (first..self.spans.len())
            .take_while(move |at| self.spans[*at].0 < until)
            .filter(move |at| self.spans[*at].1 > after)
    }

    /// Whether one more session in `[start, end)` would exceed the capacity.
    #[must_use]
    pub fn is_full(&self, start: Timestamp, end: Timestamp) -> bool {
        // Most questions end here: fewer neighbours than places can never fill all places.
        self.places_beside(start, end).take(self.capacity).count() == self.capacity
            && (self.capacity == 1 || self.peak(start, end, |_| true) >= self.capacity)
    }

    /// The same, counting only the stretches that `counts` admits.
    pub fn is_full_among(&self, start: Timestamp, end: Timestamp, counts: impl Fn(&Busy) -> bool) -> bool {
        self.peak(start, end, counts) >= self.capacity
    }

    /// Most sessions at one instant of `[start, end + buffer)`.
    fn peak(&self, start: Timestamp, end: Timestamp, counts: impl Fn(&Busy) -> bool) -> usize {
        let beside: Vec<&Busy> = self.beside(start, end).filter(|b| counts(b)).collect();
        // The number rises only where a stretch begins, so the beginnings are enough to look at.
        let beginnings = beside.iter().map(|b| b.start.max(start));
        beginnings
            .map(|at| {
                beside
                    .iter()
                    .filter(|b| b.start <= at && at < shifted(b.end, self.buffer))
                    .count()
            })
            .max()
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use care::time::hours;

    fn ten() -> Timestamp {
        "2026-06-01T10:00:00Z".parse().unwrap()
    }

    fn busy(from_min: i64, to_min: i64, n: usize) -> Busy {
        Busy {
            start: ten() + minutes(from_min),
            end: ten() + minutes(to_min),
            holder: Holder::Tentative(n),
        }
    }

    #[test]
    fn neighbours_may_touch_and_may_not_share_a_minute() {
        let mut book = Occupancy::new(1, 0);
        book.add(busy(0, 45, 0));
        assert!(!book.is_full(ten() + minutes(45), ten() + minutes(90)));
        assert!(book.is_full(ten() + minutes(44), ten() + minutes(90)));
        assert!(!book.is_full(ten() - minutes(45), ten()));
    }

    #[test]
    fn the_buffer_keeps_both_neighbours_away() {
        let mut book = Occupancy::new(1, 15);
        book.add(busy(0, 45, 0));
        assert!(book.is_full(ten() + minutes(59), ten() + minutes(104)));
        assert!(!book.is_full(ten() + minutes(60), ten() + minutes(105)));
        assert!(book.is_full(ten() - minutes(59), ten() - minutes(14)));
        assert!(!book.is_full(ten() - minutes(60), ten() - minutes(15)));
    }

    #[test]
    fn two_places_are_full_only_where_two_are_there_at_once() {
        let mut book = Occupancy::new(2, 0);
        book.add(busy(0, 30, 0));
        book.add(busy(30, 60, 1));
        assert!(
            !book.is_full(ten(), ten() + hours(1)),
            "one after the other is one at a time"
        );
        book.add(busy(15, 45, 2));
        assert!(book.is_full(ten(), ten() + hours(1)));
    }

    #[test]
    fn a_long_stretch_is_seen_from_its_end() {
        let mut book = Occupancy::new(1, 0);
        book.add(busy(0, 600, 0));
        book.add(busy(601, 610, 1));
        assert!(book.is_full(ten() + minutes(599), ten() + minutes(600)));
        book.remove(ten(), &Holder::Tentative(0));
        assert!(!book.is_full(ten() + minutes(599), ten() + minutes(600)));
    }
}
