//! A log that went back or is another one is found out.

use super::*;

#[tokio::test]
async fn a_log_made_anew_is_found_out() {
    let (server, conn, org) = ready().await;
    fill(&conn, 1, 10).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let read = read_to(&mut reader, 10).await;
    let print = fingerprint::take(&conn, &org, 10)
        .await
        .expect("an answer")
        .expect("a message");
    assert_eq!(
        print,
        Fingerprint::of(reader.created(), &read[9]),
        "read and looked up alike"
    );
    let text = serde_json::to_string(&print).expect("json");
    assert_eq!(serde_json::from_str::<Fingerprint>(&text).expect("json"), print);
    assert_eq!(
        fingerprint::matches(&conn, &org, &print)
            .await
            .expect("an answer"),
        Fit::Fits
    );
    let beginning = fingerprint::take(&conn, &org, 0)
        .await
        .expect("an answer")
        .expect("always there");
    assert_eq!(
        fingerprint::matches(&conn, &org, &beginning)
            .await
            .expect("an answer"),
        Fit::Fits
    );

    administer(&server, "$JS.API.STREAM.DELETE.CARE_ACME", "").await;
    let gone = tokio::time::timeout(Duration::from_secs(60), reader.next_batch(10)).await;
    assert!(matches!(gone, Ok(Err(BusError::MissingOrg(_)))), "{gone:?}");
    add_org(&conn, &org, 1).await.expect("added again");
    fill_anew(&conn, 12).await;
    let changed = tokio::time::timeout(Duration::from_secs(60), reader.next_batch(10)).await;
    assert!(
        matches!(changed, Ok(Err(BusError::LogChanged { .. }))),
        "{changed:?}"
    );
    for print in [print, beginning] {
        assert_eq!(
            fingerprint::matches(&conn, &org, &print)
                .await
                .expect("an answer"),
            Fit::Recreated
        );
    }
}

async fn fill_anew(conn: &Connection, to: u64) {
    for n in 1..=to {
        store(conn, fact("p-9", "assessment.pain", &format!("anew-{n}"))).await;
    }
}

#[tokio::test]
async fn a_log_restored_from_a_backup_is_found_out() {
    let (mut server, conn, org) = ready().await;
    fill(&conn, 1, 5).await;
    let print = fingerprint::take(&conn, &org, 5)
        .await
        .expect("an answer")
        .expect("a message");
    let backup = server.dir().with_extension("backup");
    copy(server.dir(), &backup);
    fill(&conn, 6, 8).await;
    let later = fingerprint::take(&conn, &org, 8)
        .await
        .expect("an answer")
        .expect("a message");
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    read_to(&mut reader, 8).await;

    server.kill9();
    std::fs::remove_dir_all(server.dir().join("jetstream")).expect("the store removed");
    copy(&backup.join("jetstream"), &server.dir().join("jetstream"));
    std::fs::remove_dir_all(&backup).expect("tidied up");
    server.restart();
    let shorter = tokio::time::timeout(Duration::from_secs(60), reader.next_batch(10)).await;
    assert!(
        matches!(shorter, Ok(Err(BusError::LogChanged { .. }))),
        "{shorter:?}"
    );
    let conn = connect(&server).await;
    assert_eq!(
        fingerprint::matches(&conn, &org, &print)
            .await
            .expect("an answer"),
        Fit::Fits
    );
    assert_eq!(
        fingerprint::matches(&conn, &org, &later)
            .await
            .expect("an answer"),
        Fit::LogIsShorter
    );
    assert!(matches!(
        Reader::open(&conn, &org, 9).await,
        Err(BusError::LogChanged { .. })
    ));
    fill_anew(&conn, 4).await;
    assert_eq!(
        fingerprint::matches(&conn, &org, &later)
            .await
            .expect("an answer"),
        Fit::Differs
    );
}

#[tokio::test]
async fn a_reader_does_not_read_on_in_a_log_that_was_restored_and_appended_to_past_its_place() {
    let (mut server, conn, org) = ready().await;
    fill(&conn, 1, 5).await;
    let kept = server.keep_store();
    let conn = connect(&server).await;
    fill(&conn, 6, 8).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    read_to(&mut reader, 8).await;
    server.put_back(kept.path());
    fill_anew(&connect(&server).await, 9).await;
    let read = tokio::time::timeout(Duration::from_secs(60), reader.next_batch(10)).await;
    assert!(
        matches!(
            read,
            Ok(Err(BusError::LogChanged {
                fit: Fit::Differs,
                ..
            }))
        ),
        "{read:?}"
    );
    assert!(!reader.is_caught_up());
}

#[tokio::test]
async fn a_message_that_went_with_its_patient_is_no_misfit() {
    let (server, conn, org) = ready().await;
    fill(&conn, 1, 3).await;
    let print = fingerprint::take(&conn, &org, 3)
        .await
        .expect("an answer")
        .expect("a message");
    let delete = |seq: u64| format!(r#"{{"seq":{seq}}}"#);
    administer(&server, "$JS.API.STREAM.MSG.DELETE.CARE_ACME", &delete(3)).await;
    let (fit, head) = fingerprint::look(&conn, &org, &print).await.expect("an answer");
    assert_eq!((fit, head.gone()), (Fit::Differs, 1));
    store(&conn, fact("p-2", "patient.erased", "another")).await;
    let fit = fingerprint::matches(&conn, &org, &print)
        .await
        .expect("an answer");
    assert_eq!(fit, Fit::Differs, "somebody else was erased");
    store(&conn, fact("p-1", "patient.erased", "this")).await;
    let fit = fingerprint::matches(&conn, &org, &print)
        .await
        .expect("an answer");
    assert_eq!(fit, Fit::Fits);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("a directory").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
