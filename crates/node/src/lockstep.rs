//! A node on a virtual clock: every round is carried out whole before the next begins, as in the simulation.

use std::time::Duration;

use care::time::Timestamp;
use tokio::task::JoinSet;

use crate::appending::{Done, groups};
use crate::{Node, NodeError};

/// Rounds at one instant after which something goes in circles.
const ROUNDS: usize = 1000;
/// How long a message that is in the log may take to come, when the server says that none is left to send.
const AT_THE_END: Duration = Duration::from_secs(2);

impl Node {
    /// Sets the virtual clock and lets everything that is due by then happen, in rounds: what is in the log is folded,
    /// decisions are appended, mails are carried to their end.
    ///
    /// # Errors
    /// [`NodeError`] when NATS refuses, or the workers do not come to rest.
    pub async fn settle_at(&mut self, now: Timestamp) -> Result<(), NodeError> {
        self.clock.set(now);
        if self.is_in_doubt() {
            Box::pin(self.look_now()).await?;
        }
        for _ in 0..ROUNDS {
            self.read_to_head().await?;
            self.take_late_returns();
            let now = self.clock.now();
            if !self.engine.is_due(now) {
                self.save().await;
                return Ok(());
            }
            let decisions = self.engine.poll(now);
            let mut appends = JoinSet::new();
            for (order, group) in groups(decisions).into_iter().enumerate() {
                let appender = self.appender.clone();
                appends.spawn(async move { (order, appender.carry_out(group).await) });
            }
            let mut done: Vec<(usize, Vec<Done>)> = Vec::new();
            while let Some(joined) = appends.join_next().await {
                done.extend(joined.ok());
            }
            done.sort_by_key(|(order, _)| *order);
            for (_, done) in done {
                self.after_append(self.watch.generation, done).await?;
            }
            self.read_to_head().await?;
            while self.courier.is_busy() {
                let Some(returned) = self.courier.next().await else {
                    break;
                };
                self.take_return(returned);
            }
            self.feed_to_the_end().await;
        }
        Err(engine::Unsettled {
            at: self.clock.now(),
            said: "more than 1000 rounds".to_owned(),
        }
        .into())
    }

    /// Reads until nothing that was in the log when we asked is missing.
    pub(crate) async fn read_to_head(&mut self) -> Result<(), NodeError> {
        let head = bus::streams::head(&self.conn, &self.engine.settings().org)
            .await?
            .last_sequence;
        while self.engine.position() < head {
            let next = self.reader.next_batch(crate::reading::AT_ONCE);
            let batch = match tokio::time::timeout(AT_THE_END, next).await {
                Ok(batch) => batch?,
                // The last sequences hold nothing any more: their patient was erased.
                Err(_) if self.reader.is_caught_up() => break,
                Err(_) => continue,
            };
            self.fold(batch).await?;
        }
        self.engine.end_backlog();
        Ok(())
    }
}
