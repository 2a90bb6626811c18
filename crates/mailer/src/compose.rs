//! From occasions to a finished mail: the letter's notices, the invitation, the stable ids.

mod alert;
mod appointment;
mod digest;
mod practitioner;
mod record;
mod words;

use care::chart::Reminder;
use care::id::derived;
use care::phi::Phi;
use care::policy::Disclosure as Level;
use care::time::Timestamp;
use care::{Chart, Policy};

use crate::letter::{self, About, Disclosure, Letter, Reader, Rendered};
use crate::mail::Mail;
use crate::occasion::{Matter, Occasion, invited, window};
use crate::recipient::Recipient;
use crate::wording::Wording;
use appointment::{ea, ea_change, invitation, unprepared};
pub(crate) use digest::{DigestParcel, compose_digest};
pub(crate) use practitioner::compose_about_practitioner;
pub(crate) use record::{LogParcel, compose_about_the_log};

/// What one mail tells whom, and which try it is.
pub(crate) struct Parcel<'a> {
    pub(crate) notice_id: String,
    pub(crate) attempt: u32,
    pub(crate) to: &'a Recipient,
    pub(crate) occasions: Vec<&'a Occasion<'a>>,
    pub(crate) possible_repeat: bool,
    /// The clock is in doubt: the letter says how old its grounds are.
    pub(crate) is_in_doubt: bool,
}

impl Parcel<'_> {
    /// When the newest of what it rests on happened, if the letter has to say so: for an alert the facts that led to
    /// it, because its own time is by the clock that is in doubt.
    pub(crate) fn as_of(&self, chart: Option<&Chart>) -> Option<Timestamp> {
        let grounds = |o: &&Occasion<'_>| {
            let (Matter::Raised(raised) | Matter::Escalated(_, raised, _)) = &o.matter else {
                return o.stamp.time;
            };
            let taken = chart.into_iter().flat_map(|c| c.assessments.values());
            let because = taken.filter(|taken| raised.because.contains(&taken.stamp.id));
            because
                .map(|taken| taken.stamp.time)
                .max()
                .unwrap_or(o.stamp.time)
        };
        self.occasions
            .iter()
            .map(grounds)
            .max()
            .filter(|_| self.is_in_doubt)
    }
}

/// `Message-ID` of a notice: the same for every try.
pub(crate) fn message_id(notice_id: &str, policy: &Policy) -> String {
    format!("{notice_id}@{}", policy.mail.domain)
}

/// The mail; `None` if there is nothing left to say.
pub(crate) fn compose(
    chart: &Chart,
    policy: &Policy,
    wording: &Wording,
    parcel: &Parcel<'_>,
    now: Timestamp,
) -> Option<Mail> {
    let mut notices = parcel
        .occasions
        .iter()
        .map(|o| notice(chart, policy, wording, parcel.to, o));
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
        as_of: parcel.as_of(Some(chart)),
        undeliverable_roles: alert::roles(&parcel.to.instead_of),
        link: None,
    };
    // A broken template is a defect that tests catch; should one slip through, people are told all the same.
    let rendered = wording
        .render(&letter, &wording.look(policy))
        .unwrap_or_else(|_| unadorned(chart));
    let thread = derived(&["thread", chart.patient.as_str()]);
    let (id, attempt) = (&parcel.notice_id, parcel.attempt);
    Some(Mail {
        invitation: parcel
            .occasions
            .iter()
            .find_map(|o| invitation(chart, policy, parcel.to, o)),
        urgent: parcel.occasions.iter().any(|o| o.severity.is_immediate()),
        ..envelope(policy, parcel.to, id, attempt, &thread.to_string(), rendered, now)
    })
}

/// A routine mail without an invitation.
fn envelope(
    policy: &Policy,
    to: &Recipient,
    notice_id: &str,
    attempt: u32,
    thread: &str,
    rendered: Rendered,
    now: Timestamp,
) -> Mail {
    Mail {
        message_id: message_id(notice_id, policy),
        notice_id: notice_id.to_owned(),
        thread_root: Some(format!("{thread}@{}", policy.mail.domain)),
        to_name: to.name.clone(),
        to: to.email.clone(),
        from_name: policy.mail.from_name.clone(),
        from: policy.mail.from.clone(),
        reply_to: reply_to(policy),
        date: now,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        images: rendered.images,
        invitation: None,
        urgent: false,
        attempt,
    }
}

fn reply_to(policy: &Policy) -> Option<String> {
    Some(policy.mail.reply_to.clone()).filter(|r| !r.is_empty())
}

/// What goes out when a letter cannot be rendered: that something waits, and where to look.
fn unadorned(chart: &Chart) -> Rendered {
    let text = format!(
        "Something about patient {0} needs you. Look at it: carebus chart {0}",
        chart.patient
    );
    Rendered {
        subject: format!("Something needs you - patient {}", chart.patient),
        // An id holds no character that HTML would have to escape.
        html: Phi::new(format!("<p>{text}</p>")),
        text: Phi::new(text),
        images: Vec::new(),
    }
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

fn notice(
    chart: &Chart,
    policy: &Policy,
    wording: &Wording,
    to: &Recipient,
    occasion: &Occasion<'_>,
) -> letter::Notice {
    match &occasion.matter {
        Matter::Raised(raised) => {
            let advice = wording.advice(&raised.rule).map(str::to_owned);
            let alert = alert::raised(raised, occasion, &to.zone);
            letter::Notice::Alert(letter::Alert { advice, ..alert })
        }
        Matter::Escalated(of, raised, step) => {
            letter::Notice::AlertUpdate(alert::escalated(of, raised, *step, occasion))
        }
        Matter::Resolved(of, raised) => letter::Notice::AlertUpdate(alert::resolved(of, raised, occasion)),
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
        Matter::Report(report) => letter::Notice::Report(Box::new((*report).clone())),
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
