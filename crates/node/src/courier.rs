//! Mail under way: each in a task of its own, so that one slow recipient holds up nobody else.

use std::sync::Arc;
use std::time::Duration;

use care::About;
use care::id::NoticeId;
use mailer::{Delivery, Mail};
use post::{Outcome, Post};
use tokio::sync::{RwLock, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long the queue pauses after a fault of ours before it tries the same mail again.
const PAUSE: Duration = Duration::from_secs(30);

/// How a try ended.
#[derive(Debug)]
pub(crate) struct Returned {
    pub(crate) about: About,
    pub(crate) notice: NoticeId,
    pub(crate) attempt: u32,
    pub(crate) delivery: Delivery,
}

/// A mail whose claim is in the log, and which has not left.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) about: About,
    pub(crate) notice: NoticeId,
    pub(crate) mail: Mail,
}

impl Claimed {
    /// It did not leave.
    pub(crate) fn put_off(self) -> Returned {
        Returned {
            about: self.about,
            notice: self.notice,
            attempt: self.mail.attempt,
            delivery: Delivery::Deferred { reply: None },
        }
    }
}

/// Carries claimed mail and reports how each ended.
#[derive(Debug)]
pub(crate) struct Courier {
    post: Arc<Post>,
    /// Held for writing while a fault of ours lasts: everybody else waits at the gate, without a fact per mail.
    gate: Arc<RwLock<()>>,
    tasks: TaskTracker,
    /// Asks mail that has not left to be put off.
    stop: CancellationToken,
    returns: mpsc::UnboundedSender<Returned>,
    returned: mpsc::UnboundedReceiver<Returned>,
    /// Mails taken whose end nobody has heard of yet. Counted here and not by the tasks, because a task lives a moment
    /// longer than its answer.
    under_way: usize,
}

impl Courier {
    pub(crate) fn new(post: Arc<Post>) -> Self {
        let (returns, returned) = mpsc::unbounded_channel();
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        Self {
            post,
            gate: Arc::default(),
            tasks,
            stop,
            returns,
            returned,
            under_way: 0,
        }
    }

    /// Takes a mail whose claim is in the log.
    pub(crate) fn take(&mut self, about: About, notice: NoticeId, mail: Mail) {
        let (post, gate, returns) = (
            Arc::clone(&self.post),
            Arc::clone(&self.gate),
            self.returns.clone(),
        );
        let stop = self.stop.clone();
        self.under_way += 1;
        self.tasks.spawn(async move {
            let attempt = mail.attempt;
            let delivery = carry(&post, &gate, &stop, &mail).await;
            tracing::info!(notice.id = %notice, delivery.attempt = attempt, delivery.outcome = ?delivery, "mail.returned");
            // Nobody listens any more only when the process is stopping: then the log shows an open claim.
            let _ = returns.send(Returned { about, notice, attempt, delivery });
        });
    }

    /// Whether a fault of ours holds the queue up.
    pub(crate) fn is_paused(&self) -> bool {
        self.gate.try_read().is_err()
    }

    /// Whether some mail's end has not been heard of.
    pub(crate) const fn is_busy(&self) -> bool {
        self.under_way > 0
    }

    /// How the next mail ended; waits for as long as that takes.
    pub(crate) async fn next(&mut self) -> Option<Returned> {
        let returned = self.returned.recv().await;
        self.under_way = self.under_way.saturating_sub(usize::from(returned.is_some()));
        returned
    }

    /// How the next mail ended, if one has.
    pub(crate) fn ready(&mut self) -> Option<Returned> {
        let returned = self.returned.try_recv().ok();
        self.under_way = self.under_way.saturating_sub(usize::from(returned.is_some()));
        returned
    }

    /// Lets nothing more leave: what waits is put off, and what is with the mail server comes to its end, or out of
    /// `patience`. What is taken after that leaves again.
    pub(crate) async fn hold(&mut self, patience: Duration) -> Vec<Returned> {
        self.stop.cancel();
        let mut ended = Vec::new();
        let all = async {
            while self.is_busy() {
                let Some(returned) = self.next().await else { break };
                ended.push(returned);
            }
        };
        tokio::time::timeout(patience, all).await.ok();
        self.stop = CancellationToken::new();
        ended
    }

    /// Waits for mail under way, at most as long as `patience`; what waits for a fault of ours to end is put off.
    pub(crate) async fn finish(&self, patience: Duration) {
        self.tasks.close();
        self.stop.cancel();
        if tokio::time::timeout(patience, self.tasks.wait()).await.is_err() {
            tracing::warn!(mail.under_way = self.tasks.len(), "mail.left_under_way");
        }
        self.post.close().await;
    }
}

/// Carries one mail to its end. A fault of ours is not told to the log: one mail knocks until it gets through, and all
/// others wait behind the gate and then try at once. Asked to stop, what has not left is put off.
async fn carry(post: &Post, gate: &RwLock<()>, stop: &CancellationToken, mail: &Mail) -> Delivery {
    if stop.is_cancelled() {
        return Delivery::Deferred { reply: None };
    }
    // Urgent mail tries for itself: it may be the routine lane alone that is refused.
    let waits = !mail.urgent && gate.try_read().is_err();
    if waits && stop.run_until_cancelled(gate.read()).await.is_none() {
        return Delivery::Deferred { reply: None };
    }
    let mut closed = None;
    loop {
        let (reply, hint) = match verdict(post.send(mail).await) {
            Ok(delivery) => return delivery,
            Err(fault) => fault,
        };
        closed = closed.or_else(|| gate.try_write().ok());
        let waited = if closed.is_some() {
            tracing::error!(
                post.hint = hint,
                "mail.paused: our own fault, not the recipient's; trying again in 30 s"
            );
            stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await
        } else {
            stop.run_until_cancelled(async { drop(gate.read().await) }).await
        };
        if waited.is_none() {
            return Delivery::Deferred { reply };
        }
    }
}

/// What the log is told; or the reply and the hint, if the fault is ours and the log is told nothing yet.
fn verdict(outcome: Outcome) -> Result<Delivery, (Option<u16>, String)> {
    match outcome {
        Outcome::Sent { reply } => Ok(Delivery::Sent { reply: Some(reply) }),
        Outcome::Deferred { reply } => Ok(Delivery::Deferred { reply }),
        Outcome::Rejected { reply } => Ok(Delivery::Rejected { reply }),
        Outcome::Unknown => Ok(Delivery::Unknown),
        Outcome::OwnFault { reply, hint } => Err((reply, hint)),
    }
}
