//! Letters about EA sessions, and about PT sessions that none prepares.

use care::time::{TimeZone, Timestamp};

use super::notice::{Alternative, Move, Prepares, Session, SessionChange, Unprepared};
use super::page::{Block, Item, Tone};
use super::words;
use crate::clean;

/// What the change of a session asks of the reader.
struct Ask {
    tone: Tone,
    badge: &'static str,
    heading: &'static str,
    action: &'static str,
}

impl Session {
    pub(super) fn tone(&self) -> Tone {
        self.ask().tone
    }

    pub(super) fn item(&self, zone: &TimeZone) -> Item {
        let Ask {
            tone,
            badge,
            heading,
            action,
        } = self.ask();
        let mut rows = vec![("When", words::stretch(self.stay.start, self.stay.end, zone))];
        let mut because = None;
        match &self.change {
            SessionChange::Moved {
                from, because: why, ..
            } => {
                rows.push(("Was", words::moment(*from, zone)));
                because = why.as_deref();
            }
            SessionChange::Cancelled { because: why } | SessionChange::Held { because: why } => {
                because = Some(why)
            }
            SessionChange::Booked { .. } | SessionChange::Released => {}
        }
        rows.extend(place(&self.stay.clinic));
        rows.extend(
            self.stay
                .practitioner
                .as_ref()
                .map(|name| ("With", clean::name(name.expose()))),
        );
        rows.extend(because.map(|why| ("Because", clean::note(why))));
        rows.push(("Session", clean::name(&self.session_id)));
        let prepares = self.prepares.iter().map(|pt| pt.line(self.stay.start, zone));
        let mut blocks = vec![
            Block::facts("The electroacupuncture (EA) session", rows),
            Block::lines("PT sessions it prepares", prepares),
        ];
        if self.is_proposal() {
            let confirm = format!("carebus confirm {}", clean::name(&self.session_id));
            blocks.push(Block::commands("Confirm", [("Books this time", confirm)]));
        }
        Item {
            tone,
            badge: badge.into(),
            heading: heading.into(),
            action: action.into(),
            how_soon: None,
            blocks,
        }
    }

    const fn is_proposal(&self) -> bool {
        match self.change {
            SessionChange::Booked { proposed } | SessionChange::Moved { proposed, .. } => proposed,
            SessionChange::Released => true,
            SessionChange::Cancelled { .. } | SessionChange::Held { .. } => false,
        }
    }

    const fn ask(&self) -> Ask {
        let (tone, badge, heading, action) = match self.change {
            SessionChange::Booked { proposed: false } => (
                Tone::Calm,
                "FYI",
                "EA session booked",
                "Nothing to do: keep this time free.",
            ),
            SessionChange::Moved { proposed: false, .. } => (
                Tone::Notice,
                "New time",
                "EA session moved",
                "Take note of the new time.",
            ),
            SessionChange::Booked { proposed: true } => (
                Tone::Action,
                "Please confirm",
                "EA session proposed",
                "Please confirm this time, or decline it.",
            ),
            SessionChange::Moved { proposed: true, .. } => (
                Tone::Action,
                "Please confirm",
                "EA session to be moved",
                "Please confirm the new time, or decline it.",
            ),
            SessionChange::Released => (
                Tone::Action,
                "Please confirm",
                "EA session released",
                "The hold has ended. Please confirm that the session takes place, or decline it.",
            ),
            SessionChange::Cancelled { .. } => (
                Tone::Notice,
                "FYI",
                "EA session cancelled",
                "This session does not take place.",
            ),
            SessionChange::Held { .. } => (
                Tone::Action,
                "Do not treat",
                "EA session on hold",
                "Do not treat in this session unless a named clinician releases it.",
            ),
        };
        Ask {
            tone,
            badge,
            heading,
            action,
        }
    }
}

/// Where, if anybody said.
fn place(clinic: &str) -> Option<(&'static str, String)> {
    Some(clean::name(clinic))
        .filter(|name| !name.is_empty())
        .map(|name| ("Where", name))
}

impl Prepares {
    fn line(&self, ea_start: Timestamp, zone: &TimeZone) -> String {
        let gap = words::hours(self.pt_start.duration_since(ea_start));
        let pt = words::moment(self.pt_start, zone);
        let place = place(&self.clinic).map_or_else(String::new, |(_, name)| format!(", {name}"));
        format!("PT {pt}{place}: {gap} after this session starts")
    }
}

impl Unprepared {
    pub(super) fn item(&self, zone: &TimeZone) -> Item {
        let mut rows = vec![("When", words::moment(self.pt_start, zone))];
        rows.extend(place(&self.clinic));
        rows.push(("Session", clean::name(&self.session_id)));
        let action = if self.alternatives.is_empty() {
            "Decide: no other time was found, so PT goes ahead unprepared unless you change something."
        } else {
            "Choose an alternative below, or let PT go ahead unprepared."
        };
        let reasons = self.reasons.iter().map(|reason| clean::note(reason));
        let choices = self
            .alternatives
            .iter()
            .map(|choice| choice.line(self.pt_start, zone));
        Item {
            tone: Tone::Action,
            badge: "Action".into(),
            heading: "PT session without EA before it".into(),
            action: action.into(),
            how_soon: None,
            blocks: vec![
                Block::facts("The PT session, which stays booked", rows),
                Block::lines("What stands in the way", reasons),
                Block::ranked("Alternatives, best first", choices),
            ],
        }
    }
}

impl Alternative {
    fn line(&self, pt_start: Timestamp, zone: &TimeZone) -> String {
        let when = words::stretch(self.start, self.end, zone);
        let what = match self.moves {
            Move::Ea => format!(
                "EA {when}, {} before PT",
                words::hours(pt_start.duration_since(self.start))
            ),
            Move::Pt { ea_start } => {
                let gap = words::hours(self.start.duration_since(ea_start));
                format!(
                    "PT moved to {when}, with EA {gap} before it, {}",
                    words::moment(ea_start, zone)
                )
            }
        };
        if self.breaks.is_empty() {
            return what;
        }
        let breaks: Vec<_> = self.breaks.iter().map(|rule| clean::name(rule)).collect();
        format!("{what}; not kept: {}", breaks.join(", "))
    }
}
