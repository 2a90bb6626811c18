//! Every metric of a node. Labels are words of this file, of the configuration or of the catalogue's scales: few, and never an id.

use std::time::Duration;

use care::Worker;
use care::time::Timestamp;
use engine::{NOTICE_STATES, SEVERITIES};
use node::Vitals;
use node::vitals::Phase;
use tokio::time::Instant;

use crate::judge::{State, judge};

/// How a value behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It goes up and down.
    Gauge,
    /// It only rises, from the start of the process.
    Counter,
}

/// A value, with the label that tells it from its neighbours.
type Sample = (Option<(&'static str, &'static str)>, f64);

/// One metric. Its name on the page is `carebus_<name>_<unit>`, with `_total` if it is a counter.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) unit: Option<&'static str>,
    pub(super) kind: Kind,
    pub(super) help: &'static str,
    pub(super) values: fn(&Vitals, Instant) -> Vec<Sample>,
}

const fn gauge(name: &'static str, help: &'static str, values: fn(&Vitals, Instant) -> Vec<Sample>) -> Row {
    Row {
        name,
        unit: None,
        kind: Kind::Gauge,
        help,
        values,
    }
}

const fn seconds(name: &'static str, help: &'static str, values: fn(&Vitals, Instant) -> Vec<Sample>) -> Row {
    Row {
        unit: Some("seconds"),
        ..gauge(name, help, values)
    }
}

const fn counter(name: &'static str, help: &'static str, values: fn(&Vitals, Instant) -> Vec<Sample>) -> Row {
    Row {
        kind: Kind::Counter,
        ..gauge(name, help, values)
    }
}

/// All of them; docs/operating.md says what each means.
pub(super) const TABLE: &[Row] = &[
    gauge("ready", "1 if ready, as /readyz says", |v, now| {
        one(flag(judge(v, now).iter().all(|c| c.state != State::Failed)))
    }),
    gauge(
        "degraded",
        "1 if something is missing and work goes on without it",
        |v, now| one(flag(judge(v, now).iter().any(|c| c.state == State::Degraded))),
    ),
    seconds("loop_age", "Since the loop last turned", |v, now| {
        one(age(v.turned, now))
    }),
    gauge(
        "start_time_seconds",
        "When the process began, seconds since 1970",
        |v, _| one(v.since.as_millisecond() as f64 / 1000.0),
    ),
    gauge("nats_connected", "1 if the link to NATS is up", |v, _| {
        one(flag(v.connected))
    }),
    counter("nats_link_losses", "Times the link to NATS was lost", |v, _| {
        one(v.losses as f64)
    }),
    gauge(
        "log_position",
        "Last position of the log that is folded in",
        |v, _| one(v.position as f64),
    ),
    gauge(
        "log_lag_messages",
        "Messages of the log that are not folded in yet",
        |v, _| v.lag().map_or_else(Vec::new, |lag| one(lag as f64)),
    ),
    seconds(
        "log_behind",
        "Since the node last had read to the head of the log; 0 while it has",
        |v, now| one(v.behind_since.map_or(0.0, |since| age(since, now))),
    ),
    counter(
        "log_changes",
        "Times the log was not the one that was read, and was read anew",
        |v, _| one(v.log_changes as f64),
    ),
    counter("facts", "Facts folded in", |v, _| one(v.facts as f64)),
    counter("quarantined", "Messages that were no facts", |v, _| {
        one(v.quarantined as f64)
    }),
    gauge(
        "contradictions",
        "Facts that said something else under an identity already seen",
        |v, _| one(v.counts.contradictions as f64),
    ),
    counter(
        "appends",
        "Facts of ours by what the server said to them",
        |v, _| {
            let a = v.appends;
            let outcomes = [
                ("stored", a.stored),
                ("known", a.known),
                ("conflict", a.conflict),
                ("ambiguous", a.ambiguous),
                ("failed", a.failed),
                ("refused", a.refused),
            ];
            outcomes
                .map(|(word, n)| (Some(("outcome", word)), n as f64))
                .into()
        },
    ),
    counter(
        "defects",
        "Facts of ours that the contract would refuse, and that were not said",
        |v, _| one(v.defects as f64),
    ),
    gauge("patients", "Patients known", |v, _| one(v.counts.patients as f64)),
    gauge(
        "due",
        "Patients, practitioners and members to look at now; 0 in a standby",
        |v, _| one(v.due as f64),
    ),
    seconds(
        "overdue",
        "By how much the earliest look of the agenda is late",
        |v, _| one(v.overdue.as_secs_f64()),
    ),
    gauge(
        "oswestry_awaited",
        "Oswestry dues that are announced and not answered",
        |v, _| {
            vec![
                (Some(("state", "due")), v.counts.oswestry_due as f64),
                (Some(("state", "overdue")), v.counts.oswestry_overdue as f64),
            ]
        },
    ),
    gauge("notices", "Notices by how their newest try ended", |v, _| {
        let counted = NOTICE_STATES.iter().zip(v.counts.notices);
        counted
            .map(|(state, n)| (Some(("state", word(*state))), n as f64))
            .collect()
    }),
    gauge(
        "alerts_open",
        "Alerts that were raised and have not ended",
        |v, _| {
            let counted = SEVERITIES.iter().zip(v.counts.open_alerts);
            counted
                .map(|(severity, n)| (Some(("severity", severity.code())), n as f64))
                .collect()
        },
    ),
    seconds(
        "alert_unacknowledged",
        "Age of the oldest open alert that nobody took on; 0 if there is none",
        |v, _| {
            let oldest = SEVERITIES.iter().zip(v.counts.unacknowledged_since);
            oldest
                .map(|(severity, since)| (Some(("severity", severity.code())), waited(since, v)))
                .collect()
        },
    ),
    seconds(
        "emergency_untold",
        "Age of the oldest open emergency of which no mail was taken yet; 0 if there is none",
        |v, _| one(waited(v.counts.untold_emergency_since, v)),
    ),
    gauge(
        "mail_paused",
        "1 if a fault of ours holds routine mail up",
        |v, _| one(flag(v.mail_paused)),
    ),
    gauge(
        "mail_domains_paused",
        "Recipient domains whose mail waits for their server",
        |v, _| one(v.domains_paused as f64),
    ),
    gauge("lease_held", "1 if this node leads the worker", |v, _| {
        let led = Worker::ALL.map(|worker| {
            let label = Some(("worker", worker.name()));
            (label, flag(v.leads.contains(&worker)))
        });
        led.into()
    }),
    gauge(
        "checkpoint_works",
        "1 if the checkpoint can be written",
        |v, _| one(flag(v.saved.works || v.phase == Phase::Opening)),
    ),
    seconds(
        "checkpoint_age",
        "Since the checkpoint last held everything",
        |v, now| v.saved.current_at.map_or_else(Vec::new, |at| one(age(at, now))),
    ),
    Row {
        unit: Some("bytes"),
        ..gauge("checkpoint_size", "Size of the checkpoint on the disk", |v, _| {
            one(v.saved.bytes as f64)
        })
    },
    seconds("checkpoint_save", "How long the last save took", |v, _| {
        one(v.saved.took.as_secs_f64())
    }),
    counter("checkpoint_saves", "Checkpoints written", |v, _| {
        one(v.saved.count as f64)
    }),
    gauge(
        "clock_in_doubt",
        "1 if routine actions wait because the clock cannot be trusted",
        |v, _| one(flag(v.clock_doubt.is_some())),
    ),
];

fn one(value: f64) -> Vec<Sample> {
    vec![(None, value)]
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

fn age(since: Instant, now: Instant) -> f64 {
    now.saturating_duration_since(since).as_secs_f64()
}

/// Seconds from an instant of the node's clock to the moment the vitals were shown.
fn waited(since: Option<Timestamp>, vitals: &Vitals) -> f64 {
    let waited = since.and_then(|since| Duration::try_from(vitals.now.duration_since(since)).ok());
    waited.unwrap_or_default().as_secs_f64()
}

const fn word(state: care::chart::TryState) -> &'static str {
    use care::chart::TryState as S;
    match state {
        S::Attempted => "attempted",
        S::Deferred => "deferred",
        S::Unknown => "unknown",
        S::Rejected => "rejected",
        S::Abandoned => "abandoned",
        S::Sent => "sent",
    }
}
