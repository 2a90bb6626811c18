//! Response: whether pain, function and movement change, held against what they were before the first session.

pub(crate) mod exercise;
pub(crate) mod function;
pub(crate) mod recurrence;
pub(crate) mod responder;
pub(crate) mod session_four;
pub(crate) mod session_three;
pub(crate) mod unraised;
pub(crate) mod worsening;

use care::chart::PainReading;
use care::measure::pain;
use care::time::{Date, Timestamp};

use crate::case::Case;

const GROUP: &str = "response";

/// A pain score that may be compared with the baseline, and the change.
type Scoring<'c> = (&'c PainReading, pain::Change);

/// The pain before the first session, and the later scores that may be compared with it.
struct Scores<'c> {
    baseline: &'c PainReading,
    /// By time, those after the end of the plan too.
    later: Vec<Scoring<'c>>,
}

impl<'c> Scores<'c> {
    fn of(case: &'c Case<'_>) -> Option<Self> {
        let first = first_session(case)?;
        let baseline = pain_baseline(case, first)?;
        let after = case.pains.iter().filter(|p| p.at > first);
        let later = after.filter_map(|p| Some((p, pain::compare(&baseline.pain, &p.pain).ok()?)));
        Some(Self {
            baseline,
            later: later.collect(),
        })
    }

    /// Those before the plan ended.
    fn in_course<'s>(&'s self, case: &'s Case<'_>) -> impl DoubleEndedIterator<Item = Scoring<'c>> + 's {
        let before = |(p, _): &&Scoring<'c>| case.is_in_course(p.at);
        self.later.iter().filter(before).copied()
    }
}

/// Start of attended session 1.
fn first_session(case: &Case<'_>) -> Option<Timestamp> {
    case.chart.attended_ea().first()?.1.start()
}

/// The first day on which what was measured before session 1 may still be its baseline.
fn baseline_from(case: &Case<'_>, first: Timestamp) -> Option<Date> {
    Case::days_after(
        case.date(first),
        -i64::from(case.policy.response.baseline_max_days),
    )
}

/// The last score at or before the first session, not too old; of the question "now" if there is one, since only
/// scores of one scale and one question are compared.
pub(crate) fn pain_baseline<'c>(case: &'c Case<'_>, first: Timestamp) -> Option<&'c PainReading> {
    let oldest = baseline_from(case, first)?;
    let fits = |p: &&PainReading| {
        p.at <= first && case.date(p.at) >= oldest && p.pain.context().counts_for_response()
    };
    let now = |p: &&PainReading| p.pain.context() == pain::Context::Now;
    let pains = &case.pains;
    pains
        .iter()
        .filter(fits)
        .rfind(now)
        .or_else(|| pains.iter().rfind(fits))
}

/// The instant at which so many local days after the day of another are over.
fn days_end(case: &Case<'_>, from: Timestamp, days: u16) -> Option<Timestamp> {
    case.day_start(Case::days_after(case.date(from), i64::from(days) + 1)?)
}
