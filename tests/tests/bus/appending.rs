//! Conditional appends: refused when anything newer is there, and what is refused for good.

use super::*;

#[tokio::test]
async fn an_append_is_refused_when_anything_newer_about_the_patient_exists() {
    let (_server, conn, _) = ready().await;
    let booked = store(&conn, expecting(0, fact("p-1", "session.booked", "1"))).await;
    let pain = store(&conn, expecting(booked, fact("p-1", "assessment.pain", "2"))).await;
    // Seen the session, not the pain: another verb about the same patient.
    let late = append(&conn, expecting(booked, fact("p-1", "alert.raised", "3")))
        .await
        .expect("an answer");
    assert_eq!(late, Appended::Conflict);
    // Another patient does not matter, nor does what has been seen.
    store(&conn, expecting(0, fact("p-2", "session.booked", "4"))).await;
    store(&conn, expecting(pain, fact("p-1", "alert.raised", "3"))).await;
    let never = append(&conn, expecting(99, fact("p-3", "session.booked", "5")))
        .await
        .expect("an answer");
    assert_eq!(
        never,
        Appended::Conflict,
        "a future that was never seen is no better"
    );
}

#[tokio::test]
async fn a_repetition_within_the_window_is_said_to_be_one() {
    let (_server, conn, _) = ready().await;
    let first = append(&conn, fact("p-1", "session.booked", "1"))
        .await
        .expect("stored");
    let again = append(&conn, fact("p-1", "session.booked", "1"))
        .await
        .expect("stored");
    assert_eq!(
        first,
        Appended::Stored {
            sequence: 1,
            duplicate: false
        }
    );
    assert_eq!(
        again,
        Appended::Stored {
            sequence: 1,
            duplicate: true
        }
    );
}

#[tokio::test]
async fn a_fact_that_is_too_large_is_refused_for_good() {
    let (_server, conn, _) = ready().await;
    let large = Append {
        payload: vec![b'x'; 64 * 1024 + 1].into(),
        ..fact("p-1", "session.booked", "1")
    };
    assert!(matches!(
        append(&conn, large).await,
        Err(BusError::Refused { .. })
    ));
    let huge = Append {
        payload: vec![b'x'; 4 << 20].into(),
        ..fact("p-1", "session.booked", "2")
    };
    assert!(matches!(append(&conn, huge).await, Err(BusError::Refused { .. })));
}
