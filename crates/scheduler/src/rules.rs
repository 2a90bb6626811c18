//! The numbers of the placing rule, all of them team policy, and the windows they make around a PT session.

use care::time::{SignedDuration, TimeZone, Timestamp, hours};

use crate::instants::{before, shifted};

/// What "48 hours before" means when the clocks change in between.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LeadMode {
    /// Hours that pass.
    #[default]
    Elapsed,
    /// The same time on the wall, two calendar days earlier.
    WallClock,
}

/// Whether an EA stands when carebus places it in a published calendar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Confirm {
    /// It is booked.
    #[default]
    Book,
    /// It is proposed and waits for the acupuncturist.
    Ask,
}

/// The placing rule in numbers; the defaults are those of the policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Elapsed or wall clock.
    pub lead_mode: LeadMode,
    /// Hours from EA start to PT start that are aimed at; a plan may have its own.
    pub lead_hours: u16,
    /// On target: at most this far from the lead, inclusive.
    pub tolerance: SignedDuration,
    /// Least acceptable gap, inclusive.
    pub least_gap: SignedDuration,
    /// Greatest acceptable gap, inclusive.
    pub greatest_gap: SignedDuration,
    /// Least time from EA start to EA start of one patient.
    pub spacing: SignedDuration,
    /// EA starts of one patient in any half-open week of 168 h.
    pub weekly_cap: u16,
    /// EA of a course up to its review, and how many more may be placed before the review is in.
    pub course: (u16, u16),
    /// Nothing is placed to start sooner than this from now.
    pub notice: SignedDuration,
    /// An EA that starts within this is never moved.
    pub freeze: SignedDuration,
    /// PT sessions that start within this are served.
    pub horizon: SignedDuration,
    /// Length of an EA session, minutes; a plan may have its own.
    pub duration_min: u16,
    /// Book or ask.
    pub confirm: Confirm,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            lead_mode: LeadMode::Elapsed,
            lead_hours: 48,
            tolerance: hours(6),
            least_gap: hours(24),
            greatest_gap: hours(72),
            spacing: hours(44),
            weekly_cap: 3,
            course: (6, 2),
            notice: hours(2),
            freeze: hours(24),
            horizon: hours(28 * 24),
            duration_min: 45,
            confirm: Confirm::Book,
        }
    }
}

/// Length of the week that the cap looks at.
pub(crate) const WEEK: SignedDuration = hours(7 * 24);

/// The instants that one PT session asks of its EA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Start of the PT session.
    pub pt_start: Timestamp,
    /// Where the EA should start.
    pub target: Timestamp,
    /// Earliest and latest start on target, inclusive.
    pub on_target: (Timestamp, Timestamp),
    /// Earliest and latest acceptable start, inclusive; never narrower than on target.
    pub acceptable: (Timestamp, Timestamp),
}

impl Rules {
    /// The windows before a PT session that starts at `pt_start`, for a plan with its own lead (hours) or none.
    #[must_use]
    pub fn window(&self, pt_start: Timestamp, lead_hours: Option<u16>, zone: &TimeZone) -> Window {
        let lead = hours(i64::from(lead_hours.unwrap_or(self.lead_hours)));
        let target = match self.lead_mode {
            LeadMode::Elapsed => before(pt_start, lead),
            LeadMode::WallClock => on_the_wall(pt_start, lead, zone),
        };
        let on_target = (
            before(pt_start, lead + self.tolerance),
            before(pt_start, lead - self.tolerance),
        );
        // A plan may aim outside the usual gaps; what it aims at is acceptable to it.
        let acceptable = (
            before(pt_start, self.greatest_gap).min(on_target.0),
            before(pt_start, self.least_gap).max(on_target.1),
        );
        Window {
            pt_start,
            target,
            on_target,
            acceptable,
        }
    }

    /// How many EA may be attended or placed before the course review is in.
    #[must_use]
    pub const fn course_limit(&self) -> u32 {
        self.course.0 as u32 + self.course.1 as u32
    }

    /// Whether a session that starts at `start` may not be moved any more.
    #[must_use]
    pub fn frozen(&self, start: Timestamp, now: Timestamp) -> bool {
        start < shifted(now, self.freeze)
    }
}

impl Window {
    /// Distance of an EA start from the target.
    #[must_use]
    pub fn deviation(&self, start: Timestamp) -> SignedDuration {
        crate::instants::distance(start, self.target)
    }

    /// Whether an EA that starts here is on target.
    #[must_use]
    pub fn is_on_target(&self, start: Timestamp) -> bool {
        self.on_target.0 <= start && start <= self.on_target.1
    }

    /// Whether an EA that starts here has an acceptable gap.
    #[must_use]
    pub fn accepts(&self, start: Timestamp) -> bool {
        self.acceptable.0 <= start && start <= self.acceptable.1
    }
}

/// The wall shows `lead` less than at `at`; a time that the clocks skip becomes the one just after.
fn on_the_wall(at: Timestamp, lead: SignedDuration, zone: &TimeZone) -> Timestamp {
    let wall = zone.to_datetime(at).checked_sub(lead);
    wall.and_then(|wall| zone.to_timestamp(wall))
        .unwrap_or_else(|_| before(at, lead))
}

#[cfg(test)]
mod tests {
    use super::*;
    use care::time::Zoned;

    fn new_york(text: &str) -> Zoned {
        format!("{text}[America/New_York]").parse().unwrap()
    }

    fn targets(pt: &str) -> (Window, Window) {
        let pt = new_york(pt);
        let wall = Rules {
            lead_mode: LeadMode::WallClock,
            ..Rules::default()
        };
        let zone = pt.time_zone();
        (
            Rules::default().window(pt.timestamp(), None, zone),
            wall.window(pt.timestamp(), None, zone),
        )
    }

    #[test]
    fn spring_forward_makes_the_wall_clock_an_hour_later_than_elapsed() {
        let (elapsed, wall) = targets("2026-03-09T10:00-04:00");
        assert_eq!(elapsed.target, new_york("2026-03-07T09:00-05:00").timestamp());
        assert_eq!(wall.target, new_york("2026-03-07T10:00-05:00").timestamp());
        assert!(
            elapsed.is_on_target(elapsed.target) && wall.is_on_target(wall.target),
            "48 h and 47 h"
        );
    }

    #[test]
    fn fall_back_makes_the_wall_clock_an_hour_earlier_than_elapsed() {
        let (elapsed, wall) = targets("2026-11-02T10:00-05:00");
        assert_eq!(elapsed.target, new_york("2026-10-31T11:00-04:00").timestamp());
        assert_eq!(wall.target, new_york("2026-10-31T10:00-04:00").timestamp());
        assert_eq!(wall.pt_start.duration_since(wall.target), hours(49));
    }

    #[test]
    fn both_ends_of_both_windows_are_inside() {
        let pt = new_york("2026-06-10T10:00-04:00").timestamp();
        let window = Rules::default().window(pt, None, &TimeZone::UTC);
        for gap in [42, 54] {
            assert!(window.is_on_target(pt - hours(gap)));
        }
        for gap in [24, 72] {
            assert!(window.accepts(pt - hours(gap)) && !window.is_on_target(pt - hours(gap)));
        }
        assert!(!window.accepts(pt - hours(72) - SignedDuration::from_secs(1)));
        assert!(!window.accepts(pt - hours(24) + SignedDuration::from_secs(1)));
    }

    #[test]
    fn a_plan_with_its_own_lead_moves_the_target_and_widens_what_it_accepts() {
        let pt = new_york("2026-06-10T10:00-04:00").timestamp();
        let window = Rules::default().window(pt, Some(20), &TimeZone::UTC);
        assert_eq!(window.target, pt - hours(20));
        assert_eq!(window.acceptable, (pt - hours(72), pt - hours(14)));
    }
}
