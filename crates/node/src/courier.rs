//! Mail under way: each in a task of its own, so that one slow recipient holds up nobody else.

use std::sync::Arc;
use std::time::Duration;

use care::About;
use care::id::NoticeId;
use care::time::Timestamp;
use mailer::{Bounds, Delivery, Domain, Mail, Sign};
use post::{Outcome, Post};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Clock;
use crate::gate::{Gate, MailPause, blame};

/// Open claims: enough that four connections never wait for the log, so few that a process that dies leaves hardly any
/// mail of which nobody knows whether it went out. A quarter for one domain: a slow one leaves room for the others.
pub(crate) const BOUNDS: Bounds = Bounds {
    routine: 16,
    urgent: 16,
    per_domain: 4,
};

/// How a try ended.
#[derive(Debug)]
pub(crate) struct Returned {
    pub(crate) about: About,
    pub(crate) notice: NoticeId,
    pub(crate) attempt: u32,
    pub(crate) delivery: Delivery,
    /// What that says of the recipient's domain.
    pub(crate) sign: Option<(Domain, Sign)>,
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
            sign: None,
        }
    }
}

/// Carries claimed mail and reports how each ended.
#[derive(Debug)]
pub(crate) struct Courier {
    post: Arc<Post>,
    gate: Arc<Gate>,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// Asks mail that has not left to be put off; cancelled with `stop`.
    hold: CancellationToken,
    returns: mpsc::UnboundedSender<Returned>,
    returned: mpsc::UnboundedReceiver<Returned>,
    /// Mails taken whose end nobody has heard of yet. Counted here and not by the tasks, because a task lives a moment
    /// longer than its answer.
    under_way: usize,
}

impl Courier {
    pub(crate) fn new(post: Arc<Post>, clock: Clock) -> Self {
        let (returns, returned) = mpsc::unbounded_channel();
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let gate = Gate::new(Arc::clone(&post), clock, tasks.clone(), stop.clone());
        Self {
            post,
            gate: Arc::new(gate),
            tasks,
            hold: stop.child_token(),
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
        let hold = self.hold.clone();
        self.under_way += 1;
        self.tasks.spawn(async move {
            let attempt = mail.attempt;
            let (delivery, sign) = carry(&post, &gate, &hold, &mail).await;
            tracing::info!(notice.id = %notice, delivery.attempt = attempt, delivery.outcome = ?delivery, "mail.returned");
            let sign = sign.map(|sign| (Domain::of(&mail.to), sign));
            // Nobody listens any more only when the process is stopping: then the log shows an open claim.
            let _ = returns.send(Returned { about, notice, attempt, delivery, sign });
        });
    }

    /// Since when no mail can leave.
    pub(crate) fn paused_since(&self) -> Option<Timestamp> {
        self.gate.shut_since()
    }

    /// Why no mail can leave, now and whenever that changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Option<MailPause>> {
        self.gate.watch()
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
        self.hold.cancel();
        let mut ended = Vec::new();
        let all = async {
            while self.is_busy() {
                let Some(returned) = self.next().await else { break };
                ended.push(returned);
            }
        };
        tokio::time::timeout(patience, all).await.ok();
        self.hold = self.stop.child_token();
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

/// Carries one mail to its end, and says what that shows of the recipient's domain.
///
/// What the way is to blame for shuts the gate. Routine mail is put off then, also what was claimed just before: a claim
/// that waits would be a mail lost if the process died. Urgent mail tries whatever the gate says. A fault of ours uses
/// up none of its tries: it waits, its claim open, and goes as soon as the fault is mended. Asked to stop, it is put off.
async fn carry(
    post: &Post,
    gate: &Arc<Gate>,
    hold: &CancellationToken,
    mail: &Mail,
) -> (Delivery, Option<Sign>) {
    loop {
        if hold.is_cancelled() || (!mail.urgent && gate.is_shut()) {
            return (Delivery::Deferred { reply: None }, None);
        }
        let outcome = post.send(mail).await;
        if let Some((why, reply, hint)) = blame(&outcome) {
            gate.shut(why, reply, &hint, &mail.from);
        }
        return match outcome {
            Outcome::Sent { reply } => (Delivery::Sent { reply: Some(reply) }, Some(Sign::Well)),
            Outcome::Deferred { reply } => (Delivery::Deferred { reply }, Some(Sign::Sick)),
            Outcome::Unreachable { reply } => (Delivery::Deferred { reply }, None),
            Outcome::Rejected { reply } => (Delivery::Rejected { reply }, reply.map(|_code| Sign::Well)),
            Outcome::Unknown => (Delivery::Unknown, Some(Sign::Sick)),
            Outcome::OwnFault { .. }
                if mail.urgent && hold.run_until_cancelled(gate.opened()).await == Some(true) =>
            {
                continue;
            }
            Outcome::OwnFault { reply, .. } => (Delivery::Deferred { reply }, None),
        };
    }
}
