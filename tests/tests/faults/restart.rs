//! A rolling restart of two `carebus up` to another policy while facts come: nothing waits for long, nothing is twice.

use care::fact::ours::Notice;
use care::time::hours;
use node::Clock;
use tests::clinic::Clinic;
use tests::clinic::course::{patient, pt};
use tests::clinic::facts::{booked, calendar_of_every_day, plan};
use tests::clinic::leases::until_all_held_by;
use tests::clinic::process::NodeProcess;
use tests::clinic::whole::assert_every_letter_is_a_sent_notice;

use crate::{FIRST, SECOND, says, until_said_again};

/// The policy of the new version: another hash, and every patient is looked at again under it.
const NEW: &str = "[scheduling]\nnotice_hours = 3\n";
const PATIENTS: usize = 12;

/// A plan and a PT session in ten days.
async fn come(clinic: &Clinic, n: usize, at: &str) {
    let day = at.parse::<care::time::Timestamp>().unwrap();
    let day = day.saturating_add(hours(240)).unwrap().to_string()[..10].to_owned();
    let start = format!("{day}T{}:00:00Z", 15 + n / 4);
    clinic
        .publish([
            plan(&patient(n), &format!("acu-{}", n % 4 + 1), at),
            booked(&patient(n), &pt(n, 0), &start, at),
        ])
        .await;
}

/// Starts a process and waits until it has read the log.
async fn started(clinic: &Clinic, name: &str, policy: &str) -> NodeProcess {
    let before = says(clinic, "ready: org acme");
    let process = NodeProcess::start_command_with(clinic, name, policy);
    until_said_again(clinic, "ready: org acme", before).await;
    process
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_restarted_one_after_the_other_to_another_version_book_and_tell_once() {
    let at = Clock::real().now().to_string();
    let mut clinic = Clinic::open(&at).await;
    clinic
        .publish((1..=4).map(|n| calendar_of_every_day(&format!("acu-{n}"), &at)))
        .await;
    let mut first = started(&clinic, FIRST, "").await;
    until_all_held_by(&clinic, FIRST).await;
    let mut second = started(&clinic, SECOND, "").await;
    let mut patients = 0..PATIENTS;
    for _ in 0..2 {
        for n in patients.by_ref().take(3) {
            come(&clinic, n, &at).await;
        }
        // The standby has known as much all along, and is given the leases back.
        first.stop();
        for n in patients.by_ref().take(3) {
            come(&clinic, n, &at).await;
        }
        until_all_held_by(&clinic, SECOND).await;
        first = started(&clinic, FIRST, NEW).await;
        second.stop();
        until_all_held_by(&clinic, FIRST).await;
        second = started(&clinic, SECOND, NEW).await;
    }
    clinic
        .until_logged("an EA and an invitation for everybody", |record| {
            let invited = |n: &&Notice| {
                let is_session = |about: &String| about.contains('/') && !about.starts_with("oswestry");
                n.about.iter().any(is_session)
            };
            let sent = record.notices("sent").iter().filter(|n| invited(n)).count();
            let booked = record.preparations();
            (sent == PATIENTS && booked.len() == PATIENTS && booked.values().all(|count| *count == 1))
                .then_some(())
        })
        .await;
    first.stop();
    second.stop();
    clinic.record().await.assert_nothing_doubled();
    assert_every_letter_is_a_sent_notice(&mut clinic, &[FIRST, SECOND]).await;
    assert_eq!(
        says(&clinic, "checkpoint.set_aside"),
        0,
        "the restarts needed no rebuild"
    );
}
