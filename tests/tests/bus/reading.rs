//! Reading in order through erasures, hostile headers, kills and pauses of the server.

use super::*;

#[tokio::test]
async fn reading_takes_what_is_there_and_goes_on_where_it_was_left() {
    let (_server, conn, org) = ready().await;
    fill(&conn, 1, 30).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    assert!(!reader.is_caught_up(), "it has not asked yet");
    let all = read_to(&mut reader, 30).await;
    assert_eq!(sequences(&all), (1..=30).collect::<Vec<_>>());
    assert!(
        all.iter()
            .all(|message| !message.gap_before && message.header("NATS-msg-id").is_some())
    );
    assert_eq!(reader.backlog(10).await.expect("no more"), None);
    assert!(reader.is_caught_up());

    let mut later = Reader::open(&conn, &org, 21).await.expect("a reader");
    let capped = later.next_batch(4).await.expect("a batch");
    assert!(
        (1..=4).contains(&capped.len()) && capped[0].sequence == 21,
        "{capped:?}"
    );
    fill(&conn, 31, 31).await;
    assert_eq!(sequences(&read_to(&mut reader, 31).await), [31]);
    let rest = read_to(&mut later, 31).await;
    assert_eq!(rest.len() + capped.len(), 11);
    assert_eq!((reader.reopened(), later.reopened()), (0, 0));
}

#[tokio::test]
async fn a_caller_who_waits_for_other_things_too_loses_nothing() {
    let (_server, conn, org) = ready().await;
    let mut reader = Reader::open(&conn, &org, 0).await.expect("a reader");
    let mut read = Vec::new();
    let mut written = 0;
    while read.len() < 40 {
        tokio::select! {
            batch = reader.next_batch(3) => read.extend(batch.expect("a batch")),
            () = tokio::time::sleep(Duration::from_micros(300)) => if written < 40 {
                written += 1;
                fill(&conn, written, written).await;
            },
        }
    }
    assert_eq!(sequences(&read), (1..=40).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_erasure_shows_as_a_gap() {
    let (server, conn, org) = ready().await;
    fill(&conn, 1, 3).await;
    store(&conn, fact("p-2", "session.booked", "x")).await;
    let erase = r#"{"filter":"care.acme.patient.p-1.>"}"#;
    administer(&server, "$JS.API.STREAM.PURGE.CARE_ACME", erase).await;
    fill(&conn, 5, 5).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let all = read_to(&mut reader, 5).await;
    let seen: Vec<_> = all
        .iter()
        .map(|message| (message.sequence, message.gap_before))
        .collect();
    assert_eq!(seen, [(4, true), (5, false)]);
}

#[tokio::test]
async fn a_message_no_client_can_parse_is_read_all_the_same() {
    let (server, conn, org) = ready().await;
    fill(&conn, 1, 1).await;
    let bad: [&[u8]; 6] = [
        b"NATS/1.0\r\nA: b\rc\r\n\r\n",
        b"NATS/1.0 409 Consumer Deleted\r\n\r\n",
        b"NATS/1.0 100 Idle Heartbeat\r\n\r\n",
        b"NATS/1.0\r\nno colon here\r\nNats-Msg-Id: a/b\r\n\r\n",
        b"garbage",
        b"NATS/1.0\r\nA: \xff\xfe\r\n\r\n",
    ];
    for headers in bad {
        let answer = raw(
            &server,
            "care.acme.patient.p-1.assessment.pain",
            headers,
            b"whole",
        )
        .await;
        assert!(answer.contains("\"seq\""), "{answer}");
    }
    fill(&conn, 8, 9).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let all = read_to(&mut reader, 9).await;
    assert_eq!(sequences(&all), (1..=9).collect::<Vec<_>>());
    assert!(
        all[1..7]
            .iter()
            .all(|message| &message.payload[..] == b"whole" && !message.gap_before)
    );
    assert_eq!(all[4].header("nats-msg-id"), Some("a/b"));
    assert_eq!(conn.losses(), 0, "the link that appends never saw it");
    // Live as well, with nothing after it.
    raw(
        &server,
        "care.acme.patient.p-1.assessment.pain",
        b"garbage",
        b"whole",
    )
    .await;
    assert_eq!(sequences(&read_to(&mut reader, 10).await), [10]);
}

#[tokio::test]
async fn a_killed_server_delays_the_reader_and_nothing_else() {
    let (mut server, conn, org) = ready().await;
    fill(&conn, 1, 5).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    read_to(&mut reader, 5).await;
    server.kill9();
    // While it is down: certainly not sent, or nobody knows; never "stored".
    let down = append(&conn, fact("p-1", "assessment.pain", "6")).await;
    assert!(
        matches!(down, Err(BusError::Unreachable(_)) | Ok(Appended::Ambiguous)),
        "{down:?}"
    );
    server.restart();
    // Seen as everybody sees it: by reading on.
    let sixth = expecting(5, fact("p-1", "assessment.pain", "6"));
    let mut resolved = false;
    for _ in 0..200 {
        match append(&conn, sixth.clone()).await {
            Ok(Appended::Stored { .. } | Appended::Conflict) => {
                resolved = true;
                break;
            }
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    assert!(resolved, "{}", server.log());
    let next = read_to(&mut reader, 6).await;
    assert_eq!(sequences(&next), [6]);
    assert!(reader.reopened() > 0);
    assert_eq!(
        head(&conn, &org).await.expect("a head").last_sequence,
        6,
        "appended once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn through_five_kills_every_fact_is_in_the_log_exactly_once() {
    let (mut server, conn, org) = ready().await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let killer = std::thread::spawn(move || {
        for _ in 0..5 {
            std::thread::sleep(Duration::from_millis(300));
            server.restart();
        }
        server
    });
    let (mut seen, mut afterwards, mut attempt) = (Vec::<Received>::new(), 0, 0);
    let payload = |n: u64| format!(r#"{{"id":"{n}"}}"#);
    while afterwards < 20 {
        // What is wanted is what the log does not show, decided on all that was seen of it. Each
        // attempt has a message id of its own: the server's dedupe window is to be of no help.
        let last = seen.last().map_or(0, |message| message.sequence);
        let wanted = seen.len() as u64 + 1;
        attempt += 1;
        let next = Append {
            payload: payload(wanted).into(),
            message_id: format!("{wanted}/{attempt}"),
            ..fact("p-1", "assessment.pain", "")
        };
        let outcome = append(&conn, expecting(last, next)).await;
        if !matches!(outcome, Ok(Appended::Stored { .. } | Appended::Conflict)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let Ok(head) = head(&conn, &org).await else {
                continue;
            };
            if head.last_sequence == last {
                continue;
            }
        }
        seen.extend(read_to(&mut reader, last + 1).await);
        afterwards += usize::from(killer.is_finished());
    }
    for (message, n) in seen.iter().zip(1..) {
        assert_eq!(message.payload, payload(n), "at {}", message.sequence);
    }
    assert!(reader.reopened() > 0 && conn.losses() > 0);
    drop(killer.join().expect("the killer"));
}

#[tokio::test]
async fn an_append_into_a_stopped_server_is_ambiguous_until_it_is_read() {
    let (server, conn, org) = ready().await;
    fill(&conn, 1, 1).await;
    let mut reader = Reader::open(&conn, &org, 2).await.expect("a reader");
    server.pause();
    let stopped = append(&conn, expecting(1, fact("p-1", "assessment.pain", "2"))).await;
    server.resume();
    assert!(matches!(stopped, Ok(Appended::Ambiguous)), "{stopped:?}");
    // It was in the server's socket all the time.
    assert_eq!(sequences(&read_to(&mut reader, 2).await), [2]);
    let again = append(&conn, expecting(1, fact("p-1", "alert.raised", "3")))
        .await
        .expect("an answer");
    assert_eq!(again, Appended::Conflict);
}
