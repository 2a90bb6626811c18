//! Keeps mail in memory, for tests and simulation.

use std::sync::{Arc, Mutex, PoisonError};

use mailer::Mail;

use crate::mime;
use crate::outcome::Outcome;

/// Remembers every mail in the order it was sent. Clones share one list, so a test keeps one and gives one away.
#[derive(Debug, Clone, Default)]
pub struct MemoryCarrier {
    posted: Arc<Mutex<Vec<Posted>>>,
}

/// One mail that was sent.
#[derive(Clone)]
pub struct Posted {
    /// The mail as it was handed over.
    pub mail: Mail,
    /// The same mail as MIME.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Posted {
    /// Without the bytes: they carry what `Mail` keeps out of debug prints.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Posted")
            .field("mail", &self.mail)
            .finish_non_exhaustive()
    }
}

impl MemoryCarrier {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything sent so far, repeats included.
    #[must_use]
    pub fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn send(&self, mail: &Mail) -> Outcome {
        match mime::compose(mail) {
            Ok(bytes) => {
                let posted = Posted {
                    mail: mail.clone(),
                    bytes,
                };
                self.posted
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(posted);
                Outcome::Sent { reply: 250 }
            }
            Err(error) => error.into(),
        }
    }
}
