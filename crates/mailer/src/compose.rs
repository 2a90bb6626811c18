//! From occasions to a finished mail: the letter's notices, the invitation, the stable ids.

use care::chart::{Reminder, Session, SessionStatus, Step};
use care::fact::ours::{Action, AlertRaised};
use care::fact::session::{Booking, BookingStatus, Modality, Unprepared};
use care::id::derived;
use care::phi::Phi;
use care::policy::Disclosure as Level;
use care::time::{TimeZone, Timestamp};
use care::{Chart, Policy};

use crate::invitation::{Invitation, Party, Purpose, Sequence};
use crate::letter::{self, About, Disclosure, Letter, Look, Reader};
use crate::mail::{Attachment, Mail};
use crate::occasion::{Matter, Occasion, invited, window, worth_telling};
use crate::recipient::Recipient;

/// What one mail tells whom, and which try it is.
pub(crate) struct Parcel<'a> {
    pub(crate) notice_id: String,
    pub(crate) attempt: u32,
    pub(crate) to: &'a Recipient,
    pub(crate) occasions: Vec<&'a Occasion<'a>>,
    pub(crate) possible_repeat: bool,
}

/// `Message-ID` of a notice: the same for every try.
pub(crate) fn message_id(notice_id: &str, policy: &Policy) -> String {
    format!("{notice_id}@{}", policy.mail.domain)
}

/// The mail; `None` if there is nothing left to say.
pub(crate) fn compose(chart: &Chart, policy: &Policy, parcel: &Parcel<'_>, now: Timestamp) -> Option<Mail> {
    let mut notices = parcel
        .occasions
        .iter()
        .map(|o| notice(chart, policy, parcel.to, o));
    let letter = Letter {
        about: About::Patient {
            id: chart.patient.to_string(),
            their_ref: parcel.to.patient_ref.clone(),
            name: None,
        },
        reader: Reader {
            role: parcel.to.role.clone(),
            zone: parcel.to.zone.clone(),
        },
        disclosure: disclosure(policy, parcel.to),
        first: notices.next()?,
        more: notices.collect(),
        possible_repeat: parcel.possible_repeat,
        undeliverable_roles: occasion_roles(&parcel.to.instead_of),
        link: None,
    };
    let reply_to = Some(policy.mail.reply_to.clone()).filter(|r| !r.is_empty());
    let look = Look {
        organisation: policy.mail.from_name.clone(),
        replies_reach: reply_to.as_ref().map(|_| "the care coordination desk".to_owned()),
    };
    // A template that cannot be rendered is a defect that tests catch: the words alone still go out.
    let rendered = letter::render(&letter, &look).ok()?;
    let urgent = parcel.occasions.iter().any(|o| o.severity.is_immediate());
    Some(Mail {
        message_id: message_id(&parcel.notice_id, policy),
        notice_id: parcel.notice_id.clone(),
        thread_root: Some(format!(
            "{}@{}",
            derived(&["thread", chart.patient.as_str()]),
            policy.mail.domain
        )),
        to_name: parcel.to.name.clone(),
        to: parcel.to.email.clone(),
        from_name: policy.mail.from_name.clone(),
        from: policy.mail.from.clone(),
        reply_to,
        date: now,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        invitation: parcel
            .occasions
            .iter()
            .find_map(|o| invitation(chart, policy, parcel.to, o)),
        urgent,
        attempt: parcel.attempt,
    })
}

/// Names go to allowed domains only; the carrier sees to TLS.
fn disclosure(policy: &Policy, to: &Recipient) -> Disclosure {
    match policy.mail.disclosure {
        Level::LinkOnly => Disclosure::LinkOnly,
        Level::Pseudonymous => Disclosure::Pseudonymous,
        Level::Identified => {
            let domain = to
                .email
                .expose()
                .rsplit_once('@')
                .map(|(_, d)| d.to_ascii_lowercase());
            let allowed = domain.is_some_and(|d| {
                policy
                    .mail
                    .allowed_domains
                    .iter()
                    .any(|a| a.eq_ignore_ascii_case(&d))
            });
            if allowed {
                Disclosure::Identified
            } else {
                Disclosure::Pseudonymous
            }
        }
    }
}

fn notice(chart: &Chart, policy: &Policy, to: &Recipient, occasion: &Occasion<'_>) -> letter::Notice {
    match &occasion.matter {
        Matter::Raised(raised) => letter::Notice::Alert(alert(raised, occasion, &to.zone)),
        Matter::Escalated(alert, raised, step) => {
            let because = alert.escalated.get(step).map_or("", |(_, e)| e.reason.as_str());
            let told = occasion_roles(
                alert
                    .escalated
                    .get(step)
                    .map(|(_, e)| e.roles.as_slice())
                    .unwrap_or_default(),
            );
            let change = letter::AlertChange::Escalated {
                because: words(because),
                told,
            };
            letter::Notice::AlertUpdate(update(raised, occasion, change))
        }
        Matter::Resolved(alert, raised) => {
            let change = match &alert.resolved {
                Some((_, by)) if by.outcome != RETRACTED => letter::AlertChange::Resolved {
                    outcome: words(&by.outcome),
                    by: who(by),
                    note: by.note.clone(),
                },
                _ => letter::AlertChange::Retracted {
                    because: "what it rested on was taken back".to_owned(),
                },
            };
            letter::Notice::AlertUpdate(update(raised, occasion, change))
        }
        Matter::Ea(id, session) => {
            let knows = invited(chart, id).contains(&to.member);
            letter::Notice::Session(ea(chart, id.as_str(), session, ea_change(session, knows)))
        }
        Matter::Withdrawn(id, session) => {
            let because = "another practitioner has it now".to_owned();
            letter::Notice::Session(ea(
                chart,
                id.as_str(),
                session,
                letter::SessionChange::Cancelled { because },
            ))
        }
        Matter::Unprepared(said, session) => letter::Notice::Unprepared(unprepared(said, session)),
        Matter::Oswestry(which, reminder) => {
            let (opens_on, closes_on) = window(chart, policy, reminder.due_on);
            let state = match which {
                Reminder::Overdue(step) => letter::OswestryState::Overdue {
                    step: u32::from(*step),
                },
                Reminder::Due | Reminder::Missed => letter::OswestryState::Due,
            };
            letter::Notice::Oswestry(letter::Oswestry {
                due_on: reminder.due_on,
                k: reminder.k,
                opens_on,
                closes_on,
                state,
            })
        }
    }
}

/// Outcome of an alert whose ground was taken back.
const RETRACTED: &str = "retracted";

/// Who ended an alert: a role and an opaque id, or carebus.
fn who(by: &care::fact::ours::AlertResolved) -> String {
    match &by.by.member_id {
        Some(member) => member.to_string(),
        None if by.by.role == care::role::Actor::Carebus => {
            "carebus, because it is no longer the case".to_owned()
        }
        None => "a member of the team".to_owned(),
    }
}

fn occasion_roles(roles: &[care::role::Role]) -> Vec<String> {
    roles.iter().map(|r| r.code().to_owned()).collect()
}

fn reference(raised: &AlertRaised, occasion: &Occasion<'_>) -> letter::AlertRef {
    letter::AlertRef {
        alert_id: raised.alert_id.to_string(),
        title: raised.title.clone(),
        severity: occasion.severity.max(raised.severity),
    }
}

fn update(raised: &AlertRaised, occasion: &Occasion<'_>, change: letter::AlertChange) -> letter::AlertUpdate {
    let alert = letter::AlertRef {
        severity: raised.severity,
        ..reference(raised, occasion)
    };
    letter::AlertUpdate {
        alert,
        at: occasion.stamp.time,
        change,
    }
}

fn alert(raised: &AlertRaised, occasion: &Occasion<'_>, zone: &TimeZone) -> letter::Alert {
    let first = raised
        .actions
        .iter()
        .find(|a| !a.is_hold() && a.what != Action::ADVISE_PT_HOLD);
    let fact = |(label, value): (&String, &String)| letter::Fact {
        label: words(label),
        value: readable(value, zone),
        unit: None,
        at: None,
    };
    let limits: Vec<String> = raised
        .threshold
        .iter()
        .map(|(k, v)| format!("{}: {v}", words(k)))
        .collect();
    letter::Alert {
        alert: reference(raised, occasion),
        first: first.map_or_else(
            || "Look at the chart and decide what to do.".to_owned(),
            |a| sentence(&a.what),
        ),
        happened: raised.values.iter().map(fact).collect(),
        threshold: (!limits.is_empty()).then(|| letter::Threshold {
            limit: limits.join("; "),
            source: "policy of this organisation".to_owned(),
        }),
        evidence: raised.evidence,
        holds: raised.actions.iter().filter_map(hold).collect(),
        told: occasion_roles(&raised.roles),
        raised_at: occasion.stamp.time,
    }
}

fn hold(action: &Action) -> Option<String> {
    let zones: Vec<&str> = action.zones.iter().map(|z| z.code()).collect();
    let place = if zones.is_empty() {
        String::new()
    } else {
        format!(" that use {} points", words(&zones.join(" or ")))
    };
    match action.what.as_str() {
        Action::HOLD_EA => Some(format!("EA sessions{place}")),
        Action::HOLD_ELECTRO => Some(format!("electrical stimulation in sessions{place}")),
        Action::ADVISE_PT_HOLD => Some("PT: a hold is advised; carebus changes no PT booking".to_owned()),
        _ => None,
    }
}

/// A move is one for those only who know the time before it.
fn ea_change(session: &Session, knows: bool) -> letter::SessionChange {
    let steps: Vec<&Step> = worth_telling(session).into_iter().map(|(_, step)| step).collect();
    let why =
        |m: &care::fact::session::SessionMark| words(m.reason.as_deref().unwrap_or("no reason was given"));
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

fn ea(chart: &Chart, id: &str, session: &Session, change: letter::SessionChange) -> letter::Session {
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

fn unprepared(said: &Unprepared, session: &Session) -> letter::Unprepared {
    let alternative = |a: &care::fact::session::Alternative| letter::Alternative {
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
fn ea_start(a: &care::fact::session::Alternative) -> Timestamp {
    let hours: f64 = a.gap_hours.parse().unwrap_or(48.0);
    #[expect(clippy::cast_possible_truncation, reason = "a gap of some days in minutes")]
    let minutes = (hours * 60.0).round() as i64;
    a.start
        .saturating_sub(care::time::minutes(minutes))
        .unwrap_or(a.start)
}

fn invitation(chart: &Chart, policy: &Policy, to: &Recipient, occasion: &Occasion<'_>) -> Option<Attachment> {
    let (id, session, withdrawn) = match &occasion.matter {
        Matter::Ea(id, session) => (id, session, false),
        Matter::Withdrawn(id, session) => (id, session, true),
        _ => return None,
    };
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

/// A value of an alert as its reader reads it: instants on the reader's clock, codes as words.
fn readable(value: &str, zone: &TimeZone) -> String {
    if let Ok(at) = value.parse::<Timestamp>() {
        return at
            .to_zoned(zone.clone())
            .strftime("%a %d %B %Y, %H:%M %Z")
            .to_string();
    }
    value
        .split(", ")
        .map(|part| {
            if is_code(part) {
                words(part)
            } else {
                part.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// `saddle_sensory_change`: lower-case letters in groups.
fn is_code(text: &str) -> bool {
    text.contains('_') && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// `no-change-below_percent` as people write it.
fn words(code: &str) -> String {
    code.replace(['-', '_'], " ")
}

fn sentence(code: &str) -> String {
    let text = words(code);
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
