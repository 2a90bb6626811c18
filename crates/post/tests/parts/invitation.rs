//! An invitation to put in a mail.

use mailer::{Attachment, Method};

/// An iCalendar object, folded and with CRLF as RFC 5545 wants it.
pub(crate) fn invitation(method: Method) -> Attachment {
    let word = if method == Method::Request {
        "REQUEST"
    } else {
        "CANCEL"
    };
    let lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//carebus//EN",
        &format!("METHOD:{word}"),
        "BEGIN:VEVENT",
        "UID:ea-1@clinic.example",
        "DTSTAMP:20260601T080000Z",
        "DTSTART:20260603T100000Z",
        "SUMMARY:Séance",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ];
    Attachment {
        method,
        ics: lines.join("\r\n"),
    }
}
