//! A letter about a practitioner: the alerts of one reader, nothing of any patient.

use care::Policy;
use care::id::{PractitionerId, derived};
use care::phi::Phi;
use care::time::Timestamp;

use super::{Parcel, alert, disclosure, envelope};
use crate::letter::{self, About, Letter, Reader, Rendered};
use crate::mail::Mail;
use crate::occasion::{Matter, Occasion};
use crate::recipient::Recipient;
use crate::wording::Wording;

/// The mail; `None` if there is nothing to say.
pub(crate) fn compose_about_practitioner(
    id: &PractitionerId,
    policy: &Policy,
    wording: &Wording,
    parcel: &Parcel<'_>,
    now: Timestamp,
) -> Option<Mail> {
    let mut notices = parcel.occasions.iter().filter_map(|o| notice(o, parcel.to));
    let letter = Letter {
        about: About::Practitioner { id: id.to_string() },
        reader: Reader {
            role: parcel.to.role.clone(),
            zone: parcel.to.zone.clone(),
        },
        disclosure: disclosure(policy, parcel.to),
        first: notices.next()?,
        more: notices.collect(),
        possible_repeat: parcel.possible_repeat,
        as_of: parcel.as_of(None),
        undeliverable_roles: alert::roles(&parcel.to.instead_of),
        link: None,
    };
    // A broken template is a defect that tests catch; should one slip through, people are told all the same.
    let rendered = wording
        .render(&letter, &wording.look(policy))
        .unwrap_or_else(|_| unadorned(id));
    let thread = derived(&["thread", "practitioner", id.as_str()]).to_string();
    let (notice_id, attempt) = (&parcel.notice_id, parcel.attempt);
    Some(Mail {
        urgent: parcel.occasions.iter().any(|o| o.severity.is_immediate()),
        ..envelope(policy, parcel.to, notice_id, attempt, &thread, rendered, now)
    })
}

fn notice(occasion: &Occasion<'_>, to: &Recipient) -> Option<letter::Notice> {
    Some(match &occasion.matter {
        Matter::Raised(raised) => letter::Notice::Alert(alert::raised(raised, occasion, &to.zone)),
        Matter::Escalated(of, raised, step) => {
            letter::Notice::AlertUpdate(alert::escalated(of, raised, *step, occasion))
        }
        Matter::Resolved(of, raised) => letter::Notice::AlertUpdate(alert::resolved(of, raised, occasion)),
        _ => return None,
    })
}

/// What goes out when a letter cannot be rendered: that something waits, and where to look.
fn unadorned(id: &PractitionerId) -> Rendered {
    let text = format!("Something about practitioner {id} needs you. Look at it: carebus alerts");
    Rendered {
        subject: format!("Something needs you - practitioner {id}"),
        // An id holds no character that HTML would have to escape.
        html: Phi::new(format!("<p>{text}</p>")),
        text: Phi::new(text),
        images: Vec::new(),
    }
}
