//! The log is not the one that was read: what the organisation's last resort is told, and what they can do.

use care::fact::ours::{LogChanged, LogFound, Severity};
use care::time::Timestamp;

use super::page::{Block, Item, Page};
use super::{Look, Reader, layout, words};
use crate::clean;

/// What was found of the log. Nothing in it is about anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLetter {
    /// Who reads it.
    pub reader: Reader,
    /// What was found.
    pub changed: LogChanged,
    /// When it was found.
    pub at: Timestamp,
    /// The last try ended in an unknown outcome, so the reader may have this letter already.
    pub possible_repeat: bool,
}

/// Lays it out.
pub(super) fn page(letter: &LogLetter, look: &Look) -> Page {
    let badge = words::severity(Severity::Urgent);
    let heading = letter.heading();
    Page {
        subject: format!("[{badge}] {heading}").into(),
        organisation: clean::name(&look.organisation).into(),
        greeting: look.greeting.as_ref().map(|line| clean::note(line).into()),
        heading: None,
        about: format!("The record of {}", clean::name(&look.organisation)).into(),
        marks: layout::marks(letter.possible_repeat, &[]),
        items: vec![Item {
            tone: Severity::Urgent.into(),
            badge: badge.into(),
            heading: heading.into(),
            action: "Find out what was done to the server's store, and have what is missing published again."
                .into(),
            how_soon: Some(words::how_soon(Severity::Urgent).into()),
            blocks: letter.blocks(),
        }],
        link: None,
        footer: layout::footer(&letter.reader, look),
    }
}

impl LogLetter {
    fn heading(&self) -> String {
        let (known, now) = (self.changed.known_position, self.changed.last_position);
        match self.changed.found {
            LogFound::Shorter => format!("The log went back from position {known} to {now}"),
            LogFound::AnotherMessage => format!("The log has another message at position {known}"),
            LogFound::Recreated => "The log was created anew".to_owned(),
            LogFound::Hole => "Messages of the log are missing".to_owned(),
            LogFound::Missing => "The log was missing for a while".to_owned(),
        }
    }

    fn blocks(&self) -> Vec<Block> {
        let (changed, zone) = (&self.changed, &self.reader.zone);
        let found = Block::facts(
            "What was found",
            [
                ("Found", words::moment(self.at, zone)),
                ("Read before", format!("to position {}", changed.known_position)),
                ("That log was created", words::moment(changed.known_created, zone)),
                ("Now it ends", format!("at position {}", changed.last_position)),
                ("This log was created", words::moment(changed.created, zone)),
            ],
        );
        let did = if changed.found == LogFound::Missing {
            vec![
                "Nothing was decided and nothing was sent while it was missing.",
                "It came back as it was: everything that was read is still there.",
            ]
        } else {
            vec![
                "It set its checkpoint aside and read everything anew before it decided or sent anything more.",
                "What it had said itself and the log no longer holds it says again. A mail among that may reach people \
                 a second time.",
                "What others had published and the log no longer holds it does not know any more.",
            ]
        };
        let to_do = [
            "Look at the server's store: was a backup restored, a disk replaced, a stream purged?",
            "Have everybody who publishes to carebus publish again what they sent lately. What is there already \
             counts once.",
            "If nobody meant it, stop carebus and see to the server first; docs/backup.md says how to restore.",
        ];
        vec![
            found,
            Block::lines("What carebus did", did),
            Block::lines("What to do now", to_do),
            Block::commands(
                "On the command line",
                [("See what is wrong", "carebus doctor".to_owned())],
            ),
        ]
    }
}
