//! A figure of the report: one statistic of one group, the same for people, for JSON and for CSV.

use care::fact::ours::Evidence;
use serde::Serialize;

use crate::cells::Cell;

/// What a figure is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// How many.
    Count(u64),
    /// Any other number.
    Number(f64),
    /// A verdict, a code or a unit.
    Word(String),
}

/// How a figure reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As it is, with so many decimals if it is a number.
    Plain(usize),
    /// A fraction, as a percentage.
    Percent,
    /// The lower limit of the 95 % interval of the figure before it, in its shape.
    Low,
    /// The upper limit.
    High,
    /// Below this: nothing was counted.
    Below,
}

/// One statistic of one group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Whom it is about.
    pub group: String,
    /// Which statistic, a code.
    pub statistic: &'static str,
    /// In words, for people.
    pub label: String,
    /// The figure; none where it is hidden or not defined.
    pub value: Option<Value>,
    /// What it rests on: the denominator of a share, the number of values of a mean or median.
    pub n: Option<u64>,
    /// Hidden, because a count below the limit could be read off it.
    pub suppressed: bool,
    /// How it reads.
    #[serde(skip)]
    pub shape: Shape,
}

/// One measure of the report: its figures, and what must be said beside them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Block {
    /// Which, a code; the rule's id where a rule of the catalogue names it.
    pub measure: &'static str,
    /// For people.
    pub title: &'static str,
    /// What the measure rests on.
    pub evidence: Evidence,
    /// What that means for a reader.
    pub note: &'static str,
    /// What to keep in mind when reading it.
    pub footnotes: Vec<String>,
    /// The figures.
    pub figures: Vec<Figure>,
}

impl Block {
    /// Without figures yet.
    #[must_use]
    pub const fn new(
        measure: &'static str,
        title: &'static str,
        evidence: Evidence,
        note: &'static str,
    ) -> Self {
        Self {
            measure,
            title,
            evidence,
            note,
            footnotes: Vec::new(),
            figures: Vec::new(),
        }
    }

    /// Adds a footnote.
    pub fn footnote(&mut self, text: impl Into<String>) {
        self.footnotes.push(text.into());
    }

    /// The figures of one group from here on.
    pub fn group(&mut self, name: impl Into<String>) -> Group<'_> {
        Group {
            name: name.into(),
            figures: &mut self.figures,
        }
    }
}

/// The figures of one group, as they are added.
pub struct Group<'a> {
    name: String,
    figures: &'a mut Vec<Figure>,
}

impl Group<'_> {
    /// A count.
    pub fn count(&mut self, statistic: &'static str, label: impl Into<String>, cell: Cell) -> &mut Self {
        let value = cell.shown().map(Value::Count);
        self.push(
            statistic,
            label.into(),
            value,
            None,
            cell.shown().is_none(),
            Shape::Plain(0),
        )
    }

    /// A share of one count in another; not defined of nothing.
    pub fn share(
        &mut self,
        statistic: &'static str,
        label: impl Into<String>,
        part: Cell,
        whole: Cell,
    ) -> &mut Self {
        let share = part.shown().zip(whole.shown());
        let value = share
            .filter(|(_, whole)| *whole > 0)
            .map(|(part, whole)| part as f64 / whole as f64);
        self.push(
            statistic,
            label.into(),
            value.map(Value::Number),
            whole.shown(),
            share.is_none(),
            Shape::Percent,
        )
    }

    /// A number that rests on `n` things, with so many decimals for people; hidden where they are, or are too few.
    pub fn number(
        &mut self,
        statistic: &'static str,
        label: impl Into<String>,
        value: Option<f64>,
        n: Cell,
        shape: Shape,
    ) -> &mut Self {
        let hidden = n.shown().is_none();
        let value = value.filter(|_| !hidden).map(Value::Number);
        self.push(statistic, label.into(), value, n.shown(), hidden, shape)
    }

    /// The 95 % interval of the figure before it.
    pub fn interval(&mut self, interval: Option<(f64, f64)>, n: Cell, names: [&'static str; 2]) -> &mut Self {
        let (low, high) = interval.unzip();
        self.number(names[0], "lower limit, 95 %", low, n, Shape::Low);
        self.number(names[1], "upper limit, 95 %", high, n, Shape::High)
    }

    /// A word.
    pub fn word(
        &mut self,
        statistic: &'static str,
        label: impl Into<String>,
        word: Option<String>,
    ) -> &mut Self {
        self.push(
            statistic,
            label.into(),
            word.map(Value::Word),
            None,
            false,
            Shape::Plain(0),
        )
    }

    fn push(
        &mut self,
        statistic: &'static str,
        label: String,
        value: Option<Value>,
        n: Option<u64>,
        suppressed: bool,
        shape: Shape,
    ) -> &mut Self {
        self.figures.push(Figure {
            group: self.name.clone(),
            statistic,
            label,
            value,
            n,
            suppressed,
            shape,
        });
        self
    }
}
