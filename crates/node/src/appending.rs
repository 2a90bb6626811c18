//! Appending a decision: fact after fact, each on the condition that nothing else about the patient came between.

use bus::append::{Append, Appended, Expect, append};
use bus::{BusError, Connection};
use care::About;
use care::envelope::Event;
use care::id::{NoticeId, OrgId};
use engine::Decision;
use mailer::Mail;

/// What became of a decision.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) about: About,
    /// Position of the last fact that was taken; 0 if none was.
    pub(crate) stored: u64,
    /// All facts were taken.
    pub(crate) complete: bool,
    /// Mails whose claim was taken.
    pub(crate) claimed: Vec<(NoticeId, Mail)>,
    /// The server will not do it, now or later.
    pub(crate) refused: Option<BusError>,
    /// Of which log, counted, it was decided.
    pub(crate) generation: u64,
}

/// Appends a decision.
pub(crate) async fn carry_out(conn: Connection, org: OrgId, decision: Decision, generation: u64) -> Done {
    let mut done = Done {
        about: decision.about.clone(),
        stored: 0,
        complete: false,
        claimed: Vec::new(),
        refused: None,
        generation,
    };
    let mut expected = decision.expected;
    let mut mails = decision.mails;
    for event in &decision.events {
        match append(&conn, message(event, &org, expected)).await {
            Ok(Appended::Stored {
                sequence,
                duplicate: false,
            }) => {
                expected = sequence;
                done.stored = sequence;
                claim(event, &mut mails, &mut done.claimed);
            }
            // The server has known this id for less than two minutes: somebody appended it, and it was not us just
            // now. Read on and see.
            Ok(Appended::Stored { .. } | Appended::Conflict | Appended::Ambiguous) => return done,
            Err(error) => {
                tracing::warn!(fact.id = %event.id, %error, "append.failed");
                done.refused = Some(error).filter(|e| !e.is_passing());
                return done;
            }
        }
    }
    done.complete = true;
    done
}

/// The fact, on the condition that nothing newer than `last_sequence` is known of whom it is about.
fn message(event: &Event, org: &OrgId, last_sequence: u64) -> Append {
    Append::fact(
        event,
        Some(Expect {
            filter_subject: event.about.filter(org),
            last_sequence,
        }),
    )
}

/// Moves the mail that this fact claims, if it claims one.
fn claim(event: &Event, mails: &mut Vec<Mail>, claimed: &mut Vec<(NoticeId, Mail)>) {
    let care::Fact::NoticeAttempted(notice) = &event.fact else {
        return;
    };
    let mine = |m: &Mail| m.notice_id == notice.notice_id.as_str() && m.attempt == notice.attempt;
    if let Some(at) = mails.iter().position(mine) {
        claimed.push((notice.notice_id.clone(), mails.remove(at)));
    }
}
