//! What a letter says of an alert: raised, told again, ended.

use care::chart;
use care::fact::ours::{Action, AlertRaised, AlertResolved};
use care::role::{Actor, Role};
use care::time::TimeZone;

use super::words::{readable, sentence, words};
use crate::letter;
use crate::occasion::Occasion;

/// Outcome of an alert whose ground was taken back.
const RETRACTED: &str = "retracted";

/// An alert that is told again.
pub(super) fn escalated(
    alert: &chart::Alert,
    raised: &AlertRaised,
    step: u16,
    occasion: &Occasion<'_>,
) -> letter::AlertUpdate {
    let told = alert.escalated.get(&step).map(|(_, escalated)| escalated);
    let change = letter::AlertChange::Escalated {
        because: words(told.map_or("", |e| e.reason.as_str())),
        told: roles(told.map(|e| e.roles.as_slice()).unwrap_or_default()),
    };
    update(raised, occasion, change)
}

/// An alert that ended.
pub(super) fn resolved(
    alert: &chart::Alert,
    raised: &AlertRaised,
    occasion: &Occasion<'_>,
) -> letter::AlertUpdate {
    let change = match &alert.resolved {
        Some((_, by)) if by.outcome != RETRACTED => letter::AlertChange::Resolved {
            outcome: words(&by.outcome),
            by: who(by),
            note: by.note.clone(),
        },
        _ => letter::AlertChange::Retracted {
            because: "what it rested on was taken back".to_owned(),
        },
    };
    update(raised, occasion, change)
}

/// Who ended an alert: a role and an opaque id, or carebus.
fn who(by: &AlertResolved) -> String {
    match &by.by.member_id {
        Some(member) => member.to_string(),
        None if by.by.role == Actor::Carebus => "carebus, because it is no longer the case".to_owned(),
        None => "a member of the team".to_owned(),
    }
}

pub(super) fn roles(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|r| r.code().to_owned()).collect()
}

fn reference(raised: &AlertRaised, occasion: &Occasion<'_>) -> letter::AlertRef {
    letter::AlertRef {
        alert_id: raised.alert_id.to_string(),
        title: raised.title.clone(),
        severity: occasion.severity.max(raised.severity),
    }
}

fn update(raised: &AlertRaised, occasion: &Occasion<'_>, change: letter::AlertChange) -> letter::AlertUpdate {
    let alert = letter::AlertRef {
        severity: raised.severity,
        ..reference(raised, occasion)
    };
    letter::AlertUpdate {
        alert,
        at: occasion.stamp.time,
        change,
    }
}

/// An alert that was raised.
pub(super) fn raised(raised: &AlertRaised, occasion: &Occasion<'_>, zone: &TimeZone) -> letter::Alert {
    let first = raised
        .actions
        .iter()
        .find(|a| !a.is_hold() && a.what != Action::ADVISE_PT_HOLD);
    let fact = |(label, value): (&String, &String)| letter::Fact {
        label: words(label),
        value: readable(value, zone),
        unit: None,
        at: None,
    };
    let limits: Vec<String> = raised
        .threshold
        .iter()
        .map(|(k, v)| format!("{}: {v}", words(k)))
        .collect();
    letter::Alert {
        alert: reference(raised, occasion),
        first: first.map_or_else(
            || "Look at the chart and decide what to do.".to_owned(),
            |a| sentence(&a.what),
        ),
        happened: raised.values.iter().map(fact).collect(),
        threshold: (!limits.is_empty()).then(|| letter::Threshold {
            limit: limits.join("; "),
            source: "policy of this organisation".to_owned(),
        }),
        evidence: raised.evidence,
        holds: raised.actions.iter().filter_map(hold).collect(),
        told: roles(&raised.roles),
        raised_at: occasion.stamp.time,
        advice: None,
    }
}

/// What is on hold, as a phrase.
fn hold(action: &Action) -> Option<String> {
    let zones: Vec<&str> = action.zones.iter().map(|z| z.code()).collect();
    let place = if zones.is_empty() {
        String::new()
    } else {
        format!(" that use {} points", words(&zones.join(" or ")))
    };
    match action.what.as_str() {
        Action::HOLD_EA => Some(format!("EA sessions{place}")),
        Action::HOLD_ELECTRO => Some(format!("electrical stimulation in sessions{place}")),
        Action::ADVISE_PT_HOLD => Some("PT: a hold is advised; carebus changes no PT booking".to_owned()),
        _ => None,
    }
}
