//! Raising: a truth without its alert gets one while acting on it is useful.

use care::fact::Fact;
use care::fact::ours::AlertRaised;
use care::id::RuleId;
use care::{Draft, Worker};

use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::identity::Slot;
use crate::rule::AfterPlan;
use crate::subject::Subject;

/// Whether a finding's alert has to be raised.
pub(crate) fn is_wanted(subject: &Subject<'_>, finding: &Finding, slot: &Slot<'_>) -> bool {
    finding.truth == Truth::Holds
        && slot.alert.is_none_or(|a| a.raised.is_none())
        && finding
            .actionable_until(subject.policy)
            .is_none_or(|until| subject.now <= until)
}

/// When the plan has ended, routine has.
pub(crate) fn may_speak(case: &Case<'_>, finding: &Finding) -> bool {
    case.ended().is_none() || finding.rule.after_plan() != AfterPlan::Silent
}

/// `alert.raised` of a finding.
///
/// # Panics
/// Never: the ids of the catalogue are ids, as a test says.
pub(crate) fn draft(subject: &Subject<'_>, finding: &Finding, slot: &Slot<'_>, policy: &str) -> Draft {
    let mut values = finding.values.clone();
    if !finding.items.is_empty() {
        values.insert("items".to_owned(), crate::words::listed(&finding.items));
    }
    #[expect(
        clippy::expect_used,
        reason = "the ids of the catalogue are ids, as a test says"
    )]
    let rule = RuleId::new(finding.rule.id).expect("a catalogue id");
    let raised = AlertRaised {
        alert_id: slot.id.clone(),
        rule,
        title: finding.rule.name.to_owned(),
        key: slot.key.clone(),
        policy: policy.to_owned(),
        severity: finding.severity,
        because: finding.because.clone(),
        values,
        threshold: finding.threshold.clone(),
        evidence: finding.rule.evidence,
        roles: finding.roles.clone(),
        actions: finding.actions.clone(),
        actionable_until: finding.actionable_until(subject.policy),
    };
    Draft {
        worker: Worker::Triggers,
        about: subject.about.clone(),
        key: slot.id.to_string(),
        causation: Some(finding.decisive.id.clone()),
        correlation: Some(finding.decisive.chain().clone()),
        fact: Fact::AlertRaised(raised),
    }
}
