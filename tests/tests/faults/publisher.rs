//! Publishers that repeat themselves, come late, out of order, or say two things under one id, through a real broker.

use bus::append::{Append, Appended, append};
use care::time::{SignedDuration, hours};
use tests::clinic::course::{patient, pt};
use tests::clinic::facts::{CLINIC, Fact, booked, calendar, plan};
use tests::clinic::whole::Course;
use tests::clinic::{Clinic, instant};

use crate::FIRST;

const NOW: &str = "2026-06-01T14:00:00Z";

/// Publishes a fact past the server's memory of message ids, as a publisher does who repeats after two minutes.
async fn again(clinic: &Clinic, fact: &Fact, times: usize) {
    let message = Append {
        message_id: format!("{}/{times}", fact.event().message_id()),
        ..Append::fact(&fact.event(), None)
    };
    let sent = append(&clinic.conn, message).await;
    assert!(
        matches!(sent, Ok(Appended::Stored { duplicate: false, .. })),
        "{sent:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_that_come_twice_and_backwards_make_what_they_would_have_made_once_and_in_order() {
    let course = Course::default();
    let mut clinic = Clinic::open(course.begin()).await;
    let mut node = clinic.node(FIRST).await;
    for (n, stage) in course.stages.iter().enumerate() {
        clinic.at(stage.now);
        for fact in stage.facts.iter().rev() {
            again(&clinic, fact, 1).await;
        }
        // And once more those of all stages before, while the node knows what it made of them.
        node.settle_at(instant(stage.now)).await.unwrap();
        for fact in course.stages[..=n].iter().flat_map(|stage| &stage.facts) {
            again(&clinic, fact, 2 + n).await;
        }
        node.settle_at(instant(stage.now)).await.unwrap();
        course.until_said(n, &mut clinic).await;
    }
    let hash = node.engine().state_hash();
    drop(node);
    let record = clinic.record().await;
    assert_eq!(hash, record.folded().state_hash());
    assert!(record.preparations().values().all(|count| *count <= 1));
    for chart in record.folded().charts() {
        assert_eq!(
            chart.conflicts, 0,
            "{}: the same again is no conflict",
            chart.patient
        );
    }
    let sent = record.notices("sent").len();
    assert_eq!(clinic.letters(FIRST).len(), sent, "nobody was told twice");
    rebuilt_says_nothing(&mut clinic, hash).await;
}

/// A node from nothing comes to the same state and says nothing.
async fn rebuilt_says_nothing(clinic: &mut Clinic, hash: u64) {
    let end = clinic.record().await.end;
    let mut node = clinic.node("rebuilt").await;
    assert_eq!(node.engine().state_hash(), hash);
    node.settle_at(clinic.clock.now()).await.unwrap();
    drop(node);
    let record = clinic.record().await;
    assert_eq!(record.end, end, "{}", record.told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_an_hour_late_one_session_under_two_ids_and_one_id_with_two_payloads_book_once() {
    let mut clinic = Clinic::open(NOW).await;
    let mut node = clinic.node(FIRST).await;
    clinic.publish([calendar("acu-1", NOW)]).await;
    let start = |n: usize| format!("2026-06-1{n}T15:00:00Z");
    for n in 0..4 {
        let plan = plan(&patient(n), "acu-1", NOW);
        let booking = booked(&patient(n), &pt(n, 0), &start(n), NOW);
        match n {
            // An hour late: the plan after the session it belongs to, and that after all others.
            0 => {}
            1 => clinic.publish([plan, booking]).await,
            // The same session under two ids.
            2 => clinic.publish([plan, booking, renamed(n, &start(n))]).await,
            // One id with two payloads.
            _ => {
                clinic.publish([plan, booking]).await;
                again(
                    &clinic,
                    &booked(&patient(n), &pt(n, 0), "2026-06-14T15:00:00Z", NOW),
                    1,
                )
                .await;
            }
        }
    }
    node.settle_at(instant(NOW)).await.unwrap();
    let later = instant(NOW).saturating_add(hours(1)).unwrap();
    clinic.clock.set(later);
    clinic
        .publish([
            booked(&patient(0), &pt(0, 0), &start(0), NOW),
            plan(&patient(0), "acu-1", NOW),
        ])
        .await;
    node.settle_at(later).await.unwrap();
    let hash = node.engine().state_hash();
    drop(node);

    let record = clinic.record().await;
    let preparations = record.preparations();
    assert_eq!(preparations.len(), 4, "{}", record.told());
    assert!(preparations.values().all(|count| *count == 1), "{preparations:?}");
    let (conflicts, start) = (record.chart("p-3").conflicts, record.chart("p-3"));
    assert_eq!(conflicts, 1, "counted, not silent");
    let session = start.sessions.values().find(|s| s.prepares().is_empty()).unwrap();
    assert_eq!(
        session.start(),
        Some(instant("2026-06-13T15:00:00Z")),
        "the first in the log counts"
    );
    assert!((0..3).all(|n| record.chart(&patient(n)).conflicts == 0));
    assert_eq!(
        clinic.letters(FIRST).len(),
        clinic.record().await.notices("sent").len()
    );
    rebuilt_says_nothing(&mut clinic, hash).await;
    assert_eq!(later.duration_since(instant(NOW)), SignedDuration::from_hours(1));
}

/// The booking of `booked` under another event id.
fn renamed(n: usize, start: &str) -> Fact {
    let end = instant(start).saturating_add(hours(1)).unwrap().to_string();
    let data = serde_json::json!({
        "session_id": pt(n, 0), "revision": 1, "modality": "pt", "clinic": CLINIC, "start": start, "end": end,
    });
    let about = format!("patient/{}", patient(n));
    Fact::new("told-by-another-system", "session.booked", &about, NOW, &data)
}
