//! Session four: no change by then, once more after the plan was adjusted, and nobody having asked.

use care::chart::PainReading;
use care::fact::assessment::{Body, CourseDecision};
use care::fact::ours::{Evidence, Severity};
use care::measure::{odi, pain};
use care::role::Role;
use care::time::Timestamp;

use super::{GROUP, Scores, days_end};
use crate::case::{Case, Told};
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};
use crate::rules::oswestry;
use crate::words::tenths;

pub(crate) const NO_CHANGE_RULE: Rule = Rule::new(&NO_CHANGE, no_change);
pub(crate) const UNMEASURED_RULE: Rule = Rule::new(&UNMEASURED, unmeasured).waking(wake);

pub(crate) static NO_CHANGE: RuleInfo = RuleInfo {
    id: "no-change-by-session-four",
    version: 2,
    name: "No change by session four",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::Acupuncturist, Role::Physiatrist, Role::CareCoordinator],
    effect: "Asks the team to adjust the plan: other points or settings, check diagnosis and red flags, \
             add graded exercise, or stop. No booking is touched. The first score before session 6 decides. A \
             rise of 30 % or more that is clearly worse is left to the rule about worsening.",
    dedupe: "once per plan; once more after an adjustment",
    rearm: "a course review that adjusts the plan: looked at again after session 8; else a new plan",
    evidence: Evidence::Policy,
    evidence_note: "A payer asks to stop what does not help. That no change means less than 10 % is an \
                    assumption from a consensus that calls 10 to 20 % minimal.",
    source: Origin::SourceText,
    condition: Condition::Event,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

pub(crate) static UNMEASURED: RuleInfo = RuleInfo {
    id: "session-four-unmeasured",
    name: "Session four passed without a pain score",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::Acupuncturist, Role::CareCoordinator],
    effect: "Asks for a score when none that could be compared came before session 5, or within the days of the \
             policy. One that comes before session 6 ends it and is judged late.",
    dedupe: "once per plan",
    rearm: "a new plan",
    evidence: Evidence::Assumption,
    evidence_note: "Silence is not the same as no change.",
    source: Origin::Assumption,
    condition: Condition::Standing,
    scope: Scope::Plan,
    ends_as: "measured",
    ..RuleInfo::BASE
};

/// The session after which the pain is looked at.
const SESSION: usize = 4;
/// The session after which it is looked at again if the plan was adjusted.
const AGAIN: usize = 8;

fn no_change(case: &Case<'_>) -> Vec<Finding> {
    let Some(scores) = Scores::of(case) else {
        return Vec::new();
    };
    let first = judged(case, &scores, SESSION, "course");
    let again = first.as_ref().and_then(|first| adjusted(case, &scores, first));
    first.into_iter().chain(again).collect()
}

/// Looked at again because the team adjusted the plan after it had heard of no change.
fn adjusted(case: &Case<'_>, scores: &Scores<'_>, first: &Finding) -> Option<Finding> {
    let attended = case.chart.attended_ea();
    let eighth = attended.get(AGAIN - 1)?.1.start()?;
    let adjusts = |t: &&Told<'_>| matches!(t.body(), Body::CourseReview(review) if review.decision == CourseDecision::Adjust);
    let review = case
        .live()
        .filter(adjusts)
        .find(|t| t.at() >= first.since && t.at() <= eighth)?;
    let again = judged(case, scores, AGAIN, "after-adjustment")?;
    Some(
        again
            .because(review.stamp())
            .value("looked_at_again", "no-change-after-adjustment"),
    )
}

/// The first score after a session and before the next but one, which is late if the next one has been.
fn deciding<'c>(case: &Case<'_>, scores: &Scores<'c>, session: usize) -> Option<super::Scoring<'c>> {
    let attended = case.chart.attended_ea();
    let from = attended.get(session - 1)?.1.end()?;
    let until = attended.get(session + 1).and_then(|(_, s)| s.start());
    scores
        .in_course(case)
        .find(|(p, _)| p.at >= from && until.is_none_or(|until| p.at < until))
}

fn judged(case: &Case<'_>, scores: &Scores<'_>, number: usize, key: &str) -> Option<Finding> {
    let (now, change) = deciding(case, scores, number)?;
    // A baseline of zero is not evaluable.
    let reduction = change.reduction()?;
    let baseline = scores.baseline;
    let (points, base) = (i64::from(change.points()), i64::from(baseline.pain.value()));
    let limit = i64::from(case.policy.rules.no_change_below_percent);
    let is_worsening = -10 * points >= 3 * base && change.clearly_worse();
    // Exactly the limit is a change.
    if 100 * points >= limit * base || is_worsening {
        return None;
    }
    let function = function(case, now.at);
    if function.is_some_and(odi::Change::improved_10_points) {
        return None;
    }
    let attended = case.chart.attended_ea();
    let (session_id, session) = attended.get(number - 1)?;
    let completed = session.newest().map(|(version, _)| &version.stamp)?;
    let scale = baseline.pain.scale().code();
    let key = format!("{}/{key}", case.plan_key());
    let finding = Finding::new(&NO_CHANGE, key, now.at, &now.stamp)
        .because(&baseline.stamp)
        .because(completed)
        .value(&format!("pain_baseline_{scale}"), baseline.pain.value())
        .value(&format!("pain_now_{scale}"), now.pain.value())
        .value("pain_reduction_percent", tenths(reduction.percent_x10()))
        .value("low_baseline", change.low_baseline())
        .value(
            "oswestry_better_by_points",
            function.map_or("not evaluable".to_owned(), |c| tenths(c.points_x10())),
        )
        .value(&format!("session_{number}"), session_id)
        .threshold("pain_reduction_percent", format!("< {limit}"))
        .threshold("oswestry_better_by_points", "< 10")
        .task("adjust-points-or-settings")
        .task("check-diagnosis-and-red-flags")
        .task("add-graded-exercise")
        .task("consider-stopping");
    Some(finding)
}

/// Change of the Oswestry from its baseline to the last result at an instant; none where there is nothing to compare.
fn function(case: &Case<'_>, at: Timestamp) -> Option<odi::Change> {
    let (base, from) = oswestry::baseline(case)?;
    let accepted = oswestry::accepted(case);
    let (last, to) = accepted.into_iter().rfind(|(r, _)| r.at <= at)?;
    (last.assessment_id != base.assessment_id).then(|| odi::compare(from, to).ok())?
}

fn unmeasured(case: &Case<'_>) -> Vec<Finding> {
    asked_for(case).into_iter().collect()
}

fn asked_for(case: &Case<'_>) -> Option<Finding> {
    let attended = case.chart.attended_ea();
    let (session_id, session) = attended.get(SESSION - 1)?;
    let (from, closes) = window(case)?;
    if closes > case.now || !case.is_in_course(closes) {
        return None;
    }
    let baseline = Scores::of(case).map(|scores| scores.baseline);
    let scored = |from: Timestamp, until: Option<Timestamp>| {
        let within = |p: &&PainReading| p.at >= from && until.is_none_or(|until| p.at < until);
        let mut pains = case.pains.iter().filter(within);
        pains.find(|p| case.is_in_course(p.at) && counts(p, baseline))
    };
    if scored(from, Some(closes)).is_some() {
        return None;
    }
    let sixth = attended.get(SESSION + 1).and_then(|(_, s)| s.start());
    let truth = match scored(closes, sixth) {
        Some(late) => Truth::Over {
            outcome: "measured",
            by: Some(late.stamp.clone()),
        },
        None if sixth.is_some() => Truth::Lasts,
        None => case.while_active(),
    };
    let completed = session.newest().map(|(version, _)| &version.stamp)?;
    let key = format!("{}/session-4", case.plan_key());
    let finding = Finding::new(&UNMEASURED, key, closes, completed)
        .value("session_4", session_id)
        .threshold("scores_at_least", 1)
        .threshold("days_after_session_4", case.policy.rules.no_change_window_days)
        .task("ask-for-pain-score");
    let fifth = attended.get(SESSION).filter(|(_, s)| s.start() == Some(closes));
    let fifth = fifth
        .and_then(|(_, s)| s.newest())
        .map(|(version, _)| &version.stamp);
    Some(fifth.into_iter().fold(finding, Finding::because).truth(truth))
}

/// From the end of session 4 to session 5, or to the end of the last day of the policy.
fn window(case: &Case<'_>) -> Option<(Timestamp, Timestamp)> {
    let attended = case.chart.attended_ea();
    let end = attended.get(SESSION - 1)?.1.end()?;
    let closes = days_end(case, end, case.policy.rules.no_change_window_days)?;
    let next = attended.get(SESSION).and_then(|(_, s)| s.start());
    Some((end, next.map_or(closes, |next| next.min(closes))))
}

/// A score that the rule about no change could use; without a baseline, any answer of the patient.
fn counts(p: &PainReading, baseline: Option<&PainReading>) -> bool {
    p.pain.context().counts_for_response()
        && baseline.is_none_or(|base| pain::compare(&base.pain, &p.pain).is_ok())
}

fn wake(case: &Case<'_>) -> Option<Timestamp> {
    window(case)
        .filter(|_| case.is_active())
        .map(|(_, closes)| closes)
}
