//! Who works for an organisation: one node per (organisation, worker), as a value in a key-value bucket.
//!
//! The lease saves work and nothing else; that nothing is done twice rests on the conditional append.
//!
//! A lease ends when its revision has not changed for its time to live *as a candidate watched it*,
//! on the candidate's own monotonic clock. Not by the server's per-key TTL: that counts whole seconds
//! by the server's wall clock, and a renewal through the client's `update` loses it. Watching needs
//! compare-and-set only, and no clock has to agree with another. It costs one time to live before
//! the first takeover of a candidate that just started.

use std::time::Duration;

use async_nats::jetstream::kv::{CreateErrorKind, Entry, Operation, Store, UpdateError, UpdateErrorKind};
use care::id::OrgId;
// Tokio's Instant is monotonic and tells only durations; the wall clock stays with the driver.
use tokio::time::Instant;

use crate::streams::LEASES;
use crate::{BusError, Connection};

/// The usual time to live.
pub const TTL: Duration = Duration::from_secs(5);

/// A node that would work, and watches whether it may.
#[derive(Debug, Clone)]
pub struct Candidate {
    store: Store,
    key: String,
    node: String,
    ttl: Duration,
    watched: Watched,
}

#[derive(Debug, Clone, Copy)]
enum Watched {
    /// Nothing yet: a lease with our name on it is from our life before, and ours.
    Never,
    /// Nothing that counts: the server could not be asked, so its holder could not renew either.
    Nothing,
    Revision(u64, Instant),
}

/// The right, while it lasts, to work for an organisation.
#[derive(Debug)]
pub struct Lease {
    candidate: Candidate,
    revision: u64,
    /// When the renewal that holds was sent; it lasts from then and not from the answer.
    renewed: Instant,
    /// The last renewal was not answered: the revision may be one further.
    uncertain: bool,
}

impl Candidate {
    /// A candidate for the lease of (organisation, worker). `node` names this process among others
    /// and survives its restart: two that run at once must not share it.
    ///
    /// # Errors
    /// `MissingOrg` when nobody made the bucket, `Unreachable`.
    pub async fn open(
        conn: &Connection,
        org: &OrgId,
        worker: &str,
        node: &str,
        ttl: Duration,
    ) -> Result<Self, BusError> {
        crate::streams::require_leases(conn, org).await?;
        let store = conn.jetstream().get_key_value(LEASES).await;
        let store = store.map_err(|error| BusError::other(format!("bucket {LEASES}"), error))?;
        let key = format!("{org}.{worker}");
        Ok(Self {
            store,
            key,
            node: node.to_owned(),
            ttl,
            watched: Watched::Never,
        })
    }

    /// Takes the lease if it is free, ours from before a restart, or was watched to end. Ask every
    /// second or so: the watching is done here.
    ///
    /// # Errors
    /// `Unreachable`, `Other`; ask again.
    pub async fn acquire(&mut self) -> Result<Option<Lease>, BusError> {
        let before = std::mem::replace(&mut self.watched, Watched::Nothing);
        let now = Instant::now();
        let entry = self.store.entry(self.key.as_str()).await;
        let entry = entry.map_err(|error| BusError::Unreachable(format!("lease {}: {error}", self.key)))?;
        let Some(held) = entry.filter(|entry| entry.operation == Operation::Put) else {
            return self.create(now).await;
        };
        let ended = match before {
            Watched::Never => held.value == self.node.as_bytes(),
            Watched::Revision(revision, since) => revision == held.revision && now - since >= self.ttl,
            Watched::Nothing => false,
        };
        if ended {
            return self.take_over(&held, now).await;
        }
        self.watched = match before {
            Watched::Revision(revision, since) if revision == held.revision => {
                Watched::Revision(revision, since)
            }
            _ => Watched::Revision(held.revision, now),
        };
        Ok(None)
    }

    /// When the lease, as it was watched so far, ends unless its holder renews it: the moment to ask again.
    #[must_use]
    pub fn watched_end(&self) -> Option<Instant> {
        match self.watched {
            Watched::Revision(_, since) => Some(since + self.ttl),
            Watched::Never | Watched::Nothing => None,
        }
    }

    /// Who holds the lease, by its last word.
    ///
    /// # Errors
    /// `Unreachable`.
    pub async fn holder(&self) -> Result<Option<String>, BusError> {
        let entry = self.store.entry(self.key.as_str()).await;
        let entry = entry.map_err(|error| BusError::Unreachable(format!("lease {}: {error}", self.key)))?;
        let held = entry.filter(|entry| entry.operation == Operation::Put);
        Ok(held.map(|entry| String::from_utf8_lossy(&entry.value).into_owned()))
    }

    async fn create(&self, now: Instant) -> Result<Option<Lease>, BusError> {
        match self.store.create(&self.key, self.node.clone().into()).await {
            Ok(revision) => Ok(Some(self.lease(revision, now))),
            Err(error) if error.kind() == CreateErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(BusError::other(format!("lease {}", self.key), error)),
        }
    }

    async fn take_over(&self, held: &Entry, now: Instant) -> Result<Option<Lease>, BusError> {
        match self
            .store
            .update(&self.key, self.node.clone().into(), held.revision)
            .await
        {
            Ok(revision) => Ok(Some(self.lease(revision, now))),
            Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn lease(&self, revision: u64, renewed: Instant) -> Lease {
        Lease {
            candidate: self.clone(),
            revision,
            renewed,
            uncertain: false,
        }
    }

    fn failed(&self, error: UpdateError) -> BusError {
        match error.kind() {
            UpdateErrorKind::TimedOut => BusError::Unreachable(format!("lease {}: {error}", self.key)),
            _ => BusError::other(format!("lease {}", self.key), error),
        }
    }
}

impl Lease {
    /// Whether it lasts still, as far as this node knows: a node that could not renew stops by
    /// itself before another can take over.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.renewed.elapsed() < self.candidate.ttl
    }

    /// Makes it last another time to live; `false` when another node has it. Renew at a third of it. May be dropped
    /// while it waits: then nobody knows whether the server heard it, and the next call finds out.
    ///
    /// # Errors
    /// `Unreachable`, `Other`: it lasts as `holds` says; try again.
    pub async fn renew(&mut self) -> Result<bool, BusError> {
        let Candidate { store, key, node, .. } = &self.candidate;
        let now = Instant::now();
        let was_uncertain = std::mem::replace(&mut self.uncertain, true);
        match store.update(key, node.clone().into(), self.revision).await {
            Ok(revision) => {
                (self.revision, self.renewed, self.uncertain) = (revision, now, false);
                Ok(true)
            }
            Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => {
                self.uncertain = false;
                if !was_uncertain {
                    return Ok(false);
                }
                // The renewal that was not answered may be what stands there.
                let held = store.entry(key.as_str()).await.ok().flatten();
                let Some(held) = held.filter(|held| held.value == node.as_bytes()) else {
                    return Ok(false);
                };
                self.revision = held.revision;
                Ok(self.holds())
            }
            Err(error) => Err(self.candidate.failed(error)),
        }
    }

    /// Gives it back, so that the next node need not wait; the candidate can ask again.
    pub async fn release(self) -> Candidate {
        let Candidate { store, key, .. } = &self.candidate;
        // Lost or unreachable, it ends by itself.
        if let Err(error) = store.delete_expect_revision(key, Some(self.revision)).await {
            tracing::debug!(key, %error, "bus.lease_not_released");
        }
        Candidate {
            watched: Watched::Nothing,
            ..self.candidate
        }
    }
}
