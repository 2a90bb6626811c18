//! Messages that are no facts: put aside with reason and detail, listed, and the bus goes on; once, also after a rebuild.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;

use bus::append::Appended;
use bus::quarantine::{self, Entry};
use care::envelope::MAX_BYTES;
use serde_json::{Value, json};
use tests::clinic::facts::{booked, calendar, plan};
use tests::clinic::{Clinic, acme};

const NODE: &str = "n-1";
const NOW: &str = "2026-06-01T14:00:00Z";

/// A fact that is right but for what `change` does to it.
fn envelope(id: &str, change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut value = json!({
        "specversion": "1.0", "id": id, "source": "urn:test:clinic", "type": "carebus.assessment.pain.v1",
        "subject": "acme/patient/p-1", "time": NOW,
        "data": {"assessment_id": id, "performed_at": NOW, "by": {"role": "patient"}, "scale": "vas", "value": 70},
    });
    change(&mut value);
    value.to_string().into_bytes()
}

/// Deeper than any reader should follow.
fn nested() -> String {
    format!("{}0{}", "[".repeat(5000), "]".repeat(5000))
}

const PAIN: &str = "care.acme.patient.p-1.assessment.pain";

/// A message that is no fact, and what must be said of it.
struct Malformed {
    subject: &'static str,
    body: Vec<u8>,
    reason: &'static str,
    /// Part of the detail.
    names: &'static str,
}

const fn pain(body: Vec<u8>, reason: &'static str, names: &'static str) -> Malformed {
    Malformed {
        subject: PAIN,
        body,
        reason,
        names,
    }
}

fn malformed() -> Vec<Malformed> {
    let set = |id: &str, field: &'static str, to: Value| envelope(id, |value| value[field] = to.clone());
    let data =
        |id: &str, field: &'static str, to: Value| envelope(id, |value| value["data"][field] = to.clone());
    let deep = String::from_utf8_lossy(&set("b-1", "data", "@".into())).replace("\"@\"", &nested());
    let later = "carebus.assessment.pain.v2";
    let unknown = "carebus.assessment.mood_ring.v1";
    let nobody = json!({"role": "astrologer"});
    let mut all = vec![
        pain(b"{\"specversion\":\"1.0\",".to_vec(), "not-json", "line 1"),
        pain(b"\xff\xfe{}".to_vec(), "not-json", "UTF-8"),
        pain(Vec::new(), "not-json", "line 1"),
        pain(nested().into_bytes(), "not-cloudevent", "object"),
        pain(b"[1, 2]".to_vec(), "not-cloudevent", "object"),
        pain(
            set("b-2", "specversion", "0.3".into()),
            "not-cloudevent",
            "specversion",
        ),
        pain(set("b-3", "type", unknown.into()), "unknown-type", "type"),
        pain(set("b-4", "type", later.into()), "unknown-version", "version 1"),
        pain(
            set("b-5", "subject", "acme/patient/p-2".into()),
            "subject-mismatch",
            "subject",
        ),
        pain(set("b-6", "time", "yesterday".into()), "invalid-field", "time"),
        pain(deep.into_bytes(), "invalid-field", "data"),
        pain(
            data("b-7", "value", json!(101)),
            "invalid-field",
            "0..100 on scale vas",
        ),
        pain(data("b-8", "by", nobody), "invalid-field", "data.by"),
        pain(set("b-9", "id", "Jane\r\nDoe".into()), "invalid-field", "id"),
        pain(
            set("b-10", "time", "2150-01-01T00:00:00Z".into()),
            "future",
            "24 hours",
        ),
    ];
    for (subject, names) in [
        ("care.acme.patient.p-1.plan.activated", "type"),
        ("care.acme.patient.p-1.assessment.pain.extra", "care.<org>"),
        ("care.acme.practitioner.p-1.assessment.pain", "subject"),
    ] {
        all.push(Malformed {
            subject,
            body: envelope("b-11", |_| ()),
            reason: "subject-mismatch",
            names,
        });
    }
    all
}

async fn listed(clinic: &Clinic) -> BTreeMap<u64, Entry> {
    let entries = quarantine::list(&clinic.conn, &acme(), 0, 1000).await.unwrap();
    let count = entries.len();
    let by_sequence: BTreeMap<u64, Entry> = entries
        .into_iter()
        .map(|entry| (entry.source_sequence, entry))
        .collect();
    assert_eq!(by_sequence.len(), count, "each refused message once");
    by_sequence
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_messages_wait_in_quarantine_with_their_reason_and_the_bus_goes_on() {
    let mut clinic = Clinic::open(NOW).await;
    let node = clinic.start(NODE).await;
    clinic
        .publish([calendar("acu-1", NOW), plan("p-1", "acu-1", NOW)])
        .await;

    let mut expected = BTreeMap::new();
    for (n, bad) in malformed().into_iter().enumerate() {
        let sent = clinic
            .send(bad.subject, &format!("bad-{n}"), &bad.body)
            .await
            .unwrap();
        let Appended::Stored { sequence, .. } = sent else {
            panic!("{sent:?}")
        };
        expected.insert(sequence, bad);
    }
    // About the same patient, after all that: the conditional append has to count what was refused.
    clinic
        .publish([booked("p-1", "pt-1", "2026-06-10T14:00:00Z", NOW)])
        .await;
    clinic
        .until_logged("an EA", |record| {
            record
                .ours()
                .find(|e| e.fact.name() == "session.booked")
                .map(drop)
        })
        .await;
    node.stop().await;

    let entries = listed(&clinic).await;
    assert_eq!(
        entries.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>()
    );
    for (sequence, bad) in &expected {
        let entry = &entries[sequence];
        let (reason, detail) = (entry.reason.as_str(), &entry.detail);
        assert_eq!(
            (reason, entry.source_subject.as_str()),
            (bad.reason, bad.subject),
            "{detail}"
        );
        assert!(
            detail.contains(bad.names),
            "{reason}: {detail:?} does not name {:?}",
            bad.names
        );
        assert!(!entry.detail.contains("Jane"), "a detail never repeats a value");
        assert_eq!(entry.payload, bad.body, "byte by byte");
    }
    clinic.record().await.assert_nothing_doubled();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_meets_the_same_malformed_messages_and_makes_no_second_entry_of_them() {
    let mut clinic = Clinic::open(NOW).await;
    let mut node = clinic.node(NODE).await;
    let count = malformed().len();
    for (n, bad) in malformed().into_iter().enumerate() {
        clinic
            .send(bad.subject, &format!("bad-{n}"), &bad.body)
            .await
            .unwrap();
    }
    node.settle_at(clinic.clock.now()).await.unwrap();
    assert_eq!(node.quarantined(), count as u64);
    drop(node);
    let before = listed(&clinic).await;
    let (first, second) = (
        before.values().next().unwrap().sequence,
        before.values().nth(1).unwrap().sequence,
    );
    assert!(quarantine::discard(&clinic.conn, &acme(), first).await.unwrap());

    std::fs::remove_dir_all(clinic.state(NODE)).unwrap();
    let mut node = clinic.node(NODE).await;
    node.settle_at(clinic.clock.now()).await.unwrap();
    assert_eq!(node.quarantined(), count as u64, "it met them all again");
    let expected = clinic.record().await.folded().state_hash();
    assert_eq!(node.engine().state_hash(), expected);

    let mut after = before.clone();
    after.pop_first();
    assert_eq!(
        listed(&clinic).await,
        after,
        "no second entry, and what was dropped stays dropped"
    );
    assert_eq!(after.values().next().unwrap().sequence, second);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_too_large_never_gets_into_the_log() {
    let mut clinic = Clinic::open(NOW).await;
    let body = envelope("large", |value| {
        value["data"]["padding"] = "x".repeat(MAX_BYTES).into()
    });
    let sent = clinic
        .send("care.acme.patient.p-1.assessment.pain", "large", &body)
        .await;
    let refused = sent
        .expect_err("refused by the server, whose limit the stream carries")
        .to_string();
    assert!(
        refused.contains("care.acme.patient.p-1.assessment.pain"),
        "{refused}"
    );
    assert_eq!(clinic.record().await.end, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subject_of_another_length_about_a_patient_does_not_stop_what_is_done_for_them() {
    let mut clinic = Clinic::open(NOW).await;
    let node = clinic.start(NODE).await;
    clinic
        .publish([
            calendar("acu-1", NOW),
            plan("p-1", "acu-1", NOW),
            booked("p-1", "pt-1", "2026-06-10T14:00:00Z", NOW),
        ])
        .await;
    // The server counts these for the patient's conditional append; nothing follows that would hide them.
    for (n, subject) in [
        "care.acme.patient.p-1.session",
        "care.acme.patient.p-1.session.booked.twice",
    ]
    .into_iter()
    .enumerate()
    {
        let body = envelope("odd", |_| {});
        clinic.send(subject, &format!("odd-{n}"), &body).await.unwrap();
    }
    clinic
        .until_logged("an EA and its mail", |record| {
            let booked = record.ours().any(|e| e.fact.name() == "session.booked");
            let sent = record.notices("sent").iter().any(|n| n.about[0].contains('/'));
            (booked && sent).then_some(())
        })
        .await;
    node.stop().await;
    let entries = listed(&clinic).await;
    assert_eq!(entries.len(), 2);
    assert!(entries.values().all(|entry| entry.reason == "subject-mismatch"));
}
