//! The weekly digest: several patients on one page, one line per alert.

use super::notice::{Alert, Severity};
use super::page::{Block, Body, Item, Page, Row};
use super::{About, Disclosure, Link, Look, Reader, layout, words};
use crate::clean;

/// What one person is told once a week, of all their patients.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// Who reads it.
    pub reader: Reader,
    /// How much it may say.
    pub disclosure: Disclosure,
    /// Patients in the order they are shown.
    pub patients: Vec<DigestPatient>,
    /// The last try ended in an unknown outcome, so the reader may have this letter already.
    pub possible_repeat: bool,
    /// Roles that could not be reached and in whose place the reader is told.
    pub undeliverable_roles: Vec<String>,
    /// Where to read more.
    pub link: Option<Link>,
}

/// One patient of a digest.
#[derive(Debug, Clone, PartialEq)]
pub struct DigestPatient {
    /// Whom it is about.
    pub about: About,
    /// Their alerts.
    pub lines: Vec<DigestLine>,
}

/// One alert of a digest.
#[derive(Debug, Clone, PartialEq)]
pub struct DigestLine {
    /// The alert.
    pub alert: Alert,
    /// Since when it is true.
    pub since: care::time::Timestamp,
}

/// Lays a digest out.
pub(super) fn page(digest: &Digest, look: &Look) -> Page {
    let lines = digest.patients.iter().map(|p| p.lines.len()).sum();
    let heading = format!(
        "Weekly digest: {} about {}",
        counted(lines, "message"),
        counted(digest.patients.len(), "patient")
    );
    Page {
        subject: format!("[{}] {heading}", words::severity(Severity::Info)).into(),
        organisation: clean::name(&look.organisation).into(),
        greeting: look.greeting.as_ref().map(|line| clean::note(line).into()),
        heading: Some(heading.into()),
        about: "Nothing in it is urgent.".into(),
        marks: layout::marks(digest.possible_repeat, &digest.undeliverable_roles),
        items: digest.patients.iter().map(|p| p.item(digest)).collect(),
        link: digest.link.as_ref().map(Link::line),
        footer: layout::footer(&digest.reader, look),
    }
}

fn counted(n: usize, of: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {of}{s}")
}

impl DigestPatient {
    fn item(&self, digest: &Digest) -> Item {
        let severities = self.lines.iter().map(|l| l.alert.alert.severity);
        let severity = severities.max().unwrap_or(Severity::Info);
        let (action, blocks) = match digest.disclosure {
            Disclosure::LinkOnly => (
                "Messages wait in carebus. Read them when you next work on this.",
                None,
            ),
            Disclosure::Pseudonymous | Disclosure::Identified => (
                "Read this before you next see or plan for this patient.",
                Some(Block {
                    title: "Still true".into(),
                    body: Body::Facts(self.lines.iter().map(|l| l.row(digest)).collect()),
                }),
            ),
        };
        let commands = Block {
            title: "On the command line".into(),
            body: Body::Commands(self.lines.iter().map(|l| l.command(digest.disclosure)).collect()),
        };
        Item {
            tone: severity.into(),
            badge: words::severity(severity).into(),
            heading: self.about.shown(digest.disclosure).into(),
            action: action.into(),
            how_soon: None,
            blocks: blocks.into_iter().chain(Some(commands)).collect(),
        }
    }
}

impl DigestLine {
    fn row(&self, digest: &Digest) -> Row {
        let found: Vec<String> = self.alert.happened.iter().map(super::Fact::phrase).collect();
        let found = match found.len() {
            0 => String::new(),
            _ => format!(" Found: {}.", clean::note(&found.join("; "))),
        };
        let detail = format!(
            "Since {}. Evidence: {}.",
            words::moment(self.since, &digest.reader.zone),
            self.alert.evidence.label()
        );
        Row {
            detail: Some(detail.into()),
            ..Row::new(
                clean::line(&self.alert.alert.title, 120),
                format!("{}{found}", clean::note(&self.alert.first)),
            )
        }
    }

    fn command(&self, disclosure: Disclosure) -> Row {
        let label = match disclosure {
            Disclosure::LinkOnly => "Read it".to_owned(),
            Disclosure::Pseudonymous | Disclosure::Identified => clean::line(&self.alert.alert.title, 120),
        };
        let id = clean::name(&self.alert.alert.alert_id);
        Row::new(label, format!("carebus explain {id}"))
    }
}
