//! From what was found of the log to a finished mail.

use care::Policy;
use care::fact::ours::LogChanged;
use care::id::derived;
use care::phi::Phi;
use care::time::Timestamp;

use super::envelope;
use crate::letter::{LogLetter, Reader, Rendered};
use crate::mail::Mail;
use crate::recipient::Recipient;
use crate::wording::Wording;

/// One letter about the log, and which try it is.
pub(crate) struct LogParcel<'a> {
    pub(crate) notice_id: String,
    pub(crate) attempt: u32,
    pub(crate) to: &'a Recipient,
    pub(crate) changed: &'a LogChanged,
    /// When it was found.
    pub(crate) at: Timestamp,
    pub(crate) possible_repeat: bool,
}

/// The mail.
pub(crate) fn compose_about_the_log(
    policy: &Policy,
    wording: &Wording,
    parcel: &LogParcel<'_>,
    now: Timestamp,
) -> Mail {
    let letter = LogLetter {
        reader: Reader {
            role: parcel.to.role.clone(),
            zone: parcel.to.zone.clone(),
        },
        changed: parcel.changed.clone(),
        at: parcel.at,
        possible_repeat: parcel.possible_repeat,
    };
    // A broken template is a defect that tests catch; should one slip through, people are told all the same.
    let rendered = wording
        .render_log_letter(&letter, &wording.look(policy))
        .unwrap_or_else(|_| unadorned());
    let thread = derived(&["thread", "log"]).to_string();
    let (id, attempt) = (&parcel.notice_id, parcel.attempt);
    Mail {
        urgent: true,
        ..envelope(policy, parcel.to, id, attempt, &thread, rendered, now)
    }
}

/// What goes out when a letter cannot be rendered: that something is wrong, and where to look.
fn unadorned() -> Rendered {
    let text = "The log is not the one that carebus had read. Look at it: carebus doctor";
    Rendered {
        subject: "[Urgent] The log is not the one that was read".to_owned(),
        html: Phi::new(format!("<p>{text}</p>")),
        text: Phi::new(text.to_owned()),
        images: Vec::new(),
    }
}
