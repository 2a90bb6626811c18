//! The fold is order-insensitive and idempotent, and a checkpoint loses nothing.

use care::chart::Applied;
use care::{Chart, Event};
use proptest::prelude::*;
use serde_json::json;

use crate::mixed::{chart, facts, read_all, twice};
use crate::support::{event, example, examples, with};

fn bytes(chart: &Chart) -> Vec<u8> {
    postcard::to_allocvec(chart).unwrap()
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_gives_the_same_chart((facts, shuffled) in twice(facts())) {
        let (one, other) = (chart(&facts), chart(&shuffled));
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(bytes(&one), bytes(&other));
        prop_assert_eq!(one.conflicts, 0);
        prop_assert_eq!(read_all(&one), read_all(&other));
    }

    #[test]
    fn a_checkpoint_in_between_changes_nothing(facts in facts(), cut in 0..48_usize) {
        let (before, after) = facts.split_at(cut.min(facts.len()));
        let mut resumed: Chart = postcard::from_bytes(&bytes(&chart(before))).unwrap();
        // Reading overlaps, so the last facts come again.
        before.iter().rev().take(3).chain(after).for_each(|fact| { resumed.apply(fact); });
        prop_assert_eq!(&resumed, &chart(&facts));
        prop_assert_eq!(bytes(&resumed), bytes(&chart(&facts)));
    }

    #[test]
    fn facts_survive_the_wire_and_fold_to_the_same_chart(facts in facts()) {
        let again: Vec<Event> = facts.iter().map(|f| Event::decode_line(&f.encode()).unwrap()).collect();
        prop_assert_eq!(chart(&again), chart(&facts));
    }

    #[test]
    fn of_two_payloads_under_one_identity_the_first_counts(facts in facts(), which in 0..48_usize, again in 1..4_usize) {
        prop_assume!(!facts.is_empty());
        let first = &facts[which % facts.len()];
        let mut liar = event(&with(example("session.missed"), "/data/reason", json!("a lie")));
        (liar.id, liar.source) = (first.id.clone(), first.source.clone());
        let mut folded = chart(&facts);
        for _ in 0..again {
            prop_assert_eq!(folded.apply(&liar), Applied::Conflict);
        }
        prop_assert_eq!(folded.conflicts, 1, "a conflict that is read again is one conflict");
        prop_assert_eq!(folded.apply(first), Applied::Duplicate);
        prop_assert_eq!(read_all(&folded), read_all(&chart(&facts)));
    }
}

#[test]
fn a_fact_that_is_said_again_as_part_of_another_chain_is_a_conflict() {
    let first = event(&with(
        example("oswestry.scored"),
        "/correlationid",
        json!("ex-036"),
    ));
    let mut again = first.clone();
    again.correlation = None;
    let mut folded = chart(std::slice::from_ref(&first));
    assert_eq!(folded.apply(&again), Applied::Conflict);
    assert_eq!(folded.apply(&first), Applied::Duplicate);
    assert_eq!(folded.conflicts, 1);
}

#[test]
fn what_the_scheduler_says_counts_beside_what_somebody_else_said_under_its_identity() {
    let ours = event(&example("session.held"));
    let mut forged = event(&with(
        example("session.booked"),
        "/data/session_id",
        json!("pt-9"),
    ));
    (forged.id, forged.source) = (ours.id.clone(), ours.source.clone());
    for both in [[&forged, &ours], [&ours, &forged]] {
        let mut folded = chart(&[]);
        assert_eq!(folded.apply(both[0]), Applied::New);
        assert_eq!(folded.apply(both[1]), Applied::Conflict);
        assert_eq!(folded.apply(both[1]), Applied::Conflict, "and once");
        assert_eq!((folded.conflicts, folded.sessions.len()), (1, 2));
    }
}

#[test]
fn nobody_speaks_under_the_name_of_a_worker_but_the_worker() {
    for name in care::Fact::names() {
        for worker in care::Worker::ALL {
            let value = with(
                example(&name),
                "/source",
                json!(format!("urn:carebus:acme:{}", worker.name())),
            );
            match Event::decode_line(&value.to_string()) {
                Ok(_) => assert!(worker.says(&name), "{name} of {worker:?}"),
                Err(fault) => {
                    assert!(!worker.says(&name), "{name} of {worker:?}: {fault}");
                    assert!(
                        fault
                            .to_string()
                            .starts_with("invalid-field: source: expected your own"),
                        "{fault}"
                    );
                }
            }
            let other = with(
                example(&name),
                "/source",
                json!(format!("urn:carebus:other:{}", worker.name())),
            );
            assert!(
                Event::decode_line(&other.to_string()).is_ok(),
                "another organisation's worker is nobody here"
            );
        }
    }
}

#[test]
fn the_examples_fill_every_part_of_a_chart() {
    let facts: Vec<Event> = examples().iter().map(event).collect();
    let chart = chart(&facts);
    let parts = [
        chart.plans.len(),
        chart.sessions.len(),
        chart.assessments.len(),
        chart.retractions.len(),
        chart.unprepared.len(),
        chart.scored.len(),
        chart.reminders.len(),
        chart.alerts.len(),
        chart.notices.len(),
        chart.reports.len(),
    ];
    assert!(parts.iter().all(|n| *n > 0), "{parts:?}");
    assert_eq!(chart.assessments.len(), 19);
}

#[test]
fn source_and_id_are_the_identity_together() {
    let fact = |source: &str, id: &str| {
        event(&with(
            with(example("session.missed"), "/source", json!(source)),
            "/id",
            json!(id),
        ))
    };
    let mut chart = chart(&[]);
    assert_eq!(chart.apply(&fact("a", "b/c")), Applied::New);
    assert_eq!(
        chart.apply(&fact("a/b", "c")),
        Applied::New,
        "though both would be called a/b/c"
    );
    assert_eq!(chart.apply(&fact("a", "b/c")), Applied::Duplicate);
}

#[test]
fn the_highest_revision_wins_and_time_stands_in_for_a_missing_one() {
    let moved = |revision: Option<u64>, time: &str, start: &str| {
        let mut value = with(example("session.booked"), "/data/revision", json!(revision));
        (value["id"], value["time"]) = (json!(format!("{revision:?}{time}").replace(' ', "")), json!(time));
        (value["data"]["start"], value["data"]["end"]) =
            (json!(start), json!(start.replace(":00:00Z", ":45:00Z")));
        event(&value)
    };
    let (early, late) = ("2026-06-01T10:00:00Z", "2026-06-01T11:00:00Z");
    let newest = moved(Some(7), early, "2026-06-12T14:00:00Z");
    let start = |facts: &[Event]| {
        chart(facts)
            .sessions
            .values()
            .next()
            .unwrap()
            .start()
            .unwrap()
            .to_string()
    };
    assert_eq!(
        start(&[newest.clone(), moved(Some(6), late, "2026-06-13T14:00:00Z")]),
        "2026-06-12T14:00:00Z"
    );
    // Milliseconds since 1970 are a far greater number than any counter.
    assert_eq!(
        start(&[moved(None, early, "2026-06-14T14:00:00Z"), newest]),
        "2026-06-14T14:00:00Z"
    );
    let by_time = [
        moved(None, late, "2026-06-16T14:00:00Z"),
        moved(None, early, "2026-06-15T14:00:00Z"),
    ];
    assert_eq!(start(&by_time), "2026-06-16T14:00:00Z");
}
