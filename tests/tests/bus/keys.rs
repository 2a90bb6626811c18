//! Each credential at its work, with its key and no more.

use std::collections::BTreeMap;

use bus::Auth;
use bus::permissions::{Holder, Permission, new_key, server_config, table};
use tests::wire::{Who, Wire};

use super::*;

#[tokio::test]
async fn each_credential_does_its_work_with_its_key_and_no_more() {
    let clinics = ["east", "west"].map(|c| ClinicId::new(c).expect("a clinic"));
    let rows = table(&acme(), &clinics);
    let keys: BTreeMap<String, (String, String)> = rows
        .iter()
        .map(|row| (row.user.clone(), new_key().expect("a key")))
        .collect();
    let server = NatsServer::start_with(&server_config(&rows, |row| {
        format!("nkey: {}", keys[&row.user].0)
    }));
    let dir = tempfile::tempdir().expect("a directory");
    let open = async |user: &str| {
        let seed = dir.path().join(user);
        std::fs::write(&seed, &keys[user].1).expect("written");
        let settings = Settings {
            auth: Auth::NkeySeed(seed),
            inbox_prefix: Some(format!("_INBOX_{user}")),
            timeout: Duration::from_secs(3),
            ..Settings::new(server.url(), user)
        };
        Connection::open(&settings).await.expect("connected")
    };
    let org = acme();
    let (admin, node) = (open("administrator").await, open("node").await);
    assert!(matches!(
        add_org(&node, &org, 1).await,
        Err(BusError::Refused { .. })
    ));
    add_org(&admin, &org, 1).await.expect("acme added");

    let clinic = open("clinic-east").await;
    let booked = append(&clinic, fact("p-1", "session.booked", "e-1"))
        .await
        .expect("appended");
    assert!(
        matches!(booked, Appended::Stored { sequence: 1, .. }),
        "{booked:?}"
    );
    let forged = append(&clinic, fact("p-1", "alert.raised", "e-2")).await;
    assert!(matches!(forged, Err(BusError::Refused { .. })), "{forged:?}");
    assert!(
        Reader::open(&clinic, &org, 1).await.is_err(),
        "a clinic reads no facts"
    );

    let mut reader = Reader::open(&node, &org, 1).await.expect("the node reads");
    assert_eq!(reader.next_batch(10).await.expect("facts").len(), 1);
    let said = append(&node, expecting(1, fact("p-1", "session.booked", "e-3")))
        .await
        .expect("appended");
    assert!(matches!(said, Appended::Stored { sequence: 2, .. }), "{said:?}");
    let mut candidate = Candidate::open(&node, &org, "scheduler", "n-1", Duration::from_secs(5))
        .await
        .expect("the bucket");
    assert!(
        candidate.acquire().await.expect("an answer").is_some(),
        "the node leads"
    );

    let viewer = open("viewer").await;
    let mut seen = Reader::open(&viewer, &org, 1).await.expect("the viewer reads");
    assert_eq!(seen.next_batch(10).await.expect("facts").len(), 2);
    let meddled = append(&viewer, fact("p-1", "session.booked", "e-4")).await;
    assert!(matches!(meddled, Err(BusError::Refused { .. })), "{meddled:?}");
    let leads = Candidate::open(&viewer, &org, "scheduler", "viewer", Duration::from_secs(5)).await;
    let holder = leads
        .expect("the viewer looks")
        .holder()
        .await
        .expect("an answer");
    assert_eq!(holder.as_deref(), Some("n-1"), "the viewer sees who leads");
}

#[tokio::test]
async fn every_worker_process_works_with_its_own_key() {
    let rows = table(&acme(), &[]);
    let server = super::permissions::guarded(&rows);
    let open = async |row: &Permission| {
        let path = server.dir().join(&row.user);
        std::fs::write(&path, format!("{0}\n{0}\n", row.user)).expect("written");
        let settings = Settings {
            auth: Auth::UserPassword(path),
            inbox_prefix: Some(row.inbox()),
            timeout: Duration::from_secs(3),
            ..Settings::new(server.url(), &row.user)
        };
        Connection::open(&settings).await.expect("connected")
    };
    add_org(&open(&rows[0]).await, &acme(), 1)
        .await
        .expect("acme added");
    for row in &rows {
        let Holder::Worker(worker) = row.holder else {
            continue;
        };
        let conn = open(row).await;
        require_org(&conn, &acme()).await.expect("all places are there");
        let patient = format!("p-{}", worker.name());
        // `log.changed` is about no patient.
        let facts = worker.facts().iter().filter(|name| **name != "log.changed");
        for (n, name) in facts.enumerate() {
            store(&conn, fact(&patient, name, &format!("{}-{n}", worker.name()))).await;
        }
        let mut candidate = Candidate::open(&conn, &acme(), worker.name(), "n-1", Duration::from_secs(5))
            .await
            .expect("the bucket");
        let mut lease = candidate.acquire().await.expect("an answer").expect("it leads");
        assert!(lease.renew().await.expect("an answer"), "{}", row.user);
        lease.release().await;
        let reader = Reader::open(&conn, &acme(), 1).await;
        let batch = reader.expect("it reads").next_batch(100).await.expect("facts");
        assert!(!batch.is_empty());
    }
    let noted = server.log().to_lowercase();
    assert!(!noted.contains("violation"), "{noted}");
    assert!(Wire::open(&server, Who::User("clinic-east", "clinic-east"), "_INBOX_x").is_err());
}
