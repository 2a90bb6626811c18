//! Response: whether the pain changes.

use care::chart::PainReading;
use care::fact::ours::{Evidence, Severity};
use care::measure::{odi, pain};
use care::role::Role;
use care::time::Timestamp;

use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};
use crate::rules::oswestry;
use crate::words::tenths;

pub(crate) const NO_CHANGE_RULE: Rule = Rule::new(&NO_CHANGE, no_change);

pub(crate) static NO_CHANGE: RuleInfo = RuleInfo {
    id: "no-change-by-session-four",
    name: "No change by session four",
    group: "response",
    severity: Severity::Advisory,
    roles: &[Role::Acupuncturist, Role::Physiatrist, Role::CareCoordinator],
    effect: "Asks the team to adjust the plan: other points or settings, check diagnosis and red flags, \
             add graded exercise, or stop. No booking is touched. A rise of 30 % or more is worsening, \
             which is another rule.",
    dedupe: "once per plan",
    rearm: "a new plan",
    evidence: Evidence::Policy,
    evidence_note: "A payer asks to stop what does not help. That no change means less than 10 % is an \
                    assumption from a consensus that calls 10 to 20 % minimal.",
    source: Origin::SourceText,
    condition: Condition::Event,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

/// The session after which the pain is looked at.
const SESSION: usize = 4;

fn no_change(case: &Case<'_>) -> Vec<Finding> {
    judged(case).into_iter().collect()
}

fn judged(case: &Case<'_>) -> Option<Finding> {
    let attended = case.chart.attended_ea();
    let (_, first) = attended.first()?;
    let (session_id, session) = attended.get(SESSION - 1)?;
    let pains = &case.pains;
    let baseline = pain_baseline(case, pains, first.start()?)?;
    let (from, until) = window(
        case,
        session.end()?,
        attended.get(SESSION).and_then(|(_, s)| s.start()),
    )?;
    let alike = |p: &&PainReading| pain::compare(&baseline.pain, &p.pain).is_ok();
    let decisive = pains.iter().find(|p| p.at >= from && p.at < until && alike(p))?;
    let change = pain::compare(&baseline.pain, &decisive.pain).ok()?;
    // A baseline of zero is not evaluable.
    let reduction = change.reduction()?;
    let (points, base) = (i64::from(change.points()), i64::from(baseline.pain.value()));
    let limit = i64::from(case.policy.rules.no_change_below_percent);
    // Exactly the limit is a change. A rise of 30 % or more is the business of pain-worsening.
    if 100 * points >= limit * base || -10 * points >= 3 * base {
        return None;
    }
    let function = function(case, decisive.at);
    if function.is_some_and(odi::Change::improved_10_points) {
        return None;
    }
    let completed = session.newest().map(|(version, _)| &version.stamp)?;
    let scale = baseline.pain.scale().code();
    let finding = Finding::new(
        &NO_CHANGE,
        format!("{}/course", case.plan_key()),
        decisive.at,
        &decisive.stamp,
    )
    .because(&baseline.stamp)
    .because(completed)
    .value(&format!("pain_baseline_{scale}"), baseline.pain.value())
    .value(&format!("pain_now_{scale}"), decisive.pain.value())
    .value("pain_reduction_percent", tenths(reduction.percent_x10()))
    .value("low_baseline", change.low_baseline())
    .value(
        "oswestry_better_by_points",
        function.map_or("not evaluable".to_owned(), |c| tenths(c.points_x10())),
    )
    .value("session_4", session_id)
    .threshold("pain_reduction_percent", format!("< {limit}"))
    .threshold("oswestry_better_by_points", "< 10")
    .task("adjust-points-or-settings")
    .task("check-diagnosis-and-red-flags")
    .task("add-graded-exercise")
    .task("consider-stopping");
    Some(finding)
}

/// The last score at or before the first session, at most 14 days old; of the question "now" if there is one, since
/// only scores of one scale and one question are compared.
pub(crate) fn pain_baseline<'p>(
    case: &Case<'_>,
    pains: &'p [PainReading],
    first: Timestamp,
) -> Option<&'p PainReading> {
    let oldest = Case::days_after(case.date(first), -14)?;
    let fits = |p: &&PainReading| {
        p.at <= first && case.date(p.at) >= oldest && p.pain.context().counts_for_response()
    };
    let now = |p: &&PainReading| p.pain.context() == pain::Context::Now;
    pains
        .iter()
        .filter(fits)
        .rfind(now)
        .or_else(|| pains.iter().rfind(fits))
}

/// After session 4, before session 5, and within the days of the policy, the last of them to its end.
fn window(case: &Case<'_>, end: Timestamp, next: Option<Timestamp>) -> Option<(Timestamp, Timestamp)> {
    let days = i64::from(case.policy.rules.no_change_window_days);
    let closes = case.day_start(Case::days_after(case.date(end), days + 1)?)?;
    Some((end, next.map_or(closes, |next| next.min(closes))))
}

/// Change of the Oswestry from its baseline to the last result at an instant; none where there is nothing to compare.
fn function(case: &Case<'_>, at: Timestamp) -> Option<odi::Change> {
    let (base, from) = oswestry::baseline(case)?;
    let accepted = oswestry::accepted(case);
    let (last, to) = accepted.into_iter().rfind(|(r, _)| r.at <= at)?;
    (last.assessment_id != base.assessment_id).then(|| odi::compare(from, to).ok())?
}
