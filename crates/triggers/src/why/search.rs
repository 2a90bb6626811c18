//! What decides, and the nearest value at which it would have been otherwise.

use std::cell::RefCell;

use care::Chart;
use care::envelope::Event;
use care::fact::Fact;
use serde_json::Value;

use super::leaf::{Kind, Leaf, leaves};
use super::{Question, Verdict};

/// A fact the alert rests on, or that decides it.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// The fact.
    pub event: &'a Event,
    /// The alert names it.
    pub is_because: bool,
    /// The verdict without it, if that is another one.
    pub dropped: Option<Verdict>,
    /// Values of it with which the verdict is another one, the nearest of each kind.
    pub changes: Vec<Change>,
}

/// One value changed, and what follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// JSON pointer within the data of the fact.
    pub field: String,
    /// What the fact says; of a whole questionnaire its sum.
    pub was: Value,
    /// What it would say; none where an item would be missing.
    pub to: Option<Value>,
    /// The highest value there is, where the value is a sum.
    pub out_of: Option<i64>,
    /// Whether every value further on does the same.
    pub beyond: Beyond,
    /// What would follow.
    pub verdict: Verdict,
    /// The whole data with it.
    pub data: Value,
}

/// What a change says about the values behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// Nothing.
    Only,
    /// The same.
    OrLess,
    /// The same.
    OrMore,
}

/// A fact as an input; none if it is not one.
pub(super) fn input<'a>(
    question: &Question<'_>,
    event: &'a Event,
    is_because: bool,
    rest: &Chart,
    base: &Verdict,
    schema: Option<&Value>,
) -> Option<Input<'a>> {
    let without = question.judge(rest, question.now);
    let dropped = (without != *base).then_some(without);
    let mut whole = rest.clone();
    whole.apply(event);
    let trial = Trial {
        question,
        event,
        rest,
        whole: RefCell::new(whole),
        base,
        data: event.fact.data(),
    };
    // What carebus wrote it worked out from the other facts: it is there or it is not.
    let schema = schema.filter(|_| !is_ours(event));
    let leaves = schema.map_or_else(Vec::new, |schema| leaves(event, schema));
    let changes = trial.of_all(&leaves);
    (is_because || dropped.is_some() || !changes.is_empty()).then_some(Input {
        event,
        is_because,
        dropped,
        changes,
    })
}

fn is_ours(event: &Event) -> bool {
    care::Worker::ALL
        .iter()
        .any(|worker| worker.source(&event.org) == event.source)
}

/// One fact, tried with other values.
struct Trial<'a> {
    question: &'a Question<'a>,
    event: &'a Event,
    rest: &'a Chart,
    /// The chart with the fact, which is rewritten from trial to trial where that can be done in place.
    whole: RefCell<Chart>,
    base: &'a Verdict,
    data: Value,
}

impl Trial<'_> {
    fn of_all(&self, leaves: &[Leaf]) -> Vec<Change> {
        let is_sum = |leaf: &&Leaf| matches!(leaf.kind, Kind::Sum { .. });
        let mut changes: Vec<Change> = leaves
            .iter()
            .filter(is_sum)
            .flat_map(|leaf| self.of(leaf))
            .collect();
        // Where no sum of a questionnaire decides, none of its sections does: they are not tried one by one.
        let is_idle = changes.is_empty() && leaves.iter().any(|leaf| is_sum(&leaf));
        let others = leaves.iter().filter(|leaf| !is_sum(leaf) && !is_idle);
        changes.extend(others.flat_map(|leaf| self.of(leaf)));
        changes
    }

    fn of(&self, leaf: &Leaf) -> Vec<Change> {
        match &leaf.kind {
            Kind::Choice(others) => others.iter().filter_map(|to| self.choice(leaf, to)).collect(),
            Kind::Item => self.missing(leaf).into_iter().collect(),
            Kind::Number { min, max, step } => self.number(leaf, Grid::new(*min, *max, *step)),
            Kind::Sum { points } => {
                let mut changes = self.number(leaf, Grid::new(0.0, *points as f64, 1.0));
                for change in &mut changes {
                    change.out_of = Some(*points);
                }
                changes
            }
        }
    }

    fn judged(&self, data: &Value) -> Option<Verdict> {
        let fact = Fact::parse(&self.event.fact.name(), &data.to_string())?.ok()?;
        let verdict = self.in_place(&fact).unwrap_or_else(|| {
            let mut chart = self.rest.clone();
            chart.apply(&Event {
                fact,
                ..self.event.clone()
            });
            self.question.judge(&chart, self.question.now)
        });
        (verdict != *self.base).then_some(verdict)
    }

    /// An assessment that says something else: only its body is another, and no other fact is folded into it.
    fn in_place(&self, fact: &Fact) -> Option<Verdict> {
        let Fact::Assessment(assessment) = fact else {
            return None;
        };
        let mut chart = self.whole.borrow_mut();
        let taken = chart.assessments.get_mut(&assessment.head.assessment_id)?;
        if taken.stamp.id != self.event.id {
            return None;
        }
        taken.assessment.clone_from(assessment);
        Some(self.question.judge(&chart, self.question.now))
    }

    fn choice(&self, leaf: &Leaf, to: &Value) -> Option<Change> {
        let data = leaf.with(&self.data, to);
        let verdict = self.judged(&data)?;
        Some(change(leaf, Some(to.clone()), verdict, data))
    }

    fn missing(&self, leaf: &Leaf) -> Option<Change> {
        let data = leaf.without(&self.data);
        let verdict = self.judged(&data)?;
        Some(change(leaf, None, verdict, data))
    }

    /// The nearest value below and above with which the verdict is another one.
    fn number(&self, leaf: &Leaf, grid: Grid) -> Vec<Change> {
        let Some(was) = leaf.number() else {
            return Vec::new();
        };
        let here = grid.place(was);
        let judged = |place: i64| self.judged(&leaf.with(&self.data, &grid.value(place)));
        let mut changes = Vec::new();
        for (side, beyond) in [(-1, Beyond::OrLess), (1, Beyond::OrMore)] {
            let probes: Vec<(i64, Option<Verdict>)> = grid
                .probes(here, side)
                .map(|place| (place, judged(place)))
                .collect();
            // One that ends it says more than one that only makes it more or less severe.
            let ends = |verdict: &Option<Verdict>| verdict.as_ref().is_some_and(|v| !v.holds());
            let differs = |verdict: &Option<Verdict>| verdict.is_some();
            let wanted: &dyn Fn(&Option<Verdict>) -> bool =
                if probes.iter().any(|(_, v)| ends(v)) && self.base.holds() {
                    &ends
                } else {
                    &differs
                };
            let Some(first) = probes.iter().position(|(_, verdict)| wanted(verdict)) else {
                continue;
            };
            let mut far = probes[first].0;
            let mut near = if first == 0 { here } else { probes[first - 1].0 };
            while (far - near).abs() > 1 {
                let middle = near + (far - near) / 2;
                if wanted(&judged(middle)) {
                    far = middle;
                } else {
                    near = middle;
                }
            }
            let to = grid.value(far);
            let data = leaf.with(&self.data, &to);
            if let Some(verdict) = self.judged(&data) {
                let is_always = probes[first..].iter().all(|(_, verdict)| wanted(verdict));
                let beyond = if is_always { beyond } else { Beyond::Only };
                changes.push(Change {
                    was: grid.value(here),
                    beyond,
                    ..change(leaf, Some(to), verdict, data)
                });
            }
        }
        changes
    }
}

fn change(leaf: &Leaf, to: Option<Value>, verdict: Verdict, data: Value) -> Change {
    Change {
        field: leaf.pointer.clone(),
        was: leaf.was.clone(),
        to,
        out_of: None,
        beyond: Beyond::Only,
        verdict,
        data,
    }
}

/// Numbers from a least to a greatest by equal steps; places are counted from zero, not from the least.
#[derive(Clone, Copy)]
struct Grid {
    first: i64,
    last: i64,
    step: f64,
}

impl Grid {
    fn new(min: f64, max: f64, step: f64) -> Self {
        Self {
            first: (min / step).round() as i64,
            last: (max / step).round() as i64,
            step,
        }
    }

    fn place(self, value: f64) -> i64 {
        (value / self.step).round() as i64
    }

    fn value(self, place: i64) -> Value {
        if self.step >= 1.0 {
            Value::from(place)
        } else {
            // Tenths are written as tenths: 0.1 × 3 is not 0.3.
            Value::from(place as f64 / (1.0 / self.step).round())
        }
    }

    /// Places to try on one side, the nearest first, ever further apart, and the last one there is.
    fn probes(self, here: i64, side: i64) -> impl Iterator<Item = i64> {
        let end = if side < 0 { self.first } else { self.last };
        let room = ((end - here) * side).max(0);
        let near = (0..)
            .map(|n| 1_i64 << n)
            .take_while(move |distance| *distance < room);
        let last = (room > 0).then_some(room);
        near.chain(last).map(move |distance| here + side * distance)
    }
}
