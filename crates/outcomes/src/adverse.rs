//! The adverse events of a chart: each once, as it was last told.

use std::collections::btree_map::BTreeMap;

use care::Chart;
use care::chart::{SessionStatus, Stamp};
use care::fact::assessment::{AdverseEvent, AdverseGrade, Body};
use care::fact::session::Modality;
use care::id::SessionId;
use care::time::Timestamp;

/// An adverse event.
#[derive(Debug, Clone, PartialEq)]
pub struct Adverse {
    /// When: the start of its EA session if it names one that took place, else when it was recorded.
    pub at: Timestamp,
    /// How bad.
    pub grade: AdverseGrade,
    /// What, a code.
    pub kind: String,
    /// The EA session that took place, if it names one.
    pub session: Option<SessionId>,
    /// It belongs to a session that was no EA: no part of the rate.
    pub elsewhere: bool,
}

impl Adverse {
    /// Those of a chart before `now`. Of several reports of one event the one sent last counts.
    #[must_use]
    pub fn all(chart: &Chart, now: Timestamp) -> Vec<Self> {
        let mut events: BTreeMap<&str, (&Stamp, Timestamp, &AdverseEvent)> = BTreeMap::new();
        for taken in chart.taken() {
            let at = taken.assessment.head.performed_at;
            let Body::AdverseEvent(event) = &taken.assessment.body else {
                continue;
            };
            let is_newer = |known: &(&Stamp, Timestamp, &AdverseEvent)| known.0 < &taken.stamp;
            if at < now && events.get(event.event_id.as_str()).is_none_or(is_newer) {
                events.insert(&event.event_id, (&taken.stamp, at, event));
            }
        }
        events
            .into_values()
            .map(|(_, at, event)| Self::of(chart, at, event))
            .collect()
    }

    fn of(chart: &Chart, recorded: Timestamp, event: &AdverseEvent) -> Self {
        let named = event.session_id.as_ref().and_then(|id| chart.sessions.get(id));
        let took_place = named.filter(|s| s.status() == SessionStatus::Completed);
        let is_ea = took_place.is_some_and(|s| s.modality() == Some(Modality::Ea));
        let start = took_place.filter(|_| is_ea).and_then(|s| s.start());
        Self {
            at: start.unwrap_or(recorded),
            grade: event.grade,
            kind: event.kind.clone(),
            session: event.session_id.clone().filter(|_| is_ea),
            elsewhere: took_place.is_some() && !is_ea,
        }
    }
}
