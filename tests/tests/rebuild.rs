//! The checkpoint lost, damaged or too old while carebus is down: rebuilt from the log, and nothing is said again.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::PathBuf;

use tests::clinic::Clinic;
use tests::clinic::facts::{booked, calendar, cancelled, moved, oswestry, pain, plan, red_flag};
use tests::clinic::feed::FeedItem;
use tests::clinic::letters::Letter;
use tests::damage::copy;

const NODE: &str = "n-1";
const BEGIN: &str = "2026-06-01T14:00:00Z";
const LATER: &str = "2026-06-03T14:00:00Z";

/// Everything outside the checkpoint that carebus has said.
#[derive(Debug, PartialEq)]
struct Said {
    end: u64,
    feed: Vec<FeedItem>,
    letters: Vec<Letter>,
}

async fn said(clinic: &mut Clinic) -> Said {
    let end = clinic.record().await.end;
    Said {
        end,
        feed: clinic.feed(),
        letters: clinic.letters(NODE),
    }
}

/// A clinic with a past, with no node running; the checkpoint of its middle is put aside as `older`.
async fn clinic_with_a_past() -> Clinic {
    let mut clinic = Clinic::open(BEGIN).await;
    let mut node = clinic.node(NODE).await;
    clinic.publish([calendar("acu-1", BEGIN)]).await;
    for n in 1..=4 {
        let (patient, pt) = (format!("p-{n}"), format!("pt-{n}"));
        let start = format!("2026-06-1{n}T1{n}:00:00Z");
        clinic
            .publish([
                plan(&patient, "acu-1", BEGIN),
                booked(&patient, &pt, &start, BEGIN),
            ])
            .await;
    }
    node.settle_at(clinic.clock.now()).await.unwrap();
    drop(node);
    copy(&clinic.state(NODE), &clinic.state("older"));

    clinic.at(LATER);
    let mut node = clinic.node(NODE).await;
    clinic
        .publish([moved("p-1", "pt-1", 2, "2026-06-12T13:00:00Z", LATER)])
        .await;
    clinic
        .publish([
            cancelled("p-2", "pt-2", 2, LATER),
            red_flag("p-3", "bladder_change", LATER),
        ])
        .await;
    clinic
        .publish([pain("p-4", 60, LATER), oswestry("p-4", 3, LATER)])
        .await;
    node.settle_at(clinic.clock.now()).await.unwrap();
    drop(node);
    let record = clinic.record().await;
    for name in [
        "session.booked",
        "session.moved",
        "session.cancelled",
        "session.held",
        "alert.raised",
        "notice.sent",
    ] {
        assert!(
            record.ours().any(|event| event.fact.name() == name),
            "the past holds no {name}"
        );
    }
    clinic
}

/// What was set aside beside the checkpoint.
fn set_aside(clinic: &Clinic) -> Vec<PathBuf> {
    let beside = fs::read_dir(clinic.state(NODE).parent().unwrap()).unwrap();
    let known = [clinic.state(NODE), clinic.state("older"), clinic.state("good")];
    beside
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && !known.contains(path))
        .collect()
}

/// A start after which everything must be as it was.
async fn starts_as_if_nothing_had_happened(clinic: &mut Clinic, what: &str) {
    let before = said(clinic).await;
    let expected = clinic.record().await.folded().state_hash();
    let mut node = clinic.node(NODE).await;
    assert_eq!(
        node.engine().state_hash(),
        expected,
        "{what}: the state is that of the log"
    );
    node.settle_at(clinic.clock.now()).await.unwrap();
    assert_eq!(node.engine().state_hash(), expected, "{what}: and stays so");
    drop(node);
    let after = said(clinic).await;
    assert_eq!(
        after,
        before,
        "{what}: nothing is said again\n{}",
        clinic.record().await.told()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_deleted_while_down_is_rebuilt_and_not_one_mail_or_booking_again() {
    let mut clinic = Box::pin(clinic_with_a_past()).await;
    let before = said(&mut clinic).await;
    fs::remove_dir_all(clinic.state(NODE)).unwrap();
    starts_as_if_nothing_had_happened(&mut clinic, "deleted").await;

    // And the same in real time: whatever the new node would say stands before its answer to a new fact.
    fs::remove_dir_all(clinic.state(NODE)).unwrap();
    let node = clinic.start(NODE).await;
    clinic.publish([oswestry("p-1", 2, LATER)]).await;
    clinic
        .until_logged("a score", |record| {
            record.chart("p-1").scored.values().next().map(drop)
        })
        .await;
    node.stop().await;
    let record = clinic.record().await;
    let said_since: Vec<String> = record
        .facts
        .iter()
        .filter(|(at, _)| *at > before.end)
        .map(|(_, event)| event.fact.name())
        .collect();
    assert_eq!(said_since[..2], ["assessment.oswestry", "oswestry.scored"]);
    assert!(
        said_since[2..]
            .iter()
            .all(|name| name.starts_with("alert.") || name.starts_with("notice."))
    );
    record.assert_nothing_doubled();
    let letters = clinic.letters(NODE);
    assert!(
        before.letters.iter().all(|letter| letters.contains(letter)),
        "no mail was written again"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_checkpoint_is_set_aside_or_whole_and_the_state_is_that_of_the_log() {
    let mut clinic = Box::pin(clinic_with_a_past()).await;
    copy(&clinic.state(NODE), &clinic.state("good"));
    let db = clinic.state(NODE).join("db");
    let whole = fs::read(&db).unwrap();
    let size = whole.len();
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap();
    let mut damages: Vec<(String, Vec<u8>)> = Vec::new();
    for length in [0, 1, used / 3, used - 1] {
        damages.push((
            format!("cut to {length} of {size} bytes"),
            whole[..length].to_vec(),
        ));
    }
    for at in [40, used / 4, used / 2, used - 100] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        damages.push((format!("byte {at} of {size} flipped"), bytes));
    }
    damages.push(("all zero".to_owned(), vec![0; size]));

    for (what, bytes) in damages {
        copy(&clinic.state("good"), &clinic.state(NODE));
        fs::write(&db, bytes).unwrap();
        starts_as_if_nothing_had_happened(&mut clinic, &what).await;
    }
    let aside = set_aside(&clinic);
    assert!(
        aside.len() >= 3,
        "damaged checkpoints are kept for whoever wants to know: {aside:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_checkpoint_put_back_is_read_on_from_where_it_was() {
    let mut clinic = Box::pin(clinic_with_a_past()).await;
    copy(&clinic.state("older"), &clinic.state(NODE));
    starts_as_if_nothing_had_happened(&mut clinic, "older").await;
    assert_eq!(
        set_aside(&clinic),
        Vec::<PathBuf>::new(),
        "there is nothing wrong with it"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_of_another_log_is_set_aside() {
    let other = Box::pin(clinic_with_a_past()).await;
    let mut clinic = Box::pin(clinic_with_a_past()).await;
    copy(&other.state(NODE), &clinic.state(NODE));
    let before = said(&mut clinic).await;
    let mut node = clinic.node(NODE).await;
    assert_eq!(set_aside(&clinic).len(), 1);
    assert_eq!(node.log_changes(), 1);
    assert_eq!(
        node.engine().state_hash(),
        clinic.record().await.folded().state_hash()
    );
    node.settle_at(clinic.clock.now()).await.unwrap();
    let after = said(&mut clinic).await;
    assert_eq!(
        (&after.feed, &after.letters),
        (&before.feed, &before.letters),
        "nobody is told again"
    );
    let record = clinic.record().await;
    let since: Vec<String> = record
        .facts
        .iter()
        .filter(|(at, _)| *at > before.end)
        .map(|(_, event)| event.fact.name())
        .collect();
    assert_eq!(since, ["log.changed"], "the record says so, once");
}
