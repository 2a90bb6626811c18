//! Faults of processes, files and disks, with the real programs: what the promises say must hold after each.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod before;
mod bucket;
mod checkpoint;
mod conversation;
mod damage;
mod handover;
mod power;
mod publisher;
mod refused;
mod restart;
mod server;
mod slow;
mod zombie;

use std::time::Duration;

use tests::clinic::Clinic;
use tests::clinic::process;

const FIRST: &str = "n-1";
const SECOND: &str = "n-2";

#[test]
fn this_program_is_a_node_when_a_test_starts_it_as_one() {
    process::play();
}

/// A number of the environment: the short form is for every commit, the long one for `make torture`.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// How long a fault lasts: longer than a lease, two heartbeats and a ping.
fn fault() -> Duration {
    Duration::from_secs(setting("CAREBUS_FAULT_SECONDS", 7))
}

/// How often a line of the diary says this.
fn says(clinic: &Clinic, words: &str) -> usize {
    let diary = std::fs::read_to_string(clinic.diary()).unwrap_or_default();
    diary.matches(words).count()
}

/// Waits until the processes have said something more often than before.
async fn until_said_again(clinic: &Clinic, words: &str, before: usize) {
    for _ in 0..1200 {
        if says(clinic, words) > before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody says {words:?}\n{}", clinic.said());
}
