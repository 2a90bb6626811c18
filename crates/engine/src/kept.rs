//! A chart as it is kept: open while somebody works on it, and folded small between.
//!
//! An open chart of six facts takes some 10 kB, mostly room that its maps set aside; folded it takes 1.3 kB. Which of
//! the two it is changes nothing that is decided.

use std::borrow::Cow;

use care::chart::Chart;

/// One chart.
#[derive(Debug)]
pub(crate) enum Kept {
    /// To be read and folded into at once.
    Open(Box<Chart>),
    /// As a checkpoint holds it.
    Folded(Box<[u8]>),
}

impl Kept {
    pub(crate) fn new(chart: Chart) -> Self {
        Self::Open(Box::new(chart))
    }

    /// Takes the bytes of a checkpoint, and the chart in them if they are one.
    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Option<(Self, Chart)> {
        let chart = postcard::from_bytes(&bytes).ok()?;
        Some((Self::Folded(bytes.into_boxed_slice()), chart))
    }

    pub(crate) const fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// The chart to read.
    pub(crate) fn read(&self) -> Cow<'_, Chart> {
        match self {
            Self::Open(chart) => Cow::Borrowed(chart),
            Self::Folded(bytes) => Cow::Owned(unfolded(bytes)),
        }
    }

    /// The chart to work on; it stays open until [`Kept::fold`].
    pub(crate) fn open(&mut self) -> &mut Chart {
        if let Self::Folded(bytes) = self {
            *self = Self::new(unfolded(bytes));
        }
        match self {
            Self::Open(chart) => chart,
            Self::Folded(_) => unreachable!("it was opened just above"),
        }
    }

    pub(crate) fn fold(&mut self) {
        if let Self::Open(chart) = self {
            *self = Self::Folded(folded(chart).into_boxed_slice());
        }
    }

    /// As a checkpoint holds it.
    pub(crate) fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Open(chart) => Cow::Owned(folded(chart)),
            Self::Folded(bytes) => Cow::Borrowed(bytes),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "a chart holds nothing that postcard cannot write"
)]
fn folded(chart: &Chart) -> Vec<u8> {
    postcard::to_extend(chart, Vec::with_capacity(2048)).expect("a chart can be written")
}

#[expect(
    clippy::expect_used,
    reason = "these bytes were written by `folded`, or read once by `of_bytes`"
)]
fn unfolded(bytes: &[u8]) -> Chart {
    postcard::from_bytes(bytes).expect("what was written can be read")
}
