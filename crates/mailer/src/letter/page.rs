//! A letter laid out: cleaned lines in blocks, the one thing that both the text and the HTML template show.

use serde::Serialize;

use super::notice::Severity;
use super::words;
use super::{About, Disclosure, Letter, Look, Notice};
use crate::clean;

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
    /// Heading over several notices; a single one brings its own.
    pub(super) heading: Option<Line>,
    /// Whom it is about.
    pub(super) about: Line,
    /// Possible repeat, undeliverable role.
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
    Facts(Vec<(Line, Line)>),
    /// Sentences, one under the other.
    Lines(Vec<Line>),
    /// Choices in order of rank.
    Ranked(Vec<Line>),
    /// What to type, each with what it is for.
    Commands(Vec<(Line, Line)>),
}

impl Block {
    pub(super) fn facts(
        title: &str,
        rows: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Self {
        let rows = rows
            .into_iter()
            .map(|(label, value)| (label.into(), value.into()))
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

    pub(super) fn commands(
        title: &str,
        rows: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Self {
        let rows = rows
            .into_iter()
            .map(|(label, command)| (label.into(), command.into()))
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
        }
    }
}

/// Lays a letter out.
pub(super) fn page(letter: &Letter, look: &Look) -> Page {
    let mut notices: Vec<&Notice> = std::iter::once(&letter.first).chain(&letter.more).collect();
    // Stable: notices of one tone keep the order in which they were decided.
    notices.sort_by_key(|notice| std::cmp::Reverse(notice.tone()));
    let items: Vec<Item> = notices
        .iter()
        .map(|notice| {
            let mut item = match letter.disclosure {
                Disclosure::LinkOnly => notice.veiled(),
                Disclosure::Pseudonymous | Disclosure::Identified => notice.item(letter),
            };
            item.blocks.retain(|block| !block.is_empty());
            item
        })
        .collect();
    let bus_id = letter.about.bus_id();
    let heading =
        (items.len() > 1).then(|| format!("{} messages about {bus_id}", items.len()).into());
    Page {
        subject: subject(&items, &bus_id),
        organisation: clean::name(&look.organisation).into(),
        heading,
        about: letter.about.shown(letter.disclosure).into(),
        marks: marks(letter),
        items,
        link: letter.link.as_ref().map(|link| Line::from(&link.0)),
        footer: footer(letter, look),
    }
}

fn subject(items: &[Item], bus_id: &str) -> Line {
    let Some(first) = items.first() else {
        return bus_id.into();
    };
    let more = match items.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    // Bounded, so that the badge and the id are never what is cut off.
    let heading = clean::line(first.heading.as_str(), 80);
    format!("[{}] {heading}{more} - {bus_id}", first.badge.as_str()).into()
}

fn marks(letter: &Letter) -> Vec<Line> {
    let repeat = letter.possible_repeat.then(|| {
        "Possible repeat: the mail server did not say whether it took this message the first time.".to_owned()
    });
    let stand_in = letter.undeliverable_role.as_deref().map(|code| {
        let role = words::role(code);
        format!("Undeliverable role: {role}. Nobody in this role could be reached, so you are told instead.")
    });
    repeat.into_iter().chain(stand_in).map(Line::from).collect()
}

fn footer(letter: &Letter, look: &Look) -> Vec<Line> {
    let answers = match &look.replies_reach {
        Some(who) => format!(
            "This is an automatic message. Answers reach {}.",
            clean::name(who)
        ),
        None => "This is an automatic message. Answers to it are not read.".to_owned(),
    };
    vec![
        "carebus coordinates people; it does not diagnose.".into(),
        format!(
            "You receive this as {} of the care team.",
            words::role(&letter.reader.role)
        )
        .into(),
        words::zone_sentence(&letter.reader.zone).into(),
        answers.into(),
    ]
}

impl About {
    /// The opaque id with what it is the id of: the only name a subject may show.
    fn bus_id(&self) -> String {
        match self {
            Self::Patient { id, .. } => format!("patient {}", clean::name(id)),
            Self::Practitioner { id } => format!("practitioner {}", clean::name(id)),
        }
    }

    fn shown(&self, disclosure: Disclosure) -> String {
        let mut parts = vec![self.bus_id()];
        if let Self::Patient {
            their_ref, name, ..
        } = self
        {
            if disclosure != Disclosure::LinkOnly {
                parts.extend(
                    their_ref
                        .as_ref()
                        .map(|it| format!("your reference {}", clean::name(it.expose()))),
                );
            }
            if disclosure == Disclosure::Identified {
                parts.extend(
                    name.as_ref()
                        .map(|it| format!("name {}", clean::name(it.expose()))),
                );
            }
        }
        let text = parts.join(", ");
        // Ids are ASCII; the first word is ours.
        text.replacen("patient", "Patient", 1)
            .replacen("practitioner", "Practitioner", 1)
    }
}

impl Notice {
    fn item(&self, letter: &Letter) -> Item {
        match self {
            Self::Alert(alert) => alert.item(&letter.reader.zone),
            Self::AlertUpdate(update) => update.item(&letter.reader.zone, letter.disclosure),
            Self::Session(session) => session.item(&letter.reader.zone),
            Self::Unprepared(unprepared) => unprepared.item(&letter.reader.zone),
            Self::Oswestry(oswestry) => oswestry.item(),
        }
    }

    /// Orders notices and colours them.
    fn tone(&self) -> Tone {
        match self {
            Self::Alert(alert) => alert.alert.severity.into(),
            Self::AlertUpdate(update) => update.tone(),
            Self::Session(session) => session.tone(),
            Self::Unprepared(_) => Tone::Action,
            Self::Oswestry(oswestry) => oswestry.tone(),
        }
    }

    /// What may be said when nothing may be said: how soon, and how to read it.
    fn veiled(&self) -> Item {
        let tone = self.tone();
        let (badge, action) = match (self, tone) {
            (Self::Alert(_) | Self::AlertUpdate(_), Tone::Emergency) => {
                (Severity::Emergency.word(), Severity::Emergency.sentence())
            }
            (_, Tone::Emergency | Tone::Urgent) => {
                (Severity::Urgent.word(), Severity::Urgent.sentence())
            }
            (_, Tone::Action) => ("Action", "Something waits for your answer."),
            (_, Tone::Notice) => (Severity::Advisory.word(), Severity::Advisory.sentence()),
            (_, Tone::Calm) => (Severity::Info.word(), Severity::Info.sentence()),
        };
        let read = match self {
            Self::Alert(Alert { alert, .. }) | Self::AlertUpdate(AlertUpdate { alert, .. }) => {
                vec![(
                    "Read it",
                    format!("carebus explain {}", clean::name(&alert.alert_id)),
                )]
            }
            Self::Session(_) | Self::Unprepared(_) | Self::Oswestry(_) => vec![],
        };
        Item {
            tone,
            badge: badge.into(),
            heading: "A message waits in carebus".into(),
            action: action.into(),
            blocks: vec![Block::commands("On the command line", read)],
        }
    }
}

use super::notice::{Alert, AlertUpdate};
