//! A node in real time: facts, wake-ups, answers and the end of the day, whichever comes first.

use std::time::Duration;

use bus::BusError;
use care::time::Timestamp;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::appending::{Done, carry_out};
use crate::courier::{BOUNDS, Returned};
use crate::seats::Seats;
use crate::{Node, NodeError};

/// Appends under way at once, each about another patient.
const APPENDS: usize = 256;
/// Facts after which a checkpoint is written even if the second is not over.
const FACTS_PER_CHECKPOINT: u64 = 10_000;
/// How often the log is compared with what we know of it.
const CHECK_LOG: Duration = Duration::from_secs(30);
/// How long mail under way may take when the process is asked to stop.
const PATIENCE: Duration = Duration::from_secs(30);

impl Node {
    /// Works until `stop`: then finishes what is under way, saves, and gives its leases back.
    ///
    /// # Errors
    /// [`NodeError`] for what does not pass by itself.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), NodeError> {
        let wanted = self.engine.settings().workers.clone();
        let mut seats = Seats::open(&self.conn, &self.engine.settings().org, &wanted, &self.name).await?;
        seats.tend().await;
        self.engine.set_workers(seats.held());
        self.engine.bound_mail(BOUNDS);
        let mut appends: JoinSet<Done> = JoinSet::new();
        let result = self.work(&stop, &mut seats, &mut appends).await;
        self.close(&mut appends).await;
        seats.leave().await;
        result
    }

    async fn work(
        &mut self,
        stop: &CancellationToken,
        seats: &mut Seats,
        appends: &mut JoinSet<Done>,
    ) -> Result<(), NodeError> {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tend = tokio::time::interval(Seats::EVERY);
        tend.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut check = tokio::time::interval(CHECK_LOG);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut saved_at = self.engine.facts();
        let mut losses = self.conn.losses();
        let mut gate = self.courier.watch();
        loop {
            self.decide(appends);
            self.feed();
            let nap = self.until_wake();
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                batch = self.reader.next_batch(crate::reading::AT_ONCE) => match batch {
                    Ok(batch) => self.fold(batch).await?,
                    Err(BusError::LogChanged { why, .. }) => self.start_over(&why).await?,
                    Err(error) => return Err(error.into()),
                },
                Some(Ok(done)) = appends.join_next() => self.after_append(done).await?,
                Some(returned) = self.courier.next() => self.take_return(returned),
                // Routine mail may be claimed again, or not any more.
                Ok(()) = gate.changed() => {}
                () = tokio::time::sleep(nap) => {}
                _ = tend.tick() => {
                    seats.tend().await;
                    self.engine.set_workers(seats.held());
                }
                Some(Ok(failed)) = self.feeding.join_next() => self.engine.posted(&failed),
                _ = second.tick() => {
                    self.save().await;
                    saved_at = self.engine.facts();
                    if self.conn.losses() != losses && self.conn.is_connected() {
                        losses = self.conn.losses();
                        self.check_log().await?;
                    }
                }
                _ = check.tick() => self.check_log().await?,
            }
            if self.engine.facts() - saved_at >= FACTS_PER_CHECKPOINT {
                self.save().await;
                saved_at = self.engine.facts();
            }
        }
    }

    /// Asks the engine, if this process may act and has read to the head, and sets the appends going.
    fn decide(&mut self, appends: &mut JoinSet<Done>) {
        let may_act = !self.engine.settings().workers.is_empty() && self.reader.is_caught_up();
        let now = self.clock.now();
        self.engine.pause_mail(self.courier.paused_since(), now);
        if !may_act || appends.len() >= APPENDS || !self.engine.is_due(now) {
            return;
        }
        let decisions = self.engine.poll(now);
        for defect in self.engine.take_defects() {
            tracing::error!(
                fact = defect,
                "fact.defect: a worker said what the contract refuses"
            );
        }
        for decision in decisions {
            let (conn, org) = (self.conn.clone(), self.engine.settings().org.clone());
            appends.spawn(carry_out(conn, org, decision));
        }
    }

    /// How long nothing is due, as far as is known now.
    fn until_wake(&self) -> Duration {
        const LONG: Duration = Duration::from_secs(60);
        let now = self.clock.now();
        if self.engine.settings().workers.is_empty() {
            // Somebody else acts: what is due here is not ours to do, and facts and leases wake us by themselves.
            return LONG;
        }
        if self.engine.is_due(now) {
            // Due, but not allowed yet: appends under way, or messages not read. Both wake us by themselves.
            return Duration::from_millis(20);
        }
        let until = |at: Timestamp| Duration::try_from(at.duration_since(now)).unwrap_or_default();
        self.engine.wake_at().map_or(LONG, until).min(LONG)
    }

    /// A decision was carried out, or was not: then it is made again once the log has been read as far as it goes now.
    pub(crate) async fn after_append(&mut self, done: Done) -> Result<(), NodeError> {
        for (notice, mail) in done.claimed {
            self.engine.claimed(&done.about, &notice, mail.attempt);
            self.courier.take(done.about.clone(), notice, mail);
        }
        if let Some(refused) = done.refused {
            return Err(refused.into());
        }
        if !done.complete {
            let head = bus::streams::head(&self.conn, &self.engine.settings().org).await;
            let until = head.map_or(done.stored, |h| h.last_sequence).max(done.stored);
            if until <= self.engine.position() {
                self.engine.give_up(&done.about);
            } else {
                self.behind.insert(done.about, until);
            }
        }
        Ok(())
    }

    pub(crate) fn take_return(&mut self, returned: Returned) {
        let now = self.clock.now();
        if let Some((domain, sign)) = &returned.sign {
            self.engine.note_sign(domain, *sign, now);
        }
        self.engine.delivered(
            &returned.about,
            &returned.notice,
            returned.attempt,
            returned.delivery,
            now,
        );
    }

    /// Ends in order: appends answered, mail carried, outcomes in the log, checkpoint written.
    async fn close(&mut self, appends: &mut JoinSet<Done>) {
        tracing::info!("node.stopping");
        let answered = async {
            while let Some(joined) = appends.join_next().await {
                if let Ok(done) = joined {
                    // A refusal can change nothing any more: what was not taken is decided at the next start.
                    self.after_append(done).await.ok();
                }
            }
        };
        tokio::time::timeout(PATIENCE, answered).await.ok();
        self.courier.finish(PATIENCE).await;
        while let Some(returned) = self.courier.ready() {
            self.take_return(returned);
        }
        let outcomes = async {
            // To the head, not to where the reader believes it to be: a claim that was answered a moment ago must be
            // in the state, or its outcome has nothing to stand on.
            self.read_to_head().await?;
            for decision in self.engine.poll_outcomes(self.clock.now()) {
                carry_out(self.conn.clone(), self.engine.settings().org.clone(), decision).await;
            }
            self.read_to_head().await
        };
        if tokio::time::timeout(PATIENCE, outcomes).await.is_err() {
            tracing::warn!("node.outcomes_not_recorded");
        }
        tokio::time::timeout(PATIENCE, self.feed_to_the_end()).await.ok();
        self.save().await;
    }
}
