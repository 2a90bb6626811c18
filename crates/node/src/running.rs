//! A node in real time: facts, wake-ups, answers and the end of the day, whichever comes first.

use std::time::Duration;

use bus::BusError;
use care::time::Timestamp;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::appending::{Done, carry_out};
use crate::courier::{Claimed, Returned};
use crate::seats::Seats;
use crate::{Node, NodeError};

/// Appends under way at once, each about another patient.
const APPENDS: usize = 256;
/// Facts after which a checkpoint is written even if the second is not over.
const FACTS_PER_CHECKPOINT: u64 = 10_000;
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
        let mut check = tokio::time::interval(crate::watch::EVERY);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut saved_at = self.engine.facts();
        loop {
            if !self.is_in_doubt() {
                self.decide(appends);
                self.feed();
            }
            let nap = self.until_wake();
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                batch = self.reader.next_batch(crate::reading::AT_ONCE) => match batch {
                    Ok(batch) => self.fold(batch).await?,
                    // The reader goes on trying; whether the log is another one is looked into.
                    Err(why @ (BusError::LogChanged { .. } | BusError::MissingOrg(_))) => self.alarm(&why),
                    Err(error) => return Err(error.into()),
                },
                Some(looked) = Self::looked(&mut self.watch) => Box::pin(self.judge(looked)).await?,
                Some(Ok(done)) = appends.join_next() => self.after_append(done).await?,
                Some(returned) = self.courier.next() => self.take_return(returned),
                () = tokio::time::sleep(nap) => {}
                _ = tend.tick() => {
                    seats.tend().await;
                    self.engine.set_workers(seats.held());
                }
                Some(Ok(failed)) = self.feeding.join_next() => self.engine.posted(&failed),
                _ = second.tick() => {
                    self.save().await;
                    saved_at = self.engine.facts();
                    if self.is_in_doubt() {
                        self.look();
                    }
                }
                _ = check.tick() => self.look(),
            }
            // Below it when everything is read anew.
            saved_at = saved_at.min(self.engine.facts());
            if self.engine.facts() - saved_at >= FACTS_PER_CHECKPOINT {
                self.save().await;
                saved_at = self.engine.facts();
            }
        }
    }

    /// Asks the engine, if this process may act and has read to the head, and sets the appends going.
    fn decide(&mut self, appends: &mut JoinSet<Done>) {
        if !self.reader.is_caught_up() || appends.len() >= APPENDS {
            return;
        }
        self.take_late_returns();
        let now = self.clock.now();
        let decisions = if self.engine.settings().workers.is_empty() {
            if !self.has_returns {
                return;
            }
            // Somebody else acts by now; how our own mail ended nobody else can say.
            let outcomes = self.engine.poll_outcomes(now);
            self.has_returns = !outcomes.is_empty();
            outcomes
        } else {
            if !self.engine.is_due(now) {
                return;
            }
            self.engine.pause_mail(self.courier.is_paused());
            self.engine.poll(now)
        };
        for defect in self.engine.take_defects() {
            tracing::error!(
                fact = defect,
                "fact.defect: a worker said what the contract refuses"
            );
        }
        for decision in decisions {
            let (conn, org) = (self.conn.clone(), self.engine.settings().org.clone());
            appends.spawn(carry_out(conn, org, decision, self.watch.generation));
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
        let is_of_this_log = done.generation == self.watch.generation;
        for (notice, mail) in done.claimed {
            let claimed = Claimed {
                about: done.about.clone(),
                notice,
                mail,
            };
            if is_of_this_log {
                self.engine
                    .claimed(&done.about, &claimed.notice, claimed.mail.attempt);
                self.held.push(claimed);
            } else {
                // Nobody knows whether the claim is in the log that is there now. If it is, it is put off.
                self.returned.push(claimed.put_off());
            }
        }
        if !self.is_in_doubt() {
            self.send_held();
        }
        if let Some(refused) = done.refused {
            return Err(refused.into());
        }
        if !done.complete && is_of_this_log {
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

    /// Sends what was claimed and waited for the log to be looked at.
    pub(crate) fn send_held(&mut self) {
        for claimed in std::mem::take(&mut self.held) {
            self.courier.take(claimed.about, claimed.notice, claimed.mail);
        }
    }

    /// How mails ended that were under way when the log changed: the state knows their claims by now, if it ever will.
    pub(crate) fn take_late_returns(&mut self) {
        for returned in std::mem::take(&mut self.returned) {
            self.take_return(returned);
        }
    }

    pub(crate) fn take_return(&mut self, returned: Returned) {
        let now = self.clock.now();
        self.has_returns = true;
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
        for claimed in std::mem::take(&mut self.held) {
            self.take_return(claimed.put_off());
        }
        self.take_late_returns();
        let outcomes = async {
            self.catch_up().await?;
            for decision in self.engine.poll_outcomes(self.clock.now()) {
                let (conn, org) = (self.conn.clone(), self.engine.settings().org.clone());
                carry_out(conn, org, decision, self.watch.generation).await;
            }
            self.catch_up().await
        };
        if tokio::time::timeout(PATIENCE, outcomes).await.is_err() {
            tracing::warn!("node.outcomes_not_recorded");
        }
        tokio::time::timeout(PATIENCE, self.feed_to_the_end()).await.ok();
        self.save().await;
    }
}
