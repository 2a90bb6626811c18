//! Telling again: an incident with a new item, a review that is overdue. The clock of an alert that nobody takes on
//! is to be a third reason beside them.

use std::collections::BTreeMap;

use care::about::About;
use care::chart::Alert;
use care::fact::Fact;
use care::fact::ours::{AlertEscalated, Severity};
use care::role::Role;
use care::{Draft, Worker};

use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::identity::{Slot, untold};
use crate::words;

/// Every `alert.escalated` that a finding's alert wants; `raised_now`: it is raised in the same answer.
pub(crate) fn drafts(case: &Case<'_>, finding: &Finding, slot: &Slot<'_>, raised_now: bool) -> Vec<Draft> {
    if finding.truth != Truth::Holds {
        return Vec::new();
    }
    let alert = slot.alert.filter(|a| a.raised.is_some());
    let told = alert
        .into_iter()
        .flat_map(|a| a.escalated.keys())
        .max()
        .copied()
        .unwrap_or(0);
    let reasons = [
        new_item(finding, alert),
        overdue(case, finding, alert, raised_now),
    ];
    let steps = (told.saturating_add(1)..).zip(reasons.into_iter().flatten());
    steps
        .map(|(step, (reason, values))| draft(case, finding, slot, step, reason, values))
        .collect()
}

type Reason = (&'static str, BTreeMap<String, String>);

/// A new item tells everybody again, whoever has taken the alert on.
fn new_item(finding: &Finding, alert: Option<&Alert>) -> Option<Reason> {
    let items = untold(alert?, finding);
    let values = BTreeMap::from([("items".to_owned(), words::listed(&items))]);
    (!items.is_empty()).then_some(("new-item", values))
}

/// Once, and not when somebody has taken it on.
fn overdue(case: &Case<'_>, finding: &Finding, alert: Option<&Alert>, raised_now: bool) -> Option<Reason> {
    let is_open = alert.map_or(raised_now, |a| a.is_open() && a.acknowledged.is_none());
    let is_told = alert.is_some_and(|a| a.escalated.values().any(|(_, e)| e.reason == "overdue"));
    let is_due = finding.overdue_from.is_some_and(|from| case.now >= from);
    (is_open && is_due && !is_told).then(|| ("overdue", finding.values.clone()))
}

fn draft(
    case: &Case<'_>,
    finding: &Finding,
    slot: &Slot<'_>,
    step: u16,
    reason: &str,
    values: BTreeMap<String, String>,
) -> Draft {
    let before: Option<Severity> = slot.alert.and_then(Alert::severity);
    let mut roles: Vec<Role> = finding.roles.clone();
    let told = slot
        .alert
        .and_then(|a| a.raised.as_ref())
        .map(|(_, r)| r.roles.clone())
        .unwrap_or_default();
    roles.extend(told);
    roles.sort_unstable();
    roles.dedup();
    let escalated = AlertEscalated {
        alert_id: slot.id.clone(),
        step,
        reason: reason.to_owned(),
        severity: before.map_or(finding.severity, |b| b.max(finding.severity)),
        because: finding.because.clone(),
        values,
        roles,
    };
    Draft {
        worker: Worker::Triggers,
        about: About::Patient(case.chart.patient.clone()),
        key: format!("{}/{step}", slot.id),
        causation: Some(finding.decisive.id.clone()),
        correlation: Some(finding.decisive.chain().clone()),
        fact: Fact::AlertEscalated(escalated),
    }
}
