//! What is answered to a question: a status code, a kind of content and a text.

use node::Vitals;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::judge::{Check, State, is_alive, judge};

/// Whether every loop turns: 200 or 503. Nothing outside the process is asked.
pub(crate) fn livez(nodes: &[Vitals], now: Instant) -> (u16, Value) {
    let hanging: Vec<&str> = nodes
        .iter()
        .filter(|vitals| !is_alive(vitals, now))
        .map(|vitals| vitals.org.as_str())
        .collect();
    let status = if hanging.is_empty() { 200 } else { 503 };
    (status, json!({"alive": hanging.is_empty(), "hanging": hanging}))
}

/// Whether every node is ready: 200 or 503, with what failed or is missing; each check when asked for all.
pub(crate) fn readyz(nodes: &[Vitals], now: Instant, verbose: bool) -> (u16, Value) {
    let judged: Vec<(&Vitals, Vec<Check>)> =
        nodes.iter().map(|vitals| (vitals, judge(vitals, now))).collect();
    let those = |state: State| -> Vec<String> {
        let of = |(vitals, checks): &(&Vitals, Vec<Check>)| -> Vec<String> {
            let found = checks.iter().filter(|check| check.state == state);
            found
                .map(|check| format!("{}: {}: {}", vitals.org, check.name, check.says))
                .collect()
        };
        judged.iter().flat_map(of).collect()
    };
    let (failed, degraded) = (those(State::Failed), those(State::Degraded));
    let is_ready = failed.is_empty();
    let mut page = json!({
        "ready": is_ready, "degraded": !degraded.is_empty(), "failed": failed, "missing": degraded,
    });
    if verbose {
        let orgs = judged.iter().map(
            |(vitals, checks)| json!({"org": vitals.org.as_str(), "phase": vitals.phase, "checks": checks}),
        );
        page["orgs"] = orgs.collect();
    }
    (if is_ready { 200 } else { 503 }, page)
}

/// What this program is.
pub(crate) fn version() -> Value {
    json!({"name": "carebus", "version": node::vitals::VERSION})
}
