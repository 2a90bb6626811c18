//! What an alert rests on, what else decided, and how little would have had to be otherwise.

use care::id::EventId;
use care::time::TimeZone;
use serde::Serialize;
use serde_json::Value;
use triggers::why::{Change, Input, Question, Verdict};

use super::measured::{instead, subject, values};

/// So many of the nearest are shown; `--json` shows all.
const NEAREST: usize = 5;

/// One fact that decides.
#[derive(Debug, Serialize)]
pub(super) struct Decider {
    pub(super) id: EventId,
    pub(super) says: String,
    /// The alert names it.
    pub(super) is_because: bool,
    /// What it measured, with units.
    pub(super) values: Vec<String>,
    /// What would follow without it; absent where other facts say the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) without: Option<String>,
    /// Other values with which it would be otherwise, the nearest of each kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) otherwise: Vec<Otherwise>,
}

/// Another value, and what would follow.
#[derive(Debug, Serialize)]
pub(super) struct Otherwise {
    field: String,
    was: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Value>,
    says: String,
    then: String,
    #[serde(skip)]
    pub(super) ends: bool,
    #[serde(skip)]
    rank: (u8, i64),
}

/// Every fact that decides, in log order.
pub(super) fn deciders(question: &Question<'_>, zone: &TimeZone) -> Vec<Decider> {
    question
        .inputs()
        .iter()
        .map(|input| decider(input, zone))
        .collect()
}

fn decider(input: &Input<'_>, zone: &TimeZone) -> Decider {
    let whole = input
        .changes
        .iter()
        .any(|change| change.out_of.is_some() && !change.verdict.holds());
    let otherwise = |change: &Change| Otherwise {
        field: change.field.clone(),
        was: change.was.clone(),
        to: change.to.clone(),
        says: instead(input.event, change),
        then: then(&change.verdict),
        // The sum of a questionnaire says what its sections would say ten times over.
        ends: !change.verdict.holds() && (!whole || change.out_of.is_some()),
        rank: rank(change),
    };
    Decider {
        id: input.event.id.clone(),
        says: subject(input.event, zone),
        is_because: input.is_because,
        values: values(input.event),
        without: input.dropped.as_ref().map(then),
        otherwise: input.changes.iter().map(otherwise).collect(),
    }
}

/// Numbers before words before what would be missing; the smaller step first.
fn rank(change: &Change) -> (u8, i64) {
    let distance = change
        .to
        .as_ref()
        .and_then(Value::as_f64)
        .zip(change.was.as_f64());
    match (distance, &change.to) {
        (Some((to, was)), _) => (0, ((to - was).abs() * 10.0) as i64),
        (None, Some(_)) => (1, 0),
        (None, None) => (2, 0),
    }
}

fn then(verdict: &Verdict) -> String {
    match verdict.severity() {
        None => "it would not have been raised".to_owned(),
        Some(severity) => format!("it would have been another: {}", severity.code()),
    }
}

/// The nearest ways in which it would not have been raised, in words.
pub(super) fn nearest(deciders: &[Decider]) -> Vec<String> {
    let mut ways: Vec<((u8, u8, i64), String)> = Vec::new();
    for decider in deciders {
        let other = u8::from(!decider.is_because);
        for way in decider.otherwise.iter().filter(|way| way.ends) {
            let (kind, distance) = way.rank;
            ways.push(((other, kind, distance), format!("{}: {}", decider.says, way.says)));
        }
    }
    ways.sort();
    ways.truncate(NEAREST);
    if ways.is_empty() {
        // Nothing in the facts could have been another value: each as a whole.
        let gone = |d: &&Decider| d.without.as_deref() == Some("it would not have been raised");
        let whole = deciders.iter().filter(gone).take(NEAREST);
        return whole
            .map(|d| format!("{}: if it had not been told", d.says))
            .collect();
    }
    ways.into_iter().map(|(_, says)| says).collect()
}

/// One line about a fact: what it measured, and what it does to the alert.
pub(super) fn line(decider: &Decider) -> String {
    let values = decider.values.join(", ");
    let said = if values.is_empty() {
        String::new()
    } else {
        format!(": {values}")
    };
    let alone = match (&decider.without, decider.otherwise.is_empty()) {
        (None, true) => "; other facts say the same",
        _ => "",
    };
    format!("{}{said}{alone}  [{}]", decider.says, decider.id)
}
