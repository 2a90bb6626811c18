//! The worker: findings of every rule, minus what the log shows, is what ought to be said.

use care::role::Role;
use care::time::Timestamp;
use care::{Chart, Policy, Reaction};

use crate::case::Case;
use crate::finding::Finding;
use crate::resolve::Gone;
use crate::rule::AfterPlan;
use crate::rules::rules;
use crate::{escalate, identity, raise, report};

/// What ought to be said about a patient's alerts at `now`, and when to look again.
///
/// Asked again on a chart that holds the answer, it answers nothing.
#[must_use]
pub fn react(chart: &Chart, policy: &Policy, now: Timestamp) -> Reaction {
    let case = Case::new(chart, policy, now);
    let findings = found(&case);
    let gone = Gone::judge(&case, &findings);
    let mut reaction = Reaction::default();
    let mut hash: Option<String> = None;
    let mut told_again = Vec::new();
    for finding in findings.iter().filter(|f| !f.is_over()) {
        let slot = identity::slot(&case.subject, finding, &gone);
        let wanted = raise::is_wanted(&case.subject, finding, &slot)
            && raise::may_speak(&case, finding)
            && !gone.is_ground_of(&case.subject, finding);
        if wanted {
            let hash = hash.get_or_insert_with(|| policy.hash());
            reaction
                .facts
                .push(raise::draft(&case.subject, finding, &slot, hash));
        }
        told_again.extend(escalate::by_finding(&case.subject, finding, &slot, wanted));
    }
    let unanswered = escalate::by_silence(&case.subject, &told_again, &gone);
    reaction.facts.extend(told_again);
    reaction.facts.extend(unanswered);
    // Last, so that a hold that another alert carries on is never down in between.
    reaction.facts.extend(gone.drafts(&case.subject));
    let reports = report::drafts(&case, &reaction.facts);
    reaction.facts.extend(reports);
    let wakes = rules().filter(|r| r.info.is_on(policy)).filter_map(|r| r.wake);
    wakes
        .filter_map(|wake| wake(&case))
        .chain(escalate::wake(&case.subject))
        .chain(report::wake(&case))
        .filter(|at| *at > now)
        .for_each(|at| reaction.look_again_at(at));
    reaction
}

/// What every rule finds in a chart at `now`, in the order of the catalogue, the operations last.
#[must_use]
pub fn findings(chart: &Chart, policy: &Policy, now: Timestamp) -> Vec<Finding> {
    found(&Case::new(chart, policy, now))
}

fn found(case: &Case<'_>) -> Vec<Finding> {
    let on = rules().filter(|rule| rule.info.is_on(case.policy));
    on.filter_map(|rule| rule.find)
        .flat_map(|find| find(case))
        .map(|finding| addressed(case, finding))
        .collect()
}

/// Who stays responsible for a patient whose plan has ended.
const AFTER_PLAN: [Role; 2] = [Role::Pcp, Role::CareCoordinator];

/// When the plan has ended, what concerns safety goes to those who stay responsible, whoever was told before.
fn addressed(case: &Case<'_>, finding: Finding) -> Finding {
    if case.ended().is_some() && finding.rule.after_plan() == AfterPlan::AsSafety {
        let roles = AFTER_PLAN.to_vec();
        return Finding { roles, ..finding };
    }
    finding
}
