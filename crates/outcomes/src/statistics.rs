//! The arithmetic of the report: medians, survival, and intervals.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Half of a two-sided 5 %.
const TAIL: f64 = 0.025;
/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The middle value; the mean of the two middle ones where there are two.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    let upper = *sorted.get(half)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(half.checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

/// The arithmetic mean.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// When something happened, in sessions, or how long it was watched for without happening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    /// Sessions.
    pub sessions: usize,
    /// It happened then; else it had not by then.
    pub happened: bool,
}

/// The Kaplan–Meier median: the least number of sessions at which the estimate of those it has not happened to is at
/// most one half. At a tie, what happened comes before who is no longer watched. `None`: never reached.
#[must_use]
pub fn survival_median(watched: &[Watched]) -> Option<usize> {
    /// The estimate is a product of fractions: one half may come out a hair above itself.
    const HAIR: f64 = 1e-12;
    let mut times: Vec<usize> = watched
        .iter()
        .filter(|w| w.happened)
        .map(|w| w.sessions)
        .collect();
    times.sort_unstable();
    times.dedup();
    let mut left = 1.0;
    for time in times {
        let at_risk = watched.iter().filter(|w| w.sessions >= time).count();
        let events = watched
            .iter()
            .filter(|w| w.happened && w.sessions == time)
            .count();
        left *= 1.0 - events as f64 / at_risk as f64;
        if left <= 0.5 + HAIR {
            return Some(time);
        }
    }
    None
}

/// The exact 95 % interval of a Poisson count, by chi-square quantiles (Garwood 1936): from
/// `χ²(0.025; 2A) / 2` to `χ²(0.975; 2A + 2) / 2`, and from 0 where nothing was counted.
#[must_use]
pub fn poisson_interval(count: u64) -> Option<(f64, f64)> {
    let quantile = |p: f64, degrees: f64| {
        let chi = ChiSquared::new(degrees).ok()?;
        let half = chi.inverse_cdf(p) / 2.0;
        half.is_finite().then_some(half)
    };
    let low = if count == 0 {
        0.0
    } else {
        quantile(TAIL, 2.0 * count as f64)?
    };
    Some((low, quantile(1.0 - TAIL, 2.0 * count as f64 + 2.0)?))
}

/// A relative difference with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelativeDifference {
    /// `(p1 − p2) / p2`.
    pub value: f64,
    /// Lower and upper limit; none where one of the counts is zero.
    pub interval: Option<(f64, f64)>,
}

/// `(a/m − c/n) / (c/n)`, with the interval of the log ratio of two proportions (Katz 1978):
/// `exp(ln ratio ± z √(1/a − 1/m + 1/c − 1/n)) − 1`. `None` where it is not defined: a group is empty, or `c` is zero.
#[must_use]
pub fn relative_difference((a, m): (u64, u64), (c, n): (u64, u64)) -> Option<RelativeDifference> {
    if m == 0 || n == 0 || c == 0 {
        return None;
    }
    let [a, m, c, n] = [a, m, c, n].map(|count| count as f64);
    let ratio = (a / m) / (c / n);
    let error = (1.0 / a - 1.0 / m + 1.0 / c - 1.0 / n).max(0.0).sqrt();
    let interval = (a > 0.0).then(|| {
        let limit = |side: f64| (ratio.ln() + side * Z * error).exp() - 1.0;
        (limit(-1.0), limit(1.0))
    });
    Some(RelativeDifference {
        value: ratio - 1.0,
        interval,
    })
}
