//! Why an alert was raised when it was: at once, as time passed, because a fact came late, or because carebus was down.

use care::sentence::{hours_between, moment};
use care::time::{SignedDuration, TimeZone, Timestamp};
use care::{Event, Worker};
use triggers::why::Question;

use super::measured::{done_at, subject};

/// Shorter waits need no reason.
const AT_ONCE: SignedDuration = SignedDuration::from_mins(1);

/// Sentences, the first thing first.
pub(super) fn why_then(question: &Question<'_>, log: &[Event], zone: &TimeZone) -> Vec<String> {
    let raised = question.now();
    let Some(place) = question.completed_by() else {
        return Vec::new();
    };
    let fact = question.facts()[place];
    let mut said = vec![told_late(fact, zone)];
    let since = question.true_since(place + 1).unwrap_or(raised);
    if since > fact.time {
        said.push(format!(
            "no fact but the passing of time made it true, {}",
            moment(since, zone)
        ));
    }
    if is_at_once(since, raised) {
        said.push(format!("it was raised at once, {}", moment(raised, zone)));
        return said;
    }
    let before = arrived_after(fact, log).filter(|at| !is_at_once(since, *at));
    if let Some(at) = before {
        said.push(format!(
            "that fact came late: what was told {} stands in the log before it",
            moment(at, zone)
        ));
    }
    let known = before.map_or(since, |at| at.max(since));
    if !is_at_once(known, raised) {
        said.push(format!(
            "it was raised {} later, {}: {}",
            hours_between(known, raised),
            moment(raised, zone),
            silence(log, known, raised)
        ));
    } else {
        said.push(format!(
            "it was raised when that was known, {}",
            moment(raised, zone)
        ));
    }
    said
}

fn is_at_once(from: Timestamp, to: Timestamp) -> bool {
    to.duration_since(from) <= AT_ONCE
}

/// The fact that completed it, and how long after the finding it was told.
fn told_late(fact: &Event, zone: &TimeZone) -> String {
    let subject = subject(fact, zone);
    let done = done_at(fact);
    if is_at_once(done, fact.time) {
        format!("what completed it: {subject}")
    } else {
        format!(
            "what completed it: {subject}, told {} later, {}",
            hours_between(done, fact.time),
            moment(fact.time, zone)
        )
    }
}

/// The newest time that stands in the log before a fact: it was not in the log then.
fn arrived_after(fact: &Event, log: &[Event]) -> Option<Timestamp> {
    let before = log
        .iter()
        .take_while(|event| !(event.id == fact.id && event.source == fact.source));
    before.map(|event| event.time).max()
}

/// What the log shows of carebus in between.
fn silence(log: &[Event], from: Timestamp, to: Timestamp) -> &'static str {
    let is_ours = |event: &Event| {
        Worker::ALL
            .iter()
            .any(|worker| worker.source(&event.org) == event.source)
    };
    let between = |event: &&Event| event.time > from && event.time < to && is_ours(event);
    if log.iter().any(|event| between(&event)) {
        "the fact reached the log only then, or another fact that is not an input had to come first"
    } else {
        "carebus was down, or the fact reached the log only then; in between carebus wrote nothing"
    }
}
