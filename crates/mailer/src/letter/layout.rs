//! From a letter to its page: order, subject, marks, footer, and what may be said at which level.

use super::notice::{Alert, AlertUpdate, Severity};
use super::page::{Block, Item, Line, Page, Tone};
use super::{About, Disclosure, Letter, Link, Look, Notice, Reader};
use super::{report, words};
use crate::clean;

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
            item.how_soon = item.how_soon.map(|soon| telephoned(soon, look));
            item
        })
        .collect();
    let bus_id = letter.about.bus_id();
    let heading = (items.len() > 1).then(|| format!("{} messages about {bus_id}", items.len()).into());
    Page {
        subject: subject(&items, &bus_id),
        organisation: clean::name(&look.organisation).into(),
        greeting: look.greeting.as_ref().map(|line| clean::note(line).into()),
        heading,
        about: letter.about.shown(letter.disclosure).into(),
        marks: all_marks(letter),
        items,
        link: letter.link.as_ref().map(Link::line),
        footer: footer(&letter.reader, look),
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

/// How old the letter's grounds are comes first: whoever reads on should know.
fn all_marks(letter: &Letter) -> Vec<Line> {
    let doubt = letter.as_of.map(|at| {
        format!(
            "The clock of this system is in doubt. This message rests on what was known on {}; check what has happened since.",
            words::moment(at, &letter.reader.zone)
        )
        .into()
    });
    let others = marks(letter.possible_repeat, &letter.undeliverable_roles);
    doubt.into_iter().chain(others).collect()
}

pub(super) fn marks(possible_repeat: bool, undeliverable_roles: &[String]) -> Vec<Line> {
    let repeat = possible_repeat.then(|| {
        "Possible repeat: the mail server did not say whether it took this message the first time.".to_owned()
    });
    let stand_in = (!undeliverable_roles.is_empty()).then(|| {
        let (roles, these) = match undeliverable_roles.len() {
            1 => ("role", "this role"),
            _ => ("roles", "these roles"),
        };
        let named = words::roles(undeliverable_roles);
        format!(
            "Undeliverable {roles}: {named}. Nobody in {these} could be reached, so you are told instead."
        )
    });
    repeat.into_iter().chain(stand_in).map(Line::from).collect()
}

pub(super) fn footer(reader: &Reader, look: &Look) -> Vec<Line> {
    let answers = match &look.replies_reach {
        Some(who) => format!(
            "This is an automatic message. Answers reach {}.",
            clean::name(who)
        ),
        None => "This is an automatic message. Answers to it are not read.".to_owned(),
    };
    let own = look.footer.iter().map(|line| clean::note(line).into());
    let always = [
        "carebus coordinates people; it does not diagnose.".into(),
        format!(
            "You receive this as {} of the care team.",
            words::role(&reader.role)
        )
        .into(),
        words::zone_sentence(&reader.zone).into(),
        answers.into(),
    ];
    own.chain(always).collect()
}

/// Where minutes or hours matter the organisation's number stands beside how soon.
fn telephoned(soon: Line, look: &Look) -> Line {
    match &look.emergency_phone {
        Some(phone) => format!(
            "{} Telephone of {}: {}.",
            soon.as_str(),
            clean::name(&look.organisation),
            clean::name(phone)
        )
        .into(),
        None => soon,
    }
}

impl Link {
    pub(super) fn line(&self) -> Line {
        Line::from(&self.0)
    }
}

impl About {
    /// Whether it is about this patient.
    pub(crate) fn is_patient(&self, patient: &str) -> bool {
        matches!(self, Self::Patient { id, .. } if id == patient)
    }

    /// The opaque id with what it is the id of: the only name a subject may show.
    fn bus_id(&self) -> String {
        match self {
            Self::Patient { id, .. } => format!("patient {}", clean::name(id)),
            Self::Practitioner { id } => format!("practitioner {}", clean::name(id)),
        }
    }

    pub(super) fn shown(&self, disclosure: Disclosure) -> String {
        let mut parts = vec![self.bus_id()];
        if let Self::Patient { their_ref, name, .. } = self {
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
            Self::Report(report) => report::item(report),
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
            Self::Report(report) => report::tone(report),
        }
    }

    /// What may be said when nothing may be said: how soon, and how to read it.
    fn veiled(&self) -> Item {
        let tone = self.tone();
        let (badge, action) = match (self, tone) {
            (Self::Alert(_) | Self::AlertUpdate(_), Tone::Emergency) => (
                words::severity(Severity::Emergency),
                words::how_soon(Severity::Emergency),
            ),
            (_, Tone::Emergency | Tone::Urgent) => (
                words::severity(Severity::Urgent),
                words::how_soon(Severity::Urgent),
            ),
            (_, Tone::Action) => ("Action", "Something waits for your answer."),
            (_, Tone::Notice) => (
                words::severity(Severity::Advisory),
                words::how_soon(Severity::Advisory),
            ),
            (_, Tone::Calm) => (words::severity(Severity::Info), words::how_soon(Severity::Info)),
        };
        let read = match self {
            Self::Alert(Alert { alert, .. }) | Self::AlertUpdate(AlertUpdate { alert, .. }) => {
                vec![(
                    "Read it",
                    format!("carebus explain {}", clean::name(&alert.alert_id)),
                )]
            }
            Self::Session(_) | Self::Unprepared(_) | Self::Oswestry(_) | Self::Report(_) => vec![],
        };
        Item {
            tone,
            badge: badge.into(),
            heading: "A message waits in carebus".into(),
            action: action.into(),
            how_soon: None,
            blocks: vec![Block::commands("On the command line", read)],
        }
    }
}
