//! What may still be said while the clock is in doubt: what is urgent, and what became of what was done.

use care::chart::Alert;
use care::fact::Fact;
use care::fact::ours::Severity;
use care::id::AlertId;
use care::reaction::Draft;
use care::time::Timestamp;

use crate::Engine;

impl Engine {
    /// The clock is in doubt since then, or it is believed again. In doubt routine work is held: questionnaires asked
    /// for, EA placed or moved, advisory alerts, ends of alerts, reports and routine letters. Urgent alerts and their
    /// letters go, a hold of EA too, because nobody is harmed by a hold that comes early. What was held is looked at
    /// again once the doubt is over.
    pub fn doubt_clock(&mut self, since: Option<Timestamp>) {
        if self.doubt.is_some() && since.is_none() {
            self.look_at_everybody();
        }
        self.doubt = since;
    }

    /// Since when the clock is in doubt.
    #[must_use]
    pub const fn clock_in_doubt_since(&self) -> Option<Timestamp> {
        self.doubt
    }

    /// Of what workers want, what may be said. `alert` finds an alert of whom it is about.
    pub(crate) fn keep_what_may_be_said<'a>(
        &self,
        facts: &mut Vec<Draft>,
        alert: impl Fn(&AlertId) -> Option<&'a Alert>,
    ) {
        if self.doubt.is_none() {
            return;
        }
        let is_urgent = |id: &AlertId| {
            alert(id)
                .and_then(Alert::severity)
                .is_some_and(Severity::is_immediate)
        };
        facts.retain(|draft| match &draft.fact {
            Fact::AlertRaised(raised) => raised.severity.is_immediate(),
            Fact::AlertEscalated(told) => is_urgent(&told.alert_id),
            Fact::SessionHeld(_) => true,
            // The mailer itself claims nothing but what is urgent.
            Fact::NoticeAttempted(_)
            | Fact::NoticeSent(_)
            | Fact::NoticeDeferred(_)
            | Fact::NoticeRejected(_)
            | Fact::NoticeUnknown(_) => true,
            _ => false,
        });
    }
}
