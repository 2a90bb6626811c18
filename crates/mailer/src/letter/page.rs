//! The shape of a laid-out letter: cleaned lines in blocks, which is all that both templates are given.

use serde::Serialize;

use super::notice::Severity;
use crate::clean;
use crate::picture::Chart;

/// A line that went through [`clean::line`]: there is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Line(String);

impl Line {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: AsRef<str>> From<T> for Line {
    fn from(text: T) -> Self {
        Self(clean::line(text.as_ref(), clean::LINE_MAX))
    }
}

/// The whole letter.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    pub(super) subject: Line,
    pub(super) organisation: Line,
    /// The organisation's own line above the letter.
    pub(super) greeting: Option<Line>,
    /// Heading over several notices; a single one brings its own.
    pub(super) heading: Option<Line>,
    /// Whom it is about.
    pub(super) about: Line,
    /// Clock in doubt, possible repeat, undeliverable role.
    pub(super) marks: Vec<Line>,
    pub(super) items: Vec<Item>,
    pub(super) link: Option<Line>,
    pub(super) footer: Vec<Line>,
}

/// One notice.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    pub(super) tone: Tone,
    pub(super) badge: Line,
    pub(super) heading: Line,
    /// The one thing to do first.
    pub(super) action: Line,
    /// How soon, where it matters.
    pub(super) how_soon: Option<Line>,
    pub(super) blocks: Vec<Block>,
}

/// Colour of the badge and the panel; the badge says the same in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tone {
    Calm,
    Notice,
    Action,
    Urgent,
    Emergency,
}

impl From<Severity> for Tone {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Calm,
            Severity::Advisory => Self::Notice,
            Severity::Urgent => Self::Urgent,
            Severity::Emergency => Self::Emergency,
        }
    }
}

/// One row: what, its value, and when or where that was.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) label: Line,
    pub(super) value: Line,
    pub(super) detail: Option<Line>,
}

/// A titled part of a notice.
#[derive(Debug, Serialize)]
pub(super) struct Block {
    pub(super) title: Line,
    #[serde(flatten)]
    pub(super) body: Body,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "body")]
pub(super) enum Body {
    /// Label and value.
    Facts(Vec<Row>),
    /// Sentences, one under the other.
    Lines(Vec<Line>),
    /// Choices in order of rank.
    Ranked(Vec<Line>),
    /// What to type, each with what it is for.
    Commands(Vec<Row>),
    /// A measure over time.
    Series(Series),
}

/// A measure over time: the table that every reader gets, with a chart of it where pictures are shown.
#[derive(Debug, Default, Serialize)]
pub(super) struct Series {
    pub(super) picture: Option<Picture>,
    pub(super) head: Vec<Line>,
    pub(super) rows: Vec<Vec<Line>>,
    /// Below the table: what the numbers come to.
    pub(super) notes: Vec<Line>,
}

/// A chart inside the letter.
#[derive(Debug, Serialize)]
pub(super) struct Picture {
    /// Its `Content-ID`, without angle brackets.
    pub(super) cid: Line,
    /// The numbers of the table, for those who do not see it.
    pub(super) alt: Line,
    #[serde(skip)]
    pub(super) chart: Chart,
}

impl Row {
    pub(super) fn new(label: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            detail: None,
        }
    }
}

impl Block {
    pub(super) fn facts(title: &str, rows: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let rows = rows
            .into_iter()
            .map(|(label, value)| Row::new(label, value))
            .collect();
        Self {
            title: title.into(),
            body: Body::Facts(rows),
        }
    }

    pub(super) fn lines<T: AsRef<str>>(title: &str, lines: impl IntoIterator<Item = T>) -> Self {
        Self {
            title: title.into(),
            body: Body::Lines(lines.into_iter().map(Line::from).collect()),
        }
    }

    pub(super) fn ranked(title: &str, lines: impl IntoIterator<Item = String>) -> Self {
        Self {
            title: title.into(),
            body: Body::Ranked(lines.into_iter().map(Line::from).collect()),
        }
    }

    pub(super) fn commands(title: &str, rows: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let rows = rows
            .into_iter()
            .map(|(label, command)| Row::new(label, command))
            .collect();
        Self {
            title: title.into(),
            body: Body::Commands(rows),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match &self.body {
            Body::Facts(rows) | Body::Commands(rows) => rows.is_empty(),
            Body::Lines(lines) | Body::Ranked(lines) => lines.is_empty(),
            Body::Series(series) => series.rows.is_empty() && series.notes.is_empty(),
        }
    }
}
