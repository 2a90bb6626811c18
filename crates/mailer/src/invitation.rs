//! One appointment for one person as an iCalendar object: booked, moved or cancelled (RFC 5545, 5546, 6047).

mod lines;
mod zone;

use care::phi::Phi;
use care::time::{TimeZone, Timestamp};
use icalendar::Property;

use crate::clean;
use crate::mail::{Attachment, Method};

/// An appointment of one attendee. A pure value; [`Invitation::attachment`] writes it.
///
/// It has no field for a patient, and its texts must not name one: calendars sync to phones and lock screens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Identity of the appointment for its whole life; a move never mints another one.
    pub uid: String,
    /// The session's own counter, never the mailer's.
    pub sequence: Sequence,
    /// What the attendee's calendar should do.
    pub purpose: Purpose,
    /// Start of the appointment.
    pub start: Timestamp,
    /// End of the appointment, after `start`.
    pub end: Timestamp,
    /// Zone in which the appointment is meant: the clinic's.
    pub zone: TimeZone,
    /// Who answers for the appointment.
    pub organizer: Party,
    /// Whose calendar it is for.
    pub attendee: Party,
    /// Title, without patient or diagnosis.
    pub summary: String,
    /// Place, without patient or diagnosis.
    pub location: Option<String>,
    /// What the attendee should know, without patient or diagnosis; at most [`clean::NOTE_MAX`] characters.
    pub description: String,
    /// When this message was decided on: orders messages of equal `sequence`.
    pub dtstamp: Timestamp,
}

/// A person of an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Display name; cleaned when written.
    pub name: Option<Phi<String>>,
    /// Mail address.
    pub email: Phi<String>,
}

/// `METHOD` and `STATUS` together, so that they cannot contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Booked or moved: `REQUEST`, `CONFIRMED`, no answer asked for.
    Book,
    /// Proposed: `REQUEST`, `TENTATIVE`, an answer asked for.
    Propose,
    /// The appointment is off for everybody: `CANCEL`, `CANCELLED`.
    Cancel,
    /// Only this attendee is no longer part of it (RFC 5546 3.2.5: `CANCEL` without `STATUS`).
    Withdraw,
}

impl Purpose {
    /// The iTIP method.
    #[must_use]
    pub const fn method(self) -> Method {
        match self {
            Self::Book | Self::Propose => Method::Request,
            Self::Cancel | Self::Withdraw => Method::Cancel,
        }
    }

    const fn status(self) -> Option<&'static str> {
        match self {
            Self::Book => Some("CONFIRMED"),
            Self::Propose => Some("TENTATIVE"),
            Self::Cancel => Some("CANCELLED"),
            Self::Withdraw => None,
        }
    }
}

/// `SEQUENCE`, 0..=2^31-1 as RFC 5545 3.3.8 bounds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sequence(u32);

impl Sequence {
    /// From a session's revision, rising with it.
    ///
    /// A counter is taken as it is. Where the owner sets no revision, unix milliseconds stand in for
    /// it; they do not fit, so they become seconds since 2020 (which last until 2088): changes within
    /// one second then share a number and are ordered by `DTSTAMP`.
    #[must_use]
    pub fn from_revision(revision: u64) -> Self {
        const LARGEST: u32 = i32::MAX as u32;
        /// 2020-01-01T00:00:00Z: 18 262 days after the epoch.
        const EPOCH_S: u64 = 18_262 * 86_400;
        let small = if revision <= u64::from(LARGEST) {
            revision
        } else {
            (revision / 1000).saturating_sub(EPOCH_S)
        };
        Self(u32::try_from(small).map_or(LARGEST, |n| n.min(LARGEST)))
    }
}

/// Why an invitation cannot be written. It never shows the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// `end` is not after `start`.
    #[error("the appointment does not end after it starts")]
    EndsBeforeStart,
    /// The identity is empty or changes when cleaned: it would not be the same in the next message.
    #[error("the appointment's uid is empty or holds characters that cannot be sent")]
    BadUid,
    /// The organizer's address is none.
    #[error("the organizer's address is not a mail address")]
    BadOrganizer,
    /// The attendee's address is none.
    #[error("the attendee's address is not a mail address")]
    BadAttendee,
}

impl Invitation {
    /// The iCalendar object, ready to travel with a mail: the same bytes for the same value.
    ///
    /// # Errors
    /// What would make calendars refuse or misread it, see [`InvitationError`].
    pub fn attachment(&self) -> Result<Attachment, InvitationError> {
        if self.end <= self.start {
            return Err(InvitationError::EndsBeforeStart);
        }
        if self.uid.is_empty() || clean::line(&self.uid, clean::NOTE_MAX) != self.uid {
            return Err(InvitationError::BadUid);
        }
        let method = self.purpose.method();
        let head = [
            Property::new("VERSION", "2.0"),
            Property::new("PRODID", "-//carebus//carebus//EN"),
            Property::new("CALSCALE", "GREGORIAN"),
            Property::new(
                "METHOD",
                match method {
                    Method::Request => "REQUEST",
                    Method::Cancel => "CANCEL",
                },
            ),
        ];
        let zone = zone::Zone::around(&self.zone, self.start, self.end);
        let event = lines::component("VEVENT", &self.event(&zone)?, "");
        let body = format!("{}{event}", zone.definition());
        Ok(Attachment {
            method,
            ics: lines::component("VCALENDAR", &head, &body),
        })
    }

    fn event(&self, zone: &zone::Zone<'_>) -> Result<Vec<Property>, InvitationError> {
        let mut lines = vec![
            Property::new("UID", self.uid.as_str()),
            Property::new("SEQUENCE", self.sequence.0.to_string()),
            Property::new("DTSTAMP", zone::utc(self.dtstamp)),
            zone.time("DTSTART", self.start),
            zone.time("DTEND", self.end),
            self.organizer
                .line("ORGANIZER")
                .ok_or(InvitationError::BadOrganizer)?,
            self.attendee_line().ok_or(InvitationError::BadAttendee)?,
        ];
        lines.extend(
            self.purpose
                .status()
                .map(|status| Property::new("STATUS", status)),
        );
        lines.push(Property::new("SUMMARY", clean::note(&self.summary)));
        lines.extend(
            self.location
                .iter()
                .map(|place| Property::new("LOCATION", clean::note(place))),
        );
        lines.push(Property::new("DESCRIPTION", clean::note(&self.description)));
        lines.push(Property::new("CLASS", "PRIVATE"));
        lines.push(Property::new("TRANSP", "OPAQUE"));
        Ok(lines)
    }

    fn attendee_line(&self) -> Option<Property> {
        let mut line = self.attendee.line("ATTENDEE")?;
        line.add_parameter("CUTYPE", "INDIVIDUAL")
            .add_parameter("ROLE", "REQ-PARTICIPANT");
        if self.purpose.method() == Method::Request {
            let answer = if self.purpose == Purpose::Propose {
                "TRUE"
            } else {
                "FALSE"
            };
            line.add_parameter("PARTSTAT", "NEEDS-ACTION")
                .add_parameter("RSVP", answer);
        }
        Some(line)
    }
}

impl Party {
    /// `None` if the address cannot be written as a `mailto:` URI.
    fn line(&self, key: &str) -> Option<Property> {
        let mut line = Property::new(key, lines::mailto(self.email.expose())?);
        let name = self
            .name
            .as_ref()
            .map(|name| lines::common_name(name.expose()))
            .unwrap_or_default();
        if !name.is_empty() {
            line.add_parameter("CN", &name);
        }
        Some(line)
    }
}
