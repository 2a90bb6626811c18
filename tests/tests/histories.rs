//! Ring 1: seeded histories of a clinic with a fault between any two steps; a failing seed reproduces alone.
//!
//! `CAREBUS_HISTORIES=100000` plays more, `CAREBUS_SEED=17` plays one.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use tests::history::step::{History, histories};
use tests::history::story::{Played, play};

/// Histories that CI plays.
const IN_CI: u64 = 300;
/// Steps of one history, at most.
const STEPS: usize = 40;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn whatever_happens_nothing_is_lost_and_nothing_is_doubled() {
    let seeds = match number("CAREBUS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("CAREBUS_HISTORIES").unwrap_or(IN_CI),
    };
    let mut sum = Played::default();
    for seed in seeds {
        match run(seed) {
            Ok(played) => {
                sum.facts += played.facts;
                sum.mails += played.mails;
                sum.patient_hours += played.patient_hours;
            }
            Err(broken) => panic!("seed {seed} (CAREBUS_SEED={seed} plays it alone)\n{broken}"),
        }
    }
    println!(
        "{} facts, {} mails, {} patient-days",
        sum.facts,
        sum.mails,
        sum.patient_hours / 24
    );
}

/// Plays the history of a seed; a broken one is made as short as it can be.
fn run(seed: u64) -> Result<Played, String> {
    let mut runner = TestRunner::new(Config {
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..Config::default()
    });
    let Ok(mut tree) = histories(STEPS).new_tree(&mut runner) else {
        return Err("no history".to_owned());
    };
    let mut broken = match play(&tree.current()) {
        Ok(played) => return Ok(played),
        Err(broken) => (tree.current(), broken),
    };
    for _ in 0..2000 {
        if !tree.simplify() {
            break;
        }
        while let Ok(_played) = play(&tree.current()) {
            if !tree.complicate() {
                return Err(told(&broken));
            }
        }
        if let Err(again) = play(&tree.current()) {
            broken = (tree.current(), again);
        }
    }
    Err(told(&broken))
}

fn told((history, broken): &(History, String)) -> String {
    format!("{broken}\nshortest history found: {history:#?}")
}
