//! The report: every measure over all charts and one stretch of time.

mod adverse;
mod cost;
mod course;
mod descriptive;
mod fidelity;
mod flow;
mod recurrence;
mod response;
mod sessions;

use care::time::{Span, TimeZone, Timestamp};
use care::{Chart, Policy};
use serde::Serialize;

use crate::adverse::Adverse;
use crate::assumed::SIGNAL_MONTHS;
use crate::episode::Episode;
use crate::figure::Block;
use crate::treated::Treated;

/// Who bears the costs that were recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Perspective {
    /// The payer.
    Payer,
    /// The patient.
    Patient,
    /// The clinic.
    Clinic,
}

/// When a response counts for the cost of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimePoint {
    /// At the end of the course.
    #[default]
    EndOfCourse,
    /// Six weeks after the first session.
    SixWeeks,
    /// Six months after the first session.
    SixMonths,
}

/// What the log cannot know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Counts from 1 to one less than this are hidden; 1 hides nothing.
    pub min_cell: u64,
    /// Whose costs they are.
    pub perspective: Option<Perspective>,
    /// The year of their prices.
    pub price_year: Option<i16>,
    /// When a response counts for its cost.
    pub time_point: TimePoint,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            min_cell: 5,
            perspective: None,
            price_year: None,
            time_point: TimePoint::EndOfCourse,
        }
    }
}

/// The registry report. Its JSON names only grow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The form of this document.
    pub schema: &'static str,
    /// Episodes and sessions that began at or after this; none: from the beginning.
    pub from: Option<Timestamp>,
    /// And before this; nothing later counts.
    pub until: Timestamp,
    /// Hash of the policy.
    pub policy: String,
    /// Counts from 1 to one less than this are hidden.
    pub min_cell: u64,
    /// The measures.
    pub blocks: Vec<Block>,
}

/// What the measures are counted from.
pub(crate) struct Registry<'a> {
    pub(crate) episodes: Vec<Episode>,
    pub(crate) treated: Vec<Treated>,
    pub(crate) events: Vec<Adverse>,
    /// Attended PT, of that in the acceptable gap, of that on target.
    pub(crate) pt: (u64, u64, u64),
    pub(crate) policy: &'a Policy,
    pub(crate) options: &'a Options,
    pub(crate) from: Timestamp,
    /// Where the signal begins to look.
    pub(crate) year_from: Timestamp,
}

impl Report {
    /// Over charts, from an instant on (none: the beginning) and before another.
    #[must_use]
    pub fn of<'c>(
        charts: impl Iterator<Item = &'c Chart>,
        policy: &Policy,
        from: Option<Timestamp>,
        until: Timestamp,
        options: &Options,
    ) -> Self {
        let registry = Registry::read(charts, policy, from, until, options);
        let mut blocks = course::blocks(&registry);
        blocks.extend(adverse::blocks(&registry));
        blocks.extend(sessions::blocks(&registry));
        Self {
            schema: "carebus.outcomes.v1",
            from,
            until,
            policy: policy.hash(),
            min_cell: options.min_cell,
            blocks,
        }
    }
}

impl<'a> Registry<'a> {
    fn read<'c>(
        charts: impl Iterator<Item = &'c Chart>,
        policy: &'a Policy,
        from: Option<Timestamp>,
        until: Timestamp,
        options: &'a Options,
    ) -> Self {
        let from = from.unwrap_or(Timestamp::MIN);
        let year_from = until
            .to_zoned(TimeZone::UTC)
            .checked_sub(Span::new().months(SIGNAL_MONTHS))
            .map_or(Timestamp::MIN, |z| z.timestamp());
        let earliest = from.min(year_from);
        let mut registry = Self {
            episodes: Vec::new(),
            treated: Vec::new(),
            events: Vec::new(),
            pt: (0, 0, 0),
            policy,
            options,
            from,
            year_from,
        };
        for chart in charts {
            let episodes = Episode::all(chart, policy, until);
            registry
                .episodes
                .extend(episodes.filter(|e| e.began >= from && e.began < until));
            let events = Adverse::all(chart, until);
            let mut treated = Treated::all(chart, until);
            for one in &mut treated {
                one.had_event = events.iter().any(|e| e.session.as_ref() == Some(&one.session));
            }
            registry
                .treated
                .extend(treated.into_iter().filter(|t| t.start >= earliest));
            registry
                .events
                .extend(events.into_iter().filter(|e| e.at >= earliest));
            if chart.plan().is_some() {
                let counts = chart.preparation(policy, from, until);
                registry.pt.0 += u64::from(counts.pt_attended);
                registry.pt.1 += u64::from(counts.acceptable);
                registry.pt.2 += u64::from(counts.on_target);
            }
        }
        registry
    }
}
