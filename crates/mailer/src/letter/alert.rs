//! Letters about alerts: raised, escalated, resolved, retracted.

use care::time::TimeZone;

use super::Disclosure;
use super::notice::{Alert, AlertChange, AlertRef, AlertUpdate, Fact, Severity};
use super::page::{Block, Body, Item, Line, Tone};
use super::words;
use crate::clean;

impl Alert {
    pub(super) fn item(&self, zone: &TimeZone) -> Item {
        let facts = self.happened.iter().map(|fact| fact.row(zone)).collect();
        let mut why = vec![];
        if let Some(threshold) = &self.threshold {
            why.push(("Threshold", clean::note(&threshold.limit)));
            why.push(("Its source", clean::note(&threshold.source)));
        }
        why.push(("Evidence", self.evidence.sentence().to_owned()));
        why.push(("Raised", words::moment(self.raised_at, zone)));
        if !self.told.is_empty() {
            why.push(("Told", words::roles(&self.told)));
        }
        let severity = self.alert.severity;
        let mut blocks = vec![
            Block {
                title: "What happened".into(),
                body: Body::Facts(facts),
            },
            Block::lines(
                "On hold because of this",
                self.holds.iter().map(|hold| clean::note(hold)),
            ),
            Block::facts("Why you are told", why),
            self.alert.commands("Acknowledge"),
        ];
        if severity >= Severity::Urgent {
            blocks.insert(0, Block::lines("How soon", [severity.sentence()]));
        }
        Item {
            tone: severity.into(),
            badge: severity.word().into(),
            heading: clean::line(&self.alert.title, 120).into(),
            action: clean::note(&self.first).into(),
            blocks,
        }
    }
}

impl Fact {
    fn row(&self, zone: &TimeZone) -> (Line, Line) {
        let unit = self
            .unit
            .as_deref()
            .map(|unit| format!(" {}", clean::name(unit)))
            .unwrap_or_default();
        let at = self
            .at
            .map(|at| format!("; {}", words::moment(at, zone)))
            .unwrap_or_default();
        let value = format!("{}{unit}{at}", clean::line(&self.value, 200));
        (clean::name(&self.label).into(), value.into())
    }
}

impl AlertRef {
    /// Acknowledging stops reminders and escalation, so every open alert says how.
    fn commands(&self, title: &str) -> Block {
        let id = clean::name(&self.alert_id);
        let rows = [
            ("Stops reminders", format!("carebus ack {id}")),
            ("Says why", format!("carebus explain {id}")),
        ];
        Block::commands(title, rows)
    }
}

impl AlertUpdate {
    pub(super) fn tone(&self) -> Tone {
        match self.change {
            AlertChange::Escalated { .. } => self.alert.severity.into(),
            // Whoever acted on it must learn that the ground is gone; nobody must hurry.
            AlertChange::Retracted { .. } => Tone::Notice,
            AlertChange::Resolved { .. } => Tone::Calm,
        }
    }

    pub(super) fn item(&self, zone: &TimeZone, disclosure: Disclosure) -> Item {
        let at = words::moment(self.at, zone);
        let severity = self.alert.severity;
        let (badge, action, blocks) = match &self.change {
            AlertChange::Escalated { because, told } => {
                let rows = [
                    ("Because", clean::note(because)),
                    ("Told now", words::roles(told)),
                    ("Escalated", at),
                ];
                let blocks = vec![
                    Block::lines("How soon", [severity.sentence()]),
                    Block::facts("What changed", rows),
                    self.alert.commands("Acknowledge"),
                ];
                let action = "Acknowledge this alert and act on it, or reach somebody who can.";
                (format!("{}, escalated", severity.word()), action, blocks)
            }
            AlertChange::Resolved { outcome, by, note } => {
                let mut rows = vec![
                    ("Outcome", clean::note(outcome)),
                    ("By", words::role(by)),
                    ("Resolved", at),
                ];
                if disclosure == Disclosure::Identified {
                    rows.extend(
                        note.as_ref()
                            .map(|note| ("Note", clean::note(note.expose()))),
                    );
                }
                (
                    "Resolved".to_owned(),
                    "Nothing is left to do: this alert is closed.",
                    vec![Block::facts("What changed", rows)],
                )
            }
            AlertChange::Retracted { because } => {
                let rows = [("Because", clean::note(because)), ("Retracted", at)];
                let action =
                    "Disregard this alert. If you acted on it, check whether that still stands.";
                (
                    "Retracted".to_owned(),
                    action,
                    vec![Block::facts("What changed", rows)],
                )
            }
        };
        let heading = clean::line(&self.alert.title, 120).into();
        Item {
            tone: self.tone(),
            badge: badge.into(),
            heading,
            action: action.into(),
            blocks,
        }
    }
}
