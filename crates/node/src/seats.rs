//! Which workers act in this process: those whose lease it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bus::lease::{Candidate, Lease, TTL};
use bus::{BusError, Connection};
use care::Worker;
use care::id::OrgId;
use futures_util::future::join_all;
// Monotonic, and tells only durations; the wall clock is another one.
use tokio::time::{Instant, timeout};

/// One worker's seat: waiting for it, or in it.
enum Seat {
    Waiting(Candidate),
    Taken(Lease),
}

/// How often to see to the seats: a lease lasts through two missed renewals.
const EVERY: Duration = Duration::from_millis(1500);

/// How long an answer about a lease may take: a later one is of no use, and the node stands still for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The seats this process wants.
pub(crate) struct Seats {
    seats: BTreeMap<Worker, Option<Seat>>,
    /// Rounds in a row in which the leases could not be asked for or renewed.
    unanswered: u32,
}

impl Seats {
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
        Ok(Self { seats, unanswered: 0 })
    }

    /// Renews what is held and asks for what is not, all at once: the node does nothing else meanwhile, and a server
    /// that does not answer would hold it up once per worker.
    pub(crate) async fn tend(&mut self) {
        let seats = self
            .seats
            .iter_mut()
            .map(|(worker, seat)| tend_one(*worker, seat));
        let failed = join_all(seats).await.into_iter().flatten().next();
        self.tell(failed);
    }

    /// Without an answer nobody's lease lasts, and then nobody acts: an operator must hear of it. Once, and then ever
    /// more rarely.
    fn tell(&mut self, failed: Option<BusError>) {
        let Some(error) = failed else {
            if self.unanswered > 0 {
                tracing::info!("lease.answered");
            }
            self.unanswered = 0;
            return;
        };
        self.unanswered = self.unanswered.saturating_add(1);
        if self.unanswered.is_power_of_two() {
            tracing::warn!(
                lease.rounds = self.unanswered,
                %error,
                "lease.unanswered: who holds no lease does not act; if the bucket is gone, `carebus org add` makes it"
            );
        }
    }

    /// When to see to them next: in a moment, or when a lease that is waited for ends if that is sooner, so that a
    /// standby loses no time.
    pub(crate) fn next(&self) -> Instant {
        let ends = self.seats.values().filter_map(|seat| match seat {
            Some(Seat::Waiting(candidate)) => candidate.watched_end(),
            _ => None,
        });
        ends.fold(Instant::now() + EVERY, Instant::min)
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

/// Renews a seat or asks for it; what stood in the way of an answer, if anything did.
async fn tend_one(worker: Worker, seat: &mut Option<Seat>) -> Option<BusError> {
    let tended = match seat {
        Some(Seat::Waiting(candidate)) => timeout(PATIENCE, candidate.acquire()).await.map(|acquired| {
            acquired.map(|lease| {
                if lease.is_some() {
                    tracing::info!(worker.name = worker.name(), "lease.taken");
                }
                lease.map(Seat::Taken)
            })
        }),
        Some(Seat::Taken(lease)) => match timeout(PATIENCE, lease.renew()).await {
            Ok(Ok(false)) => {
                tracing::warn!(worker.name = worker.name(), "lease.lost");
                if let Some(Seat::Taken(lease)) = seat.take() {
                    *seat = Some(Seat::Waiting(lease.release().await));
                }
                return None;
            }
            renewed => renewed.map(|renewed| renewed.map(|_| None)),
        },
        None => return None,
    };
    match tended {
        Ok(Ok(taken)) => {
            *seat = taken.or_else(|| seat.take());
            None
        }
        Ok(Err(error)) => Some(error),
        Err(_) => Some(BusError::Unreachable(format!(
            "lease of {}: no answer in time",
            worker.name()
        ))),
    }
}
