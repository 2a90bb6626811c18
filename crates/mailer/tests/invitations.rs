//! Invitations read back by an independent parser: identity, times in their zone, and texts that stay texts.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on fails its test")]

use std::path::Path;

use calcard::icalendar::{ICalendarParameterName, ICalendarProperty};
use care::phi::Phi;
use care::time::{TimeZone, Timestamp, minutes};
use mailer::Method;
use mailer::invitation::{Invitation, InvitationError, Party, Purpose, Sequence};
use proptest::prelude::*;

#[path = "invitations/reader.rs"]
mod reader;

use reader::{clock, entry, instant, parameter, read, text};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn party(name: &str, email: &str) -> Party {
    Party {
        name: Some(Phi::new(name.into())),
        email: Phi::new(email.into()),
    }
}

fn invitation(zone: &str, start: &str) -> Invitation {
    let start = at(start);
    Invitation {
        uid: "7b1c7f5e-0d0e-5f0a-9f60-0f4f2f6f0a11@care.example".into(),
        sequence: Sequence::from_revision(3),
        purpose: Purpose::Book,
        start,
        end: start + minutes(45),
        zone: TimeZone::get(zone).unwrap(),
        organizer: party("Eastside Care", "desk@care.example"),
        attendee: party("Mei Example, L.Ac.", "mei@harbour.example"),
        summary: "EA session".into(),
        location: Some("Harbour Acupuncture".into()),
        description: "Session ea-19b2. Details are in carebus.".into(),
        dtstamp: at("2026-06-01T14:00:00Z"),
    }
}

fn written(invitation: &Invitation) -> String {
    invitation.attachment().unwrap().ics
}

#[test]
fn times_survive_in_every_zone_and_season() {
    for (zone, start) in [
        ("America/Toronto", "2026-01-12T15:00:00Z"),
        ("America/Toronto", "2026-06-15T14:00:00Z"),
        ("America/Toronto", "2026-03-08T07:00:00Z"),
        ("America/Toronto", "2026-03-08T06:30:00Z"),
        ("America/Toronto", "2026-10-31T14:00:00Z"),
        ("America/Toronto", "2026-11-01T05:10:00Z"),
        ("Europe/Berlin", "2026-03-28T09:00:00Z"),
        ("Europe/Berlin", "2026-03-29T09:00:00Z"),
        ("Europe/Dublin", "2026-12-01T09:00:00Z"),
        ("Asia/Tokyo", "2026-06-15T01:00:00Z"),
        ("Asia/Kathmandu", "2026-06-15T01:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T01:00:00Z"),
        ("Etc/GMT+5", "2026-06-15T01:00:00Z"),
        ("UTC", "2026-06-15T14:00:00Z"),
        ("Etc/UTC", "2026-06-15T14:00:00Z"),
    ] {
        let invitation = invitation(zone, start);
        let ics = written(&invitation);
        let (calendar, event) = read(&ics);
        assert_eq!(
            instant(&calendar, entry(&event, &ICalendarProperty::Dtstart)),
            invitation.start,
            "{zone}\n{ics}"
        );
        assert_eq!(
            instant(&calendar, entry(&event, &ICalendarProperty::Dtend)),
            invitation.end,
            "{zone}\n{ics}"
        );
        let is_utc = zone.ends_with("UTC");
        assert_eq!(calendar.timezones().count(), usize::from(!is_utc), "{zone}");
        assert_eq!(ics.contains("DTSTART:20260615T140000Z"), is_utc);
        assert!(ics.contains("DTSTAMP:20260601T140000Z\r\n"));
    }
}

#[test]
fn an_event_over_the_change_of_clocks_ends_when_it_ends() {
    let mut invitation = invitation("America/Toronto", "2026-03-08T06:30:00Z");
    invitation.end = at("2026-03-08T07:30:00Z");
    let (calendar, event) = read(&written(&invitation));
    assert_eq!(
        clock(entry(&event, &ICalendarProperty::Dtend)).to_string(),
        "2026-03-08T03:30:00"
    );
    assert_eq!(
        instant(&calendar, entry(&event, &ICalendarProperty::Dtend)),
        invitation.end
    );
}

#[test]
fn the_second_pass_of_a_repeated_hour_is_written_in_utc() {
    let (first, second) = ("2026-11-01T05:10:00Z", "2026-11-01T06:10:00Z");
    assert!(written(&invitation("America/Toronto", first)).contains(":20261101T011000\r\n"));
    let ics = written(&invitation("America/Toronto", second));
    assert!(ics.contains("DTSTART:20261101T061000Z\r\n") && !ics.contains("VTIMEZONE"));
}

#[test]
fn the_method_and_the_status_follow_the_purpose() {
    for (purpose, method, status, answer) in [
        (Purpose::Book, "REQUEST", Some("CONFIRMED"), Some("RSVP=FALSE")),
        (Purpose::Propose, "REQUEST", Some("TENTATIVE"), Some("RSVP=TRUE")),
        (Purpose::Cancel, "CANCEL", Some("CANCELLED"), None),
        (Purpose::Withdraw, "CANCEL", None, None),
    ] {
        let invitation = Invitation {
            purpose,
            ..invitation("Europe/Berlin", "2026-06-15T14:00:00Z")
        };
        let attachment = invitation.attachment().unwrap();
        let (calendar, event) = read(&attachment.ics);
        assert_eq!(text(&calendar.components[0], &ICalendarProperty::Method), method);
        assert_eq!(attachment.method == Method::Cancel, method == "CANCEL");
        let found = event
            .entries
            .iter()
            .find(|it| it.name == ICalendarProperty::Status);
        assert_eq!(found.and_then(|it| it.values[0].as_text()), status);
        assert_eq!(attachment.ics.contains("RSVP="), answer.is_some());
        let unfolded = attachment.ics.replace("\r\n ", "");
        assert!(answer.is_none_or(|it| unfolded.contains(it)), "{unfolded}");
        assert_eq!(text(&event, &ICalendarProperty::Class), "PRIVATE");
        assert_eq!(
            entry(&event, &ICalendarProperty::Sequence).values[0].as_integer(),
            Some(3)
        );
        assert_eq!(event.uid(), Some(invitation.uid.as_str()));
    }
}

#[test]
fn the_bytes_are_pinned_and_the_same_each_time() {
    for (file, purpose, zone) in [
        ("booked.ics", Purpose::Book, "America/Toronto"),
        ("proposed-utc.ics", Purpose::Propose, "UTC"),
        ("cancelled.ics", Purpose::Cancel, "Asia/Tokyo"),
    ] {
        let invitation = Invitation {
            purpose,
            ..invitation(zone, "2026-06-15T14:00:00Z")
        };
        let ics = written(&invitation);
        assert_eq!(ics, written(&invitation.clone()));
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/invitations")
            .join(file);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &ics).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            expected == ics,
            "{file} differs; UPDATE_EXPECT=1 rewrites it. Now it is:\n{ics}"
        );
    }
}

#[test]
fn what_calendars_would_refuse_is_not_written() {
    let good = || invitation("UTC", "2026-06-15T14:00:00Z");
    let cases = [
        (
            Invitation {
                end: good().start,
                ..good()
            },
            InvitationError::EndsBeforeStart,
        ),
        (
            Invitation {
                uid: String::new(),
                ..good()
            },
            InvitationError::BadUid,
        ),
        (
            Invitation {
                uid: "a\r\nb".into(),
                ..good()
            },
            InvitationError::BadUid,
        ),
        (
            Invitation {
                organizer: party("x", "nobody"),
                ..good()
            },
            InvitationError::BadOrganizer,
        ),
        (
            Invitation {
                attendee: party("x", "a@b\r\nRCPT"),
                ..good()
            },
            InvitationError::BadAttendee,
        ),
    ];
    for (invitation, error) in cases {
        assert_eq!(invitation.attachment(), Err(error));
        assert!(!error.to_string().contains("nobody"));
    }
}

#[test]
fn a_sequence_rises_with_the_revision_and_fits_32_bits() {
    // Unix milliseconds of 2026-06-01, of one second later, and of 2087.
    let revisions = [
        0,
        1,
        3,
        2_147_483_647,
        1_780_272_000_000,
        1_780_272_001_000,
        3_692_217_600_000,
        u64::MAX,
    ];
    let sequences: Vec<_> = revisions.into_iter().map(Sequence::from_revision).collect();
    assert!(sequences[4] < sequences[5] && sequences[5] < sequences[6] && sequences[6] < sequences[7]);
    assert!(sequences[..4].is_sorted());
    let biggest = Invitation {
        sequence: sequences[7],
        ..invitation("UTC", "2026-06-15T14:00:00Z")
    };
    assert!(written(&biggest).contains("SEQUENCE:2147483647\r\n"));
}

/// Texts that try to end a line, a value, a parameter or a component.
const HOSTILE: &[&str] = &[
    "Lee\r\nATTENDEE:mailto:evil@evil.example",
    "a;b,c:d\"e\\n^n^'f",
    "\"quoted\"",
    "nul\0byte\u{7f}\u{85}",
    "\u{202E}evil\u{2066}",
    "ד״ר לוי",
    "BEGIN:VEVENT\nEND:VCALENDAR",
    "",
    "   ",
    "ß🦴老",
];

#[test]
fn hostile_texts_stay_in_their_place() {
    let long = "very long ".repeat(5_000);
    for hostile in HOSTILE.iter().copied().chain([long.as_str()]) {
        check_hostile(hostile);
    }
}

fn check_hostile(hostile: &str) {
    let mut invitation = invitation("Europe/Berlin", "2026-06-15T14:00:00Z");
    invitation.organizer.name = Some(Phi::new(hostile.into()));
    invitation.attendee.name = Some(Phi::new(hostile.into()));
    invitation.summary = hostile.into();
    invitation.location = Some(hostile.into());
    invitation.description = hostile.into();
    let ics = written(&invitation);
    assert!(
        ics.split("\r\n")
            .all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])),
        "{ics}"
    );
    assert!(!ics.replace("\r\n", "").chars().any(char::is_control));
    let (_, event) = read(&ics);
    let expected = mailer::clean::note(hostile);
    for property in [
        ICalendarProperty::Summary,
        ICalendarProperty::Location,
        ICalendarProperty::Description,
    ] {
        let found = entry(&event, &property)
            .values
            .first()
            .and_then(|it| it.as_text())
            .unwrap_or_default();
        assert_eq!(found, expected, "{property:?} of {hostile:?}");
    }
    for (property, address) in [
        (ICalendarProperty::Organizer, "desk@care.example"),
        (ICalendarProperty::Attendee, "mei@harbour.example"),
    ] {
        let entry = entry(&event, &property);
        assert_eq!(entry.calendar_address(), Some(address), "{hostile:?}");
        let name = mailer::clean::name(&hostile.replace('"', "'").replace(['^', '\\'], " "));
        assert_eq!(
            parameter(entry, &ICalendarParameterName::Cn).unwrap_or_default(),
            name,
            "{hostile:?}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_stays_in_its_place(hostile in "(?s).{0,120}|[\\\\\"^;:,\\r\\n =a]{0,60}") {
        check_hostile(&hostile);
    }

    #[test]
    fn any_time_in_any_zone_comes_back(
        second in 1_700_000_000i64..2_000_000_000,
        length in 1i64..600,
        zone in prop::sample::select(vec!["America/Toronto", "Europe/Berlin", "Asia/Tokyo", "Australia/Lord_Howe", "UTC"]),
    ) {
        let mut invitation = invitation(zone, "2026-06-15T14:00:00Z");
        invitation.start = Timestamp::new(second / 60 * 60, 0).unwrap();
        invitation.end = invitation.start + minutes(length);
        let (calendar, event) = read(&written(&invitation));
        for (property, expected) in
            [(ICalendarProperty::Dtstart, invitation.start), (ICalendarProperty::Dtend, invitation.end)]
        {
            let entry = entry(&event, &property);
            prop_assert_eq!(instant(&calendar, entry), expected, "{:?}", property);
        }
    }
}
