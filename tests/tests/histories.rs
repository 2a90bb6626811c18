//! Ring 1: seeded histories of a clinic with a fault between any two steps; a failing seed reproduces alone.
//!
//! `CAREBUS_HISTORIES=100000` plays more, `CAREBUS_SEED=17` plays one. The long run is `make torture`.

#![expect(clippy::panic, reason = "a test may stop where it stands")]

use tests::history::log::Log;
use tests::history::seed::{history, play_seed};
use tests::history::story::play_on;

/// Histories that CI plays.
const IN_CI: u64 = 400;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Every second seed, so that two threads share the work.
fn half(first: u64) {
    if let Some(seed) = number("CAREBUS_SEED") {
        if seed % 2 == first
            && let Err(broken) = play_seed(seed)
        {
            panic!("{broken}");
        }
        return;
    }
    let seeds = first..number("CAREBUS_HISTORIES").unwrap_or(IN_CI);
    for seed in seeds.step_by(2) {
        if let Err(broken) = play_seed(seed) {
            panic!("{broken}");
        }
    }
}

#[test]
fn whatever_happens_nothing_is_lost_and_nothing_is_doubled_even() {
    half(0);
}

#[test]
fn whatever_happens_nothing_is_lost_and_nothing_is_doubled_odd() {
    half(1);
}

#[test]
fn a_log_that_forgets_the_condition_is_found_out() {
    let is_found = |seed: u64| history(seed).is_ok_and(|h| play_on(Log::careless(), &h).is_err());
    assert!(
        (0..40).any(is_found),
        "two leaders double nothing although nobody stops them"
    );
}
