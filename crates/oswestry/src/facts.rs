//! What the clock of one patient is computed from.

use std::collections::BTreeSet;

use care::fact::value::ClockTime;
use care::time::{Date, TimeZone, Timestamp};

use crate::grid::Grid;

/// What the clock of one patient depends on, in any order.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The dues.
    pub grid: Grid,
    /// Zone of the plan: its midnights end the days.
    pub zone: TimeZone,
    /// Local time at which a due is announced.
    pub remind_at: ClockTime,
    /// When this grid was set or the plan resumed: what closed before is nobody's miss, unless it is recorded as one.
    pub since: Timestamp,
    /// When the plan was completed or revoked.
    pub ended: Option<Timestamp>,
    /// Admissions.
    pub pauses: Vec<Pause>,
    /// Due dates that are on record as missed.
    pub recorded: BTreeSet<Date>,
    /// Local days of valid Oswestry done while the plan ran: the first in a window answers it.
    pub days: Vec<Date>,
}

/// A stretch in which nobody is reminded because the patient is in hospital: `[from, until)`, or still standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Admission.
    pub from: Timestamp,
    /// Return; `None` while it stands.
    pub until: Option<Timestamp>,
}
