//! How long to wait before trying again: doubling, capped, and never in step with the other nodes.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(50);
/// P8 allows 10 s from the end of a fault to no lag; a fifth of it is the longest we sleep through.
const LONGEST: Duration = Duration::from_secs(2);

/// The pause before attempt `attempt` (0 is the first, and has none).
pub(crate) fn pause(attempt: u32) -> Duration {
    if attempt == 0 {
        return Duration::ZERO;
    }
    let full = FIRST.saturating_mul(1 << (attempt - 1).min(10)).min(LONGEST);
    // Half of it is luck. RandomState is seeded per process and instance: random enough to keep
    // nodes apart, and no dependency.
    let luck = RandomState::new().build_hasher().finish() % 1000;
    full / 2 + (full / 2).mul_f64(luck as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_attempt_waits_for_nothing_and_none_waits_longer_than_two_seconds() {
        assert_eq!(pause(0), Duration::ZERO);
        for attempt in 1..100 {
            assert!(
                pause(attempt) >= FIRST / 2 && pause(attempt) <= LONGEST,
                "{attempt}"
            );
        }
    }
}
