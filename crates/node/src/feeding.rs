//! The clinics' feeds: brought up to date beside the loop, one batch at a time.

use std::sync::Arc;

use bus::append::{LARGEST_BATCH, SMALLEST_BATCH};
use bus::feed::Entry;
use bus::{BusError, Connection};
use bytes::Bytes;
use care::Worker;
use care::feed::Posting;
use care::id::OrgId;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::Node;

/// Entries on their way at once.
const AT_ONCE: usize = 64;

impl Node {
    /// Sets a batch going if none is on its way: two words about one session must not overtake each other.
    pub(crate) fn feed(&mut self) {
        let may_feed = self.engine.settings().workers.contains(&Worker::Scheduler);
        if !may_feed || !self.feeding.is_empty() {
            return;
        }
        let postings = self.engine.take_postings();
        if postings.is_empty() {
            self.engine.posted(&[]);
            return;
        }
        let (conn, org) = (self.conn.clone(), self.engine.settings().org.clone());
        self.feeding.spawn(publish(conn, org, postings));
    }

    /// Waits for the batch on its way, and for one more with what came up meanwhile.
    pub(crate) async fn feed_to_the_end(&mut self) {
        for _ in 0..2 {
            while let Some(done) = self.feeding.join_next().await {
                self.engine.posted(&done.unwrap_or_default());
            }
            self.feed();
        }
        while let Some(done) = self.feeding.join_next().await {
            self.engine.posted(&done.unwrap_or_default());
        }
    }
}

/// Publishes a batch and answers with what failed. Many entries that are new to the feeds go together, the others one
/// by one, after a look at what is there.
async fn publish(conn: Connection, org: OrgId, postings: Vec<Posting>) -> Vec<Posting> {
    let (mut failed, mut singly) = (Vec::new(), Vec::new());
    // As soon as one is known the others most likely are too: after a rebuild all of them.
    let mut are_new = postings.len() >= SMALLEST_BATCH;
    for together in postings.chunks(LARGEST_BATCH) {
        let entries: Vec<Entry> = together.iter().map(entry).collect();
        if are_new {
            match bus::feed::publish_new(&conn, &org, &entries).await {
                Ok(true) => continue,
                Ok(false) => are_new = false,
                Err(error) => {
                    tracing::warn!(feed.entries = together.len(), %error, "feed.failed");
                    failed.extend_from_slice(together);
                    continue;
                }
            }
        }
        singly.extend_from_slice(together);
    }
    failed.extend(publish_singly(conn, org, singly).await);
    failed
}

async fn publish_singly(conn: Connection, org: OrgId, postings: Vec<Posting>) -> Vec<Posting> {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for posting in postings {
        let (conn, org, room) = (conn.clone(), org.clone(), Arc::clone(&room));
        tasks.spawn(async move {
            let _seat = room.acquire().await;
            let outcome = publish_one(&conn, &org, &posting).await;
            outcome.err().map(|error| {
                tracing::warn!(session.id = %posting.entry.session_id, %error, "feed.failed");
                posting
            })
        });
    }
    let mut failed = Vec::new();
    while let Some(done) = tasks.join_next().await {
        failed.extend(done.ok().flatten());
    }
    failed
}

async fn publish_one(conn: &Connection, org: &OrgId, posting: &Posting) -> Result<(), BusError> {
    let Entry {
        clinic,
        session_id,
        revision,
        payload,
    } = entry(posting);
    bus::feed::publish_feed(conn, org, &clinic, &session_id, payload, revision)
        .await
        .map(|_| ())
}

fn entry(posting: &Posting) -> Entry {
    Entry {
        clinic: posting.clinic.clone(),
        session_id: posting.entry.session_id.clone(),
        revision: posting.entry.revision,
        payload: Bytes::from(serde_json::to_vec(&posting.entry).unwrap_or_default()),
    }
}
