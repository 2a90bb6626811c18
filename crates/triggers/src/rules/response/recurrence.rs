//! Six months after a plan was completed: pain that came back, and a response that was lost.

use care::chart::{PainReading, PlanStatus, Stamp};
use care::fact::ours::{Action, Evidence, Severity};
use care::measure::pain::{Context, Scale};
use care::role::Role;
use care::time::{Date, hours};

use super::{GROUP, Scores};
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{AfterPlan, Condition, Origin, Rule, RuleInfo, Scope};
use crate::words::tenths;

pub(crate) const RULE: Rule = Rule::new(&RECURRENCE, both);

pub(crate) static RECURRENCE: RuleInfo = RuleInfo {
    id: "recurrence-6-month",
    name: "Six-month recurrence check",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::Pcp, Role::Physiatrist, Role::Acupuncturist],
    effect: "Two outcomes, each by its name, counted from the completion of the plan: recurrence (30 days or more \
             without pain, then pain of 20 mm or 2 points for 24 hours) and loss of response (30 % less at the end, \
             not so at six months). Offers a review, and is the one routine rule that outlives its plan; a plan \
             that was revoked has none.",
    dedupe: "the first of each outcome per plan",
    rearm: "a new plan",
    evidence: Evidence::Partly,
    evidence_note: "The definition is that of a systematic review, which finds that hardly two studies share one; \
                    rates by other definitions cannot be compared with it.",
    source: Origin::SourceText,
    condition: Condition::Event,
    scope: Scope::Plan,
    after_plan: AfterPlan::Speaks,
    ..RuleInfo::BASE
};

fn both(case: &Case<'_>) -> Vec<Finding> {
    let Some(completed) = completed(case) else {
        return Vec::new();
    };
    let outcomes = [recurred(case, completed), lost(case, completed)];
    outcomes.into_iter().flatten().collect()
}

fn completed<'a>(case: &Case<'a>) -> Option<&'a Stamp> {
    let record = case.record?;
    record
        .status_since()
        .filter(|_| record.status() == PlanStatus::Completed)
}

/// First and last day of the check.
fn window(case: &Case<'_>, completed: &Stamp) -> Option<(Date, Date)> {
    let policy = &case.policy.response;
    let (at, within) = (policy.recurrence_at_days, policy.recurrence_within_days);
    let day = |days: i64| Case::days_after(case.date(completed.time), days);
    Some((
        day(i64::from(at) - i64::from(within))?,
        day(i64::from(at) + i64::from(within))?,
    ))
}

fn finding(case: &Case<'_>, outcome: &str, now: &PainReading, completed: &Stamp) -> Finding {
    let key = format!("{}/{outcome}", case.plan_key());
    Finding::new(&RECURRENCE, key, now.at, &now.stamp)
        .because(completed)
        .value("outcome", outcome)
        .value("plan_completed_on", case.date(completed.time))
        .value(&format!("pain_now_{}", now.pain.scale().code()), now.pain.value())
        .task(Action::OFFER_REVIEW)
}

/// How a score counts; scores of any scale and question, because each is held against its own threshold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Felt {
    Free,
    Some,
    Pain,
}

fn felt(case: &Case<'_>, p: &PainReading) -> Felt {
    let policy = &case.policy.response;
    let (free, pain) = match p.pain.scale() {
        Scale::Vas => (policy.recurrence_free_max_vas_mm, policy.recurrence_vas_mm),
        Scale::Nrs => (0, policy.recurrence_nrs),
    };
    match u16::from(p.pain.value()) {
        value if value <= free => Felt::Free,
        value if value >= pain => Felt::Pain,
        _ => Felt::Some,
    }
}

/// What is known of the days without pain, and of the pain that ended them.
#[derive(Default)]
struct Known<'c> {
    free: Option<Free<'c>>,
    pain: Option<(&'c PainReading, Free<'c>)>,
}

/// First and last score of the days without pain.
type Free<'c> = (&'c PainReading, &'c PainReading);

/// Days without pain are known from scores at both ends with none above between them; a day without a score before
/// or after them is not one of them. Pain lasts 24 hours when two scores so far apart say so and none between them
/// says otherwise, or when it is the average of seven days.
fn recurred(case: &Case<'_>, completed: &Stamp) -> Option<Finding> {
    let (_, last_day) = window(case, completed)?;
    let from = case.chart.episode_start()?;
    let least = i64::from(case.policy.response.recurrence_free_days);
    let counts = |p: &&PainReading| {
        p.at >= from && case.date(p.at) <= last_day && p.pain.context().counts_for_response()
    };
    let mut known = Known::default();
    for p in case.pains.iter().filter(counts) {
        match felt(case, p) {
            Felt::Free => {
                known.free = Some((known.free.map_or(p, |(first, _)| first), p));
                known.pain = None;
            }
            Felt::Some => known = Known::default(),
            Felt::Pain => {
                let free = known.free.take().filter(|(first, last)| {
                    p.at > completed.time && case.days_between(first.at, last.at) >= least
                });
                known.pain = known.pain.or(free.map(|free| (p, free)));
                let lasts = |onset: &PainReading| {
                    p.pain.context() == Context::Avg7d || p.at.duration_since(onset.at) >= hours(24)
                };
                if let Some((onset, (first, last))) = known.pain.filter(|(onset, _)| lasts(onset)) {
                    return Some(described(case, completed, (first, last), onset, p));
                }
            }
        }
    }
    None
}

fn described(
    case: &Case<'_>,
    completed: &Stamp,
    (first, last): Free<'_>,
    onset: &PainReading,
    now: &PainReading,
) -> Finding {
    let policy = &case.policy.response;
    finding(case, "recurrence", now, completed)
        .because(&first.stamp)
        .because(&last.stamp)
        .because(&onset.stamp)
        .value("pain_free_days", case.days_between(first.at, last.at))
        .value("pain_since", case.date(onset.at))
        .threshold("pain_free_days_at_least", policy.recurrence_free_days)
        .threshold("pain_hours_at_least", 24)
        .threshold(
            "pain_at_least",
            format!(
                "{} mm or {} points",
                policy.recurrence_vas_mm, policy.recurrence_nrs
            ),
        )
}

/// The last score of the plan met 30 %, the first one about six months later does not.
fn lost(case: &Case<'_>, completed: &Stamp) -> Option<Finding> {
    let scores = Scores::of(case)?;
    let (opens, closes) = window(case, completed)?;
    let (last, then) = scores
        .later
        .iter()
        .copied()
        .rfind(|(p, _)| p.at < completed.time)?;
    let (now, change) = scores
        .later
        .iter()
        .copied()
        .find(|(p, _)| (opens..=closes).contains(&case.date(p.at)))?;
    let (then, change) = (then.reduction()?, change.reduction()?);
    let is_lost = then.at_least_30() && !change.at_least_30();
    let finding = || {
        finding(case, "loss-of-response", now, completed)
            .because(&scores.baseline.stamp)
            .because(&last.stamp)
            .value("pain_reduction_percent_at_completion", tenths(then.percent_x10()))
            .value("pain_reduction_percent_now", tenths(change.percent_x10()))
            .threshold("pain_reduction_percent_at_completion", ">= 30")
            .threshold("pain_reduction_percent_now", "< 30")
    };
    is_lost.then(finding)
}
