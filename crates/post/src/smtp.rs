//! Carries mail to an SMTP server over four connections at work, one of them kept for urgent mail.

pub(crate) mod settings;

mod session;
mod trust;
mod verdict;
mod wire;

use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mailer::Mail;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

use self::session::Session;
use self::settings::{SettingsError, SmtpSettings};
use self::trust::Security;
use self::verdict::Broken;
use crate::mime::{self, Letter};
use crate::outcome::Outcome;

/// Connections at work. Four carry thousands of mails a second; sixteen made a stock Postfix stall.
const CONNECTIONS: usize = 4;
/// Of these, how many routine mail may use at once: one is always left for urgent mail.
const ROUTINE_CONNECTIONS: usize = CONNECTIONS - 1;
/// Connections beside them on which a slow server or recipient is waited for, of routine and of urgent mail. They cost
/// the server next to nothing, and without them four slow recipients would hold up everybody else.
const WAITING: (usize, usize) = (8, 4);
/// How long a connection may lie idle and still be used again; servers hang up after minutes, firewalls sooner.
const IDLE: Duration = Duration::from_secs(30);

/// A place to talk to the server, and where to wait when the server is slow.
struct Place<'a> {
    at_work: [Option<SemaphorePermit<'a>>; 2],
    waiting: &'a Semaphore,
}

/// A mail server, and the connections to it.
#[derive(Debug)]
pub struct SmtpCarrier {
    settings: SmtpSettings,
    security: Security,
    /// Whoever talks to the server holds one of these.
    slots: Semaphore,
    /// Routine mail takes one of these first, so it never holds the last slot.
    routine: Semaphore,
    /// Slow conversations of routine and of urgent mail, which hold no slot any more.
    waiting: (Semaphore, Semaphore),
    idle: Mutex<Vec<(Instant, Session)>>,
}

impl SmtpCarrier {
    /// Checks the settings and loads the trusted certificates; connects to nothing yet.
    ///
    /// # Errors
    /// Settings that would send mail or a password in clear, or that cannot work; see [`SettingsError`].
    pub fn new(settings: SmtpSettings) -> Result<Self, SettingsError> {
        settings.check()?;
        let security = trust::security(&settings)?;
        Ok(Self {
            settings,
            security,
            slots: Semaphore::new(CONNECTIONS),
            routine: Semaphore::new(ROUTINE_CONNECTIONS),
            waiting: (Semaphore::new(WAITING.0), Semaphore::new(WAITING.1)),
            idle: Mutex::new(Vec::new()),
        })
    }

    pub(crate) async fn send(&self, mail: &Mail) -> Outcome {
        let letter = match mime::letter(mail) {
            Ok(letter) => letter,
            Err(error) => return error.into(),
        };
        let place = self.place(mail.urgent).await;
        match self.carry_in(place, &letter).await {
            Ok(reply) => Outcome::Sent { reply },
            Err(broken) => {
                tracing::debug!(
                    notice.id = %mail.notice_id,
                    delivery.attempt = mail.attempt,
                    delivery.stage = ?broken.stage,
                    delivery.cause = ?broken.cause,
                    "mail was not accepted"
                );
                broken.outcome()
            }
        }
    }

    /// Goes the whole way to where a recipient would be named, with no mail: whether the server takes mail from us.
    ///
    /// # Errors
    /// How a mail would have ended.
    pub(crate) async fn knock(&self, sender: &str) -> Result<(), Outcome> {
        let sender = mime::sender(sender)?;
        let knocking = async {
            let mut session = Session::open(&self.settings, &self.security).await?;
            session.knock(sender, &self.settings).await?;
            Ok(session)
        };
        let session = knocking.await.map_err(Broken::outcome)?;
        self.keep(session);
        Ok(())
    }

    /// How long to wait before knocking again.
    pub(crate) const fn pause(&self, own_fault: bool) -> Duration {
        if own_fault {
            self.settings.fault_pause
        } else {
            self.settings.knock_every
        }
    }

    pub(crate) async fn close(&self) {
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for (_since, session) in idle {
            session.quit(&self.settings).await;
        }
    }

    /// Waits for a place: first come, first served, routine mail behind routine mail only.
    async fn place(&self, urgent: bool) -> Place<'_> {
        // The semaphores are never closed, so `ok()` loses nothing.
        let routine = if urgent {
            None
        } else {
            self.routine.acquire().await.ok()
        };
        Place {
            at_work: [routine, self.slots.acquire().await.ok()],
            waiting: if urgent { &self.waiting.1 } else { &self.waiting.0 },
        }
    }

    /// One mail from a place. When that takes long it goes on elsewhere, and the place is the next mail's.
    async fn carry_in(&self, place: Place<'_>, letter: &Letter) -> Result<u16, Broken> {
        let mut carrying = pin!(self.carry(letter));
        if let Ok(ended) = timeout(self.settings.slow_after, carrying.as_mut()).await {
            return ended;
        }
        let mut ended = None;
        let waiting = tokio::select! {
            biased;
            waiting = place.waiting.acquire() => waiting.ok(),
            end = carrying.as_mut() => {
                ended = Some(end);
                None
            }
        };
        if let Some(ended) = ended {
            return ended;
        }
        drop(place.at_work);
        let ended = carrying.await;
        drop(waiting);
        ended
    }

    /// One mail over an idle connection or a fresh one. An idle connection may have died without our knowing: what
    /// fails there before DATA is tried once more at once, on a fresh one.
    async fn carry(&self, letter: &Letter) -> Result<u16, Broken> {
        if let Some(session) = self.take_idle() {
            match self.carry_over(session, letter).await {
                Err(broken) if broken.was_stale() => {}
                ended => return ended,
            }
        }
        let session = Session::open(&self.settings, &self.security).await?;
        self.carry_over(session, letter).await
    }

    async fn carry_over(&self, mut session: Session, letter: &Letter) -> Result<u16, Broken> {
        let ended = session.carry(letter, &self.settings).await;
        let usable = match &ended {
            Ok(_reply) => true,
            Err(broken) => broken.left_in_step() && session.reset(&self.settings).await,
        };
        if usable {
            self.keep(session);
        }
        ended
    }

    /// Keeps a connection for the next mail, if there are not enough.
    fn keep(&self, session: Session) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < CONNECTIONS {
            idle.push((Instant::now(), session));
        }
    }

    /// The connection used last, if it is fresh enough; older ones are hung up.
    fn take_idle(&self) -> Option<Session> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(since, _session)| since.elapsed() < IDLE);
        idle.pop().map(|(_since, session)| session)
    }
}
