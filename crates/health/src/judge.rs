//! What vitals mean: whether a node lives, whether it is ready, whether it is fit to say that all is well.

use std::time::Duration;

use care::time::SignedDuration;
use node::Vitals;
use node::vitals::Phase;
use serde::Serialize;
use tokio::time::Instant;

/// A loop that has not turned for so long hangs. Its longest wait is for a server that does not answer: four leases,
/// 5 s each.
pub const STALLED: Duration = Duration::from_secs(30);
/// A node that has not read to the head for so long is behind; the promise is 10 s after a fault ends.
const BEHIND: Duration = Duration::from_secs(10);
/// A checkpoint is written every second, and a save may wait a minute for its disk.
const SAVED_LATE: Duration = Duration::from_secs(60);
/// An emergency is with the mail server within seconds; after so long, something is in its way.
pub const UNTOLD: SignedDuration = SignedDuration::from_mins(2);

/// How one check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// Something is missing, and work goes on without it.
    Degraded,
    /// Not ready.
    Failed,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it came out.
    pub state: State,
    /// In words.
    pub says: String,
}

const fn check(name: &'static str, state: State, says: String) -> Check {
    Check { name, state, says }
}

/// Whether the loop turns. While a node opens or stops there is no loop, and whoever waits for that has a limit of its
/// own.
#[must_use]
pub fn is_alive(vitals: &Vitals, now: Instant) -> bool {
    matches!(vitals.phase, Phase::Opening | Phase::Stopping) || now - vitals.turned < STALLED
}

/// Everything that readiness depends on, and what it does not: an outage of mail.
#[must_use]
pub fn judge(vitals: &Vitals, now: Instant) -> Vec<Check> {
    vec![
        turning(vitals, now),
        nats(vitals),
        log(vitals, now),
        checkpoint(vitals, now),
        clock(vitals),
        mail(vitals),
    ]
}

fn turning(vitals: &Vitals, now: Instant) -> Check {
    let (state, says) = match vitals.phase {
        _ if !is_alive(vitals, now) => (
            State::Failed,
            format!("has not turned for {} s", (now - vitals.turned).as_secs()),
        ),
        Phase::Opening => (State::Failed, "opening".to_owned()),
        Phase::CatchingUp => (State::Failed, "reading up to the head of the log".to_owned()),
        Phase::Stopping => (State::Failed, "stopping".to_owned()),
        Phase::Working => {
            let leads: Vec<&str> = vitals.leads.iter().map(|worker| worker.name()).collect();
            let says = if leads.is_empty() {
                "turns; standing by".to_owned()
            } else {
                format!("turns; leads {}", leads.join(", "))
            };
            (State::Ok, says)
        }
    };
    check("loop", state, says)
}

fn nats(vitals: &Vitals) -> Check {
    if vitals.connected {
        check(
            "nats",
            State::Ok,
            format!(
                "connected to nats-server {}, link lost {} times",
                vitals.server, vitals.losses
            ),
        )
    } else {
        check("nats", State::Failed, "not connected".to_owned())
    }
}

fn log(vitals: &Vitals, now: Instant) -> Check {
    let lag = vitals
        .lag()
        .map_or_else(|| "unknown".to_owned(), |lag| format!("{lag} messages"));
    let says = format!("position {}, lag {lag}", vitals.position);
    let behind = vitals.behind_since.map(|since| now - since);
    let state = match behind {
        // It has not been there yet, or everything is read anew.
        Some(_) if vitals.phase != Phase::Working => State::Failed,
        Some(behind) if behind >= BEHIND => State::Failed,
        _ => State::Ok,
    };
    check("log", state, says)
}

fn checkpoint(vitals: &Vitals, now: Instant) -> Check {
    let saved = &vitals.saved;
    let (state, says) = match saved.current_at {
        _ if vitals.phase == Phase::Opening => (State::Failed, "not opened yet".to_owned()),
        _ if !saved.works => (
            State::Degraded,
            "cannot be written: working without one, the next start reads the whole log".to_owned(),
        ),
        Some(at) if now - at >= SAVED_LATE => (
            State::Degraded,
            format!("{} s behind: the disk is slow", (now - at).as_secs()),
        ),
        Some(at) => (
            State::Ok,
            format!("{} s old, {} bytes", (now - at).as_secs(), saved.bytes),
        ),
        None => (State::Ok, "not due yet".to_owned()),
    };
    check("checkpoint", state, says)
}

fn clock(vitals: &Vitals) -> Check {
    match &vitals.clock_doubt {
        Some(why) => check("clock", State::Failed, why.clone()),
        None => check("clock", State::Ok, "trusted".to_owned()),
    }
}

/// Never a reason not to be ready: mail waits in the log, and everything else goes on.
fn mail(vitals: &Vitals) -> Check {
    if vitals.mail_paused {
        let says = "a fault of ours holds routine mail up: see the log for mail.paused".to_owned();
        return check("mail", State::Degraded, says);
    }
    if vitals.domains_paused > 0 {
        let says = format!(
            "mail for {} domains waits for their server",
            vitals.domains_paused
        );
        return check("mail", State::Degraded, says);
    }
    let [_, deferred, ..] = vitals.counts.notices;
    if deferred > 0 {
        let says = format!("{deferred} letters were not taken and wait for another try");
        return check("mail", State::Degraded, says);
    }
    check("mail", State::Ok, "not held up".to_owned())
}

/// Why a node must not say that all is well, if so: it is not ready, or an emergency has reached nobody.
#[must_use]
pub fn misses_a_beat(vitals: &Vitals, now: Instant) -> Option<String> {
    let failed = judge(vitals, now)
        .into_iter()
        .find(|check| check.state == State::Failed);
    if let Some(check) = failed {
        return Some(format!("{}: {}", check.name, check.says));
    }
    let untold = vitals.counts.untold_emergency_since?;
    let waits = vitals.now.duration_since(untold);
    (waits >= UNTOLD).then(|| format!("mail: an emergency has reached nobody for {} s", waits.as_secs()))
}
