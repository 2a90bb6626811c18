//! Why an alert: the judgement that raised it, asked again with one fact left out or one value changed.
//!
//! A [`Question`] holds the facts that stood in the log before an alert was raised, the instant, and the policy. Its
//! [`Verdict`] is whether the alert's truth holds. A fact is an input if the verdict is another without it or with
//! another measured value in it; of each such value the nearest that ends the truth is found.

mod leaf;
mod search;

use std::collections::BTreeSet;
use std::ops::Range;

use care::envelope::Event;
use care::fact::Fact;
use care::fact::ours::{Action, AlertRaised, Severity};
use care::id::{EventId, PatientId};
use care::time::Timestamp;
use care::{About, Chart, Policy};

use crate::case::Case;
use crate::finding::Truth;
use crate::identity::base;
use crate::rules::{rule, rules};

pub use leaf::{is_measured, measured};
pub use search::{Beyond, Change, Input};

/// For all other rules what was told to whom decides nothing, and is no fact of the question.
const READ_TELLINGS: [&str; 2] = ["care-team-complete", "notice-not-out"];

/// Whether one truth holds, and how strongly.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict(Vec<(&'static str, Severity, Vec<Action>)>);

impl Verdict {
    /// Whether the alert would be raised.
    #[must_use]
    pub const fn holds(&self) -> bool {
        !self.0.is_empty()
    }

    /// How soon somebody would have to know.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.0.iter().map(|(_, severity, _)| *severity).max()
    }
}

/// The judgement behind one alert.
pub struct Question<'a> {
    facts: Vec<&'a Event>,
    because: &'a [EventId],
    patient: &'a PatientId,
    policy: &'a Policy,
    identity: &'static str,
    key: &'a str,
    now: Timestamp,
}

impl<'a> Question<'a> {
    /// The question that an alert answers; none if the log does not raise it, or the rule is not of this version.
    #[must_use]
    pub fn of(log: &'a [Event], patient: &'a PatientId, alert: &str, policy: &'a Policy) -> Option<Self> {
        let theirs = |event: &&Event| matches!(&event.about, About::Patient(id) if id == patient);
        let events: Vec<&Event> = log.iter().filter(theirs).collect();
        let (place, raised) = events
            .iter()
            .enumerate()
            .find_map(|(place, event)| Some((place, raised(event, alert)?)))?;
        let info = rule(raised.rule.as_str())?;
        let reads_tellings = READ_TELLINGS.contains(&info.id);
        let mut known = BTreeSet::new();
        let facts = events[..place].iter().copied();
        Some(Self {
            // Of two payloads under one identity the first counts.
            facts: facts
                .filter(|event| reads_tellings || !is_telling(&event.fact))
                .filter(|event| known.insert((&event.source, &event.id)))
                .collect(),
            because: &raised.because,
            patient,
            policy,
            identity: info.identity(),
            key: base(&raised.key),
            now: events[place].time,
        })
    }

    /// When the alert was raised.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The facts it is asked of, in log order.
    #[must_use]
    pub fn facts(&self) -> &[&'a Event] {
        &self.facts
    }

    /// The verdict on all facts.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict_on(self.facts.iter().copied(), self.now)
    }

    /// The verdict on other facts, or at another instant.
    #[must_use]
    pub fn verdict_on<'e>(&self, facts: impl IntoIterator<Item = &'e Event>, now: Timestamp) -> Verdict {
        let mut chart = Chart::new(self.patient.clone());
        for event in facts {
            chart.apply(event);
        }
        self.judge(&chart, now)
    }

    /// The fact that made it true, by its place: before it in the log the truth did not hold, with it and ever after
    /// it does. None if the truth needs no fact.
    #[must_use]
    pub fn completed_by(&self) -> Option<usize> {
        let mut chart = Chart::new(self.patient.clone());
        let mut held = self.judge(&chart, self.now).holds();
        let mut completed = None;
        for (place, event) in self.facts.iter().enumerate() {
            chart.apply(event);
            let holds = self.judge(&chart, self.now).holds();
            if holds && !held {
                completed = Some(place);
            }
            held = holds;
        }
        completed.filter(|_| held)
    }

    /// When the first so many facts of the log began to make it true, whole seconds; none if they never do.
    #[must_use]
    pub fn true_since(&self, facts: usize) -> Option<Timestamp> {
        let mut chart = Chart::new(self.patient.clone());
        let mut told = Timestamp::MIN;
        for event in self.facts.iter().take(facts) {
            chart.apply(event);
            told = event.time.min(self.now);
        }
        let holds = |at: Timestamp| self.judge(&chart, at).holds();
        if !holds(self.now) {
            return None;
        }
        if told == Timestamp::MIN || holds(told) {
            return Some(told);
        }
        let (mut before, mut since) = (told, self.now);
        while since.duration_since(before).as_secs() > 1 {
            let half = before.duration_until(since) / 2;
            let Ok(middle) = before.checked_add(half) else {
                break;
            };
            if holds(middle) {
                since = middle;
            } else {
                before = middle;
            }
        }
        Some(since)
    }

    /// Every input, in log order: what the alert names, and whatever else decides.
    #[must_use]
    pub fn inputs(&self) -> Vec<Input<'a>> {
        let base = self.verdict();
        let schemas = leaf::schemas(&self.facts);
        let mut inputs = Vec::new();
        let mut look = |place: usize, rest: &Chart| {
            let event = self.facts[place];
            let is_because = self.because.contains(&event.id);
            let schema = schemas.get(&event.fact.name());
            inputs.extend(search::input(self, event, is_because, rest, &base, schema));
        };
        self.leave_out_each(0..self.facts.len(), Chart::new(self.patient.clone()), &mut look);
        inputs
    }

    /// Folds the facts once for each that is left out, halving what is still to be told apart: each fact is folded in
    /// some log₂ n times instead of n.
    fn leave_out_each(&self, open: Range<usize>, mut chart: Chart, look: &mut impl FnMut(usize, &Chart)) {
        if open.len() <= 1 {
            open.for_each(|place| look(place, &chart));
            return;
        }
        let middle = open.start + open.len() / 2;
        let (left, right) = (open.start..middle, middle..open.end);
        let mut without_left = chart.clone();
        for event in &self.facts[right.clone()] {
            without_left.apply(event);
        }
        self.leave_out_each(left.clone(), without_left, look);
        for event in &self.facts[left] {
            chart.apply(event);
        }
        self.leave_out_each(right, chart, look);
    }

    fn judge(&self, chart: &Chart, now: Timestamp) -> Verdict {
        let case = Case::new(chart, self.policy, now);
        let ours =
            rules().filter(|rule| rule.info.identity() == self.identity && rule.info.is_on(self.policy));
        let findings = ours.filter_map(|rule| rule.find).flat_map(|find| find(&case));
        let this = findings.filter(|f| f.key == self.key && f.truth == Truth::Holds);
        Verdict(this.map(|f| (f.rule.id, f.severity, f.actions)).collect())
    }
}

fn raised<'a>(event: &'a Event, alert: &str) -> Option<&'a AlertRaised> {
    match &event.fact {
        Fact::AlertRaised(raised) if raised.alert_id.as_str() == alert => Some(raised),
        _ => None,
    }
}

const fn is_telling(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::NoticeAttempted(_)
            | Fact::NoticeSent(_)
            | Fact::NoticeDeferred(_)
            | Fact::NoticeRejected(_)
            | Fact::NoticeUnknown(_)
            | Fact::NoticeAbandoned(_)
            | Fact::ReportProgress(_)
            | Fact::ReportOutcome(_)
    )
}
