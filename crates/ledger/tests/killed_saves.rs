//! kill -9 in the middle of saves: what was acknowledged is there, and nothing is half there.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use ledger::{Ledger, Opened};
use tempfile::tempdir;

use crate::model::{self, Dice};

/// Set for the child: where to save.
const DIR: &str = "LEDGER_TEST_DIR";

#[test]
fn ten_kills_in_the_middle_of_saves_lose_nothing_that_was_acknowledged() {
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
            "kill::the_child_saves_for_ever",
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
