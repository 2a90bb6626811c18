//! A chart as it is kept: open while somebody works on it, and folded small between.
//!
//! An open chart of six facts takes some 9 kB, mostly room that its maps set aside. Folded, it is written down and
//! compressed, since its ids and times repeat themselves. Which of the two it is changes nothing that is decided.

use std::borrow::Cow;
use std::sync::Arc;

use care::About;
use care::chart::Chart;
use care::envelope::Event;
use care::fact::Fact;
use care::id::{EventId, OrgId, PatientId, Source};
use care::time::Timestamp;

/// One chart.
#[derive(Debug)]
pub(crate) enum Kept {
    /// To be read and folded into at once.
    Open(Box<Chart>),
    /// As a checkpoint holds it.
    Folded(Arc<[u8]>),
    /// Facts came that nobody has folded in yet.
    Behind(Box<Behind>),
}

/// A chart as it was, and what came since, in their order.
#[derive(Debug)]
pub(crate) struct Behind {
    org: OrgId,
    patient: PatientId,
    /// Folded; empty for a new one.
    chart: Arc<[u8]>,
    /// One [`Told`] after the other.
    facts: Vec<u8>,
}

/// An event without what all events of its chart share.
type Told<'a> = (
    Cow<'a, EventId>,
    Cow<'a, Source>,
    Timestamp,
    Cow<'a, Option<EventId>>,
    Cow<'a, Option<EventId>>,
    Cow<'a, Fact>,
);

impl Kept {
    pub(crate) fn new(chart: Chart) -> Self {
        Self::Open(Box::new(chart))
    }

    /// Takes the bytes of a checkpoint, and the chart in them if they are one.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Option<(Self, Chart)> {
        let chart = postcard::from_bytes(&expanded(bytes)?).ok()?;
        Some((Self::Folded(bytes.into()), chart))
    }

    pub(crate) const fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    pub(crate) const fn is_behind(&self) -> bool {
        matches!(self, Self::Behind(_))
    }

    /// The chart to read.
    pub(crate) fn read(&self) -> Cow<'_, Chart> {
        match self {
            Self::Open(chart) => Cow::Borrowed(chart),
            Self::Folded(bytes) => Cow::Owned(unfolded(bytes)),
            Self::Behind(behind) => Cow::Owned(behind.chart()),
        }
    }

    /// The chart to work on; it stays open until [`Kept::fold`].
    pub(crate) fn open(&mut self) -> &mut Chart {
        if !self.is_open() {
            *self = Self::new(self.read().into_owned());
        }
        match self {
            Self::Open(chart) => chart,
            Self::Folded(_) | Self::Behind(_) => unreachable!("it was opened just above"),
        }
    }

    pub(crate) fn fold(&mut self) {
        if let Self::Open(chart) = self {
            *self = Self::Folded(folded(chart));
        }
    }

    /// As a checkpoint holds it.
    pub(crate) fn bytes(&self) -> Arc<[u8]> {
        match self {
            Self::Open(chart) => folded(chart),
            Self::Folded(bytes) => Arc::clone(bytes),
            Self::Behind(behind) => folded(&behind.chart()),
        }
    }

    /// Sets a fact down to be folded in later; how many bytes that took.
    pub(crate) fn set_down(&mut self, event: &Event) -> usize {
        if !self.is_behind() {
            let chart = match self {
                Self::Open(chart) if **chart == Chart::new(chart.patient.clone()) => Arc::default(),
                Self::Open(chart) => folded(chart),
                Self::Folded(bytes) => std::mem::take(bytes),
                Self::Behind(_) => Arc::default(),
            };
            let About::Patient(patient) = &event.about else {
                return 0;
            };
            *self = Self::Behind(Box::new(Behind {
                org: event.org.clone(),
                patient: patient.clone(),
                chart,
                facts: Vec::new(),
            }));
        }
        match self {
            Self::Behind(behind) => behind.push(event),
            Self::Open(_) | Self::Folded(_) => 0,
        }
    }

    /// What was set down, in its order; the chart stays as it was before it.
    pub(crate) fn take_set_down(&mut self) -> Vec<Event> {
        let Self::Behind(behind) = self else {
            return Vec::new();
        };
        let events = behind.events();
        *self = if behind.chart.is_empty() {
            Self::new(Chart::new(behind.patient.clone()))
        } else {
            Self::Folded(std::mem::take(&mut behind.chart))
        };
        events
    }
}

impl Behind {
    #[expect(
        clippy::expect_used,
        reason = "an event holds nothing that postcard cannot write"
    )]
    fn push(&mut self, event: &Event) -> usize {
        let before = self.facts.len();
        let told: Told<'_> = (
            Cow::Borrowed(&event.id),
            Cow::Borrowed(&event.source),
            event.time,
            Cow::Borrowed(&event.causation),
            Cow::Borrowed(&event.correlation),
            Cow::Borrowed(&event.fact),
        );
        let facts = std::mem::take(&mut self.facts);
        self.facts = postcard::to_extend(&told, facts).expect("an event can be written");
        self.facts.len() - before
    }

    fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        let mut rest = &self.facts[..];
        while !rest.is_empty() {
            let (event, after) = self.next(rest);
            events.push(event);
            rest = after;
        }
        events
    }

    #[expect(clippy::expect_used, reason = "these bytes were written by `push`")]
    fn next<'a>(&self, bytes: &'a [u8]) -> (Event, &'a [u8]) {
        let (told, after): (Told<'_>, _) =
            postcard::take_from_bytes(bytes).expect("what was written can be read");
        let (id, source, time, causation, correlation, fact) = told;
        let event = Event {
            org: self.org.clone(),
            about: About::Patient(self.patient.clone()),
            id: id.into_owned(),
            source: source.into_owned(),
            time,
            causation: causation.into_owned(),
            correlation: correlation.into_owned(),
            fact: fact.into_owned(),
        };
        (event, after)
    }

    fn chart(&self) -> Chart {
        let mut chart = if self.chart.is_empty() {
            Chart::new(self.patient.clone())
        } else {
            unfolded(&self.chart)
        };
        for event in self.events() {
            chart.apply(&event);
        }
        chart
    }
}

fn folded(chart: &Chart) -> Arc<[u8]> {
    lz4_flex::compress_prepend_size(&written(chart)).into()
}

/// A chart as bytes: equal charts give equal bytes.
#[expect(
    clippy::expect_used,
    reason = "a chart holds nothing that postcard cannot write"
)]
pub(crate) fn written(chart: &Chart) -> Vec<u8> {
    postcard::to_extend(chart, Vec::with_capacity(2048)).expect("a chart can be written")
}

#[expect(
    clippy::expect_used,
    reason = "these bytes were made by `folded`, or read once by `of_bytes`"
)]
fn unfolded(bytes: &[u8]) -> Chart {
    let written = expanded(bytes).expect("what was compressed can be expanded");
    postcard::from_bytes(&written).expect("what was written can be read")
}

fn expanded(bytes: &[u8]) -> Option<Vec<u8>> {
    // No byte of LZ4 stands for more than 255: a length beyond that is not one, and is not made room for.
    let (size, _) = bytes.split_first_chunk()?;
    if u32::from_le_bytes(*size) as usize / 255 > bytes.len() {
        return None;
    }
    lz4_flex::decompress_size_prepended(bytes).ok()
}
