//! The pain of an episode: baseline, comparable scores, first response, and the values of the set times.

use care::Chart;
use care::chart::PainReading;
use care::measure::pain::{Context, Pain, Reduction, Scale, reduction};
use care::policy::Response;
use care::time::{Date, Timestamp, hours};

use super::span::{Ending, Span, days};
use super::{Attended, Standing};
use crate::assumed::{END_SCORE_DAYS, RECURRENCE_HOURS, SIX_MONTHS, SIX_WEEKS};

/// Pain from a baseline above zero.
#[derive(Debug, Clone, PartialEq)]
pub struct PainCourse {
    /// The baseline.
    pub baseline: Pain,
    /// Later scores of the same scale and question, by time.
    pub scores: Vec<Score>,
    /// Sessions before the first score at least 30 % below the baseline.
    pub responded: Option<usize>,
    /// Sessions before the first of two consecutive such scores.
    pub confirmed: Option<usize>,
    /// Six weeks after the first session.
    pub six_weeks: Reading,
    /// Six months after the first session.
    pub six_months: Reading,
    /// At the end of the course.
    pub at_end: Option<Reduction>,
    /// Six months after the end of the course.
    pub after_end: Reading,
    /// Recurrence in the strict sense, up to the end of those six months.
    pub strict: Strict,
}

/// A score after the first session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// When it was felt.
    pub at: Timestamp,
    /// The local day of that.
    pub on: Date,
    /// The score.
    pub pain: Pain,
    /// Against the baseline.
    pub reduction: Reduction,
    /// Sessions that had begun before it.
    pub sessions: usize,
}

/// The value of a set time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Its days are not over, or there is nothing to count them from.
    NotDue,
    /// Its days are over and hold no score.
    Missing,
    /// The score nearest to the target day; of two as near the earlier.
    Taken(Reduction),
}

impl Reading {
    /// The value.
    #[must_use]
    pub const fn taken(self) -> Option<Reduction> {
        match self {
            Self::Taken(reduction) => Some(reduction),
            Self::NotDue | Self::Missing => None,
        }
    }
}

/// Recurrence: pain-free days, then pain that lasts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Strict {
    /// Two pain-free scores as many days apart as it takes, and nothing else between them.
    pub was_free: bool,
    /// After that and after the end of the course: pain for a day or longer.
    pub recurred: bool,
    /// A painful score, and none that shows how long it lasted.
    pub unconfirmed: bool,
}

impl PainCourse {
    /// The baseline is so low that 30 % of it is less than a change that matters.
    #[must_use]
    pub const fn low_baseline(&self) -> bool {
        self.baseline.value() < self.baseline.scale().low_baseline_below()
    }

    /// Sessions before the last score.
    #[must_use]
    pub fn watched(&self) -> Option<usize> {
        self.scores.last().map(|s| s.sessions)
    }
}

/// Whether the pain can be judged, and what it was.
pub(super) fn course(
    chart: &Chart,
    span: &Span,
    attended: &[Attended],
    ending: Option<&Ending>,
    policy: &Response,
    now: Timestamp,
) -> (Standing, Option<PainCourse>) {
    let Some(first) = attended.first().map(|a| a.start) else {
        return (Standing::NoSession, None);
    };
    let mut pains = chart.pains();
    pains.retain(|p| p.at < now && span.is_before_next(p.at) && p.pain.context().counts_for_response());
    let Some(baseline) = baseline(&pains, span, first, policy) else {
        return (Standing::NoBaseline, None);
    };
    if baseline.value() == 0 {
        return (Standing::ZeroBaseline, None);
    }
    let later = || pains.iter().filter(|p| p.at > first);
    let scores: Vec<Score> = later()
        .filter_map(|p| score(p, &baseline, span, attended))
        .collect();
    let standing = match (scores.is_empty(), later().next().is_some()) {
        (false, _) => Standing::Evaluable,
        (true, true) => Standing::OtherScale,
        (true, false) => Standing::NoLaterScore,
    };
    let hit = |s: &Score| s.reduction.at_least_30();
    let end = ending.map(|e| e.at);
    let course = PainCourse {
        baseline,
        responded: scores.iter().find(|s| hit(s)).map(|s| s.sessions),
        confirmed: scores
            .windows(2)
            .find(|pair| pair.iter().all(hit))
            .and_then(|pair| pair.first())
            .map(|s| s.sessions),
        six_weeks: around(SIX_WEEKS, Some(first), &scores, span, now),
        six_months: around(SIX_MONTHS, Some(first), &scores, span, now),
        at_end: end.and_then(|end| at_end(end, &scores, span)),
        after_end: around(after_end(policy), end, &scores, span, now),
        strict: end.map_or_else(Strict::default, |end| strict(end, &scores, span, policy)),
        scores,
    };
    (standing, Some(course))
}

/// The last score up to the first session and not too old; of the question "now" if there is one.
fn baseline(pains: &[PainReading], span: &Span, first: Timestamp, policy: &Response) -> Option<Pain> {
    let oldest = i64::from(policy.baseline_max_days);
    let fits = |p: &&PainReading| p.at <= first && span.days(p.at, first) <= oldest;
    let now = |p: &&PainReading| p.pain.context() == Context::Now;
    pains
        .iter()
        .filter(fits)
        .rfind(now)
        .or_else(|| pains.iter().rfind(fits))
        .map(|p| p.pain)
}

/// None where scale or question differ.
fn score(p: &PainReading, baseline: &Pain, span: &Span, attended: &[Attended]) -> Option<Score> {
    Some(Score {
        at: p.at,
        on: span.date(p.at),
        pain: p.pain,
        reduction: reduction(baseline, &p.pain).ok()??,
        sessions: attended.iter().filter(|a| a.start < p.at).count(),
    })
}

fn around(
    (target, width): (i64, i64),
    from: Option<Timestamp>,
    scores: &[Score],
    span: &Span,
    now: Timestamp,
) -> Reading {
    let Some(from) = from.filter(|from| span.days(*from, now) > target + width) else {
        return Reading::NotDue;
    };
    let day_zero = span.date(from);
    let off = |s: &&Score| (days(day_zero, s.on) - target).abs();
    scores
        .iter()
        .filter(|s| off(s) <= width)
        .min_by_key(off)
        .map_or(Reading::Missing, |s| Reading::Taken(s.reduction))
}

fn at_end(end: Timestamp, scores: &[Score], span: &Span) -> Option<Reduction> {
    let day = span.date(end);
    scores
        .iter()
        .rfind(|s| days(day, s.on) <= END_SCORE_DAYS)
        .map(|s| s.reduction)
}

/// The check after the end of a course: the target day and the days to either side.
fn after_end(policy: &Response) -> (i64, i64) {
    (
        i64::from(policy.recurrence_at_days),
        i64::from(policy.recurrence_within_days),
    )
}

fn strict(end: Timestamp, scores: &[Score], span: &Span, policy: &Response) -> Strict {
    let (target, width) = after_end(policy);
    let last_day = target + width;
    let day = span.date(end);
    let mut strict = Strict::default();
    let (mut free_since, mut pain_since) = (None, None);
    for score in scores.iter().filter(|s| days(day, s.on) <= last_day) {
        let (value, scale) = (u16::from(score.pain.value()), score.pain.scale());
        if value <= free_up_to(scale, policy) {
            let since = *free_since.get_or_insert(score.on);
            strict.was_free |= days(since, score.on) >= i64::from(policy.recurrence_free_days);
        } else {
            free_since = None;
        }
        if value >= recurs_from(scale, policy) && strict.was_free && score.at > end {
            let since = *pain_since.get_or_insert(score.at);
            let lasted = score.at.duration_since(since) >= hours(RECURRENCE_HOURS);
            // An average of seven days says by itself that it lasted.
            strict.recurred |= lasted || score.pain.context() == Context::Avg7d;
            strict.unconfirmed = true;
        } else {
            pain_since = None;
        }
    }
    strict.unconfirmed &= !strict.recurred;
    strict
}

/// The highest score that is no pain.
fn free_up_to(scale: Scale, policy: &Response) -> u16 {
    match scale {
        Scale::Vas => policy.recurrence_free_max_vas_mm,
        Scale::Nrs => 0,
    }
}

/// The least score that is a recurrence when it lasts.
fn recurs_from(scale: Scale, policy: &Response) -> u16 {
    match scale {
        Scale::Vas => policy.recurrence_vas_mm,
        Scale::Nrs => policy.recurrence_nrs,
    }
}
