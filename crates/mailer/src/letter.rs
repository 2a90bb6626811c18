//! A letter: everything one person is shown about one patient, as a value, and how it becomes subject, text and HTML.

mod alert;
mod digest;
mod layout;
mod notice;
mod oswestry;
mod page;
mod palette;
mod record;
mod render;
mod report;
mod session;
mod words;

use care::phi::Phi;
use care::time::{TimeZone, Timestamp};

use crate::mail::Inline;
pub use digest::{Digest, DigestLine, DigestPatient};
pub use notice::{
    Alert, AlertChange, AlertRef, AlertUpdate, Alternative, Evidence, Fact, Move, Notice, Oswestry,
    OswestryState, Prepares, Report, Session, SessionChange, Severity, Stay, Threshold, Unprepared,
};
pub use record::LogLetter;
pub use render::{
    RenderError, Templates, render, render_digest, render_digest_with, render_log_letter,
    render_log_letter_with, render_with,
};

/// One letter to one person about one patient. Notices are shown most urgent first, whatever their order here.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// Whom it is about.
    pub about: About,
    /// Who reads it.
    pub reader: Reader,
    /// How much it may say.
    pub disclosure: Disclosure,
    /// The notice that is always there.
    pub first: Notice,
    /// Further notices in the same mail, none more urgent than the first.
    pub more: Vec<Notice>,
    /// The last try ended in an unknown outcome, so the reader may have this letter already.
    pub possible_repeat: bool,
    /// The clock was in doubt: when the newest of what the letter rests on happened.
    pub as_of: Option<Timestamp>,
    /// Roles that could not be reached and in whose place the reader is told (`physiatrist`).
    pub undeliverable_roles: Vec<String>,
    /// Where to read more.
    pub link: Option<Link>,
}

/// Whom a letter is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A patient.
    Patient {
        /// Opaque id on the bus; the only one a subject line ever shows.
        id: String,
        /// The reader's own reference for this patient.
        their_ref: Option<Phi<String>>,
        /// The patient's name; shown at [`Disclosure::Identified`] only.
        name: Option<Phi<String>>,
    },
    /// A practitioner, for alerts about a licence or a qualification.
    Practitioner {
        /// Opaque id on the bus.
        id: String,
    },
}

/// Who reads a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Role in the care team as the plan writes it (`care_coordinator`).
    pub role: String,
    /// Zone in which times are shown.
    pub zone: TimeZone,
}

/// How much a letter may say; a level per organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disclosure {
    /// That something waits, how urgent it is, and where.
    LinkOnly,
    /// Rule and values, with the reader's own reference or the bus id.
    #[default]
    Pseudonymous,
    /// Also the patient's name and notes people wrote.
    Identified,
}

/// How the letters of an organisation look and whom to turn to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Name of the organisation.
    pub organisation: String,
    /// Who reads answers, if `Reply-To` is set ("the care coordination desk"); otherwise answers are not read.
    pub replies_reach: Option<String>,
    /// A line above every letter.
    pub greeting: Option<String>,
    /// Lines below every letter, before those that are always there.
    pub footer: Vec<String>,
    /// Whom to telephone when it is urgent.
    pub emergency_phone: Option<String>,
}

/// A web address that may stand in a letter: https, or http on this very machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link(String);

impl Link {
    /// `None` for any other scheme, for more than 500 characters, and for anything a URL has to escape.
    #[must_use]
    pub fn new(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("https://").or_else(|| {
            let rest = url.strip_prefix("http://")?;
            let host = rest.split(['/', ':', '?', '#']).next()?;
            matches!(host, "localhost" | "127.0.0.1").then_some(rest)
        })?;
        let plain = url.len() <= 500
            && url
                .chars()
                .all(|c| c.is_ascii_graphic() && !"\"'<>\\^`{|}@".contains(c));
        (plain && rest.starts_with(|c: char| c.is_ascii_alphanumeric())).then(|| Self(url.to_owned()))
    }
}

/// A letter, ready for [`crate::Mail`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Subject line: what to do, and the opaque id.
    pub subject: String,
    /// The text part, `\n` line ends, complete on its own.
    pub text: Phi<String>,
    /// The HTML part: the same content.
    pub html: Phi<String>,
    /// The pictures that the HTML part shows.
    pub images: Vec<Inline>,
}

#[cfg(test)]
mod tests {
    use super::Link;

    #[test]
    fn only_web_addresses_that_need_no_escaping_are_links() {
        for good in [
            "https://care.example/a/1?t=v4.local.x_-",
            "http://localhost:8080/",
            "http://127.0.0.1/x",
        ] {
            assert!(Link::new(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "https://",
            "http://care.example/",
            "javascript:alert(1)",
            "https://a b",
            "https://a\"onload=x",
            "https://care.example@evil.example/",
            "https://a/\r\nBcc: x",
            "http://localhost.evil.example/",
            "https:///x",
        ] {
            assert!(Link::new(bad).is_none(), "{bad}");
        }
    }
}
