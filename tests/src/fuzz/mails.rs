//! Mail and invitations: whatever the texts, the head is ours, the address is one, and the calendar holds one event.

use care::phi::Phi;
use care::time::{TimeZone, Timestamp};
use mail_parser::MessageParser;
use mailer::invitation::{Invitation, Party, Purpose, Sequence};
use mailer::{Attachment, Mail, Method};
use post::mime::compose;

/// Everything a mail of ours may say in its head.
const HEADERS: [&str; 14] = [
    "From",
    "To",
    "Date",
    "Subject",
    "Reply-To",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Importance",
    "X-Priority",
    "MIME-Version",
    "Content-Type",
];

/// What texts there are, by number; those missing are harmless.
fn text(all: &[String], n: usize) -> String {
    all.get(n).cloned().unwrap_or_else(|| "Ada Okafor".to_owned())
}

fn made_of(all: &[String]) -> Mail {
    let ics = format!("BEGIN:VCALENDAR\r\n{}\r\nEND:VCALENDAR\r\n", text(all, 8));
    Mail {
        notice_id: text(all, 0),
        message_id: format!("n-1{}@clinic.example", text(all, 1)),
        thread_root: Some(text(all, 2)),
        to_name: Some(Phi::new(text(all, 3))),
        to: Phi::new("ada.okafor@clinic.example".to_owned()),
        from_name: text(all, 4),
        from: "carebus@clinic.example".to_owned(),
        reply_to: None,
        date: Timestamp::UNIX_EPOCH,
        subject: text(all, 5),
        text: Phi::new(text(all, 6)),
        html: Phi::new(text(all, 7)),
        images: Vec::new(),
        invitation: (all.len() > 8).then_some(Attachment {
            method: Method::Request,
            ics,
        }),
        urgent: all.len().is_multiple_of(2),
        attempt: 1,
    }
}

/// A mail of any texts.
///
/// # Panics
/// When something does not hold.
pub fn mail(data: &[u8]) {
    check_composed(&made_of(&super::texts(data)));
}

/// A mail to any address: it is one, or an error that does not show it.
///
/// # Panics
/// When something does not hold.
pub fn address(data: &[u8]) {
    let texts = super::texts(data);
    let to = text(&texts, 0);
    let mut mail = made_of(&[]);
    mail.to = Phi::new(to.clone());
    match compose(&mail) {
        Err(error) => assert!(to.len() < 3 || !error.to_string().contains(&to), "{error}"),
        Ok(bytes) => {
            let read = MessageParser::default()
                .parse(&bytes)
                .unwrap_or_else(|| panic!("no mail"));
            let all: Vec<_> = read
                .to()
                .map(|to| to.iter().filter_map(|a| a.address()).collect())
                .unwrap_or_default();
            assert_eq!(all, [to.as_str()], "one recipient, and this one");
        }
    }
}

/// What holds of every mail that can be composed.
///
/// # Panics
/// When it does not hold.
pub fn check_composed(mail: &Mail) {
    let Ok(bytes) = compose(mail) else { return };
    let plain = |b: &u8| matches!(b, b'\t' | b'\r' | b'\n' | b' '..=b'~');
    assert!(bytes.iter().all(plain), "ASCII");
    let text = String::from_utf8_lossy(&bytes);
    assert!(
        !text.replace("\r\n", "").contains(['\r', '\n']),
        "line ends are CRLF"
    );
    assert!(
        text.split("\r\n").all(|line| line.len() <= 998),
        "lines have an end"
    );
    let (head, _) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no body"));
    let mut seen = Vec::new();
    for line in head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])) {
        let name = line.split_once(':').map_or(line, |(name, _)| name);
        assert!(HEADERS.contains(&name) && !seen.contains(&name), "{line:?}");
        seen.push(name);
    }
    let read = MessageParser::default()
        .parse(&bytes)
        .unwrap_or_else(|| panic!("no mail"));
    let to: Vec<_> = read
        .to()
        .map(|to| to.iter().filter_map(|a| a.address()).collect())
        .unwrap_or_default();
    assert_eq!(to, [mail.to.expose().as_str()], "one recipient");
}

/// An invitation of any texts and times.
///
/// # Panics
/// When something does not hold.
pub fn calendar(data: &[u8]) {
    let texts = super::texts(data);
    let seconds = data.iter().take(6).fold(0_i64, |n, b| n * 40 + i64::from(*b));
    let at = |s: i64| Timestamp::from_second(s).unwrap_or(Timestamp::UNIX_EPOCH);
    let zones = [
        "America/Toronto",
        "UTC",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Africa/Casablanca",
    ];
    let zone = TimeZone::get(zones[data.len() % zones.len()]).unwrap_or(TimeZone::UTC);
    let party = |n: usize, email: &str| Party {
        name: Some(Phi::new(text(&texts, n))),
        email: Phi::new(email.to_owned()),
    };
    let purposes = [
        Purpose::Book,
        Purpose::Propose,
        Purpose::Cancel,
        Purpose::Withdraw,
    ];
    let invitation = Invitation {
        uid: if texts.len() > 6 {
            text(&texts, 6)
        } else {
            "u-1@carebus".to_owned()
        },
        sequence: Sequence::from_revision(seconds.unsigned_abs()),
        purpose: purposes[data.len() / 7 % purposes.len()],
        start: at(seconds),
        end: at(seconds + 2700),
        zone,
        organizer: party(0, "desk@clinic.example"),
        attendee: party(1, "ada@clinic.example"),
        summary: text(&texts, 2),
        location: texts.get(3).cloned(),
        description: text(&texts, 4),
        dtstamp: at(seconds / 2),
    };
    if let Ok(attachment) = invitation.attachment() {
        check_calendar(&attachment.ics, 1);
    }
}

/// What holds of every calendar: lines as the RFC wants them, this many events, and nobody else's properties.
///
/// # Panics
/// When it does not hold.
pub fn check_calendar(ics: &str, events: usize) {
    assert!(
        !ics.replace("\r\n", "").contains(['\r', '\n']),
        "line ends are CRLF: {ics:?}"
    );
    assert!(
        ics.split("\r\n").all(|line| line.len() <= 75),
        "lines are folded: {ics:?}"
    );
    let unfolded = ics.replace("\r\n ", "").replace("\r\n\t", "");
    let lines = |start: &str| {
        unfolded
            .split("\r\n")
            .filter(|line| line.starts_with(start))
            .count()
    };
    for (start, count) in [
        ("BEGIN:VCALENDAR", 1),
        ("END:VCALENDAR", 1),
        ("BEGIN:VEVENT", events),
        ("END:VEVENT", events),
        ("UID", events),
        ("ATTENDEE", events),
        ("ORGANIZER", events),
        ("SUMMARY", events),
        ("ATTACH", 0),
        ("BEGIN:VALARM", 0),
        ("URL", 0),
    ] {
        assert_eq!(lines(start), count, "{start}: {ics:?}");
    }
    let mut parser = calcard::Parser::new(ics);
    let calcard::Entry::ICalendar(calendar) = parser.entry() else {
        panic!("no calendar: {ics:?}");
    };
    let is_event = |c: &&calcard::icalendar::ICalendarComponent| {
        c.component_type == calcard::icalendar::ICalendarComponentType::VEvent
    };
    assert_eq!(
        calendar.components.iter().filter(is_event).count(),
        events,
        "{ics:?}"
    );
}
