//! What was found of the log itself, until the log says so.

use std::collections::BTreeSet;

use care::fact::Fact;
use care::fact::ours::LogChanged;
use care::id::{EventId, MemberId};
use care::{About, Draft, Worker};
use serde::{Deserialize, Serialize};

use crate::Engine;

/// Something about the log that an operator must hear of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogChange {
    /// What was found.
    pub found: LogChanged,
    /// What tells it from any other: who finds the same says it under the same id.
    pub key: String,
    /// What the log had said of itself before. Whoever finds the same change at another position would say it under
    /// another id; so what is said by now and was not before is taken to be about this.
    pub said_before: BTreeSet<EventId>,
}

impl Engine {
    /// Asks for `log.changed`, and so for the letter about it, unless somebody else has said it.
    pub fn report_log_change(&mut self, change: LogChange) {
        let Some(about) = on_call() else { return };
        if self
            .log_changes()
            .difference(&change.said_before)
            .next()
            .is_some()
        {
            return;
        }
        self.others.entry(about.clone()).or_default();
        self.dirty.insert(about);
        self.log_change = Some(change);
    }

    /// What is still to be said of the log.
    #[must_use]
    pub const fn log_change(&self) -> Option<&LogChange> {
        self.log_change.as_ref()
    }

    /// What the log has said of itself.
    #[must_use]
    pub fn log_changes(&self) -> BTreeSet<EventId> {
        let said = MemberId::new(mailer::ON_CALL).ok();
        let said = said.and_then(|id| self.postboxes.get(&id));
        said.map(|postbox| postbox.log_changes.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Somebody has said something of the log.
    pub(crate) fn note_log_change(&mut self, id: &EventId) {
        self.log_change.take_if(|change| !change.said_before.contains(id));
    }

    /// The draft that says what was found, if nobody has said it.
    pub(crate) fn log_changed(&self, member: &MemberId) -> Option<Draft> {
        let change = self
            .log_change
            .as_ref()
            .filter(|_| member.as_str() == mailer::ON_CALL)?;
        Some(Draft {
            worker: Worker::Mailer,
            about: About::Member(member.clone()),
            key: change.key.clone(),
            causation: None,
            correlation: None,
            fact: Fact::LogChanged(change.found.clone()),
        })
    }
}

fn on_call() -> Option<About> {
    MemberId::new(mailer::ON_CALL).ok().map(About::Member)
}
