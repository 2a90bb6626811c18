//! Telling again: an incident with a new item, a review that is overdue, an alert that nobody takes on.

use std::collections::BTreeMap;

use care::chart::{Alert, Stamp};
use care::fact::Fact;
use care::fact::ours::{AlertEscalated, Severity};
use care::id::AlertId;
use care::role::Role;
use care::time::Timestamp;
use care::{Draft, Worker};

use crate::finding::{Finding, Truth};
use crate::identity::{Slot, untold};
use crate::resolve::Gone;
use crate::silence::{Clock, UNACKNOWLEDGED};
use crate::subject::Subject;
use crate::words;

/// Every `alert.escalated` that a finding's alert wants; `raised_now`: it is raised in the same answer.
pub(crate) fn by_finding(
    subject: &Subject<'_>,
    finding: &Finding,
    slot: &Slot<'_>,
    raised_now: bool,
) -> Vec<Draft> {
    if finding.truth != Truth::Holds {
        return Vec::new();
    }
    let alert = slot.alert.filter(|a| a.raised.is_some());
    let told = alert.map_or(0, last_step);
    let reasons = [
        new_item(finding, alert),
        overdue(subject, finding, alert, raised_now),
    ];
    let steps = (told.saturating_add(1)..).zip(reasons.into_iter().flatten());
    steps
        .map(|(step, (reason, values))| draft(subject, finding, slot, step, reason, values))
        .collect()
}

/// `alert.escalated` of every urgent or emergency alert that nobody took on, when its time has come. `so_far`: what is
/// said in the same answer, `gone`: what is taken back in it.
pub(crate) fn by_silence(subject: &Subject<'_>, so_far: &[Draft], gone: &Gone) -> Vec<Draft> {
    let waiting = subject.alerts.iter().filter(|(id, _)| !gone.contains(id));
    waiting
        .filter_map(|(id, alert)| silent(subject, id, alert, so_far))
        .collect()
}

/// When the next one is told again, if nobody takes it on.
pub(crate) fn wake(subject: &Subject<'_>) -> Option<Timestamp> {
    let next = |alert: &Alert| Clock::of(alert, &subject.policy.alerts, &subject.zone)?.next(subject.now);
    subject.alerts.values().filter_map(next).min()
}

/// `reason` of an `alert.escalated` because what was asked for is late.
const OVERDUE: &str = "overdue";

/// The next roles to be told of what their colleagues do not answer.
const NEXT: [Role; 3] = [Role::CareCoordinator, Role::Physiatrist, Role::Pcp];

/// One escalation however many were missed: with the number that the clock shows.
fn silent(subject: &Subject<'_>, id: &AlertId, alert: &Alert, so_far: &[Draft]) -> Option<Draft> {
    let (stamp, raised) = alert.raised.as_ref()?;
    let clock = Clock::of(alert, &subject.policy.alerts, &subject.zone)?;
    let number = clock.number_at(subject.now);
    if number <= clock.told(alert) {
        return None;
    }
    let said_now = so_far.iter().filter_map(|draft| match &draft.fact {
        Fact::AlertEscalated(e) if e.alert_id == *id => Some(e.step),
        _ => None,
    });
    let last = said_now.fold(last_step(alert), u16::max);
    let told = alert.escalated.values().flat_map(|(_, e)| &e.roles);
    let mut roles: Vec<Role> = raised.roles.iter().chain(told).copied().collect();
    roles.extend(NEXT.into_iter().find(|role| !roles.contains(role)));
    let values = BTreeMap::from([
        ("open_since".to_owned(), clock.since().to_string()),
        ("told_again".to_owned(), format!("{number} of {}", clock.times())),
    ]);
    let escalated = AlertEscalated {
        alert_id: id.clone(),
        step: last.saturating_add(1).max(number),
        reason: UNACKNOWLEDGED.to_owned(),
        severity: alert.severity().unwrap_or(raised.severity),
        because: vec![stamp.id.clone()],
        values,
        roles,
    };
    Some(fact(subject, escalated, stamp))
}

fn last_step(alert: &Alert) -> u16 {
    alert.escalated.keys().next_back().copied().unwrap_or(0)
}

type Reason = (&'static str, BTreeMap<String, String>);

/// A new item tells everybody again, whoever has taken the alert on.
fn new_item(finding: &Finding, alert: Option<&Alert>) -> Option<Reason> {
    let items = untold(alert?, finding);
    let values = BTreeMap::from([("items".to_owned(), words::listed(&items))]);
    (!items.is_empty()).then_some(("new-item", values))
}

/// Once, or each time so much has passed, and not when somebody has taken it on. What was missed is not made up for.
fn overdue(
    subject: &Subject<'_>,
    finding: &Finding,
    alert: Option<&Alert>,
    raised_now: bool,
) -> Option<Reason> {
    let is_open = alert.map_or(raised_now, |a| a.is_open() && a.acknowledged.is_none());
    let due = reminders(finding).take_while(|at| *at <= subject.now).last()?;
    let is_told = alert.is_some_and(|a| overdue_told(a).any(|at| finding.again_every.is_none() || at >= due));
    (is_open && !is_told).then(|| (OVERDUE, finding.values.clone()))
}

/// When an alert that is told again and again is told the next time, while nobody takes it on.
pub(crate) fn next_reminder(subject: &Subject<'_>, finding: &Finding, alert: &Alert) -> Option<Timestamp> {
    let is_silent = alert.is_open() && alert.acknowledged.is_none() && finding.truth == Truth::Holds;
    let next = || reminders(finding).find(|at| *at > subject.now);
    is_silent.then(next).flatten()
}

/// When a finding's alert is told again as overdue: once, or from then on at even steps.
fn reminders(finding: &Finding) -> impl Iterator<Item = Timestamp> {
    let step = |at: &Timestamp| {
        at.saturating_add(finding.again_every?)
            .ok()
            .filter(|next| next > at)
    };
    std::iter::successors(finding.overdue_from, step)
}

fn overdue_told(alert: &Alert) -> impl Iterator<Item = Timestamp> {
    let overdue = alert.escalated.values().filter(|(_, e)| e.reason == OVERDUE);
    overdue.map(|(stamp, _)| stamp.time)
}

fn draft(
    subject: &Subject<'_>,
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
    let escalated = AlertEscalated {
        alert_id: slot.id.clone(),
        step,
        reason: reason.to_owned(),
        severity: before.map_or(finding.severity, |b| b.max(finding.severity)),
        because: finding.because.clone(),
        values,
        roles,
    };
    fact(subject, escalated, &finding.decisive)
}

/// The fact, with its roles in order and each once.
fn fact(subject: &Subject<'_>, mut escalated: AlertEscalated, decisive: &Stamp) -> Draft {
    escalated.roles.sort_unstable();
    escalated.roles.dedup();
    Draft {
        worker: Worker::Triggers,
        about: subject.about.clone(),
        key: format!("{}/{}", escalated.alert_id, escalated.step),
        causation: Some(decisive.id.clone()),
        correlation: Some(decisive.chain().clone()),
        fact: Fact::AlertEscalated(escalated),
    }
}
