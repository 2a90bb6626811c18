//! Facts under carebus' own name that carebus did not say: refused where they could silence it, harmless elsewhere.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use care::fact::Fact as Said;
use care::{Event, Worker};
use serde_json::{Value, json};
use tests::clinic::facts::{booked, calendar, plan};
use tests::clinic::{Clinic, acme};

const NODE: &str = "n-1";
const NOW: &str = "2026-06-01T14:00:00Z";

/// A red flag that has to be told at once.
fn red_flag() -> Value {
    json!({
        "specversion": "1.0", "id": "rf-1", "source": "urn:test:clinic", "type": "carebus.assessment.red_flag.v1",
        "subject": "acme/patient/p-1", "time": NOW,
        "data": {"assessment_id": "rf-1", "performed_at": NOW, "by": {"role": "physical_therapist", "member_id": "m-4"},
                 "items": ["saddle_sensory_change", "bladder_change"], "onset_at": NOW},
    })
}

async fn say(clinic: &Clinic, fact: &Value) {
    let name = fact["type"]
        .as_str()
        .unwrap()
        .trim_start_matches("carebus.")
        .trim_end_matches(".v1");
    let subject = format!("care.acme.patient.p-1.{name}");
    let id = format!(
        "{}/{}",
        fact["source"].as_str().unwrap(),
        fact["id"].as_str().unwrap()
    );
    clinic
        .send(&subject, &id, fact.to_string().as_bytes())
        .await
        .unwrap();
}

/// What carebus says of itself when nobody is in its way.
async fn ours(facts: &[Value], until: &str) -> Event {
    let mut clinic = Clinic::open(NOW).await;
    clinic
        .publish([
            calendar("acu-1", NOW),
            plan("p-1", "acu-1", NOW),
            booked("p-1", "pt-1", "2026-06-10T14:00:00Z", NOW),
        ])
        .await;
    for fact in facts {
        say(&clinic, fact).await;
    }
    let node = clinic.start(NODE).await;
    let found = clinic
        .until_logged(until, |record| {
            record.ours().find(|e| e.fact.name() == until).cloned()
        })
        .await;
    node.stop().await;
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_whose_identity_somebody_took_before_is_raised_all_the_same() {
    let raised = ours(&[red_flag()], "alert.raised").await;
    let mut clinic = Clinic::open(NOW).await;
    clinic
        .publish([calendar("acu-1", NOW), plan("p-1", "acu-1", NOW)])
        .await;
    // On a subject a clinic may use, with the server's own duplicate check against us as well.
    let mut squat = json!({
        "specversion": "1.0", "id": raised.id.as_str(), "source": raised.source.as_str(), "type": "carebus.session.missed.v1",
        "subject": "acme/patient/p-1", "time": NOW, "data": {"session_id": "pt-9"},
    });
    say(&clinic, &squat).await;
    squat["data"]["session_id"] = "pt-8".into();
    say(&clinic, &red_flag()).await;
    let node = clinic.start(NODE).await;
    let told = clinic
        .until_logged("a letter about the alert", |record| {
            let alert = record
                .ours()
                .find(|e| e.id == raised.id && matches!(e.fact, Said::AlertRaised(_)))?;
            let sent = record.notices("sent").iter().any(|n| {
                n.about
                    .iter()
                    .any(|a| a.as_str().contains(alert_id(alert).as_str()))
            });
            sent.then(|| alert.clone())
        })
        .await;
    assert_eq!(told.source, Worker::Triggers.source(&acme()));
    node.stop().await;
    let refused = bus::quarantine::list(&clinic.conn, &acme(), 0, 10).await.unwrap();
    let said: Vec<(&str, &str)> = refused
        .iter()
        .map(|e| (e.reason.as_str(), e.detail.as_str()))
        .collect();
    let detail = "source: expected your own: a worker's name is for what that worker says";
    assert_eq!(said, [("invalid-field", detail)]);
}

fn alert_id(event: &Event) -> String {
    match &event.fact {
        Said::AlertRaised(raised) => raised.alert_id.to_string(),
        _ => String::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_booking_whose_identity_somebody_took_before_is_made_all_the_same_and_once() {
    let first = ours(&[], "session.booked").await;
    let Said::SessionBooked(booking) = &first.fact else {
        panic!("{first:?}")
    };
    for forged in [
        json!({"session_id": "pt-9", "revision": 1, "modality": "pt", "start": "2026-06-20T14:00:00Z", "end": "2026-06-20T15:00:00Z"}),
        // The very session, elsewhere and at another time, as if carebus had placed it.
        json!({"session_id": booking.session_id.as_str(), "revision": 1, "modality": "ea", "start": "2026-06-03T03:00:00Z",
               "end": "2026-06-03T03:45:00Z", "prepares": ["pt-1"], "practitioner": "acu-1",
               "placement": {"target": "2026-06-03T03:00:00Z", "deviation_min": 0, "rule": "on-target"}}),
    ] {
        let mut clinic = Clinic::open(NOW).await;
        clinic
            .publish([calendar("acu-1", NOW), plan("p-1", "acu-1", NOW)])
            .await;
        let squat = json!({
            "specversion": "1.0", "id": first.id.as_str(), "source": first.source.as_str(), "type": "carebus.session.booked.v1",
            "subject": "acme/patient/p-1", "time": "2026-05-31T14:00:00Z", "data": forged,
        });
        say(&clinic, &squat).await;
        let node = clinic.start(NODE).await;
        clinic
            .publish([booked("p-1", "pt-1", "2026-06-10T14:00:00Z", NOW)])
            .await;
        clinic
            .until_fed("the EA that was to be placed", |feed| {
                let start = booking.start.to_string();
                feed.iter()
                    .any(|item| item.text("modality") == "ea" && item.text("start") == start)
                    .then_some(())
            })
            .await;
        clinic
            .until_logged("its mail", |record| {
                (!record.notices("sent").is_empty()).then_some(())
            })
            .await;
        node.stop().await;
        // One round and not one after the other for ever.
        let said = clinic
            .record()
            .await
            .ours()
            .filter(|e| e.fact.name().starts_with("session."))
            .count();
        assert!(said <= 4, "{said} facts about sessions\n{}", clinic.said());
        let chart_conflicts: u32 = {
            let engine = clinic.record().await.folded();
            engine.charts().iter().map(|chart| chart.conflicts).sum()
        };
        assert!(chart_conflicts <= 1, "{chart_conflicts}");
    }
}
