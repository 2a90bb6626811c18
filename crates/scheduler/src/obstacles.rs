//! What stands in the way of a PT session: the constraints whose removal would open a slot, computed from every slot.

use care::time::{TimeZone, Timestamp, minutes};

use crate::case::{Ea, Pt};
use crate::constraint::{Constraint as C, Constraints};
use crate::instants::{in_hours, shifted};
use crate::permits::{View, permits};
use crate::rules::Window;

/// Every start that is looked at, apart from the practitioner's grid and the target: each fifth minute.
const FINE_MIN: i64 = 5;

/// A minimal set of constraints in the way, each with what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Obstacles {
    /// Whether removing any single one would open a slot. Otherwise no single one would, and it takes all of these.
    pub each_alone: bool,
    /// Never empty for a PT session that cannot be served.
    pub list: Vec<Obstacle>,
}

/// One constraint in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Which.
    pub constraint: C,
    /// The best start it blocks, if there is any start left.
    pub blocks: Option<Timestamp>,
    /// In words, with numbers.
    pub detail: String,
}

/// Why no EA can prepare `pt`, against everything that is placed.
#[must_use]
pub fn obstacles(view: &View<'_>, pt: &Pt) -> Obstacles {
    let window = view.rules.window(pt.start, view.case.lead_hours, &view.case.zone);
    let (from, to) = (window.acceptable.0.max(view.now), window.acceptable.1);
    let mut looked_at: Vec<(Timestamp, Constraints)> = starts(view, &window, from, to)
        .into_iter()
        .map(|start| {
            (
                start,
                permits(view, (start, shifted(start, view.case.length)), &[pt]),
            )
        })
        .collect();
    looked_at.sort_by_key(|(start, _)| (window.deviation(*start), std::cmp::Reverse(*start)));
    if looked_at.is_empty() {
        let detail = format!(
            "an EA has to start at least {} h before the PT session, which starts in {} h",
            in_hours(window.pt_start.duration_since(window.acceptable.1)),
            in_hours(window.pt_start.duration_since(view.now))
        );
        return Obstacles {
            each_alone: true,
            list: vec![Obstacle {
                constraint: C::Gap,
                blocks: None,
                detail,
            }],
        };
    }
    let alone: Constraints = looked_at
        .iter()
        .filter(|(_, broken)| broken.len() == 1)
        .flat_map(|(_, b)| b.iter())
        .collect();
    if !alone.is_empty() {
        return Obstacles {
            each_alone: true,
            list: alone
                .iter()
                .map(|c| alone_in_the_way(&looked_at, c, view, &window))
                .collect(),
        };
    }
    // No single one would do. The smallest group that would: soft ones before hard ones, then nearest to the target.
    let least = looked_at
        .iter()
        .filter(|(_, b)| !b.is_empty())
        .min_by_key(|(_, b)| (b.len(), hard(*b)));
    let Some((start, group)) = least else {
        return Obstacles::default();
    };
    let told = |c| Obstacle {
        constraint: c,
        blocks: Some(*start),
        detail: format!(
            "only together with the others listed: without them {}",
            slot(*start, view, &window)
        ),
    };
    Obstacles {
        each_alone: false,
        list: group.iter().map(told).collect(),
    }
}

/// Why `pt` goes unprepared although it has an EA: that one cannot take place, and starts too soon to be moved.
#[must_use]
pub fn stuck(ea: &Ea, breaks: Constraints, zone: &TimeZone, now: Timestamp) -> Obstacles {
    let local = zone.to_datetime(ea.start).strftime("%a %m-%d %H:%M").to_string();
    let broken = breaks.iter().map(|constraint| Obstacle {
        constraint,
        blocks: Some(ea.start),
        detail: format!("the EA of {local} cannot take place as it is booked"),
    });
    let freeze = Obstacle {
        constraint: C::Freeze,
        blocks: Some(ea.start),
        detail: format!(
            "it starts in {} h, too soon for carebus to move it",
            in_hours(ea.start.duration_since(now))
        ),
    };
    Obstacles {
        each_alone: true,
        list: broken.chain([freeze]).collect(),
    }
}

fn alone_in_the_way(
    looked_at: &[(Timestamp, Constraints)],
    constraint: C,
    view: &View<'_>,
    window: &Window,
) -> Obstacle {
    let only = Constraints::of(&[constraint]);
    let best = looked_at
        .iter()
        .find(|(_, broken)| *broken == only)
        .map(|(start, _)| *start);
    let detail = best.map_or_else(String::new, |start| {
        format!("without it {}", slot(start, view, window))
    });
    Obstacle {
        constraint,
        blocks: best,
        detail,
    }
}

fn slot(start: Timestamp, view: &View<'_>, window: &Window) -> String {
    let local = view
        .case
        .zone
        .to_datetime(start)
        .strftime("%a %m-%d %H:%M")
        .to_string();
    format!(
        "{local} would do, {} h before the PT session",
        in_hours(window.pt_start.duration_since(start))
    )
}

fn hard(broken: Constraints) -> usize {
    broken.iter().filter(|c| !c.is_soft()).count()
}

/// Every start in `[from, to]` that is looked at.
fn starts(view: &View<'_>, window: &Window, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    let mut starts: Vec<Timestamp> = Vec::new();
    if let Some(hours) = view.practitioner.and_then(|p| p.hours.as_ref()) {
        starts.extend(hours.grid(from, to));
    }
    let step = minutes(FINE_MIN);
    let mut at =
        Timestamp::from_second(from.as_second().div_euclid(step.as_secs()) * step.as_secs()).unwrap_or(from);
    while at <= to {
        if at >= from {
            starts.push(at);
        }
        at = shifted(at, step);
    }
    if from <= window.target && window.target <= to {
        starts.push(window.target);
    }
    starts.sort_unstable();
    starts.dedup();
    starts
}
