//! The drill of docs/backup.md with the real command: back up, go on, lose the server's store, restore, start.

use std::collections::BTreeSet;
use std::fs;

use care::fact::Fact;
use care::fact::ours::LogFound;
use tests::clinic::facts::{booked, calendar_of_every_day, plan};
use tests::clinic::process::{NodeProcess, run};
use tests::clinic::record::Record;
use tests::clinic::{Clinic, in_days, now};

const NODE: &str = "n-1";

/// Plan and PT session of a patient, eight days ahead, on real time.
fn patient(n: i8) -> [tests::clinic::facts::Fact; 2] {
    let (id, start) = (format!("p-{n}"), in_days(7 + i64::from(n), 10 + n));
    [
        plan(&id, "acu-1", &now()),
        booked(&id, &format!("pt-{n}"), &start, &now()),
    ]
}

fn ours(record: &Record, n: usize) -> impl Iterator<Item = &care::Event> {
    let id = format!("p-{n}");
    record.ours().filter(move |event| event.about.id() == id)
}

fn bookings(record: &Record, n: usize) -> BTreeSet<String> {
    let booked = ours(record, n).filter(|event| event.fact.name() == "session.booked");
    booked.map(|event| event.id.to_string()).collect()
}

async fn until_told(clinic: &mut Clinic, n: usize) {
    clinic
        .until_logged("an EA that somebody was told of", |record| {
            ours(record, n)
                .find(|event| event.fact.name() == "notice.sent")
                .map(drop)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lost_its_store_is_restored_and_nothing_is_doubled() {
    let mut clinic = Clinic::open("2026-06-01T14:00:00Z").await;
    let node = NodeProcess::start_command(&clinic, NODE);
    clinic.publish([calendar_of_every_day("acu-1", &now())]).await;
    let (first, second) = (patient(1), patient(2));
    clinic.publish(first.clone()).await;
    clinic
        .send("care.acme.patient.p-1.plan.revised", "bad", b"\xff not JSON \x00")
        .await
        .unwrap();
    until_told(&mut clinic, 1).await;

    let home = tempfile::tempdir().unwrap();
    let backup = home.path().join("acme");
    let taken = run(
        &clinic,
        &[
            "backup",
            "--org",
            "acme",
            "--json",
            "--out",
            backup.to_str().unwrap(),
        ],
    );
    assert_eq!(taken.code, 0, "{taken:?}");
    let record = clinic.record().await;
    let (end, one) = (record.end, bookings(record, 1));
    assert_eq!(one.len(), 1);
    let told: serde_json::Value = serde_json::from_str(&taken.out).unwrap();
    assert!(
        told["streams"][1]["last_sequence"].as_u64().unwrap() <= end,
        "{told}"
    );
    let again = run(
        &clinic,
        &["backup", "--org", "acme", "--out", backup.to_str().unwrap()],
    );
    assert_eq!(again.code, 2, "never over another: {again:?}");
    let refused = run(&clinic, &["restore", backup.to_str().unwrap()]);
    assert_eq!(refused.code, 78, "there is a log: {refused:?}");
    assert!(refused.err.contains("has a log on this server"), "{refused:?}");

    // Life goes on, and then the disk is gone.
    clinic.publish(second.clone()).await;
    until_told(&mut clinic, 2).await;
    let two = bookings(clinic.record().await, 2);
    clinic.server.kill9();
    fs::remove_dir_all(clinic.server.store()).unwrap();
    clinic.server.restart();
    let restored = run(&clinic, &["restore", backup.to_str().unwrap()]);
    assert_eq!(restored.code, 0, "{restored:?}\n{}", clinic.said());

    // The node that ran all the while finds out; publishers send again what is missing, and more than that.
    clinic.forget_record();
    let changed = clinic
        .until_logged("that the log changed", |record| {
            record.facts.iter().find_map(|(_, event)| match &event.fact {
                Fact::LogChanged(changed) => Some(changed.clone()),
                _ => None,
            })
        })
        .await;
    assert_eq!(changed.found, LogFound::Recreated);
    clinic.publish(first).await;
    clinic.publish(second).await;
    until_told(&mut clinic, 2).await;
    node.stop();
    let record = clinic.record().await;
    assert_eq!(
        (bookings(record, 1), bookings(record, 2)),
        (one, two),
        "the same ids as before"
    );
    assert_eq!(record.refused.len(), 1, "what cannot be read came back as well");
    assert!(
        record.preparations().values().all(|n| *n == 1),
        "{}",
        record.told()
    );
    let quarantined = run(&clinic, &["quarantine", "list", "--org", "acme", "--json"]);
    let waiting: serde_json::Value = serde_json::from_str(&quarantined.out).unwrap();
    assert_eq!(waiting.as_array().map(Vec::len), Some(1), "{quarantined:?}");
    let doctor = run(&clinic, &["doctor", "--org", "acme"]);
    assert!(doctor.out.contains("the log was created anew"), "{doctor:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_backup_is_named_and_not_restored() {
    let mut clinic = Clinic::open("2026-06-01T14:00:00Z").await;
    clinic.publish(patient(1)).await;
    let home = tempfile::tempdir().unwrap();
    let backup = home.path().join("acme");
    let path = backup.to_str().unwrap();
    assert_eq!(run(&clinic, &["backup", "--org", "acme", "--out", path]).code, 0);
    assert_eq!(run(&clinic, &["backup", "verify", path]).code, 0);
    let archive = backup.join("CARE_ACME.snapshot");
    let whole = fs::read(&archive).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for (what, bytes) in [("a bit", flipped), ("the end", whole[..whole.len() - 1].to_vec())] {
        fs::write(&archive, bytes).unwrap();
        let verified = run(&clinic, &["backup", "verify", path]);
        assert_eq!(verified.code, 65, "{what}: {verified:?}");
        assert!(
            verified.err.contains("CARE_ACME.snapshot"),
            "{what}: {verified:?}"
        );
    }
    clinic.server.kill9();
    fs::remove_dir_all(clinic.server.store()).unwrap();
    clinic.server.restart();
    assert_eq!(run(&clinic, &["restore", path]).code, 65);
    assert!(
        bus::streams::head(&clinic.conn, &tests::clinic::acme())
            .await
            .is_err(),
        "nothing was made"
    );
}
