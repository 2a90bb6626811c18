//! One thing a patient can do, and what was said about it at some time.

use care::chart::Stamp;
use care::fact::assessment::{Body, Function, WorkStatus};
use care::time::{Date, Timestamp};

use crate::case::{Case, Told};
use crate::words::code;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Walk,
    Lifting,
    Sitting,
    Work,
}

/// What was said, as a number that grows when things get better.
pub(super) struct Measured<'c> {
    pub(super) value: f64,
    pub(super) shown: String,
    pub(super) at: Timestamp,
    pub(super) stamp: &'c Stamp,
}

impl Measure {
    /// Those in which late gains are expected.
    pub(super) const LATE: [Self; 3] = [Self::Lifting, Self::Sitting, Self::Work];

    /// Its name on the wire, with its unit.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Walk => "pain_free_walk_m",
            Self::Lifting => "lifting_kg",
            Self::Sitting => "sitting_min",
            Self::Work => "work_status",
        }
    }

    fn of(self, function: &Function) -> Option<(f64, String)> {
        let number = |n: f64| (n, n.to_string());
        match self {
            Self::Walk => function.pain_free_walk_m.map(f64::from).map(number),
            Self::Lifting => function.lifting_kg.map(number),
            Self::Sitting => function.sitting_min.map(f64::from).map(number),
            Self::Work => function.work_status.map(|work| {
                let rank = match work {
                    WorkStatus::Off => 0.0,
                    WorkStatus::Partial => 1.0,
                    WorkStatus::Full => 2.0,
                };
                (rank, code(work))
            }),
        }
    }

    fn measured<'c>(self, told: &'c Told<'_>) -> Option<Measured<'c>> {
        let Body::Function(function) = told.body() else {
            return None;
        };
        let (value, shown) = self.of(function)?;
        Some(Measured {
            value,
            shown,
            at: told.at(),
            stamp: told.stamp(),
        })
    }

    /// The last said from a day on, up to an instant.
    pub(super) fn last_within<'c>(
        self,
        case: &'c Case<'_>,
        from: Date,
        until: Timestamp,
    ) -> Option<Measured<'c>> {
        let said = case.live().rev().filter_map(|t| self.measured(t));
        { said }.find(|m| m.at <= until && case.date(m.at) >= from)
    }

    /// The first said from an instant on, before another and before the plan ended.
    pub(super) fn first_within<'c>(
        self,
        case: &'c Case<'_>,
        from: Timestamp,
        until: Timestamp,
    ) -> Option<Measured<'c>> {
        let said = case.live().filter_map(|t| self.measured(t));
        { said }.find(|m| m.at >= from && m.at < until && case.is_in_course(m.at))
    }
}
