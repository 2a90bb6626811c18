//! The log went back, was made anew, lost messages or was gone: every node finds out by itself, nobody acts on it, the
//! organisation's last resort hears of it once, and what carebus had said is said again under the same ids.

use std::collections::BTreeSet;
use std::time::Duration;

use bus::streams::{add_org, head};
use care::Event;
use care::fact::Fact;
use care::fact::ours::{LogChanged, LogFound};
use tests::clinic::facts::{Fact as Said, booked, calendar, calendar_of_every_day, plan};
use tests::clinic::process::NodeProcess;
use tests::clinic::record::Record;
use tests::clinic::{Clinic, acme, in_days, now};

const NOW: &str = "2026-06-01T14:00:00Z";
const FIRST: &str = "n-1";
const SECOND: &str = "n-2";
const ON_CALL: &str = "on-call@clinic.example";

/// A clinic with somebody on call.
async fn clinic() -> Clinic {
    let mut clinic = Clinic::open(NOW).await;
    clinic.policy.mail.on_call = ON_CALL.to_owned();
    clinic.publish([calendar("acu-1", NOW)]).await;
    clinic
}

/// What the world publishes of a patient: an EA is to be booked, and its acupuncturist told.
fn patient(n: usize) -> [Said; 2] {
    let id = format!("p-{n}");
    let start = format!("2026-06-1{n}T1{n}:00:00Z");
    [
        plan(&id, "acu-1", NOW),
        booked(&id, &format!("pt-{n}"), &start, NOW),
    ]
}

fn about(record: &Record, n: usize) -> impl Iterator<Item = &Event> {
    let id = format!("p-{n}");
    record.ours().filter(move |event| event.about.id() == id)
}

/// Ids of what carebus decided about a patient: bookings, alerts, reminders. Claims and outcomes of mail are left out.
fn decided(record: &Record, n: usize) -> BTreeSet<String> {
    about(record, n)
        .filter(|event| event.fact.notice().is_none())
        .map(|event| event.id.to_string())
        .collect()
}

/// Waits until carebus has booked the EA of a patient and told its acupuncturist.
async fn until_done(clinic: &mut Clinic, n: usize) {
    clinic
        .until_logged("everything about the patient", |record| {
            let is_booked = about(record, n).any(|event| event.fact.name() == "session.booked");
            let is_told = about(record, n).any(|event| event.fact.name() == "notice.sent");
            (is_booked && is_told).then_some(())
        })
        .await;
}

fn found(record: &Record) -> Vec<&LogChanged> {
    let all = record.facts.iter().filter_map(|(_, event)| match &event.fact {
        Fact::LogChanged(changed) => Some(changed),
        _ => None,
    });
    all.collect()
}

/// Waits for the word about the log, and for the letter about it.
async fn until_told(clinic: &mut Clinic) -> LogChanged {
    clinic.forget_record();
    let changed = clinic
        .until_logged("that the log changed", |record| {
            found(record).first().copied().cloned()
        })
        .await;
    clinic
        .until_logged("that somebody was told", |record| {
            let mut sent = record.notices("sent").into_iter();
            sent.any(|notice| notice.member_id.as_str() == "on-call")
                .then_some(())
        })
        .await;
    changed
}

/// Everybody on call got one letter, whoever of the nodes sent it.
async fn one_letter(clinic: &mut Clinic, says: &str) {
    let letters = [FIRST, SECOND].map(|node| clinic.letters(node));
    let to_on_call: Vec<_> = letters
        .iter()
        .flatten()
        .filter(|l| l.to == ON_CALL && l.subject.contains("log"))
        .collect();
    assert_eq!(to_on_call.len(), 1, "{to_on_call:#?}");
    let letter = to_on_call[0];
    assert!(letter.subject.contains(says), "{}", letter.subject);
    assert!(letter.text.contains("What to do now"), "{}", letter.text);
    let record = clinic.record().await;
    assert_eq!(found(record).len(), 1, "{}", record.told());
    let claims = record.notices("attempted").into_iter();
    assert_eq!(
        claims.filter(|n| n.member_id.as_str() == "on-call").count(),
        1,
        "{}",
        record.told()
    );
    record.assert_nothing_doubled();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_store_put_back_is_found_by_both_nodes_told_once_and_healed() {
    let mut clinic = clinic().await;
    let (first, second) = (clinic.start(FIRST).await, clinic.start(SECOND).await);
    clinic.publish(patient(1)).await;
    until_done(&mut clinic, 1).await;
    let kept = clinic.server.keep_store();
    clinic.until_linked().await;
    let kept_end = head(&clinic.conn, &acme()).await.unwrap().last_sequence;
    clinic.publish(patient(2)).await;
    until_done(&mut clinic, 2).await;
    let record = clinic.record().await;
    let (one, two, end) = (decided(record, 1), decided(record, 2), record.end);
    assert!(end > kept_end && !two.is_empty(), "{two:?}");

    clinic.server.put_back(kept.path());
    clinic.until_linked().await;
    let changed = until_told(&mut clinic).await;
    assert_eq!(changed.found, LogFound::Shorter);
    assert!(
        changed.known_position > kept_end && changed.known_position <= end,
        "{changed:?}"
    );
    assert_eq!(
        decided(clinic.record().await, 1),
        one,
        "nothing is said anew of what is still there"
    );
    assert_eq!(
        decided(clinic.record().await, 2),
        BTreeSet::new(),
        "nobody acts on what is gone"
    );

    clinic.publish(patient(2)).await;
    until_done(&mut clinic, 2).await;
    assert_eq!(decided(clinic.record().await, 2), two, "the same ids as before");
    first.stop().await;
    second.stop().await;

    // A start later nobody is told again.
    let first = clinic.start(FIRST).await;
    clinic.publish(patient(3)).await;
    until_done(&mut clinic, 3).await;
    first.stop().await;
    one_letter(&mut clinic, "went back from position").await;
    assert!(clinic.record().await.preparations().values().all(|n| *n == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_put_back_and_appended_to_past_our_position_is_found_at_the_next_start() {
    let mut clinic = clinic().await;
    let kept = clinic.server.keep_store();
    clinic.until_linked().await;
    let node = clinic.start(FIRST).await;
    clinic.publish(patient(1)).await;
    until_done(&mut clinic, 1).await;
    node.stop().await;
    let record = clinic.record().await;
    let (one, end) = (decided(record, 1), record.end);
    clinic.server.put_back(kept.path());
    clinic.until_linked().await;
    clinic.publish(patient(1)).await;
    for n in head(&clinic.conn, &acme()).await.unwrap().last_sequence..end + 5 {
        let body = format!("no fact {n}");
        let sent = clinic
            .send("care.acme.patient.p-9.plan.activated", &body, body.as_bytes())
            .await;
        sent.unwrap();
    }
    let node = clinic.start(FIRST).await;
    let changed = until_told(&mut clinic).await;
    assert_eq!(changed.found, LogFound::AnotherMessage);
    assert!(
        changed.known_position > 1 && changed.known_position <= end,
        "{changed:?}"
    );
    assert_eq!(changed.last_position, end + 5);
    until_done(&mut clinic, 1).await;
    assert_eq!(decided(clinic.record().await, 1), one, "the same ids as before");
    node.stop().await;
    one_letter(&mut clinic, "another message at position").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_deleted_and_made_anew_is_waited_for_and_told_of() {
    let mut clinic = clinic().await;
    let node = clinic.start(FIRST).await;
    clinic.publish(patient(1)).await;
    until_done(&mut clinic, 1).await;
    let one = decided(clinic.record().await, 1);
    let answer = clinic.server.administer("STREAM.DELETE.CARE_ACME", "");
    assert_eq!(answer["success"], true, "{answer}");
    // Longer than a look takes; the node neither ends nor makes a stream of its own.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(
        head(&clinic.conn, &acme()).await.is_err(),
        "nobody makes a stream"
    );
    add_org(&clinic.conn, &acme(), 1).await.unwrap();
    let changed = until_told(&mut clinic).await;
    assert_eq!(changed.found, LogFound::Recreated);
    clinic.publish([calendar("acu-1", NOW)]).await;
    clinic.publish(patient(1)).await;
    until_done(&mut clinic, 1).await;
    assert_eq!(decided(clinic.record().await, 1), one, "the same ids as before");
    node.stop().await;
    one_letter(&mut clinic, "created anew").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_taken_out_of_the_middle_is_found_and_what_rested_on_it_goes() {
    let mut clinic = clinic().await;
    let (first, second) = (clinic.start(FIRST).await, clinic.start(SECOND).await);
    clinic.publish(patient(1)).await;
    until_done(&mut clinic, 1).await;
    let booking = clinic
        .record()
        .await
        .facts
        .iter()
        .find(|(_, e)| e.fact.name() == "session.booked");
    let sequence = booking.map(|(at, _)| *at).unwrap();
    let answer = clinic
        .server
        .administer("STREAM.MSG.DELETE.CARE_ACME", &format!(r#"{{"seq":{sequence}}}"#));
    assert_eq!(answer["success"], true, "{answer}");
    let changed = until_told(&mut clinic).await;
    assert_eq!(changed.found, LogFound::Hole);
    first.stop().await;
    second.stop().await;
    one_letter(&mut clinic, "Messages of the log are missing").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_purged_is_found() {
    let mut clinic = clinic().await;
    let node = clinic.start(FIRST).await;
    clinic.publish(patient(1)).await;
    until_done(&mut clinic, 1).await;
    let answer = clinic.server.administer("STREAM.PURGE.CARE_ACME", "");
    assert_eq!(answer["success"], true, "{answer}");
    let changed = until_told(&mut clinic).await;
    assert_eq!(changed.found, LogFound::AnotherMessage);
    node.stop().await;
    one_letter(&mut clinic, "another message at position").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_missing_and_comes_back_as_it_was_is_waited_for() {
    let mut clinic = Clinic::open(NOW).await;
    let node = NodeProcess::start_command(&clinic, FIRST);
    let session = |n: i8| {
        booked(
            "p-1",
            &format!("pt-{n}"),
            &in_days(7 + 2 * i64::from(n), 15),
            &now(),
        )
    };
    clinic.publish([calendar_of_every_day("acu-1", &now())]).await;
    clinic.publish([plan("p-1", "acu-1", &now()), session(1)]).await;
    until_done(&mut clinic, 1).await;
    let before = decided(clinic.record().await, 1);

    let stream = clinic.server.store().join("$G/streams/CARE_ACME");
    let elsewhere = clinic.server.dir().join("elsewhere");
    clinic.server.kill9();
    std::fs::rename(&stream, &elsewhere).unwrap();
    clinic.server.restart();
    let said = |clinic: &Clinic| std::fs::read_to_string(clinic.diary()).unwrap_or_default();
    for _ in 0..1200 {
        if said(&clinic).contains("log.missing") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(said(&clinic).contains("log.missing"), "{}", clinic.said());
    clinic.server.kill9();
    std::fs::rename(&elsewhere, &stream).unwrap();
    clinic.server.restart();
    clinic.until_linked().await;

    let changed = clinic
        .until_logged("that the log was missing", |record| {
            found(record).first().copied().cloned()
        })
        .await;
    assert_eq!(changed.found, LogFound::Missing);
    clinic.publish([session(2)]).await;
    clinic
        .until_logged("an EA for the second session", |record| {
            let booked = about(record, 1).filter(|event| event.fact.name() == "session.booked");
            (booked.count() == 2).then_some(())
        })
        .await;
    node.stop();
    let record = clinic.record().await;
    assert!(decided(record, 1).is_superset(&before));
    assert_eq!(found(record).len(), 1, "{}", record.told());
    record.assert_nothing_doubled();
    let complaints = said(&clinic).matches("log.missing").count();
    assert_eq!(complaints, 1, "said once: {}", said(&clinic));
}
