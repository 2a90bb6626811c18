//! Appending a decision: fact after fact, each on the condition that nothing else about the patient came between.

use bus::append::{Append, Appended, Expect, append};
use bus::{BusError, Connection};
use care::About;
use care::envelope::Event;
use care::id::{NoticeId, OrgId};
use engine::Decision;
use mailer::Mail;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::vitals::Appends;

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
    /// What became of its facts.
    pub(crate) counted: Appends,
}

/// Appends a decision, in the one span that it has.
pub(crate) async fn carry_out(conn: Connection, org: OrgId, decision: Decision) -> Done {
    let span = span(&decision);
    let began = Instant::now();
    async {
        let done = append_all(conn, org, decision).await;
        tracing::debug!(
            duration_ms = began.elapsed().as_secs_f64() * 1000.0,
            stored = done.counted.stored,
            complete = done.complete,
            sequence = done.stored,
            "decision.carried_out"
        );
        done
    }
    .instrument(span)
    .await
}

/// Who decided about whom, by opaque references; never what.
fn span(decision: &Decision) -> Span {
    let source = decision.events.first().map(|event| event.source.as_str());
    let worker = source.and_then(|source| source.rsplit(':').next());
    let span = tracing::info_span!(
        "decision",
        worker.name = worker.unwrap_or_default(),
        facts = decision.events.len(),
        patient.ref = Empty,
        practitioner.ref = Empty,
        member.ref = Empty,
        delivery.attempt = Empty,
    );
    let field = match decision.about {
        About::Patient(_) => "patient.ref",
        About::Practitioner(_) => "practitioner.ref",
        About::Member(_) => "member.ref",
    };
    span.record(field, decision.about.id());
    if let Some(mail) = decision.mails.first() {
        span.record("delivery.attempt", mail.attempt);
    }
    span
}

async fn append_all(conn: Connection, org: OrgId, decision: Decision) -> Done {
    let mut done = Done {
        about: decision.about.clone(),
        stored: 0,
        complete: false,
        claimed: Vec::new(),
        refused: None,
        counted: Appends::default(),
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
                done.counted.stored += 1;
                claim(event, &mut mails, &mut done.claimed);
            }
            // The server has known this id for less than two minutes: somebody appended it, and it was not us just
            // now. Read on and see.
            Ok(Appended::Stored { .. }) => {
                done.counted.known += 1;
                return done;
            }
            Ok(Appended::Conflict) => {
                done.counted.conflict += 1;
                return done;
            }
            Ok(Appended::Ambiguous) => {
                done.counted.ambiguous += 1;
                return done;
            }
            Err(error) => {
                if error.is_passing() {
                    done.counted.failed += 1;
                } else {
                    done.counted.refused += 1;
                }
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
