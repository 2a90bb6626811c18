//! Taking a patient out of the streams, byte by byte.
//!
//! A purge by subject hides messages and leaves their bytes in the server's files, also over a restart (seen with
//! 2.15.1). So every message is deleted by itself, which overwrites it where it lies. What the server replaced or
//! dropped by itself before (an older state of a feed's entry) nobody can name any more: it is overwritten when the
//! server compacts the file.

use async_nats::jetstream::ErrorCode;
use care::About;
use care::feed::FeedEntry;
use care::id::{OrgId, PatientId};
use serde::{Deserialize, Serialize};

use crate::append::Expect;
use crate::export::until;
use crate::message::{Received, get_next};
use crate::streams::{clinic_stream, log_stream, quarantine_stream};
use crate::{BusError, Connection, Reader, api, quarantine};

/// What the streams hold of one patient, as sequences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Of the log, all about the patient but the newest tombstone.
    pub facts: Vec<u64>,
    /// The newest tombstone of the log.
    pub tombstone: Option<u64>,
    /// Of the quarantine, what came on the patient's subjects.
    pub quarantine: Vec<u64>,
    /// Of the clinics' feeds.
    pub feed: Vec<u64>,
}

impl Held {
    /// Facts that no tombstone stands for: none is needed if there are none.
    #[must_use]
    pub fn unmarked(&self) -> usize {
        let since = self.tombstone.unwrap_or(0);
        // A tombstone that a newer one replaces goes with the rest.
        let late = self.facts.iter().filter(|at| **at > since).count();
        late + usize::from(late > 0 && self.tombstone.is_some())
    }

    /// The condition of a new tombstone: nothing newer about the patient than what was found.
    #[must_use]
    pub fn expect(&self, org: &OrgId, patient: &PatientId) -> Expect {
        let newest = self.facts.iter().chain(&self.tombstone).max();
        Expect {
            filter_subject: About::Patient(patient.clone()).filter(org),
            last_sequence: newest.copied().unwrap_or(0),
        }
    }

    /// Messages in all.
    #[must_use]
    pub fn count(&self) -> usize {
        self.facts.len() + self.quarantine.len() + self.feed.len()
    }
}

/// Where the log says that a patient was erased.
pub(crate) fn tombstone_subject(org: &OrgId, patient: &PatientId) -> String {
    format!("care.{org}.patient.{patient}.patient.erased")
}

/// Finds everything about a patient in log, quarantine and feeds.
///
/// # Errors
/// `MissingOrg`, `Unreachable`.
pub async fn find(conn: &Connection, org: &OrgId, patient: &PatientId) -> Result<Held, BusError> {
    let mut held = Held::default();
    let tombstone = tombstone_subject(org, patient);
    for (sequence, subject) in on(
        conn,
        &log_stream(org),
        &About::Patient(patient.clone()).filter(org),
    )
    .await?
    {
        if subject == tombstone {
            held.facts.extend(held.tombstone.replace(sequence));
        } else {
            held.facts.push(sequence);
        }
    }
    let about = About::Patient(patient.clone());
    each(conn, org, quarantine_stream(org), |received| {
        if quarantine::source(&received).and_then(About::of_subject).as_ref() == Some(&about) {
            held.quarantine.push(received.sequence);
        }
    })
    .await?;
    each(conn, org, clinic_stream(org), |received| {
        let entry: Option<FeedEntry> = serde_json::from_slice(&received.payload).ok();
        if entry.is_some_and(|entry| entry.patient == *patient) {
            held.feed.push(received.sequence);
        }
    })
    .await?;
    Ok(held)
}

/// Overwrites and removes what was found. What is gone already is no error.
///
/// # Errors
/// `Unreachable`, `Refused` (anybody but the administrator): run it again, it goes on where it was.
pub async fn remove(conn: &Connection, org: &OrgId, held: &Held) -> Result<(), BusError> {
    for (stream, sequences) in [
        (log_stream(org), &held.facts),
        (quarantine_stream(org), &held.quarantine),
        (clinic_stream(org), &held.feed),
    ] {
        for sequence in sequences {
            delete(conn, &stream, *sequence).await?;
        }
    }
    Ok(())
}

/// Overwrites one message where it lies, and removes it.
pub(crate) async fn delete(conn: &Connection, stream: &str, sequence: u64) -> Result<(), BusError> {
    #[derive(Serialize)]
    struct Question {
        seq: u64,
    }
    #[derive(Deserialize)]
    struct Answer {}
    let question = format!("STREAM.MSG.DELETE.{stream}");
    match api::ask::<Answer>(conn, &question, &Question { seq: sequence }).await? {
        Ok(_) => Ok(()),
        Err(refusal) if refusal.error_code() == ErrorCode::NO_MESSAGE_FOUND => Ok(()),
        Err(refusal) if refusal.error_code() == ErrorCode::SEQUENCE_NOT_FOUND => Ok(()),
        Err(refusal) => Err(BusError::other(question, refusal)),
    }
}

/// Sequence and subject of every message on a subject filter.
async fn on(conn: &Connection, stream: &str, filter: &str) -> Result<Vec<(u64, String)>, BusError> {
    let mut found = Vec::new();
    let mut from = 1;
    while let Some(received) = get_next(conn, stream, from, filter).await? {
        from = received.sequence + 1;
        found.push((received.sequence, received.subject));
    }
    Ok(found)
}

async fn each(
    conn: &Connection,
    org: &OrgId,
    stream: String,
    mut see: impl FnMut(Received),
) -> Result<(), BusError> {
    let reader = Reader::over(conn, org, stream, 1).await?;
    until::<BusError>(reader, None, |received| {
        see(received);
        Ok(true)
    })
    .await?;
    Ok(())
}
