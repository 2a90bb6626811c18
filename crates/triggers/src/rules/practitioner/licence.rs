//! A licence that nobody verified, or that ends before an EA that is booked.

use care::fact::ours::{Evidence, Severity};
use care::role::Role;
use care::time::hours;

use super::GROUP;
use crate::finding::{Finding, Truth};
use crate::practice::Practice;
use crate::rule::{Condition, Origin, Rule, RuleInfo};

pub(crate) const CURRENT_ROW: Rule = Rule::listed(&CURRENT);

pub(crate) static CURRENT: RuleInfo = RuleInfo {
    id: "practitioner-licence-current",
    name: "Licence not verified, or ends before a booked session",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[Role::CareCoordinator],
    effect: "carebus holds EA with them on days the licence does not cover. Names neither its number nor the \
             board; told again after some days while a booked EA lies beyond it.",
    dedupe: "one per practitioner and end of the licence, for all patients; told again weekly",
    rearm: "a licence that was renewed or verified, and lapses again",
    evidence: Evidence::Policy,
    evidence_note: "A payer asks for a current, full, active and unrestricted licence.",
    source: Origin::SourceText,
    condition: Condition::Standing,
    safety: true,
    ends_as: "renewed",
    ..RuleInfo::BASE
};

const UNVERIFIED: &str = "unverified";

/// Once told, it stands until the licence is renewed, though the EA may be off by then; then it is told no more.
pub(crate) fn current(practice: &Practice<'_>) -> Vec<Finding> {
    let Some(stamp) = practice.judged_by() else {
        return Vec::new();
    };
    let days = practice.subject.policy.practitioners.licence_reminder_days;
    let again = |finding: Finding| Finding {
        again_every: Some(hours(24 * i64::from(days))),
        ..finding.task("renew-or-verify-licence")
    };
    let is_verified = practice.standing.as_ref().is_some_and(|s| s.is_verified());
    let verified = Truth::Over {
        outcome: "verified",
        by: Some(stamp.clone()),
    };
    let unverified = Finding::new(&CURRENT, UNVERIFIED.to_owned(), stamp.time, stamp)
        .value("problem", "not verified")
        .truth(if is_verified { verified } else { Truth::Holds });
    let mut found = vec![again(unverified)];
    let Some(through) = practice.standing.as_ref().and_then(|s| s.through()) else {
        return found;
    };
    let beyond = practice
        .upcoming
        .iter()
        .find(|ea| practice.date(ea.start) > through);
    let key = format!("until/{through}");
    let ended = match beyond {
        Some(ea) => {
            let since = stamp.time.max(ea.booked.time);
            let first = practice.date(ea.start);
            let finding = Finding::new(&CURRENT, key, since, stamp).because(ea.booked);
            let truth = if is_verified { Truth::Holds } else { Truth::Lasts };
            finding.value("first_ea", first).truth(truth)
        }
        None => Finding::new(&CURRENT, key, stamp.time, stamp).truth(Truth::Lasts),
    };
    found.push(again(
        ended
            .value("problem", "ends before a booked session")
            .value("expires_on", through),
    ));
    found
}
