//! Packing days closer: room for one more EA is found by moving whole days together and by passing EA on to other days.

use std::collections::BTreeSet;

use care::time::Timestamp;

use crate::instants::shifted;
use crate::occupancy::Busy;
use crate::table::{Choice, Table};

/// Days that one new EA may touch, and how often a day is packed for it.
const DAYS: u8 = 3;
const PACKS: u32 = 60;

/// A local day on which the practitioner can start EA, and how many fit into it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) most: usize,
}

impl Table<'_> {
    /// Finds room for an unplaced unit on one of its days; whoever is moved for that keeps a place.
    pub(crate) fn repack(&mut self, unit: usize) -> bool {
        let mut packs = PACKS;
        (0..DAYS).any(|depth| self.fit(unit, depth, &mut Vec::new(), &mut packs))
    }

    fn fit(&mut self, unit: usize, depth: u8, full: &mut Vec<usize>, packs: &mut u32) -> bool {
        let days: Vec<usize> = self
            .days_of(unit)
            .into_iter()
            .filter(|day| !full.contains(day))
            .collect();
        if depth == 0 {
            return days
                .into_iter()
                .any(|day| self.has_room(day) && self.pack(day, unit, packs));
        }
        for day in days {
            full.push(day);
            for other in self.on_day(day) {
                if *packs == 0 {
                    return false;
                }
                let mark = self.mark();
                self.take(other);
                // First the other leaves, because most days have no room and that is known at once.
                self.locked.push(other);
                let moved = self.fit(other, depth - 1, full, packs) && self.pack(day, unit, packs);
                self.locked.pop();
                if moved {
                    return true;
                }
                self.undo(mark);
            }
            full.pop();
        }
        false
    }

    /// Days on which a unit could start, nearest to its target first.
    fn days_of(&self, unit: usize) -> Vec<usize> {
        let mut days = Vec::new();
        for choice in self.units[unit].choices.iter() {
            let day = self.day_of(choice.start);
            if !days.contains(&day) {
                days.push(day);
            }
        }
        days
    }

    fn day_of(&self, start: Timestamp) -> usize {
        self.days.partition_point(|day| day.to <= start)
    }

    fn has_room(&self, day: usize) -> bool {
        self.days
            .get(day)
            .is_some_and(|day| self.occupancy.beside(day.from, day.to).count() < day.most)
    }

    /// Units on a day that may be moved.
    fn on_day(&self, day: usize) -> Vec<usize> {
        let Some(day) = self.days.get(day) else {
            return Vec::new();
        };
        let starts_here = |busy: &&Busy| day.from <= busy.start && busy.start < day.to;
        self.occupancy
            .beside(day.from, day.to)
            .filter(starts_here)
            .filter_map(Busy::tentative)
            .filter(|unit| self.gives_way(*unit))
            .collect()
    }

    /// Places a unit and everybody who may move on its day, earliest deadline first. All fit, or nothing happens.
    fn pack(&mut self, day: usize, unit: usize, packs: &mut u32) -> bool {
        let Some(range) = self.days.get(day).copied() else {
            return false;
        };
        if *packs == 0 {
            return false;
        }
        *packs -= 1;
        let mark = self.mark();
        let mut members: Vec<(usize, Vec<Choice>)> = Vec::new();
        for member in self.on_day(day).into_iter().chain([unit]) {
            self.take(member);
            let choices = self.units[member].choices.iter();
            let mut here: Vec<Choice> = choices
                .copied()
                .filter(|c| range.from <= c.start && c.start < range.to)
                .collect();
            here.sort_unstable_by_key(|c| c.start);
            members.push((member, here));
        }
        let starts: BTreeSet<Timestamp> = members
            .iter()
            .flat_map(|(_, here)| here.iter().map(|c| c.start))
            .collect();
        members.sort_by_key(|(member, here)| (here.last().map(|c| c.start), *member));
        for start in starts {
            self.place_earliest_deadline(&mut members, start);
            if members.is_empty() {
                return true;
            }
            if members[0].1.last().is_none_or(|last| last.start <= start) {
                break;
            }
        }
        self.undo(mark);
        false
    }

    /// As many members as have room at `start`, in their order.
    fn place_earliest_deadline(&mut self, members: &mut Vec<(usize, Vec<Choice>)>, start: Timestamp) {
        members.retain(|(member, here)| {
            let Ok(choice) = here.binary_search_by_key(&start, |c| c.start) else {
                return true;
            };
            if !self.is_free(*member, start) {
                return true;
            }
            self.put(*member, here[choice]);
            false
        });
    }

    /// Sets the days out, from the practitioner's open starts for sessions of the usual length.
    pub(crate) fn set_days(&mut self, starts: &[Timestamp], length: care::time::SignedDuration) {
        let Some(hours) = self.practitioner.and_then(|p| p.hours.as_ref()) else {
            return;
        };
        let apart = length + care::time::minutes(i64::from(hours.buffer_min));
        let (mut days, mut date, mut next) = (Vec::<Day>::new(), None, Timestamp::MIN);
        for start in starts {
            let of_start = hours.zone().to_datetime(*start).date();
            if date != Some(of_start) {
                date = Some(of_start);
                next = Timestamp::MIN;
                days.push(Day {
                    from: *start,
                    to: *start,
                    most: 0,
                });
            }
            let Some(day) = days.last_mut() else { continue };
            day.to = shifted(*start, care::time::SignedDuration::from_secs(1));
            if *start >= next {
                day.most += usize::from(hours.capacity);
                next = shifted(*start, apart);
            }
        }
        self.days = days;
    }
}
