//! What goes into placing for one practitioner, and what comes out.

use std::collections::{BTreeMap, BTreeSet};

use care::time::Timestamp;

use crate::case::Case;
use crate::company::Company;
use crate::diary::Practitioner;
use crate::occupancy::Occupancy;

/// Told EA of one case that can prepare its PT sessions, by index.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts {
    /// They stay where they are.
    pub(crate) fixed: Vec<usize>,
    /// They may move if that serves one PT more; with the PT sessions they prepare.
    pub(crate) movable: Vec<(usize, Vec<usize>)>,
    /// They no longer take the patient's time.
    pub(crate) absent: BTreeSet<usize>,
    /// Held ones that are back.
    pub(crate) released: Vec<usize>,
}

/// Everything that waits for one practitioner.
pub(crate) struct Group<'a> {
    pub(crate) cases: &'a [&'a Case],
    pub(crate) practitioner: Option<&'a Practitioner>,
    /// Without the EA that are gone.
    pub(crate) occupancy: Occupancy,
    /// By case, for every case that wants something.
    pub(crate) hosts: BTreeMap<usize, Hosts>,
    /// (case, PT), without an EA so far.
    pub(crate) needs: Vec<(usize, usize)>,
}

/// An EA that was placed, or a told one that moved or serves more than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) case: usize,
    pub(crate) pts: Vec<usize>,
    pub(crate) start: Timestamp,
    pub(crate) told: Option<usize>,
}

/// What became of a group.
pub(crate) struct Solution {
    pub(crate) seats: Vec<Seat>,
    /// (case, PT, EA): served by a told EA that stays where it is.
    pub(crate) links: Vec<(usize, usize, usize)>,
    /// (case, PT): nobody serves them.
    pub(crate) unserved: Vec<(usize, usize)>,
    /// Everybody's sessions as they are now.
    pub(crate) occupancy: Occupancy,
    /// By case.
    pub(crate) companies: BTreeMap<usize, Company>,
}
