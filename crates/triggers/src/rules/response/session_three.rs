//! What was expected of the pain by session 3.

use care::fact::ours::{Evidence, Severity};
use care::measure::pain::Expectation;
use care::role::Role;

use super::{GROUP, Scores, days_end};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};
use crate::words::{code, tenths};

pub(crate) const RULE: Rule = Rule::new(&EXPECTED, expected);

pub(crate) static EXPECTED: RuleInfo = RuleInfo {
    id: "expect-session-3",
    name: "Pain by session 3 less changed than was expected",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::Acupuncturist],
    effect: "The first score after session 3 began and until session 4 begins, within the days of the policy: a \
             fall of less than 15 % is below what was expected. As expected (15 to 25 %) and above are kept and \
             told to nobody.",
    dedupe: "once per plan",
    rearm: "a new plan",
    evidence: Evidence::Unverified,
    evidence_note: "No source for the trajectory was found; a consensus calls 10 to 20 % minimal. It promises nobody \
                    anything.",
    source: Origin::SourceText,
    condition: Condition::Event,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

fn expected(case: &Case<'_>) -> Vec<Finding> {
    judged(case).into_iter().collect()
}

fn judged(case: &Case<'_>) -> Option<Finding> {
    let scores = Scores::of(case)?;
    let attended = case.chart.attended_ea();
    let (session_id, session) = attended.get(2)?;
    let start = session.start()?;
    let closes = days_end(case, start, case.policy.response.expectation_window_days)?;
    let next = attended.get(3).and_then(|(_, s)| s.start());
    // The score just before the next needles still belongs to session 3.
    let (now, change) = scores
        .in_course(case)
        .find(|(p, _)| p.at > start && p.at < closes && next.is_none_or(|next| p.at <= next))?;
    let reduction = change.reduction()?;
    let result = reduction.session_three();
    let truth = match result {
        Expectation::Below => Truth::Holds,
        Expectation::AsExpected | Expectation::Above => Truth::Over {
            outcome: "corrected",
            by: Some(now.stamp.clone()),
        },
    };
    let completed = session.newest().map(|(version, _)| &version.stamp)?;
    let scale = now.pain.scale().code();
    let key = format!("{}/session-3", case.plan_key());
    let finding = Finding::new(&EXPECTED, key, now.at, &now.stamp)
        .because(&scores.baseline.stamp)
        .because(completed)
        .value("result", code(result))
        .value(&format!("pain_baseline_{scale}"), scores.baseline.pain.value())
        .value(&format!("pain_now_{scale}"), now.pain.value())
        .value("pain_reduction_percent", tenths(reduction.percent_x10()))
        .value("low_baseline", change.low_baseline())
        .value("session_3", session_id)
        .threshold("pain_reduction_percent", "< 15");
    Some(finding.truth(truth))
}
