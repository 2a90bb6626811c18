//! Appending decisions, each on the condition that nothing else about whom it is about came between: a few one by one,
//! many together in atomic batches.

use std::sync::Arc;

use bus::append::{
    Append, Appended, BatchAppended, Expect, LARGEST_BATCH, SMALLEST_BATCH, append, append_batch,
};
use bus::{BusError, Connection};
use care::About;
use care::envelope::Event;
use care::id::{NoticeId, OrgId};
use engine::Decision;
use mailer::Mail;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::Instrument;

use crate::span::{carried_out, span};
use crate::vitals::Appends;

/// Batches on their way at once: one is written while the next is sent. The server takes 50 of one stream, and what is
/// appended singly meanwhile waits behind them.
const BATCHES: usize = 2;

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

impl Done {
    fn nothing_yet(about: &About) -> Self {
        Self {
            about: about.clone(),
            stored: 0,
            complete: false,
            claimed: Vec::new(),
            refused: None,
            counted: Appends::default(),
        }
    }

    fn failed(about: &About, error: &BusError) -> Self {
        let mut done = Self::nothing_yet(about);
        if error.is_passing() {
            done.counted.failed = 1;
        } else {
            done.counted.refused = 1;
        }
        done
    }
}

/// Who appends; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Appender {
    conn: Connection,
    org: OrgId,
    batches: Arc<Semaphore>,
}

impl Appender {
    pub(crate) fn new(conn: Connection, org: OrgId) -> Self {
        let batches = Arc::new(Semaphore::new(BATCHES));
        Self { conn, org, batches }
    }

    /// Appends decisions, about another one each, as a batch if there are enough of them. A batch that is declined, for
    /// example because somebody has newer facts, is tried again in halves; in the end each decision stands for itself.
    pub(crate) async fn carry_out(&self, decisions: Vec<Decision>) -> Vec<Done> {
        let mut done = Vec::with_capacity(decisions.len());
        let mut left = vec![decisions];
        while let Some(mut group) = left.pop() {
            if group.len() < 2 || facts(&group) < SMALLEST_BATCH {
                for decision in group {
                    let (span, began) = (span(&decision), Instant::now());
                    let one = async {
                        let one = self.carry_out_one(decision).await;
                        carried_out(&one, began);
                        one
                    };
                    done.push(one.instrument(span).await);
                }
                continue;
            }
            let began = Instant::now();
            match self.append_together(&group).await {
                Ok(BatchAppended::Stored { first }) => done.extend(all_stored(group, first, began)),
                Ok(BatchAppended::Declined) => {
                    let second = group.split_off(group.len() / 2);
                    left.extend([second, group]);
                }
                Ok(BatchAppended::Ambiguous) => done.extend(group.iter().map(|decision| {
                    let mut one = Done::nothing_yet(&decision.about);
                    one.counted.ambiguous = 1;
                    one
                })),
                Err(error) => {
                    tracing::warn!(batch.decisions = group.len(), %error, "append.failed");
                    let failed = group.iter().map(|decision| Done::failed(&decision.about, &error));
                    done.extend(failed);
                    if !error.is_passing()
                        && let Some(last) = done.last_mut()
                    {
                        last.refused = Some(error);
                    }
                }
            }
        }
        done
    }

    /// All facts of these decisions, or none of them.
    async fn append_together(&self, group: &[Decision]) -> Result<BatchAppended, BusError> {
        // Never closed: there is always a seat in the end.
        let _seat = self.batches.acquire().await;
        append_batch(&self.conn, messages(group, &self.org)).await
    }

    /// Fact after fact, each expecting the one before.
    async fn carry_out_one(&self, decision: Decision) -> Done {
        let mut done = Done::nothing_yet(&decision.about);
        let mut expected = decision.expected;
        let mut mails = decision.mails;
        for event in &decision.events {
            match append(&self.conn, message(event, &self.org, Some(expected))).await {
                Ok(Appended::Stored {
                    sequence,
                    duplicate: false,
                }) => {
                    expected = sequence;
                    done.stored = sequence;
                    done.counted.stored += 1;
                    claim(event, &mut mails, &mut done.claimed);
                }
                // The server has known this id for less than two minutes: somebody appended it, and it was not us
                // just now. Read on and see.
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
                    tracing::warn!(fact.id = %event.id, %error, "append.failed");
                    done.counted.add(Done::failed(&done.about, &error).counted);
                    done.refused = Some(error).filter(|e| !e.is_passing());
                    return done;
                }
            }
        }
        done.complete = true;
        done
    }
}

/// Decisions that are appended together: each alone while they are few, in batches when they are many.
pub(crate) fn groups(decisions: Vec<Decision>) -> Vec<Vec<Decision>> {
    let is_few = facts(&decisions) < SMALLEST_BATCH;
    let mut groups: Vec<Vec<Decision>> = Vec::new();
    // Facts in the last group, which is where there may be room.
    let mut taken = 0;
    for decision in decisions {
        let more = decision.events.len();
        match groups
            .last_mut()
            .filter(|_| !is_few && taken + more <= LARGEST_BATCH)
        {
            Some(last) => {
                last.push(decision);
                taken += more;
            }
            None => {
                groups.push(vec![decision]);
                taken = more;
            }
        }
    }
    groups
}

fn facts(decisions: &[Decision]) -> usize {
    decisions.iter().map(|decision| decision.events.len()).sum()
}

/// The facts of decisions that are one batch.
fn messages(group: &[Decision], org: &OrgId) -> Vec<Append> {
    let mut messages = Vec::with_capacity(facts(group));
    for decision in group {
        // Nothing comes between the first of a decision and the others: they are one batch.
        let mut expected = Some(decision.expected);
        for event in &decision.events {
            messages.push(message(event, org, expected.take()));
        }
    }
    messages
}

/// Every decision of a batch that was stored from `first` on.
fn all_stored(group: Vec<Decision>, first: u64, began: Instant) -> impl Iterator<Item = Done> {
    let mut next = first;
    group.into_iter().map(move |decision| {
        let _entered = span(&decision).entered();
        let mut done = Done::nothing_yet(&decision.about);
        let mut mails = decision.mails;
        for event in &decision.events {
            done.stored = next;
            done.counted.stored += 1;
            next += 1;
            claim(event, &mut mails, &mut done.claimed);
        }
        done.complete = true;
        carried_out(&done, began);
        done
    })
}

/// The fact, on the condition that nothing newer than `last_sequence` is known of whom it is about.
fn message(event: &Event, org: &OrgId, last_sequence: Option<u64>) -> Append {
    let expect = last_sequence.map(|last_sequence| Expect {
        filter_subject: event.about.filter(org),
        last_sequence,
    });
    Append::fact(event, expect)
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

#[cfg(test)]
mod tests {
    use super::*;
    use care::id::PatientId;

    fn decision(patient: usize, facts: usize) -> Decision {
        let line = r#"{"specversion":"1.0","id":"e-1","source":"urn:carebus:acme:app","type":"carebus.assessment.pain.v1","subject":"acme/patient/p-1","time":"2026-06-01T12:00:00Z","data":{"assessment_id":"a-1","performed_at":"2026-06-01T12:00:00Z","by":{"role":"patient"},"scale":"vas","value":40}}"#;
        let event = Event::decode_line(line).unwrap_or_else(|fault| panic!("{fault}"));
        Decision {
            about: About::Patient(PatientId::new(format!("p-{patient}")).unwrap_or_else(|e| panic!("{e}"))),
            expected: 0,
            events: vec![event; facts],
            mails: Vec::new(),
        }
    }

    fn sizes(facts: &[usize]) -> Vec<usize> {
        let decisions = facts
            .iter()
            .enumerate()
            .map(|(patient, facts)| decision(patient, *facts));
        groups(decisions.collect()).iter().map(Vec::len).collect()
    }

    #[test]
    fn few_decisions_stand_alone_and_many_fill_batches_without_being_torn() {
        assert!(sizes(&[]).is_empty());
        assert_eq!(sizes(&[1, 2, 3]), [1, 1, 1]);
        assert_eq!(sizes(&[8; 10]), [10]);
        assert_eq!(sizes(&[200, 200, 200, 1]), [2, 2], "400 facts, then 201");
        assert_eq!(
            sizes(&[LARGEST_BATCH + 1, 1]),
            [1, 1],
            "more than a batch stands alone"
        );
    }

    #[test]
    fn the_first_fact_of_each_decision_carries_what_was_seen_of_whom_it_is_about() {
        let mut group = vec![decision(1, 2), decision(1, 1)];
        group[0].expected = 7;
        group[1].expected = 9;
        let org = OrgId::new("acme").unwrap_or_else(|e| panic!("{e}"));
        let seen = |at: &Append| {
            let expect = at.expect.as_ref()?;
            Some((expect.filter_subject.clone(), expect.last_sequence))
        };
        let seen: Vec<_> = messages(&group, &org).iter().map(seen).collect();
        let whom = "care.acme.patient.p-1.>".to_owned();
        assert_eq!(seen, [Some((whom.clone(), 7)), None, Some((whom, 9))]);
    }

    #[test]
    fn every_decision_of_a_batch_ends_where_its_last_fact_is() {
        let stored: Vec<u64> = all_stored(
            vec![decision(1, 2), decision(2, 1), decision(3, 3)],
            100,
            Instant::now(),
        )
        .map(|done| done.stored)
        .collect();
        assert_eq!(stored, [101, 102, 105]);
    }
}
