//! What else a patient has on: the EA sessions a new one must keep its distance from, and every other session.

use care::time::{SignedDuration, Timestamp};

use crate::case::{Case, Ea, EaStatus};
use crate::instants::{distance, overlap};
use crate::rules::WEEK;

/// The sessions of one patient that a slot is judged against.
#[derive(Debug, Clone, Default)]
pub struct Company {
    /// EA that took place or are going to: start and end, sorted.
    eas: Vec<(Timestamp, Timestamp)>,
    /// EA among them that are still to come or were not reported on: they count for the course beside the attended.
    placed: u32,
    /// PT and other sessions: start and end.
    elsewhere: Vec<(Timestamp, Timestamp)>,
}

impl Company {
    /// Everything the patient has on except the EA that `left_out` names.
    #[must_use]
    pub fn of(case: &Case, left_out: impl Fn(&Ea) -> bool) -> Self {
        let mut company = Self {
            elsewhere: case.elsewhere.clone(),
            ..Self::default()
        };
        company.elsewhere.extend(case.pts.iter().map(|pt| pt.span()));
        for ea in case.eas.iter().filter(|ea| ea.counts() && !left_out(ea)) {
            company.eas.push(ea.span());
            company.placed += u32::from(ea.status != EaStatus::Completed);
        }
        company.eas.sort_unstable();
        company
    }

    /// Enters an EA that is to come.
    pub fn add(&mut self, ea: (Timestamp, Timestamp)) {
        let at = self.eas.partition_point(|known| *known < ea);
        self.eas.insert(at, ea);
        self.placed += 1;
    }

    /// Strikes an EA out that was to come; nothing happens if it is not there.
    pub fn remove(&mut self, ea: (Timestamp, Timestamp)) {
        if let Ok(at) = self.eas.binary_search(&ea) {
            self.eas.remove(at);
            self.placed -= 1;
        }
    }

    /// The same without one PT or other session: as if it were not there.
    #[must_use]
    pub fn without(&self, session: (Timestamp, Timestamp)) -> Self {
        let mut company = self.clone();
        company.elsewhere.retain(|other| *other != session);
        company
    }

    /// Whether the patient is somewhere else during the slot.
    #[must_use]
    pub fn overlaps(&self, slot: (Timestamp, Timestamp)) -> bool {
        self.elsewhere
            .iter()
            .chain(&self.eas)
            .any(|&other| overlap(other, slot))
    }

    /// Whether an EA that starts here is closer than `spacing` to another.
    #[must_use]
    pub fn crowds(&self, start: Timestamp, spacing: SignedDuration) -> bool {
        self.eas.iter().any(|ea| distance(ea.0, start) < spacing)
    }

    /// Whether an EA that starts here makes some half-open week hold more than `cap` starts.
    #[must_use]
    pub fn exceeds_week(&self, start: Timestamp, cap: u16) -> bool {
        let cap = usize::from(cap);
        let at = self.eas.partition_point(|ea| ea.0 < start);
        // `cap` others and this one share a week when the first and last of them are less than a week apart.
        (0..=cap).any(|earlier| {
            let later = cap - earlier;
            if earlier > at || at + later > self.eas.len() {
                return false;
            }
            let first = if earlier == 0 {
                start
            } else {
                self.eas[at - earlier].0
            };
            let last = if later == 0 {
                start
            } else {
                self.eas[at + later - 1].0
            };
            last.duration_since(first) < WEEK
        })
    }

    /// EA that are still to come or were not reported on.
    #[must_use]
    pub const fn placed(&self) -> u32 {
        self.placed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use care::time::{hours, minutes};

    fn monday() -> Timestamp {
        "2026-06-01T10:00:00Z".parse().unwrap()
    }

    fn with(starts: &[i64]) -> Company {
        let mut company = Company::default();
        starts
            .iter()
            .for_each(|h| company.add((monday() + hours(*h), monday() + hours(*h) + minutes(45))));
        company
    }

    #[test]
    fn monday_wednesday_friday_monday_at_one_hour_is_within_the_cap() {
        let company = with(&[0, 48, 96]);
        assert!(!company.exceeds_week(monday() + hours(168), 3));
        assert!(company.exceeds_week(monday() + hours(168) - minutes(1), 3));
        assert!(company.exceeds_week(monday() + hours(72), 3));
        assert!(!company.exceeds_week(monday() + hours(72), 4));
    }

    #[test]
    fn a_week_may_begin_before_and_end_after_the_new_start() {
        let company = with(&[0, 48, 167]);
        assert!(company.exceeds_week(monday() + hours(100), 3));
        assert!(!with(&[0, 48, 168]).exceeds_week(monday() + hours(-1), 3));
        assert!(with(&[0, 48, 160]).exceeds_week(monday() + hours(-1), 3));
    }

    #[test]
    fn forty_four_hours_are_far_enough() {
        let company = with(&[0]);
        assert!(company.crowds(monday() + hours(44) - minutes(1), hours(44)));
        assert!(!company.crowds(monday() + hours(44), hours(44)));
        assert!(!company.crowds(monday() - hours(44), hours(44)));
    }
}
