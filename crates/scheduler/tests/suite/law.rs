//! The law of placing, written a second time and minute by minute: it shares no code with the scheduler's own predicate.

use std::collections::BTreeMap;

use care::time::{SignedDuration, Timestamp, Weekday, hours, minutes};
use scheduler::case::{Case, Ea, EaStatus, Hold};

/// A practitioner's hours in the plainest form, UTC.
#[derive(Debug, Clone)]
pub(crate) struct Plain {
    pub(crate) open: Vec<(Weekday, i64, i64)>,
    pub(crate) closures: Vec<(Timestamp, Timestamp)>,
    pub(crate) step_min: i64,
    pub(crate) capacity: usize,
    pub(crate) buffer_min: i64,
}

impl Plain {
    fn is_open_at(&self, at: Timestamp) -> bool {
        let local = at.to_zoned(care::time::TimeZone::UTC);
        let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
        self.open
            .iter()
            .any(|(day, from, to)| *day == local.weekday() && *from <= minute && minute < *to)
            && !self.closures.iter().any(|(from, to)| *from <= at && at < *to)
    }

    pub(crate) fn allows(&self, start: Timestamp, length: SignedDuration) -> bool {
        let seconds = start.as_second().rem_euclid(86_400);
        let whole = (0..length.as_mins()).all(|m| self.is_open_at(start + minutes(m)));
        seconds % (self.step_min * 60) == 0 && whole
    }
}

/// Every law an EA breaks that carebus has just placed or moved; `eas` are all that take place, in all cases.
pub(crate) fn broken(case: &Case, ea: &Ea, plain: &Plain, cases: &[Case], now: Timestamp) -> Vec<String> {
    let mut broken = Vec::new();
    let mut law = |holds: bool, name: &str| {
        if !holds {
            broken.push(format!("{} {} {}: {name}", case.patient, ea.id, ea.start));
        }
    };
    let length = ea.end.duration_since(ea.start);
    law(plain.allows(ea.start, length), "hours, closures and grid");
    law(ea.start >= now + hours(2), "notice");
    let prepared: Vec<_> = case
        .pts
        .iter()
        .filter(|pt| ea.prepares.contains(&pt.id))
        .collect();
    law(
        !prepared.is_empty() && prepared.len() == ea.prepares.len(),
        "prepares PT sessions that exist",
    );
    for pt in &prepared {
        let gap = pt.start.duration_since(ea.start);
        law(hours(24) <= gap && gap <= hours(72), "gap");
        law(pt.start <= now + hours(28 * 24), "horizon");
    }
    for pt in &case.pts {
        law(ea.end <= pt.start || pt.end <= ea.start, "not during PT");
    }
    for (from, to) in &case.elsewhere {
        law(ea.end <= *from || *to <= ea.start, "not elsewhere");
    }
    let counted = |e: &&Ea| {
        matches!(
            e.status,
            EaStatus::Proposed | EaStatus::Booked | EaStatus::Completed
        )
    };
    let mut starts: Vec<Timestamp> = case.eas.iter().filter(counted).map(|e| e.start).collect();
    starts.sort();
    for other in case.eas.iter().filter(counted).filter(|e| e.id != ea.id) {
        law(other.start.duration_since(ea.start).abs() >= hours(44), "spacing");
    }
    for first in &starts {
        let week: Vec<_> = starts
            .iter()
            .filter(|s| *first <= **s && **s < *first + hours(168))
            .collect();
        law(week.len() <= 3 || !week.contains(&&ea.start), "three a week");
    }
    let placed = case
        .eas
        .iter()
        .filter(|e| matches!(e.status, EaStatus::Proposed | EaStatus::Booked))
        .count();
    law(case.attended as usize + placed <= 8, "course");
    let forbidden = case.holds.iter().any(|hold| match hold {
        Hold::All => true,
        Hold::Electro => ea.needling.electro,
        Hold::Zones(zones) => zones.0 & ea.needling.zones.0 > 0,
    });
    law(!forbidden, "hold");
    for declined in case.eas.iter().filter(|e| e.status == EaStatus::Declined) {
        let same = declined.prepares.iter().any(|pt| ea.prepares.contains(pt));
        law(!same || declined.start != ea.start, "declined");
    }
    law(most_at_once(cases, plain, ea) <= plain.capacity, "capacity");
    broken
}

/// Most sessions at once, minute by minute, while `ea` and its buffer last.
fn most_at_once(cases: &[Case], plain: &Plain, ea: &Ea) -> usize {
    let all: Vec<&Ea> = cases
        .iter()
        .flat_map(|case| &case.eas)
        .filter(|e| {
            matches!(
                e.status,
                EaStatus::Proposed | EaStatus::Booked | EaStatus::Held { .. }
            )
        })
        .collect();
    let mut at_minute: BTreeMap<Timestamp, usize> = BTreeMap::new();
    for other in &all {
        let mut at = other.start;
        while at < other.end + minutes(plain.buffer_min) {
            if ea.start <= at && at < ea.end + minutes(plain.buffer_min) {
                *at_minute.entry(at).or_default() += 1;
            }
            at += minutes(1);
        }
    }
    at_minute.into_values().max().unwrap_or(0)
}
