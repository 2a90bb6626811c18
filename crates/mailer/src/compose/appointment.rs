//! What a letter says of an EA session or an unprepared PT, and the invitation that goes with it.

use care::chart::{Session, SessionStatus, Step};
use care::fact::session::{Alternative, Booking, BookingStatus, Modality, SessionMark, Unprepared};
use care::id::derived;
use care::phi::Phi;
use care::time::Timestamp;
use care::{Chart, Policy};

use super::words::words;
use crate::invitation::{Invitation, Party, Purpose, Sequence};
use crate::letter;
use crate::mail::Attachment;
use crate::occasion::{Matter, Occasion, worth_telling};
use crate::recipient::Recipient;

/// A move is one for those only who know the time before it.
pub(super) fn ea_change(session: &Session, knows: bool) -> letter::SessionChange {
    let steps: Vec<&Step> = worth_telling(session).into_iter().map(|(_, step)| step).collect();
    let why = |m: &SessionMark| words(m.reason.as_deref().unwrap_or("no reason was given"));
    let proposed = session.status() == SessionStatus::Proposed;
    match steps.last() {
        Some(Step::Moved(now)) if knows => {
            let before = steps
                .iter()
                .rev()
                .skip(1)
                .find_map(|s| s.booking())
                .map_or(now.start, |b| b.start);
            letter::SessionChange::Moved {
                from: before,
                because: None,
                proposed,
            }
        }
        Some(Step::Cancelled(mark)) => letter::SessionChange::Cancelled { because: why(mark) },
        Some(Step::Held(mark)) => letter::SessionChange::Held { because: why(mark) },
        Some(Step::Released(_)) => letter::SessionChange::Released,
        _ => letter::SessionChange::Booked { proposed },
    }
}

pub(super) fn ea(
    chart: &Chart,
    id: &str,
    session: &Session,
    change: letter::SessionChange,
) -> letter::Session {
    let prepares = session.prepares().iter().filter_map(|pt| {
        let pt = chart.sessions.get(pt)?;
        Some(letter::Prepares {
            pt_start: pt.start()?,
            clinic: pt.clinic().map(ToString::to_string).unwrap_or_default(),
        })
    });
    letter::Session {
        session_id: id.to_owned(),
        stay: letter::Stay {
            start: session.start().unwrap_or_default(),
            end: session.end().unwrap_or_default(),
            clinic: session.clinic().map(ToString::to_string).unwrap_or_default(),
            practitioner: None,
        },
        prepares: prepares.collect(),
        change,
    }
}

pub(super) fn unprepared(said: &Unprepared, session: &Session) -> letter::Unprepared {
    let alternative = |a: &Alternative| letter::Alternative {
        moves: match a.modality {
            Modality::Pt => letter::Move::Pt {
                ea_start: ea_start(a),
            },
            Modality::Ea | Modality::Acupuncture => letter::Move::Ea,
        },
        start: a.start,
        end: a.end,
        breaks: a.breaks.iter().map(|b| words(b)).collect(),
    };
    letter::Unprepared {
        session_id: said.session_id.to_string(),
        pt_start: session.start().unwrap_or_default(),
        clinic: session.clinic().map(ToString::to_string).unwrap_or_default(),
        reasons: said
            .reasons
            .iter()
            .map(|r| format!("{}: {}", words(&r.constraint), r.detail))
            .collect(),
        alternatives: said.alternatives.iter().map(alternative).collect(),
    }
}

/// The start of the EA that would prepare a PT at another time: its gap is told in hours.
fn ea_start(a: &Alternative) -> Timestamp {
    let hours: f64 = a.gap_hours.parse().unwrap_or(48.0);
    #[expect(clippy::cast_possible_truncation, reason = "a gap of some days in minutes")]
    let minutes = (hours * 60.0).round() as i64;
    a.start
        .saturating_sub(care::time::minutes(minutes))
        .unwrap_or(a.start)
}

pub(super) fn invitation(
    chart: &Chart,
    policy: &Policy,
    to: &Recipient,
    occasion: &Occasion<'_>,
) -> Option<Attachment> {
    let (id, session, withdrawn) = match &occasion.matter {
        Matter::Ea(id, session) => (id, session, false),
        Matter::Withdrawn(id, session) => (id, session, true),
        _ => return None,
    };
    if !to.instead_of.is_empty() {
        // Told in somebody's place: it is not their appointment.
        return None;
    }
    let booking: &Booking = session.booking()?;
    let purpose = match session.status() {
        _ if withdrawn => Purpose::Withdraw,
        SessionStatus::Cancelled | SessionStatus::Declined => Purpose::Cancel,
        SessionStatus::Held | SessionStatus::Proposed => Purpose::Propose,
        _ if booking.status == BookingStatus::Proposed && session.status() != SessionStatus::Booked => {
            Purpose::Propose
        }
        _ => Purpose::Book,
    };
    let summary = match session.status() {
        SessionStatus::Held => "EA session (on hold)",
        SessionStatus::Proposed => "EA session (proposed)",
        _ => "EA session",
    };
    let invitation = Invitation {
        uid: format!(
            "{}@{}",
            derived(&["appointment", chart.patient.as_str(), id.as_str()]),
            policy.mail.domain
        ),
        sequence: Sequence::from_revision(session.revision()),
        purpose,
        start: booking.start,
        end: booking.end,
        zone: chart.zone(),
        organizer: Party {
            name: Some(Phi::new(policy.mail.from_name.clone())),
            email: Phi::new(policy.mail.from.clone()),
        },
        attendee: Party {
            name: to.name.clone(),
            email: to.email.clone(),
        },
        summary: summary.to_owned(),
        location: session.clinic().map(ToString::to_string),
        description: "Details are in the mail that came with this invitation.".to_owned(),
        dtstamp: occasion.stamp.time,
    };
    // An address that calendars refuse: the letter alone still says when and where.
    invitation.attachment().ok()
}
