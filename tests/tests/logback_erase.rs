//! A patient is erased: not a byte of what was said of them is left in log, quarantine, feeds and checkpoints, and what
//! comes later is no fact.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::Path;

use care::fact::Fact;
use serde_json::json;
use tests::clinic::facts::{Fact as Said, booked, calendar_of_every_day, plan};
use tests::clinic::process::{NodeProcess, run};
use tests::clinic::{Clinic, in_days, now};

const NODE: &str = "n-1";
/// What nobody else's facts hold.
const CANARIES: [&str; 5] = [
    "Zebulon Quagmire",
    "zq@quagmire.example",
    "MRN-zq-4711",
    "ses-zq",
    "note-zq-private",
];

/// A plan with names, addresses and references that are found again if anything is left.
fn plan_with_canaries(patient: &str, revision: u64) -> Said {
    let team = json!([
        {"role": "pcp", "member_id": "m-1", "name": CANARIES[0], "email": CANARIES[1], "patient_ref": CANARIES[2]},
        {"role": "acupuncturist", "member_id": "m-3", "email": "m-3@acupuncture.example", "practitioner": "acu-1"},
        {"role": "care_coordinator", "member_id": "m-5", "email": "m-5@care.example"},
    ]);
    let kind = if revision == 1 {
        "plan.activated"
    } else {
        "plan.revised"
    };
    let data = json!({
        "plan_id": format!("cp-{patient}"), "revision": revision, "timezone": "America/Toronto",
        "started_on": &now()[..10], "patient": {}, "team": team,
        "ea": {"duration_min": 45, "points": ["BL23", "BL25", "GB34", "ST36"]},
    });
    Said::new(
        &format!("plan-{patient}-{revision}"),
        kind,
        &format!("patient/{patient}"),
        &now(),
        &data,
    )
}

/// Files below a folder that hold one of the canaries.
fn holding(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path));
            continue;
        }
        let bytes = fs::read(&path).unwrap_or_default();
        for canary in CANARIES {
            if bytes
                .windows(canary.len())
                .any(|window| window == canary.as_bytes())
            {
                found.push(format!("{}: {canary}", path.display()));
            }
        }
    }
    found
}

fn holders(clinic: &Clinic) -> Vec<String> {
    let state = clinic.state(NODE);
    [clinic.server.store(), state.parent().unwrap().to_owned()]
        .iter()
        .flat_map(|folder| holding(folder))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_an_erased_patient_is_left() {
    let mut clinic = Clinic::open("2026-06-01T14:00:00Z").await;
    let node = NodeProcess::start_command(&clinic, NODE);
    clinic.publish([calendar_of_every_day("acu-1", &now())]).await;
    let start = in_days(8, 15);
    clinic
        .publish([
            plan_with_canaries("p-1", 1),
            booked("p-1", "ses-zq", &start, &now()),
        ])
        .await;
    clinic
        .publish([
            plan("p-2", "acu-1", &now()),
            booked("p-2", "pt-2", &in_days(9, 15), &now()),
        ])
        .await;
    let bad = format!(r#"{{"note":"{}"}}"#, CANARIES[4]);
    clinic
        .send("care.acme.patient.p-1.assessment.pain", "bad-1", bad.as_bytes())
        .await
        .unwrap();
    for patient in ["p-1", "p-2"] {
        clinic
            .until_logged("an EA that somebody was told of", |record| {
                let mut ours = record.ours().filter(|event| event.about.id() == patient);
                ours.find(|event| event.fact.name() == "notice.sent").map(drop)
            })
            .await;
    }
    clinic
        .until_fed("the session", |feed| {
            feed.iter().find(|item| item.text("patient") == "p-1").map(drop)
        })
        .await;
    until(
        || !holding(clinic.state(NODE).parent().unwrap()).is_empty(),
        "a checkpoint with the patient",
    )
    .await;
    assert!(holders(&clinic).len() > 3, "{:?}", holders(&clinic));

    let looked = run(
        &clinic,
        &["patient", "erase", "p-1", "--org", "acme", "--dry-run", "--json"],
    );
    assert_eq!(looked.code, 0, "{looked:?}");
    let asked = run(&clinic, &["patient", "erase", "p-1", "--org", "acme"]);
    assert_eq!(asked.code, 2, "nobody is there to be asked: {asked:?}");
    let unknown = run(&clinic, &["patient", "erase", "p-77", "--org", "acme", "--yes"]);
    assert_eq!(unknown.code, 66, "{unknown:?}");
    let before = clinic.record().await.end;
    let erased = run(
        &clinic,
        &["patient", "erase", "p-1", "--org", "acme", "--yes", "--json"],
    );
    assert_eq!(erased.code, 0, "{erased:?}");
    let counts: serde_json::Value = serde_json::from_str(&erased.out).unwrap();
    assert!(
        counts["log"].as_u64() > Some(4) && counts["quarantine"] == 1,
        "{counts}"
    );

    until(|| holders(&clinic).is_empty(), "that nothing is left").await;
    let left = clinic.feed();
    assert!(left.iter().all(|item| item.text("patient") != "p-1"), "{left:#?}");

    // What comes later is no fact, and is no new patient.
    clinic.publish([plan_with_canaries("p-1", 2)]).await;
    clinic
        .publish([booked("p-2", "pt-3", &in_days(12, 15), &now())])
        .await;
    clinic.forget_record();
    clinic
        .until_logged("another EA for the other patient", |record| {
            let booked = record
                .named("session.booked")
                .filter(|event| event.about.id() == "p-2");
            (booked.count() == 4).then_some(())
        })
        .await;
    let late = run(&clinic, &["quarantine", "list", "--org", "acme", "--json"]);
    let late: serde_json::Value = serde_json::from_str(&late.out).unwrap();
    assert_eq!(late[0]["reason"], "patient-erased", "{late}");
    let record = clinic.record().await;
    let about: Vec<String> = record
        .facts
        .iter()
        .filter(|(_, event)| event.about.id() == "p-1")
        .map(|(_, event)| event.fact.name())
        .collect();
    assert_eq!(
        about,
        ["patient.erased", "plan.revised"],
        "nobody answers it\n{}",
        record.told()
    );
    assert!(record.end > before);
    let changed = record
        .facts
        .iter()
        .filter(|(_, event)| matches!(event.fact, Fact::LogChanged(_)));
    assert_eq!(changed.count(), 0, "an erasure is no hole\n{}", clinic.said());

    // Erased once more, and a node that reads everything anew agrees.
    let again = run(&clinic, &["patient", "erase", "p-1", "--org", "acme", "--yes"]);
    assert_eq!(again.code, 0, "{again:?}");
    until(
        || holders(&clinic).is_empty(),
        "that nothing is left the second time",
    )
    .await;
    node.stop();
    clinic.forget_record();
    let expected = clinic.record().await.folded().state_hash();
    clinic.at(&now());
    let rebuilt = clinic.node("n-2").await;
    assert_eq!(rebuilt.engine().state_hash(), expected);
    assert!(
        rebuilt
            .engine()
            .chart(&care::id::PatientId::new("p-1").unwrap())
            .is_none()
    );
    assert_eq!(rebuilt.log_changes(), 0);
}

async fn until(mut probe: impl FnMut() -> bool, what: &str) {
    for _ in 0..1200 {
        if probe() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("waited in vain for {what}");
}
