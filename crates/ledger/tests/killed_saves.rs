//! kill -9 in the middle of saves: what was acknowledged is there, and nothing is half there.
//!
//! A program of its own, and one test at a time: a child holds the locks of its parent from its birth until it is the
//! other program, and whoever opens a checkpoint at that moment would find it busy.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[path = "checkpoint/model.rs"]
mod model;

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ledger::{Ledger, Opened};
use tempfile::tempdir;

use crate::model::Dice;

/// Held by the test that runs.
static ALONE: Mutex<()> = Mutex::new(());
/// Set for the child: where to save.
const DIR: &str = "LEDGER_TEST_DIR";

#[test]
fn ten_kills_in_the_middle_of_saves_lose_nothing_that_was_acknowledged() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let temp = tempdir().unwrap();
    let dir = temp.path().join("state");
    let mut dice = Dice(1);
    for round in 1..=10 {
        let acknowledged = save_until_killed(&dir, &mut dice);
        let (ledger, opened) = Ledger::open(&dir).unwrap();
        assert_eq!(opened, Opened::Existing, "round {round}");
        let at = model::check(&ledger);
        // The one after the last may have been saved without our hearing of it.
        assert!(
            at == acknowledged || at == acknowledged + 1,
            "round {round}: {acknowledged} acknowledged, at {at}"
        );
    }
}

/// Runs this test binary as a child that saves, kills it somewhere, and says how far it had come.
fn save_until_killed(dir: &Path, dice: &mut Dice) -> u64 {
    let mut child = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "the_child_saves_for_ever",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let mut saved = said
        .by_ref()
        .filter_map(|line| line.strip_prefix("saved ")?.parse::<u64>().ok());
    let mut last = saved.nth(dice.below(40)).unwrap();
    // A save takes about a millisecond: somewhere within one, then.
    thread::sleep(Duration::from_micros(dice.below(3_000) as u64));
    child.kill().unwrap();
    child.wait().unwrap();
    // What it had said before it was killed is in the pipe still.
    last = saved.last().unwrap_or(last);
    last
}

#[test]
fn the_child_saves_for_ever() {
    let Some(dir) = env::var_os(DIR) else { return };
    let (ledger, _) = Ledger::open(Path::new(&dir)).unwrap();
    for n in model::check(&ledger) + 1.. {
        model::save(&ledger, n - 1, n);
        // A line of its own: the harness has written the name of the test without an end.
        print!("\nsaved {n}\n");
        std::io::stdout().flush().unwrap();
    }
}

/// Set for the child of the first save.
const FIRST: &str = "LEDGER_TEST_FIRST";
/// More than one piece of a first save.
const MANY: u32 = 30_000;

#[test]
fn a_first_save_of_many_that_is_killed_was_never_there() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut dice = Dice(2);
    let mut unfinished = 0;
    for round in 1..=8 {
        let temp = tempdir().unwrap();
        let dir = temp.path().join("state");
        kill_in_the_first_save(&dir, &mut dice);
        let (ledger, opened) = Ledger::open(&dir).unwrap();
        assert_eq!(opened, Opened::Existing, "round {round}");
        let count = ledger.entries().map(Result::unwrap).count();
        if ledger.head().unwrap().is_none() {
            unfinished += 1;
            assert_eq!(
                count, 0,
                "round {round}: of a save without an end nothing is left"
            );
            ledger.save(&many(), b"again").unwrap();
            drop(ledger);
            let (ledger, opened) = Ledger::open(&dir).unwrap();
            assert_eq!(opened, Opened::Existing, "round {round}, again");
            assert_eq!(ledger.entries().map(Result::unwrap).count(), MANY as usize);
            assert_eq!(ledger.head().unwrap().as_deref(), Some(&b"again"[..]));
        } else {
            assert_eq!(
                count, MANY as usize,
                "round {round}: of a save with an end all is there"
            );
        }
    }
    assert!(unfinished > 0, "no kill was in time: this test shows nothing");
}

fn kill_in_the_first_save(dir: &Path, dice: &mut Dice) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "the_child_saves_many",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FIRST, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    let begun = said.map_while(Result::ok).any(|line| line == "saving");
    assert!(begun, "the child says when it begins");
    // The whole of it takes some hundred milliseconds.
    thread::sleep(Duration::from_millis(dice.below(120) as u64));
    child.kill().unwrap();
    child.wait().unwrap();
}

fn many() -> Vec<model::Change> {
    let value = |n: u32| n.to_be_bytes().repeat(100);
    (0..MANY)
        .map(|n| (format!("chart/{n:06}").into_bytes(), Some(value(n))))
        .collect()
}

#[test]
fn the_child_saves_many() {
    let Some(dir) = env::var_os(FIRST) else { return };
    let (ledger, _) = Ledger::open(Path::new(&dir)).unwrap();
    let many = many();
    print!("\nsaving\n");
    std::io::stdout().flush().unwrap();
    ledger.save(&many, b"first").unwrap();
}
