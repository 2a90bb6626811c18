//! Fidelity: what a needling session delivered, held against the criteria of the policy.

use std::collections::BTreeSet;

use crate::fact::session::Delivered;
use crate::fact::value::PointCode;
use crate::policy::Policy;

/// A criterion that a session falls short of; any of them makes the session a deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shortfall {
    /// None of the distal points that the policy lists.
    NoDistalPoint,
    /// Fewer points and Ashi sites than the policy asks for.
    TooFewPoints,
    /// Needles in for less time than the policy asks for.
    TooShort,
}

impl Shortfall {
    /// The rule of the catalogue that it is.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::NoDistalPoint => "point-distal-min-one",
            Self::TooFewPoints => "point-total-min-four",
            Self::TooShort => "retention-under-15",
        }
    }
}

/// What a session falls short of, in the order of the catalogue. What was not recorded is no deviation.
#[must_use]
pub fn shortfalls(delivered: &Delivered, policy: &Policy) -> Vec<Shortfall> {
    let rules = &policy.rules;
    let points = points(delivered);
    let count = points.len() + ashi_sites(delivered).len();
    let recorded = are_points_recorded(delivered);
    let no_distal = recorded && !rules.fidelity_distal_points.iter().any(|p| points.contains(p));
    let too_few = recorded && count < usize::from(rules.fidelity_points_min);
    let too_short = delivered
        .retention_min
        .is_some_and(|min| min < rules.fidelity_retention_min);
    let criteria = [
        (no_distal, Shortfall::NoDistalPoint),
        (too_few, Shortfall::TooFewPoints),
        (too_short, Shortfall::TooShort),
    ];
    criteria
        .into_iter()
        .filter(|(falls_short, _)| *falls_short)
        .map(|(_, shortfall)| shortfall)
        .collect()
}

/// A session without a single point or site is one whose points were not recorded.
#[must_use]
pub fn are_points_recorded(delivered: &Delivered) -> bool {
    !delivered.points.is_empty() || !delivered.ashi_sites.is_empty()
}

/// The points used, each code once: left and right of a code are one point.
#[must_use]
pub fn points(delivered: &Delivered) -> BTreeSet<&PointCode> {
    delivered.points.iter().collect()
}

/// The Ashi sites used, each label once.
#[must_use]
pub fn ashi_sites(delivered: &Delivered) -> BTreeSet<&str> {
    delivered.ashi_sites.iter().map(|site| site.trim()).collect()
}
