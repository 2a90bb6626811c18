//! A node in real time: facts, wake-ups, answers and the end of the day, whichever comes first.

use std::time::Duration;

use bus::BusError;
use care::About;
use care::id::NoticeId;
use care::time::Timestamp;
use mailer::Mail;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::appending::{Done, groups};
use crate::beacon::Beacon;
use crate::courier::{BOUNDS, Claimed, Returned};
use crate::seats::Seats;
use crate::vitals::Phase;
use crate::{Node, NodeError};

/// Appends under way at once, each about another patient or a batch of them.
const APPENDS: usize = 256;
/// Facts after which a checkpoint is written even if the second is not over.
const FACTS_PER_CHECKPOINT: u64 = 10_000;
/// Charts folded small in a second, some 3 µs each: a clinic of 100 000 is at rest within a minute.
const FOLDS_PER_SECOND: usize = 2000;
/// How often the clock is compared with the server's.
const COMPARE_CLOCKS: Duration = Duration::from_secs(30);
/// How long mail under way may take when the process is asked to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// Appends under way, with the log they were decided of.
type Appending = JoinSet<(u64, Vec<Done>)>;

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
        let beacon = Beacon::start(&self.conn, self.observer.board.watch());
        self.enter(Phase::Working);
        let mut appends = Appending::new();
        let result = self.work(&stop, &mut seats, &mut appends).await;
        self.enter(Phase::Stopping);
        self.close(&mut appends).await;
        seats.leave().await;
        beacon.leave().await;
        result
    }

    async fn work(
        &mut self,
        stop: &CancellationToken,
        seats: &mut Seats,
        appends: &mut Appending,
    ) -> Result<(), NodeError> {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tend = seats.next();
        let mut check = tokio::time::interval(crate::watching::EVERY);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut compare = tokio::time::interval(COMPARE_CLOCKS);
        compare.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut saved_at = self.engine.facts();
        let mut gate = self.courier.watch();
        loop {
            self.observe();
            // Each time, and by the clock that a stopped process cannot stop: one that was out of the running for
            // longer than its lease lasts must notice before it decides anything.
            self.engine.set_workers(seats.held());
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
                Some(Ok((generation, done))) = appends.join_next() => self.after_append(generation, done).await?,
                Some(returned) = self.courier.next() => self.take_return(returned),
                // Routine mail may be claimed again, or not any more.
                Ok(()) = gate.changed() => {}
                () = tokio::time::sleep(nap) => {}
                () = tokio::time::sleep_until(tend) => {
                    seats.tend().await;
                    tend = seats.next();
                }
                Some(Ok(failed)) = self.feeding.join_next() => self.engine.posted(&failed),
                written = self.checkpoint.saved() => self.after_save(written),
                _ = second.tick() => {
                    self.engine.fold_idle(FOLDS_PER_SECOND);
                    self.begin_save();
                    saved_at = self.engine.facts();
                    if self.is_in_doubt() {
                        self.look();
                    }
                }
                _ = check.tick() => self.look(),
                _ = compare.tick() => {
                    self.compare_clocks().await?;
                    self.let_go_of_what_is_gone().await?;
                }
            }
            // Below it when everything is read anew.
            saved_at = saved_at.min(self.engine.facts());
            if self.engine.facts() - saved_at >= FACTS_PER_CHECKPOINT {
                self.begin_save();
                saved_at = self.engine.facts();
            }
        }
    }

    /// Asks the engine, if this process may act and has read to the head, and sets the appends going.
    fn decide(&mut self, appends: &mut Appending) {
        let now = self.now();
        self.engine.pause_mail(self.courier.paused_since(), now);
        if !self.reader.is_caught_up() || appends.len() >= APPENDS {
            return;
        }
        self.take_late_returns();
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
            self.engine.poll(now)
        };
        for defect in self.engine.take_defects() {
            self.observer.defects += 1;
            tracing::error!(
                fact = defect,
                "fact.defect: a worker said what the contract refuses"
            );
        }
        let generation = self.watch.generation;
        for group in groups(decisions) {
            let appender = self.appender.clone();
            appends.spawn(async move { (generation, appender.carry_out(group).await) });
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

    /// Decisions were carried out, or were not: then they are made again once the log has been read as far as it goes
    /// now. What was taken comes back through the log, or the log lost it before it was read: then too it is made again.
    /// `generation`: of which log, counted, they were decided.
    pub(crate) async fn after_append(&mut self, generation: u64, done: Vec<Done>) -> Result<(), NodeError> {
        let is_of_this_log = generation == self.watch.generation;
        let mut incomplete = Vec::new();
        let mut refused = None;
        for done in done {
            self.observer.appends.add(done.counted);
            self.hold_claimed(&done.about, done.claimed, is_of_this_log);
            refused = refused.or(done.refused);
            if !is_of_this_log {
                continue;
            }
            if !done.complete {
                incomplete.push((done.about, done.stored));
            } else if done.stored > self.engine.position() {
                self.behind.insert(done.about, done.stored);
            }
        }
        if !self.is_in_doubt() {
            self.send_held();
        }
        if let Some(refused) = refused {
            return Err(refused.into());
        }
        if incomplete.is_empty() {
            return Ok(());
        }
        let head = bus::streams::head(&self.conn, &self.engine.settings().org).await;
        let head = head.map_or(0, |h| h.last_sequence);
        for (about, stored) in incomplete {
            let until = head.max(stored);
            if until <= self.engine.position() {
                self.engine.give_up(&about);
            } else {
                self.behind.insert(about, until);
            }
        }
        Ok(())
    }

    /// Keeps mails whose claim was taken until it is known that the log is still the one they were claimed in.
    fn hold_claimed(&mut self, about: &About, claimed: Vec<(NoticeId, Mail)>, is_of_this_log: bool) {
        for (notice, mail) in claimed {
            let claimed = Claimed {
                about: about.clone(),
                notice,
                mail,
            };
            if is_of_this_log {
                self.engine.claimed(about, &claimed.notice, claimed.mail.attempt);
                self.held.push(claimed);
            } else {
                // Nobody knows whether the claim is in the log that is there now. If it is, it is put off.
                self.returned.push(claimed.put_off());
            }
        }
    }

    /// The log may have lost what it took of us, and nothing that we had read: then our position fits, and what we
    /// wait for never comes back.
    async fn let_go_of_what_is_gone(&mut self) -> Result<(), NodeError> {
        if self.behind.is_empty() {
            return Ok(());
        }
        let head = match bus::streams::head(&self.conn, &self.engine.settings().org).await {
            Ok(head) => head.last_sequence,
            Err(error) if error.is_passing() => return Ok(()),
            // Whether the log is still there, others look.
            Err(BusError::MissingOrg(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let gone = self.behind.extract_if(.., |_, until| *until > head);
        let gone: Vec<About> = gone.map(|(about, _)| about).collect();
        for about in gone {
            tracing::error!("append.gone: the log lost what it had taken; it is decided anew");
            self.engine.give_up(&about);
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
    async fn close(&mut self, appends: &mut Appending) {
        tracing::info!("node.stopping");
        let answered = async {
            while let Some(joined) = appends.join_next().await {
                if let Ok((generation, done)) = joined {
                    // A refusal can change nothing any more: what was not taken is decided at the next start.
                    self.after_append(generation, done).await.ok();
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
            // To the head, not to where the reader believes it to be: a claim that was answered a moment ago must be
            // in the state, or its outcome has nothing to stand on.
            self.read_to_head().await?;
            for group in groups(self.engine.poll_outcomes(self.clock.now())) {
                self.appender.carry_out(group).await;
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
