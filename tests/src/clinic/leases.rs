//! Who works for the organisation, as an onlooker sees it in the lease bucket.

use std::time::Duration;

use bus::lease::{Candidate, TTL};
use care::Worker;
use tokio::time::Instant;

use super::{Clinic, acme};

/// Who holds the lease of each worker.
///
/// # Panics
/// When the bucket cannot be read.
pub async fn holders(clinic: &Clinic) -> Vec<Option<String>> {
    let mut holders = Vec::new();
    for worker in Worker::ALL {
        let candidate = Candidate::open(&clinic.conn, &acme(), worker.name(), "onlooker", TTL).await;
        let holder = candidate.expect("the bucket").holder().await;
        holders.push(holder.expect("an answer"));
    }
    holders
}

/// Waits until a node holds every lease; how long that took.
///
/// # Panics
/// After a minute in vain.
pub async fn until_all_held_by(clinic: &Clinic, name: &str) -> Duration {
    let began = Instant::now();
    loop {
        let holders = holders(clinic).await;
        if holders.iter().all(|holder| holder.as_deref() == Some(name)) {
            return began.elapsed();
        }
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{name} does not get every lease: {holders:?}\n{}",
            clinic.said()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
