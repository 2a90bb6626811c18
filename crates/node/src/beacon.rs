//! The line in the roster: every few seconds a node says beside the leases how it is, for `carebus status`.

use std::collections::BTreeSet;
use std::time::Duration;

use bus::roster::{Place, SEVERAL};
use bus::{BusError, Connection};
use bytes::Bytes;
use care::Worker;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::vitals::{Status, Vitals};

/// How often the line is written.
pub const EVERY: Duration = Duration::from_secs(5);
/// How long taking the line away may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Writes the line beside the loop.
pub(crate) struct Beacon {
    stop: CancellationToken,
    task: JoinSet<()>,
}

impl Beacon {
    pub(crate) fn start(conn: &Connection, vitals: watch::Receiver<Vitals>) -> Self {
        let (stop, mut task) = (CancellationToken::new(), JoinSet::new());
        task.spawn(shine(conn.clone(), vitals, stop.clone()));
        Self { stop, task }
    }

    /// Takes the line away: this node ends on purpose.
    pub(crate) async fn leave(mut self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.task.join_next()).await.ok();
    }
}

async fn shine(conn: Connection, vitals: watch::Receiver<Vitals>, stop: CancellationToken) {
    let mut place = None;
    let mut works = true;
    loop {
        let written = write(&conn, &vitals, &mut place).await;
        match (&written, works) {
            // Once, and not while the link is down: that is told elsewhere.
            (Err(error), true) if conn.is_connected() => {
                tracing::warn!(%error, "status.unwritten: carebus status will not show this node; \
                    if its credential is older than this version, carebus nats-config writes the permissions anew");
                works = false;
            }
            (Ok(()), false) => {
                tracing::info!("status.written");
                works = true;
            }
            _ => {}
        }
        if stop
            .run_until_cancelled(tokio::time::sleep(EVERY))
            .await
            .is_none()
        {
            break;
        }
    }
    if let Some(place) = place {
        place.leave().await;
    }
}

async fn write(
    conn: &Connection,
    vitals: &watch::Receiver<Vitals>,
    place: &mut Option<Place>,
) -> Result<(), BusError> {
    let (status, org, role) = {
        let vitals = vitals.borrow();
        (Status::from(&*vitals), vitals.org.clone(), role(&vitals.wants))
    };
    if place.is_none() {
        *place = Some(Place::open(conn, &org, role, &status.name).await?);
    }
    let line = Bytes::from(serde_json::to_vec(&status).unwrap_or_default());
    match place {
        Some(place) => place.write(line).await,
        None => Ok(()),
    }
}

/// The role by which the credential of a process is known.
fn role(wants: &BTreeSet<Worker>) -> &'static str {
    match wants.first() {
        Some(worker) if wants.len() == 1 => worker.name(),
        _ => SEVERAL,
    }
}
