//! Ring 1: seeded histories of a clinic with a fault between any two steps; a failing seed reproduces alone.
//!
//! `CAREBUS_HISTORIES=100000` plays more, `CAREBUS_SEED=17` plays one. The long run is `make torture`.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop where it stands, and says what it found"
)]

use tests::history::flaw::Flaw;
use tests::history::run::run;
use tests::history::seed::found;

/// Histories that CI plays.
const IN_CI: u64 = 10_000;
/// Histories within which a planted defect is found.
const SEEDS: u64 = 300;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn whatever_happens_no_promise_is_broken() {
    let seeds = match number("CAREBUS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("CAREBUS_HISTORIES").unwrap_or(IN_CI),
    };
    match run(seeds) {
        Ok(run) => println!("{run}"),
        Err(broken) => panic!("{broken}"),
    }
}

fn is_found(flaw: Flaw, promise: &str) {
    let Some((seed, says)) = found(flaw, SEEDS) else {
        panic!("{flaw:?} is not found in {SEEDS} histories");
    };
    println!("{flaw:?} is found by seed {seed}: {says}");
    assert!(
        says.contains(promise),
        "{flaw:?} breaks {promise}, and seed {seed} says {says}"
    );
}

#[test]
fn a_log_that_forgets_the_condition_is_found_out() {
    is_found(Flaw::ForgetfulLog, "P");
}

#[test]
fn a_lost_answer_that_is_taken_for_a_no_is_found_out() {
    is_found(Flaw::RepeatsLostAppends, "P3");
}

#[test]
fn a_checkpoint_that_forgets_what_was_under_way_is_found_out() {
    is_found(Flaw::CheckpointAhead, "P4");
}

#[test]
fn a_process_that_believes_its_wall_clock_is_found_out() {
    is_found(Flaw::BelievesWallClock, "P5");
}

#[test]
fn a_doubt_that_nobody_tells_the_engine_is_found_out() {
    is_found(Flaw::DoubtUntold, "P5");
}

#[test]
fn a_replica_that_does_not_notice_a_truncated_log_is_found_out() {
    is_found(Flaw::BlindToTruncation, "P");
}

#[test]
fn waiting_for_what_the_log_took_and_lost_is_found_out() {
    is_found(Flaw::WaitsForEver, "P4: a rebuild says");
}

#[test]
fn mail_that_goes_before_its_claim_is_found_out() {
    is_found(Flaw::MailBeforeClaim, "P3");
}
