//! Quarantine: every refused message once, whole, listed, retried and dropped.

use super::*;

#[tokio::test]
async fn quarantine_holds_a_message_once_and_whole() {
    let (_server, conn, org) = ready().await;
    let bytes: Vec<u8> = (0..=255).collect();
    store(
        &conn,
        Append {
            payload: bytes.clone().into(),
            ..fact("p-1", "session.booked", "1")
        },
    )
    .await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let message = read_to(&mut reader, 1).await.remove(0);

    let detail = "data.start: expected\nRFC 3339";
    assert!(
        quarantine::put(&conn, &org, "invalid-field", detail, &message)
            .await
            .expect("put")
    );
    assert!(
        !quarantine::put(&conn, &org, "invalid-field", detail, &message)
            .await
            .expect("put again")
    );
    let entries = quarantine::list(&conn, &org, 0, 10).await.expect("a list");
    let [entry] = &entries[..] else {
        panic!("{entries:?}")
    };
    assert_eq!(
        (entry.reason.as_str(), entry.source_sequence),
        ("invalid-field", 1)
    );
    assert_eq!(entry.detail, "data.start: expected RFC 3339");
    assert_eq!(
        (&entry.payload[..], &entry.source_subject),
        (&bytes[..], &message.subject)
    );
    assert_eq!(entry.headers, message.headers);
    let got = quarantine::get_entry(&conn, &org, entry.sequence)
        .await
        .expect("an answer");
    assert_eq!(got.as_ref(), Some(entry));

    assert!(
        quarantine::discard(&conn, &org, entry.sequence)
            .await
            .expect("discarded")
    );
    assert!(
        !quarantine::discard(&conn, &org, entry.sequence)
            .await
            .expect("was already")
    );
    assert_eq!(quarantine::list(&conn, &org, 0, 10).await.expect("a list"), []);
    assert_eq!(
        quarantine::get_entry(&conn, &org, entry.sequence)
            .await
            .expect("an answer"),
        None
    );
    let refolded = quarantine::put(&conn, &org, "invalid-field", detail, &message)
        .await
        .expect("put");
    assert!(!refolded, "a fold from nothing does not bring it back");
    assert_eq!(quarantine::list(&conn, &org, 0, 10).await.expect("a list"), []);
}

#[tokio::test]
async fn a_retried_message_comes_through_the_log_again() {
    let (_server, conn, org) = ready().await;
    store(&conn, expecting(0, fact("p-1", "session.booked", "1"))).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let message = read_to(&mut reader, 1).await.remove(0);
    quarantine::put(&conn, &org, "unknown-type", "type", &message)
        .await
        .expect("put");
    let entry = quarantine::list(&conn, &org, 0, 1)
        .await
        .expect("a list")
        .remove(0);
    assert_eq!(
        quarantine::retry(&conn, &org, entry.sequence)
            .await
            .expect("retried"),
        Some(2)
    );
    assert_eq!(
        quarantine::retry(&conn, &org, entry.sequence)
            .await
            .expect("settled"),
        None
    );
    let again = read_to(&mut reader, 2).await.remove(0);
    assert_eq!(
        (&again.subject, &again.payload),
        (&message.subject, &message.payload)
    );
    assert_eq!(again.header("content-type"), message.header("content-type"));
    assert_eq!(quarantine::list(&conn, &org, 0, 10).await.expect("a list"), []);
}

#[tokio::test]
async fn the_largest_and_strangest_message_fits_into_quarantine() {
    let (server, conn, org) = ready().await;
    let mut headers = b"NATS/1.0\r\n".to_vec();
    while headers.len() < 60_000 {
        headers.extend(b"a:\x01\x01\x01\x01\x01\x01\x01\x01\r\n");
    }
    headers.extend(b"\r\n");
    let answer = raw(&server, "care.acme.patient.p-1.x.y", &headers, &[0; 5000]).await;
    assert!(answer.contains("\"seq\""), "{answer}");
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let message = read_to(&mut reader, 1).await.remove(0);
    assert!(
        quarantine::put(&conn, &org, "not-json", &"x".repeat(9999), &message)
            .await
            .expect("put")
    );
    let entry = quarantine::list(&conn, &org, 0, 1)
        .await
        .expect("a list")
        .remove(0);
    assert_eq!((entry.headers, entry.payload), (message.headers, message.payload));
}
