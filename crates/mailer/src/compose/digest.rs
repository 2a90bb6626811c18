//! From the items of a digest to a finished mail.

use care::Policy;
use care::id::{MemberId, derived};
use care::time::Timestamp;

use super::{alert, disclosure, envelope};
use crate::digest::Item;
use crate::letter::{About, Digest, DigestLine, DigestPatient, Reader};
use crate::mail::Mail;
use crate::occasion::Matter;
use crate::recipient::Recipient;
use crate::wording::Wording;

/// One digest, and which try it is.
pub(crate) struct DigestParcel<'a> {
    pub(crate) notice_id: String,
    pub(crate) attempt: u32,
    pub(crate) to: &'a Recipient,
    /// By patient.
    pub(crate) items: Vec<Item<'a>>,
    pub(crate) possible_repeat: bool,
}

/// The mail; `None` if there is nothing left to say.
pub(crate) fn compose_digest(
    member: &MemberId,
    policy: &Policy,
    wording: &Wording,
    parcel: &DigestParcel<'_>,
    now: Timestamp,
) -> Option<Mail> {
    let digest = Digest {
        reader: Reader {
            role: parcel.to.role.clone(),
            zone: parcel.to.zone.clone(),
        },
        disclosure: disclosure(policy, parcel.to),
        patients: patients(parcel),
        possible_repeat: parcel.possible_repeat,
        undeliverable_roles: undeliverable(parcel),
        link: None,
    };
    let rendered = wording.render_digest(&digest, &wording.look(policy)).ok()?;
    let thread = derived(&["digests", member.as_str()]);
    let (id, attempt) = (&parcel.notice_id, parcel.attempt);
    Some(envelope(
        policy,
        parcel.to,
        id,
        attempt,
        &thread.to_string(),
        rendered,
        now,
    ))
}

fn patients(parcel: &DigestParcel<'_>) -> Vec<DigestPatient> {
    let mut patients: Vec<DigestPatient> = Vec::new();
    for item in &parcel.items {
        let Matter::Raised(raised) = &item.occasion.matter else {
            continue;
        };
        let line = DigestLine {
            alert: alert::raised(raised, &item.occasion, &parcel.to.zone),
            since: item.since,
        };
        let id = item.chart.patient.to_string();
        match patients.last_mut().filter(|last| last.about.is_patient(&id)) {
            Some(last) => last.lines.push(line),
            None => patients.push(DigestPatient {
                about: About::Patient {
                    id,
                    their_ref: item.to.patient_ref.clone(),
                    name: None,
                },
                lines: vec![line],
            }),
        }
    }
    patients
}

fn undeliverable(parcel: &DigestParcel<'_>) -> Vec<String> {
    let mut roles: Vec<_> = parcel
        .items
        .iter()
        .flat_map(|i| &i.to.instead_of)
        .copied()
        .collect();
    roles.sort();
    roles.dedup();
    alert::roles(&roles)
}
