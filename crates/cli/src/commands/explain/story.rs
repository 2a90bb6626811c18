//! Facts as sentences, and the chain that one fact belongs to.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use care::id::{EventId, PatientId};
use care::sentence::sentence;
use care::time::{TimeZone, Timestamp};
use care::{Chart, Event};
use serde::Serialize;

use crate::fold::Folded;

/// One fact of a story.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Step {
    pub(super) at: Timestamp,
    pub(super) id: EventId,
    pub(super) says: String,
    /// It is what was asked about.
    pub(super) is_itself: bool,
}

/// The facts of one patient by id.
pub(super) struct Story<'a> {
    events: &'a [Event],
    by_id: HashMap<&'a EventId, usize>,
    chart: Option<Cow<'a, Chart>>,
    pub(super) zone: TimeZone,
}

impl<'a> Story<'a> {
    pub(super) fn new(folded: &'a Folded, patient: Option<&PatientId>) -> Self {
        let chart = patient.and_then(|id| folded.engine.chart(id));
        let by_id = folded
            .events
            .iter()
            .enumerate()
            .rev()
            .map(|(at, event)| (&event.id, at))
            .collect();
        Self {
            events: &folded.events,
            by_id,
            zone: chart.as_deref().map_or(TimeZone::UTC, Chart::zone),
            chart,
        }
    }

    /// The facts of these ids, in log order.
    pub(super) fn steps(&self, ids: &[EventId]) -> Vec<Step> {
        let places: BTreeSet<usize> = ids.iter().filter_map(|id| self.by_id.get(id).copied()).collect();
        places.into_iter().map(|place| self.step(place, false)).collect()
    }

    /// What led to these facts, the facts, and what they led to directly.
    pub(super) fn chain(&self, itself: &[EventId]) -> Vec<Step> {
        let own: BTreeSet<usize> = itself
            .iter()
            .filter_map(|id| self.by_id.get(id).copied())
            .collect();
        let mut places = own.clone();
        for start in &own {
            let mut cause = self.events[*start].causation.as_ref();
            // A fact cannot lead to itself, but a stranger's may say so.
            while let Some(place) = cause.and_then(|id| self.by_id.get(id).copied())
                && places.insert(place)
            {
                cause = self.events[place].causation.as_ref();
            }
        }
        let followed = |event: &Event| event.causation.as_ref().is_some_and(|id| itself.contains(id));
        places.extend(
            self.events
                .iter()
                .enumerate()
                .filter(|(_, event)| followed(event))
                .map(|(place, _)| place),
        );
        places
            .into_iter()
            .map(|place| self.step(place, own.contains(&place)))
            .collect()
    }

    /// Ids of the facts that a test picks, in log order.
    pub(super) fn ids(&self, picks: impl Fn(&Event) -> bool) -> Vec<EventId> {
        let patient = self
            .chart
            .as_deref()
            .map(|chart| care::About::Patient(chart.patient.clone()));
        let ours = |event: &&Event| patient.as_ref().is_none_or(|p| *p == event.about);
        self.events
            .iter()
            .filter(ours)
            .filter(|event| picks(event))
            .map(|event| event.id.clone())
            .collect()
    }

    /// The fact of an id as a sentence.
    pub(super) fn says(&self, id: &EventId) -> Option<String> {
        self.by_id.get(id).map(|place| self.step(*place, false).says)
    }

    fn step(&self, place: usize, is_itself: bool) -> Step {
        let event = &self.events[place];
        Step {
            at: event.time,
            id: event.id.clone(),
            says: sentence(event, self.chart.as_deref(), &self.zone),
            is_itself,
        }
    }
}
