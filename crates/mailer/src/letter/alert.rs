//! Letters about alerts: raised, escalated, resolved, retracted.

use care::time::TimeZone;

use super::Disclosure;
use super::notice::{Alert, AlertChange, AlertRef, AlertUpdate, Fact, Severity};
use super::page::{Block, Body, Item, Line, Row, Tone};
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
        why.push(("Evidence", words::evidence(self.evidence).to_owned()));
        why.push(("Raised", words::moment(self.raised_at, zone)));
        if !self.told.is_empty() {
            why.push(("Told", words::roles(&self.told)));
        }
        let severity = self.alert.severity;
        let blocks = vec![
            Block {
                title: "What happened".into(),
                body: Body::Facts(facts),
            },
            Block::lines(
                "On hold because of this",
                self.holds.iter().map(|hold| clean::note(hold)),
            ),
            Block::lines(
                "What your organisation advises",
                self.advice.iter().map(|advice| clean::note(advice)),
            ),
            Block::facts("Why you are told", why),
            self.alert.commands("Acknowledge"),
        ];
        Item {
            tone: severity.into(),
            badge: words::severity(severity).into(),
            heading: clean::line(&self.alert.title, 120).into(),
            action: clean::note(&self.first).into(),
            how_soon: how_soon(severity),
            blocks,
        }
    }
}

impl Fact {
    /// In one phrase: `pain 66 mm`.
    pub(super) fn phrase(&self) -> String {
        let unit = self.unit.as_deref().map(|unit| format!(" {}", clean::name(unit)));
        let value = clean::line(&self.value, 200);
        format!("{} {value}{}", clean::name(&self.label), unit.unwrap_or_default())
    }

    fn row(&self, zone: &TimeZone) -> Row {
        let unit = self.unit.as_deref().map(|unit| format!(" {}", clean::name(unit)));
        let value = format!("{}{}", clean::line(&self.value, 200), unit.unwrap_or_default());
        let detail = self.at.map(|at| words::moment(at, zone).into());
        Row {
            detail,
            ..Row::new(clean::name(&self.label), value)
        }
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
        let severity = self.alert.severity;
        let rows = Block::facts("What changed", self.rows(zone, disclosure));
        let (badge, action) = match self.change {
            AlertChange::Escalated { .. } => (
                format!("{}, escalated", words::severity(severity)),
                "Acknowledge this alert and act on it, or reach somebody who can.",
            ),
            AlertChange::Resolved { .. } => (
                "Resolved".to_owned(),
                "Nothing is left to do: this alert is closed.",
            ),
            AlertChange::Retracted { .. } => (
                "Retracted".to_owned(),
                "Disregard this alert. If you acted on it, check whether that still stands.",
            ),
        };
        let is_open = matches!(self.change, AlertChange::Escalated { .. });
        let commands = is_open.then(|| self.alert.commands("Acknowledge"));
        Item {
            tone: self.tone(),
            badge: badge.into(),
            heading: clean::line(&self.alert.title, 120).into(),
            action: action.into(),
            how_soon: is_open.then(|| how_soon(severity)).flatten(),
            blocks: std::iter::once(rows).chain(commands).collect(),
        }
    }

    fn rows(&self, zone: &TimeZone, disclosure: Disclosure) -> Vec<(&'static str, String)> {
        let at = words::moment(self.at, zone);
        match &self.change {
            AlertChange::Escalated { because, told } => vec![
                ("Because", clean::note(because)),
                ("Told now", words::roles(told)),
                ("Escalated", at),
            ],
            AlertChange::Resolved { outcome, by, note } => {
                let note = note.as_ref().filter(|_| disclosure == Disclosure::Identified);
                let mut rows = vec![
                    ("Outcome", clean::note(outcome)),
                    ("By", words::role(by)),
                    ("Resolved", at),
                ];
                rows.extend(note.map(|note| ("Note", clean::note(note.expose()))));
                rows
            }
            AlertChange::Retracted { because } => {
                vec![("Because", clean::note(because)), ("Retracted", at)]
            }
        }
    }
}

/// Said beside the action where minutes or hours matter.
fn how_soon(severity: Severity) -> Option<Line> {
    severity.is_immediate().then(|| words::how_soon(severity).into())
}
