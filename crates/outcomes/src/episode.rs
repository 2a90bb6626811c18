//! One plan of one chart, read as an episode: from its first day to the first day of the next plan.
//!
//! care's own readings look at the current plan; a registry looks back on all of them. Nothing that was performed,
//! began or was said at or after `now` counts.

mod diary;
mod pain;
mod span;

use std::collections::btree_map::BTreeMap;

use care::chart::{PlanRecord, Session, SessionStatus};
use care::fact::assessment::Body;
use care::fact::session::{Delivered, Modality};
use care::id::PlanId;
use care::measure::{fidelity, odi};
use care::time::Timestamp;
use care::{Chart, Policy};

pub use diary::{Diaries, Pair};
pub use pain::{PainCourse, Reading, Score, Strict};
use span::Span;
pub use span::{Ending, How};

/// One plan as an episode.
#[derive(Debug, Clone, PartialEq)]
pub struct Episode {
    /// First instant of the plan's first day.
    pub began: Timestamp,
    /// EA sessions that took place, by start: number k is index k − 1.
    pub attended: Vec<Attended>,
    /// How and when the course ended, if it has.
    pub ending: Option<Ending>,
    /// Whether its pain can be judged.
    pub standing: Standing,
    /// The pain, from a baseline above zero.
    pub pain: Option<PainCourse>,
    /// The change of the Oswestry from its baseline to the last usable score, where both are there.
    pub oswestry: Option<Function>,
    /// What it cost, by currency; empty where nothing was recorded.
    pub costs: BTreeMap<String, f64>,
    /// Sleep, stiffness and mood.
    pub diaries: Diaries,
}

/// An EA session that took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attended {
    /// Its start.
    pub start: Timestamp,
    /// Its end; the start where nothing else is known.
    pub end: Timestamp,
    /// Whether it differed from the agreed criteria; none where that was not recorded.
    pub deviates: Option<bool>,
}

/// The change of the Oswestry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Function {
    /// Points of a hundred, positive for better.
    pub points: f64,
    /// At least 10 points better, judged on the exact scores.
    pub improved: bool,
}

/// Whether the pain of an episode can be judged, or the first reason why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// A baseline above zero and a later score of its scale and question.
    Evaluable,
    /// No EA session took place.
    NoSession,
    /// No score in the days before the first session.
    NoBaseline,
    /// A baseline of zero: a percentage of it is not defined.
    ZeroBaseline,
    /// Later scores answer another question or are on another scale.
    OtherScale,
    /// No later score.
    NoLaterScore,
}

impl Episode {
    /// The episode of a plan; none while the plan itself is not known, only what was said of it.
    #[must_use]
    pub fn of(chart: &Chart, plan: &PlanId, policy: &Policy, now: Timestamp) -> Option<Self> {
        let span = Span::of(chart, plan)?;
        let record = chart.plans.get(plan)?;
        let attended = attended(chart, &span, policy, now);
        let ending = span.ending(record, &attended, now);
        let (standing, pain) = pain::course(chart, &span, &attended, ending.as_ref(), &policy.response, now);
        Some(Self {
            began: span.from,
            oswestry: oswestry(chart, &span, &attended, policy, now),
            costs: costs(chart, &span, now),
            diaries: diary::diaries(chart, &span, &attended, ending.as_ref(), &policy.response, now),
            attended,
            ending,
            standing,
            pain,
        })
    }

    /// Every episode of a chart.
    pub fn all<'a>(chart: &'a Chart, policy: &'a Policy, now: Timestamp) -> impl Iterator<Item = Self> + 'a {
        let known = chart.plans.iter().filter(|(_, record)| is_known(record));
        known.filter_map(move |(plan, _)| Self::of(chart, plan, policy, now))
    }

    /// Whether its pain can be judged.
    #[must_use]
    pub fn is_evaluable(&self) -> bool {
        self.standing == Standing::Evaluable
    }

    /// Sessions attended before the first score that is at least 30 % below the baseline.
    #[must_use]
    pub fn responded(&self) -> Option<usize> {
        self.pain.as_ref().and_then(|p| p.responded)
    }

    /// Whether at least half of the sessions whose delivery was recorded deviated; none where none was.
    #[must_use]
    pub fn deviates(&self) -> Option<bool> {
        let (part, whole) = crate::assumed::DEVIATING_SHARE;
        let rated: Vec<bool> = self.attended.iter().filter_map(|a| a.deviates).collect();
        let deviating = rated.iter().filter(|deviates| **deviates).count();
        (!rated.is_empty()).then_some(whole * deviating >= part * rated.len())
    }
}

const fn is_known(record: &PlanRecord) -> bool {
    record.snapshot.is_some()
}

fn attended(chart: &Chart, span: &Span, policy: &Policy, now: Timestamp) -> Vec<Attended> {
    let reading = |session: &Session| {
        let start = session.start()?;
        let delivered = session.completion().and_then(|c| c.delivered.as_ref());
        (span.contains(start) && start < now).then(|| Attended {
            start,
            end: session.end().unwrap_or(start),
            deviates: delivered.and_then(|d| deviates(d, policy)),
        })
    };
    let mut attended: Vec<Attended> = chart
        .sessions
        .values()
        .filter(|s| s.status() == SessionStatus::Completed && s.modality() == Some(Modality::Ea))
        .filter_map(reading)
        .collect();
    attended.sort_by_key(|a| (a.start, a.end));
    attended
}

/// What was not recorded is no deviation; where neither points nor retention were, nothing can be said.
fn deviates(delivered: &Delivered, policy: &Policy) -> Option<bool> {
    let recorded = fidelity::are_points_recorded(delivered) || delivered.retention_min.is_some();
    recorded.then(|| !fidelity::shortfalls(delivered, policy).is_empty())
}

/// From the last usable score up to the day of the first session to the last one after that day.
fn oswestry(
    chart: &Chart,
    span: &Span,
    attended: &[Attended],
    policy: &Policy,
    now: Timestamp,
) -> Option<Function> {
    let first = span.date(attended.first()?.start);
    let readings = chart.oswestries(policy.oswestry.max_missing);
    let mut usable = readings.iter().filter(|r| span.contains(r.at) && r.at < now);
    let mut scored: Vec<_> = Vec::new();
    scored.extend(
        usable
            .by_ref()
            .filter_map(|r| Some((span.date(r.at), r.usable()?))),
    );
    let (_, from) = scored.iter().rfind(|(on, _)| *on <= first)?;
    let (_, to) = scored.iter().rfind(|(on, _)| *on > first)?;
    let change = odi::compare(from, to).ok()?;
    let percent = |s: &odi::Scored| 20.0 * f64::from(s.score.sum()) / f64::from(s.score.answered());
    Some(Function {
        points: percent(from) - percent(to),
        improved: change.improved_10_points(),
    })
}

fn costs(chart: &Chart, span: &Span, now: Timestamp) -> BTreeMap<String, f64> {
    let mut costs = BTreeMap::new();
    for taken in chart
        .taken()
        .iter()
        .filter(|t| t.assessment.head.performed_at < now)
    {
        if let Body::Cost(cost) = &taken.assessment.body
            && span.contains_day(cost.on)
        {
            *costs.entry(cost.currency.to_ascii_uppercase()).or_insert(0.0) += cost.amount;
        }
    }
    costs
}
