//! Carries mail to an SMTP server over at most four connections, one of them kept for urgent mail.

pub(crate) mod settings;

mod session;
mod trust;
mod verdict;
mod wire;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mailer::Mail;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use self::session::Session;
use self::settings::{SettingsError, SmtpSettings};
use self::trust::Security;
use self::verdict::Broken;
use crate::mime::{self, Letter};
use crate::outcome::Outcome;

/// Connections to the server. Four carry thousands of mails a second; sixteen made a stock Postfix stall.
const CONNECTIONS: usize = 4;
/// Of these, how many routine mail may use at once: one is always left for urgent mail.
const ROUTINE_CONNECTIONS: usize = CONNECTIONS - 1;
/// How long a connection may lie idle and still be used again; servers hang up after minutes, firewalls sooner.
const IDLE: Duration = Duration::from_secs(30);

/// A mail server, and the connections to it.
#[derive(Debug)]
pub struct SmtpCarrier {
    settings: SmtpSettings,
    security: Security,
    /// Whoever talks to the server holds one of these.
    slots: Semaphore,
    /// Routine mail takes one of these first, so it never holds the last slot.
    routine: Semaphore,
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
            idle: Mutex::new(Vec::new()),
        })
    }

    pub(crate) async fn send(&self, mail: &Mail) -> Outcome {
        let letter = match mime::letter(mail) {
            Ok(letter) => letter,
            Err(error) => return error.into(),
        };
        // The semaphores are never closed, so `ok()` loses nothing; both are first come, first served.
        let _routine = if mail.urgent {
            None
        } else {
            self.routine.acquire().await.ok()
        };
        let _slot = self.slots.acquire().await.ok();
        match self.carry(&letter).await {
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

    pub(crate) async fn close(&self) {
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for (_since, session) in idle {
            session.quit(&self.settings).await;
        }
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
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((Instant::now(), session));
        }
        ended
    }

    /// The connection used last, if it is fresh enough; older ones are hung up.
    fn take_idle(&self) -> Option<Session> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(since, _session)| since.elapsed() < IDLE);
        idle.pop().map(|(_since, session)| session)
    }
}
