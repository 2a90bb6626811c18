//! The gate before the mail server: shut while no mail can leave, and opened by knocking, not by mail.

use std::sync::Arc;

use care::time::Timestamp;
use post::{Outcome, Post};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Clock;

/// Why no mail leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseReason {
    /// The mail server cannot be reached, or takes no mail from anybody.
    Unreachable,
    /// It refuses us for a fault of ours: login, sender, certificate, TLS; or the mail folder cannot be written.
    OwnFault,
}

impl PauseReason {
    /// As logs and metrics name it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::OwnFault => "own_fault",
        }
    }
}

/// Mail waits: since when, and why. No personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailPause {
    /// Since when, by the node's clock.
    pub since: Timestamp,
    /// Why.
    pub why: PauseReason,
    /// The mail server's reply, if it gave one.
    pub reply: Option<u16>,
    /// Where an operator should look.
    pub hint: String,
}

/// Shut or open, for everybody who has mail to carry.
#[derive(Debug)]
pub(crate) struct Gate {
    post: Arc<Post>,
    clock: Clock,
    state: watch::Sender<Option<MailPause>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Gate {
    pub(crate) fn new(post: Arc<Post>, clock: Clock, tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self {
            post,
            clock,
            state: watch::Sender::default(),
            tasks,
            stop,
        }
    }

    /// Why it is shut, now and whenever that changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Option<MailPause>> {
        self.state.subscribe()
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.state.borrow().is_some()
    }

    /// Since when it is shut.
    pub(crate) fn shut_since(&self) -> Option<Timestamp> {
        self.state.borrow().as_ref().map(|pause| pause.since)
    }

    /// Waits until it is open; false if the process is to stop before.
    pub(crate) async fn opened(&self) -> bool {
        let mut state = self.watch();
        let open = state.wait_for(Option::is_none);
        matches!(self.stop.run_until_cancelled(open).await, Some(Ok(_)))
    }

    /// No mail left, and the next one would fare the same. The operator is told once, and again if the reason changes.
    pub(crate) fn shut(self: &Arc<Self>, why: PauseReason, reply: Option<u16>, hint: &str, from: &str) {
        let was_open = self.is(why, reply, hint);
        if was_open {
            let (gate, from) = (Arc::clone(self), from.to_owned());
            self.tasks.spawn(async move { gate.knock(&from).await });
        }
    }

    /// Sets why it is shut; true if it was open.
    fn is(&self, why: PauseReason, reply: Option<u16>, hint: &str) -> bool {
        let mut was_open = false;
        self.state.send_if_modified(|state| {
            was_open = state.is_none();
            let same = |known: &MailPause| known.why == why && known.hint == hint;
            if state.as_ref().is_some_and(same) {
                return false;
            }
            let since = state.as_ref().map_or_else(|| self.clock.now(), |known| known.since);
            *state = Some(MailPause {
                since,
                why,
                reply,
                hint: hint.to_owned(),
            });
            tracing::error!(
                pause.why = why.code(),
                delivery.reply = reply,
                post.hint = hint,
                "mail.paused: routine mail waits, no recipient is blamed; goes on by itself once this is mended"
            );
            true
        });
        was_open
    }

    /// Knocks until the way is free or the process stops.
    async fn knock(&self, from: &str) {
        loop {
            let own_fault = self
                .state
                .borrow()
                .as_ref()
                .is_some_and(|pause| pause.why == PauseReason::OwnFault);
            let pause = tokio::time::sleep(self.post.pause(own_fault));
            if self.stop.run_until_cancelled(pause).await.is_none() {
                return;
            }
            match self.stop.run_until_cancelled(self.post.knock(from)).await {
                None => return,
                Some(Ok(())) => break,
                Some(Err(outcome)) => {
                    if let Some((why, reply, hint)) = blame(&outcome) {
                        self.is(why, reply, &hint);
                    }
                }
            }
        }
        self.state.send_replace(None);
        tracing::info!("mail.resumed");
    }
}

/// What an outcome says about the way, if it is the way that is to blame.
pub(crate) fn blame(outcome: &Outcome) -> Option<(PauseReason, Option<u16>, String)> {
    match outcome {
        Outcome::Unreachable { reply } => {
            let hint = "the mail server does not answer, or takes no mail now; is it there, and are host and port right?";
            Some((PauseReason::Unreachable, *reply, hint.to_owned()))
        }
        Outcome::OwnFault { reply, hint } => Some((PauseReason::OwnFault, *reply, hint.clone())),
        Outcome::Sent { .. } | Outcome::Deferred { .. } | Outcome::Rejected { .. } | Outcome::Unknown => None,
    }
}
