//! What people could do when no slot is left: EA slots that break soft constraints, and PT times that could be prepared.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use care::time::{Date, SignedDuration, TimeZone, Timestamp, Weekday, hours, minutes};

use crate::case::Pt;
use crate::constraint::{Constraint, Constraints};
use crate::diary::Diary;
use crate::instants::{distance, in_hours, overlap, shifted};
use crate::permits::{View, is_allowed, permits};

/// Alternatives told for one PT session.
const MOST: usize = 3;
/// EA slots among them, if there are PT times as well.
const MOST_EA: usize = 2;
/// How far before the PT session EA slots are looked for.
const REACH: SignedDuration = hours(7 * 24);
/// How far from its time another PT time is looked for: days at the same local time, half hours on the same day.
const PT_DAYS: i64 = 14;
const PT_HALF_HOURS: i64 = 8;
/// Local hours in which a PT session is suggested where nothing is known of the PT clinic's hours; see [`is_usual`].
const PT_HOURS: std::ops::Range<i8> = 7..20;

/// What a person could do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// An EA slot, or another time for the PT session.
    pub kind: AlternativeKind,
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// Gap from EA to PT that would result.
    pub gap: SignedDuration,
    /// Soft constraints it would break.
    pub breaks: Constraints,
    /// Why it stands at this rank.
    pub because: String,
}

/// What would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlternativeKind {
    /// An EA in a slot that carebus may not take by itself.
    EaSlot,
    /// The PT session at another time.
    PtTime,
}

/// Up to three alternatives for `pt`, best first: EA slots, because they leave the PT session where it is, then PT times.
#[must_use]
pub fn alternatives(view: &View<'_>, pt: &Pt, diary: &Diary) -> Vec<Alternative> {
    let mut found = ea_slots(view, pt);
    let times = pt_times(view, pt, diary, MOST - found.len().min(MOST_EA));
    found.truncate(MOST - times.len());
    found.extend(times);
    found
}

/// The best slot of each local day, fewest broken constraints first, then nearest to the target.
fn ea_slots(view: &View<'_>, pt: &Pt) -> Vec<Alternative> {
    let case = view.case;
    let window = view.rules.window(pt.start, case.lead_hours, &case.zone);
    let Some(calendar) = view.practitioner.and_then(|p| p.hours.as_ref()) else {
        return Vec::new();
    };
    type Rank = (usize, SignedDuration, Reverse<Timestamp>);
    let mut days: BTreeMap<Date, (Rank, Constraints)> = BTreeMap::new();
    let never = Constraints::hard().or(Constraints::of(&[Constraint::Horizon]));
    let from = crate::instants::before(pt.start, REACH).max(view.now);
    for start in calendar.grid(from, crate::instants::before(pt.start, case.length)) {
        let slot = (start, shifted(start, case.length));
        if !is_allowed(view, slot, &[pt], never) {
            continue;
        }
        let broken = permits(view, slot, &[pt]);
        let rank = (broken.len(), window.deviation(start), Reverse(start));
        let best = days
            .entry(calendar.zone().to_datetime(start).date())
            .or_insert((rank, broken));
        if rank < best.0 {
            *best = (rank, broken);
        }
    }
    let mut ranked: Vec<(Rank, Constraints)> = days.into_values().collect();
    ranked.sort_unstable();
    ranked
        .into_iter()
        .take(MOST)
        .map(|((_, off, Reverse(start)), breaks)| Alternative {
            kind: AlternativeKind::EaSlot,
            start,
            end: shifted(start, case.length),
            gap: pt.start.duration_since(start),
            breaks,
            because: format!("breaks {}, {} h off the target", names(breaks), in_hours(off)),
        })
        .collect()
}

fn names(breaks: Constraints) -> String {
    breaks
        .iter()
        .map(Constraint::name)
        .collect::<Vec<_>>()
        .join(" and ")
}

/// PT times near the booked one at which an EA on target would exist, nearest first.
fn pt_times(view: &View<'_>, pt: &Pt, diary: &Diary, most: usize) -> Vec<Alternative> {
    let length = pt.end.duration_since(pt.start);
    let company = view.company.without(pt.span());
    let view = &View {
        company: &company,
        ..*view
    };
    let mut found = Vec::new();
    for start in other_times(pt, &view.case.zone) {
        if found.len() == most {
            break;
        }
        let moved = Pt {
            start,
            end: shifted(start, length),
            ..pt.clone()
        };
        if start < shifted(view.now, view.rules.notice) || !is_free(view, pt, &moved, diary) {
            continue;
        }
        let Some(ea) = on_target(view, &moved) else {
            continue;
        };
        let gap = start.duration_since(ea);
        found.push(Alternative {
            kind: AlternativeKind::PtTime,
            start,
            end: moved.end,
            gap,
            breaks: Constraints::NONE,
            because: format!(
                "the PT session {} h from its time, an EA {} h before it breaks nothing",
                in_hours(distance(start, pt.start)),
                in_hours(gap)
            ),
        });
    }
    found
}

/// The same local time on other days and other times of the same day, nearest first, earlier of two equal ones last.
fn other_times(pt: &Pt, zone: &TimeZone) -> Vec<Timestamp> {
    let wall = zone.to_datetime(pt.start);
    let days = (1..=PT_DAYS).flat_map(|d| [hours(24 * d), hours(-24 * d)]);
    let near = (1..=PT_HALF_HOURS).flat_map(|n| [minutes(30 * n), minutes(-30 * n)]);
    let mut times: Vec<Timestamp> = days
        .chain(near)
        .filter_map(|by| {
            wall.checked_add(by)
                .ok()
                .and_then(|wall| zone.to_timestamp(wall).ok())
        })
        .filter(|at| *at != pt.start)
        .collect();
    times.sort_unstable_by_key(|at| (distance(*at, pt.start), Reverse(*at)));
    times.dedup();
    times
}

/// Whether patient and PT clinic could be there, as far as is known.
fn is_free(view: &View<'_>, pt: &Pt, moved: &Pt, diary: &Diary) -> bool {
    let case = view.case;
    let others = case.pts.iter().filter(|other| other.id != pt.id).map(Pt::span);
    let eas = case
        .eas
        .iter()
        .filter(|ea| ea.is_active())
        .map(crate::case::Ea::span);
    if case
        .elsewhere
        .iter()
        .copied()
        .chain(others)
        .chain(eas)
        .any(|other| overlap(other, moved.span()))
    {
        return false;
    }
    let clinic = pt
        .practitioner
        .as_ref()
        .and_then(|id| diary.practitioners.get(id));
    match clinic.and_then(|p| p.hours.as_ref().map(|hours| (p, hours))) {
        Some((p, hours)) => {
            hours.covers(moved.start, moved.end)
                && !hours.closed(moved.start, moved.end)
                && !p.occupancy.is_full(moved.start, moved.end)
        }
        None => is_usual(pt.start, moved.start, &case.zone),
    }
}

/// Where nothing is known of the PT clinic's hours: by day, and at a weekend only if the session was at one.
fn is_usual(booked: Timestamp, moved: Timestamp, zone: &TimeZone) -> bool {
    let weekend = |at: Timestamp| {
        matches!(
            zone.to_datetime(at).weekday(),
            Weekday::Saturday | Weekday::Sunday
        )
    };
    PT_HOURS.contains(&zone.to_datetime(moved).hour()) && (!weekend(moved) || weekend(booked))
}

fn on_target(view: &View<'_>, moved: &Pt) -> Option<Timestamp> {
    let case = view.case;
    let window = view.rules.window(moved.start, case.lead_hours, &case.zone);
    let length = case.length;
    let allowed = |start: &Timestamp| {
        is_allowed(
            view,
            (*start, shifted(*start, length)),
            &[moved],
            Constraints::ALL,
        )
    };
    let rank = |start: &Timestamp| (window.deviation(*start), Reverse(*start));
    match view.practitioner.and_then(|p| p.hours.as_ref()) {
        Some(hours) => {
            let (from, to) = window.on_target;
            hours
                .grid(from.max(view.now), to)
                .filter(allowed)
                .min_by_key(rank)
        }
        None => Some(window.target).filter(allowed),
    }
}
