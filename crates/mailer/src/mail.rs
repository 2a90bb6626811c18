//! One finished mail to one person, before any MIME or transport touches it.

use care::phi::Phi;
use care::time::Timestamp;

/// One message to one recipient. A pure value: `post` turns it into MIME bytes and carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The notice this mail carries; also the file name in a directory transport (opaque, no personal data).
    pub notice_id: String,
    /// `<uuid@domain>` without the angle brackets; derived from the notice, so that a retry is the same message.
    pub message_id: String,
    /// Synthetic root of the patient's thread (`uuid@domain`), for `References` and `In-Reply-To`.
    pub thread_root: Option<String>,
    /// Display name and address of the recipient. The name is cleaned: no control characters, at most 64 characters.
    pub to_name: Option<Phi<String>>,
    /// Address of the recipient.
    pub to: Phi<String>,
    /// `From` display name.
    pub from_name: String,
    /// `From` address and envelope sender.
    pub from: String,
    /// `Reply-To`, if it differs.
    pub reply_to: Option<String>,
    /// `Date`.
    pub date: Timestamp,
    /// Subject line: no personal data, no line breaks.
    pub subject: String,
    /// The text part, complete on its own.
    pub text: Phi<String>,
    /// The HTML part: the same content.
    pub html: Phi<String>,
    /// Pictures that the HTML part shows by their `cid:`.
    pub images: Vec<Inline>,
    /// iCalendar part, if this mail carries an invitation.
    pub invitation: Option<Attachment>,
    /// Adds `Importance: high` and goes in the urgent lane.
    pub urgent: bool,
    /// Which try this is, from 1; above 1 after an unknown outcome the text says it may be a repeat.
    pub attempt: u32,
}

/// A picture inside a mail; nothing is ever loaded from elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Inline {
    /// `Content-ID` without the angle brackets.
    pub cid: String,
    /// What it shows, for those who do not see it.
    pub alt: Phi<String>,
    /// The PNG.
    pub png: Vec<u8>,
}

impl std::fmt::Debug for Inline {
    /// Its measurements stay out of logs, like every other value of a patient.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Inline({}, {} bytes)", self.cid, self.png.len())
    }
}

/// An iCalendar object that travels with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// `METHOD`, repeated as the MIME parameter.
    pub method: Method,
    /// The iCalendar text, CRLF line ends.
    pub ics: String,
}

/// iTIP methods carebus sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Booked or moved.
    Request,
    /// Cancelled.
    Cancel,
}
