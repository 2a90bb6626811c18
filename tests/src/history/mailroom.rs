//! The mail server: counts every mail whose last byte it got, whatever it then said.

use std::collections::BTreeMap;

use mailer::{Delivery, Mail};

use super::step::Mood;

/// What was sent under one notice.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// How often the whole mail arrived.
    pub copies: u32,
    /// Whether it was urgent.
    pub urgent: bool,
}

/// The mail server.
#[derive(Debug)]
pub struct Mailroom {
    mood: Mood,
    asked: u64,
    /// By notice.
    pub sent: BTreeMap<String, Sent>,
}

impl Default for Mailroom {
    fn default() -> Self {
        Self {
            mood: Mood::Well,
            asked: 0,
            sent: BTreeMap::new(),
        }
    }
}

impl Mailroom {
    /// Changes how it answers.
    pub const fn is_now(&mut self, mood: Mood) {
        self.mood = mood;
    }

    /// Whether it lets us in at all: if not, that is a fault of ours.
    #[must_use]
    pub fn lets_us_in(&self) -> bool {
        self.mood != Mood::Locked
    }

    /// One conversation; none if it does not let us in.
    pub fn carry(&mut self, mail: &Mail) -> Option<Delivery> {
        self.asked += 1;
        let recipient: u32 = mail.to.expose().bytes().map(u32::from).sum();
        match self.mood {
            Mood::Locked => return None,
            Mood::Busy => return Some(Delivery::Deferred { reply: Some(451) }),
            Mood::Picky if recipient.is_multiple_of(4) => {
                return Some(Delivery::Rejected { reply: Some(550) });
            }
            _ => {}
        }
        let sent = self.sent.entry(mail.notice_id.clone()).or_default();
        sent.copies += 1;
        sent.urgent |= mail.urgent;
        Some(match self.mood {
            Mood::Silent if self.asked.is_multiple_of(2) => Delivery::Unknown,
            _ => Delivery::Sent { reply: Some(250) },
        })
    }
}
