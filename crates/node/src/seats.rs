//! Which workers act in this process: those whose lease it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bus::lease::{Candidate, Lease, TTL};
use bus::{BusError, Connection};
use care::Worker;
use care::id::OrgId;

/// One worker's seat: waiting for it, or in it.
enum Seat {
    Waiting(Candidate),
    Taken(Lease),
}

/// The seats this process wants.
pub(crate) struct Seats {
    seats: BTreeMap<Worker, Option<Seat>>,
}

impl Seats {
    /// How often to see to the seats: a lease lasts through two missed renewals.
    pub(crate) const EVERY: Duration = Duration::from_millis(1500);

    pub(crate) async fn open(
        conn: &Connection,
        org: &OrgId,
        workers: &BTreeSet<Worker>,
        name: &str,
    ) -> Result<Self, BusError> {
        let mut seats = BTreeMap::new();
        for worker in workers {
            let candidate = Candidate::open(conn, org, worker.name(), name, TTL).await?;
            seats.insert(*worker, Some(Seat::Waiting(candidate)));
        }
        Ok(Self { seats })
    }

    /// Renews what is held and asks for what is not.
    pub(crate) async fn tend(&mut self) {
        for (worker, slot) in &mut self.seats {
            *slot = match slot.take() {
                Some(Seat::Waiting(mut candidate)) => match candidate.acquire().await {
                    Ok(Some(lease)) => {
                        tracing::info!(worker.name = worker.name(), "lease.taken");
                        Some(Seat::Taken(lease))
                    }
                    Ok(None) => Some(Seat::Waiting(candidate)),
                    Err(error) => {
                        tracing::debug!(worker.name = worker.name(), %error, "lease.unanswered");
                        Some(Seat::Waiting(candidate))
                    }
                },
                Some(Seat::Taken(mut lease)) => match lease.renew().await {
                    Ok(false) => {
                        tracing::warn!(worker.name = worker.name(), "lease.lost");
                        Some(Seat::Waiting(lease.release().await))
                    }
                    Ok(true) | Err(_) => Some(Seat::Taken(lease)),
                },
                None => None,
            };
        }
    }

    /// The workers that may act now.
    pub(crate) fn held(&self) -> BTreeSet<Worker> {
        let holds = |seat: &Option<Seat>| matches!(seat, Some(Seat::Taken(lease)) if lease.holds());
        self.seats
            .iter()
            .filter(|(_, seat)| holds(seat))
            .map(|(worker, _)| *worker)
            .collect()
    }

    /// Gives every seat back.
    pub(crate) async fn leave(self) {
        for seat in self.seats.into_values().flatten() {
            if let Seat::Taken(lease) = seat {
                lease.release().await;
            }
        }
    }
}
