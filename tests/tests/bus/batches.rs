//! Atomic batches: all of it or nothing, and what a batch that is declined, cut off or too large leaves behind.

use super::*;
use bus::append::{BatchAppended, LARGEST_BATCH, Tally, append_batch, import};

fn patients(from: usize, count: usize) -> Vec<Append> {
    let one = |n: usize| fact(&format!("p-{n}"), "session.booked", &format!("b-{n}"));
    (from..from + count).map(one).collect()
}

fn first_of(messages: Vec<Append>) -> Vec<Append> {
    messages
        .into_iter()
        .map(|message| expecting(0, message))
        .collect()
}

async fn end(conn: &Connection) -> u64 {
    head(conn, &acme()).await.expect("a log").last_sequence
}

async fn subjects(conn: &Connection) -> Vec<String> {
    let mut all = Vec::new();
    let org = acme();
    let read = export::export::<BusError>(conn, &org, 1, None, |received| {
        all.push(received.subject);
        Ok(())
    });
    read.await.expect("the log");
    all
}

#[tokio::test]
async fn a_batch_is_stored_whole_in_its_order_with_nothing_in_between() {
    let (_server, conn, _) = ready().await;
    fill(&conn, 1, 3).await;
    // Two about one patient: what the first expects holds for both.
    let mut messages = first_of(patients(10, 30));
    messages.insert(1, fact("p-10", "session.moved", "b-10-2"));
    let wanted: Vec<String> = messages.iter().map(|message| message.subject.clone()).collect();
    let stored = append_batch(&conn, messages).await.expect("an answer");
    assert_eq!(stored, BatchAppended::Stored { first: 4 });
    assert_eq!(subjects(&conn).await[3..], wanted);
}

#[tokio::test]
async fn one_patient_with_newer_facts_keeps_the_whole_batch_out() {
    let (_server, conn, _) = ready().await;
    let newer = store(&conn, fact("p-25", "assessment.pain", "1")).await;
    let messages = first_of(patients(10, 30));
    let declined = append_batch(&conn, messages.clone()).await.expect("an answer");
    assert_eq!(declined, BatchAppended::Declined);
    assert_eq!(end(&conn).await, newer, "nothing was stored");
    // Without that patient, and then with what is known of that patient.
    let others = messages
        .into_iter()
        .filter(|m| !m.subject.contains("p-25."))
        .collect();
    let stored = append_batch(&conn, others).await.expect("an answer");
    assert_eq!(stored, BatchAppended::Stored { first: newer + 1 });
    store(&conn, expecting(newer, fact("p-25", "session.booked", "b-25"))).await;
}

#[tokio::test]
async fn an_expectation_after_the_first_fact_of_a_patient_is_judged_as_of_before_the_batch() {
    let (_server, conn, _) = ready().await;
    let mut messages = first_of(patients(10, 20));
    // As a single append would say it: the place of the one before, which is not there yet.
    messages.push(expecting(1, fact("p-10", "session.moved", "b-10-2")));
    let declined = append_batch(&conn, messages).await.expect("an answer");
    assert_eq!(declined, BatchAppended::Declined);
    assert_eq!(end(&conn).await, 0);
}

#[tokio::test]
async fn a_known_message_id_declines_a_batch_and_an_import_goes_on_singly() {
    let (_server, conn, _) = ready().await;
    store(&conn, patients(17, 1).remove(0)).await;
    let declined = append_batch(&conn, patients(10, 30)).await.expect("an answer");
    assert_eq!(declined, BatchAppended::Declined);
    let mut tally = Tally::default();
    let done = import(&conn, patients(10, LARGEST_BATCH + 100), &mut tally).await;
    assert!(done.expect("imported"));
    assert_eq!((tally.stored, tally.known), (LARGEST_BATCH + 99, 1));
    let again = import(&conn, patients(10, LARGEST_BATCH + 100), &mut tally).await;
    assert!(again.expect("imported"));
    assert_eq!(
        tally.known,
        LARGEST_BATCH + 101,
        "all of it is known the second time"
    );
    assert_eq!(end(&conn).await, LARGEST_BATCH as u64 + 100);
}

#[tokio::test]
async fn an_import_keeps_its_order() {
    let (_server, conn, _) = ready().await;
    let messages = patients(0, 2 * LARGEST_BATCH + 10);
    let wanted: Vec<String> = messages.iter().map(|message| message.subject.clone()).collect();
    let mut tally = Tally::default();
    assert!(import(&conn, messages, &mut tally).await.expect("imported"));
    assert_eq!(subjects(&conn).await, wanted);
}

#[tokio::test]
async fn a_batch_larger_than_the_server_takes_is_declined_and_leaves_nothing() {
    let (_server, conn, _) = ready().await;
    let declined = append_batch(&conn, patients(0, 1001)).await.expect("an answer");
    assert_eq!(declined, BatchAppended::Declined);
    assert_eq!(end(&conn).await, 0);
}

#[tokio::test]
async fn a_fact_that_is_too_large_declines_its_batch_and_an_import_names_it() {
    let (_server, conn, _) = ready().await;
    for size in [64 * 1024 + 1, 4 << 20] {
        let mut messages = patients(0, 30);
        messages[20].payload = vec![b'x'; size].into();
        let declined = append_batch(&conn, messages.clone()).await.expect("an answer");
        assert_eq!(declined, BatchAppended::Declined);
        assert_eq!(end(&conn).await, if size < 100_000 { 0 } else { 29 });
        let mut tally = Tally::default();
        let refused = import(&conn, messages, &mut tally).await;
        assert!(matches!(refused, Err(BusError::Refused { .. })), "{refused:?}");
        assert_eq!(tally.done(), 20, "it says how far it got");
    }
}

#[tokio::test]
async fn a_batch_whose_answer_does_not_come_is_ambiguous_and_there_whole_or_not_at_all() {
    let (server, conn, _) = ready().await;
    server.pause();
    let unanswered = append_batch(&conn, first_of(patients(0, 100)))
        .await
        .expect("an answer");
    assert_eq!(unanswered, BatchAppended::Ambiguous);
    server.resume();
    // It was on its way all the time.
    for _ in 0..1000 {
        if end(&conn).await > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(end(&conn).await, 100);
    let again = append_batch(&conn, first_of(patients(0, 100)))
        .await
        .expect("an answer");
    assert_eq!(again, BatchAppended::Declined, "nobody is told twice");
}

#[tokio::test]
async fn a_server_killed_in_the_middle_of_batches_comes_back_with_whole_ones_only() {
    let (mut server, conn, _) = ready().await;
    let mut acknowledged = 0;
    for round in 0..5 {
        let from = round * 10_000;
        let filling = async {
            let mut stored = 0;
            while stored < 20 {
                let batch = first_of(patients(from + stored * 100, 100));
                match append_batch(&conn, batch).await {
                    Ok(BatchAppended::Stored { .. }) => stored += 1,
                    _ => break,
                }
            }
            stored
        };
        let kill = async {
            tokio::time::sleep(Duration::from_millis(7 + 13 * round as u64)).await;
            server.kill9();
        };
        let (stored, ()) = tokio::join!(filling, kill);
        server.restart();
        wait_until_connected(&conn).await;
        acknowledged += stored;
        let there = end(&conn).await;
        assert_eq!(there % 100, 0, "{there} messages are no whole number of batches");
        assert!(
            there >= 100 * acknowledged as u64,
            "{there} of {acknowledged} batches are left"
        );
        acknowledged = usize::try_from(there / 100).expect("a count");
    }
}

async fn wait_until_connected(conn: &Connection) {
    for _ in 0..3000 {
        if conn.is_connected() && head(conn, &acme()).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no link after a minute");
}
