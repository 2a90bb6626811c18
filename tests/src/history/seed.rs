//! From a seed to a history, and from a broken history to the shortest one that breaks.

use std::panic::AssertUnwindSafe;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::flaw::Flaw;
use super::step::{History, histories};
use super::story::{Played, play, play_with};

/// Steps of one history, at most.
const STEPS: usize = 40;
/// Tries to make a broken history shorter.
const TRIES: usize = 2000;

fn tree(seed: u64) -> Result<impl ValueTree<Value = History>, String> {
    let mut runner = TestRunner::new(Config {
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..Config::default()
    });
    histories(STEPS)
        .new_tree(&mut runner)
        .map_err(|reason| reason.to_string())
}

/// The history of a seed.
///
/// # Errors
/// Never for the strategies of this crate.
pub fn history(seed: u64) -> Result<History, String> {
    Ok(tree(seed)?.current())
}

/// [`play`]; a panic is a broken history too, so that it can be made short.
fn played(history: &History) -> Result<Played, String> {
    std::panic::catch_unwind(AssertUnwindSafe(|| play(history))).unwrap_or_else(|panic| {
        let says = panic.downcast_ref::<String>().map(String::as_str);
        let says = says.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("a panic: {}", says.unwrap_or("of another kind")))
    })
}

/// The first seed below `seeds` whose history finds a planted defect, and what it says.
#[must_use]
pub fn found(flaw: Flaw, seeds: u64) -> Option<(u64, String)> {
    (0..seeds).find_map(|seed| Some((seed, play_with(Some(flaw), &history(seed).ok()?).err()?)))
}

/// Plays the history of a seed.
///
/// # Errors
/// What was broken, and the shortest history found that breaks.
pub fn play_seed(seed: u64) -> Result<Played, String> {
    let mut tree = tree(seed)?;
    let mut broken = match played(&tree.current()) {
        Ok(played) => return Ok(played),
        Err(broken) => (tree.current(), broken),
    };
    for _ in 0..TRIES {
        if !tree.simplify() {
            break;
        }
        while let Ok(_whole) = played(&tree.current()) {
            if !tree.complicate() {
                return Err(told(seed, &broken));
            }
        }
        if let Err(again) = played(&tree.current()) {
            broken = (tree.current(), again);
        }
    }
    Err(told(seed, &broken))
}

fn told(seed: u64, (history, broken): &(History, String)) -> String {
    format!(
        "seed {seed} (CAREBUS_SEED={seed} plays it alone): {broken}\nshortest history found: {history:#?}"
    )
}
