//! Mail under way: each in a task of its own, so that one slow recipient holds up nobody else.

use std::sync::Arc;
use std::time::Duration;

use care::About;
use care::id::NoticeId;
use mailer::{Delivery, Mail};
use post::{Outcome, Post};
use tokio::sync::{RwLock, mpsc};
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

/// Carries claimed mail and reports how each ended.
#[derive(Debug)]
pub(crate) struct Courier {
    post: Arc<Post>,
    /// Held for writing while a fault of ours lasts: everybody else waits at the gate, without a fact per mail.
    gate: Arc<RwLock<()>>,
    tasks: TaskTracker,
    returns: mpsc::UnboundedSender<Returned>,
    returned: mpsc::UnboundedReceiver<Returned>,
    /// Mails taken whose end nobody has heard of yet. Counted here and not by the tasks, because a task lives a moment
    /// longer than its answer.
    under_way: usize,
}

impl Courier {
    pub(crate) fn new(post: Arc<Post>) -> Self {
        let (returns, returned) = mpsc::unbounded_channel();
        Self { post, gate: Arc::default(), tasks: TaskTracker::new(), returns, returned, under_way: 0 }
    }

    /// Takes a mail whose claim is in the log.
    pub(crate) fn take(&mut self, about: About, notice: NoticeId, mail: Mail) {
        let (post, gate, returns) = (Arc::clone(&self.post), Arc::clone(&self.gate), self.returns.clone());
        self.under_way += 1;
        self.tasks.spawn(async move {
            let attempt = mail.attempt;
            let delivery = carry(&post, &gate, &mail).await;
            tracing::info!(notice.id = %notice, delivery.attempt = attempt, delivery.outcome = ?delivery, "mail.returned");
            // Nobody listens any more only when the process is stopping: then the log shows an open claim.
            let _ = returns.send(Returned { about, notice, attempt, delivery });
        });
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

    /// Waits for mail under way, at most as long as `patience`.
    pub(crate) async fn finish(&self, patience: Duration) {
        self.tasks.close();
        if tokio::time::timeout(patience, self.tasks.wait()).await.is_err() {
            tracing::warn!(mail.under_way = self.tasks.len(), "mail.left_under_way");
        }
        self.post.close().await;
    }
}

async fn carry(post: &Post, gate: &RwLock<()>, mail: &Mail) -> Delivery {
    if !mail.urgent {
        // Urgent mail tries for itself: it may be the routine lane alone that is refused.
        drop(gate.read().await);
    }
    let mut hint = match settled(post.send(mail).await) {
        Ok(delivery) => return delivery,
        Err(hint) => hint,
    };
    let _closed = gate.write().await;
    loop {
        tracing::error!(post.hint = hint, "mail.paused: our own fault, not the recipient's; trying again in 30 s");
        tokio::time::sleep(PAUSE).await;
        hint = match settled(post.send(mail).await) {
            Ok(delivery) => return delivery,
            Err(hint) => hint,
        };
    }
}

/// What the log is told; or the hint, if the fault is ours and the log is told nothing yet.
fn settled(outcome: Outcome) -> Result<Delivery, String> {
    match outcome {
        Outcome::Sent { reply } => Ok(Delivery::Sent { reply: Some(reply) }),
        Outcome::Deferred { reply } => Ok(Delivery::Deferred { reply }),
        Outcome::Rejected { reply } => Ok(Delivery::Rejected { reply }),
        Outcome::Unknown => Ok(Delivery::Unknown),
        Outcome::OwnFault { hint, .. } => Err(hint),
    }
}
