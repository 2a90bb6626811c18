//! Letters about the two-week clock. They name dates only: the questionnaire's wording belongs to others.

use super::notice::{Oswestry, OswestryState};
use super::page::{Block, Item, Tone};
use super::words;

impl Oswestry {
    pub(super) const fn tone(&self) -> Tone {
        match self.state {
            OswestryState::Due | OswestryState::Overdue { .. } => Tone::Action,
            OswestryState::Missed { .. } => Tone::Notice,
        }
    }

    pub(super) fn item(&self) -> Item {
        let number = if self.k == 0 {
            "0 (the baseline)".to_owned()
        } else {
            self.k.to_string()
        };
        let mut rows = vec![("Due", words::day(self.due_on)), ("Number", number)];
        let window = format!("{} to {}", words::day(self.opens_on), words::day(self.closes_on));
        rows.push(("Counts if filled in", window));
        let (badge, heading, action) = match self.state {
            OswestryState::Due => (
                "Action",
                "Oswestry questionnaire due",
                "Have the patient fill in the Oswestry questionnaire, and record the ten section scores.",
            ),
            OswestryState::Overdue { step } => {
                rows.push(("Reminder", format!("{step} of 2")));
                (
                    "Action",
                    "Oswestry questionnaire overdue",
                    "Reach the patient, have the questionnaire filled in, and record the ten section scores.",
                )
            }
            OswestryState::Missed {
                in_a_row,
                next_due_on,
            } => {
                rows.push(("Missed in a row", in_a_row.to_string()));
                rows.extend(next_due_on.map(|day| ("Next due", words::day(day))));
                (
                    "FYI",
                    "Oswestry questionnaire missed",
                    "Nothing can be recorded for this date any more. Plan the next one with the patient.",
                )
            }
        };
        let blocks = vec![Block::facts("The due date", rows)];
        Item {
            tone: self.tone(),
            badge: badge.into(),
            heading: heading.into(),
            action: action.into(),
            how_soon: None,
            blocks,
        }
    }
}
