//! Two nodes for one organisation: one acts, the other knows as much and takes over when the first is killed.

use std::collections::BTreeSet;

use tests::clinic::Clinic;
use tests::clinic::facts::{booked, calendar, moved, plan, red_flag};
use tests::clinic::leases::{holders, until_all_held_by};
use tests::clinic::process::{self, NodeProcess};

const NOW: &str = "2026-06-01T14:00:00Z";
const FIRST: &str = "n-1";
const SECOND: &str = "n-2";

#[test]
fn this_program_is_a_node_when_a_test_starts_it_as_one() {
    process::play();
}

/// A patient with a PT session, and what makes two mails of it: an invitation, and later a red flag for everybody.
async fn patient(clinic: &Clinic, n: usize) {
    let id = format!("p-{n}");
    let start = format!("2026-06-{}T1{}:00:00Z", 10 + n % 3, 3 + n / 3);
    clinic
        .publish([
            plan(&id, "acu-1", NOW),
            booked(&id, &format!("pt-{n}"), &start, NOW),
        ])
        .await;
}

/// Waits until each of these patients has an EA and nobody waits for a mail.
async fn until_served(clinic: &mut Clinic, patients: usize) {
    clinic
        .until_logged(&format!("{patients} patients served"), |record| {
            let preparations = record.preparations();
            let prepared = preparations.len() == patients && preparations.values().all(|count| *count == 1);
            let ended = |notice: &&care::fact::ours::Notice| {
                ["sent", "deferred"].iter().any(|verb| {
                    record
                        .notices(verb)
                        .iter()
                        .any(|n| (&n.notice_id, n.attempt) == (&notice.notice_id, notice.attempt))
                })
            };
            let claims = record.notices("attempted");
            // An invitation and twice the Oswestry reminder.
            let told: BTreeSet<_> = claims.iter().map(|notice| &notice.notice_id).collect();
            (prepared && told.len() >= 3 * patients && claims.iter().all(ended)).then_some(())
        })
        .await;
}

fn notices(clinic: &Clinic, node: &str) -> BTreeSet<String> {
    clinic
        .letters(node)
        .iter()
        .map(|letter| letter.notice())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_leader_acts_and_the_standby_takes_over_when_it_is_killed() {
    let mut clinic = Clinic::open(NOW).await;
    clinic.publish([calendar("acu-1", NOW)]).await;
    let mut leader = NodeProcess::start(&clinic, FIRST, NOW);
    until_all_held_by(&clinic, FIRST).await;
    let standby = clinic.start(SECOND).await;
    for n in 0..5 {
        patient(&clinic, n).await;
    }
    until_served(&mut clinic, 5).await;
    assert_eq!(
        notices(&clinic, SECOND),
        BTreeSet::new(),
        "the standby tells nobody"
    );
    assert_eq!(notices(&clinic, FIRST).len(), 15);

    // In the middle of work: these facts are on their way while it dies.
    for n in 5..9 {
        patient(&clinic, n).await;
    }
    leader.kill9();
    clinic
        .publish([moved("p-0", "pt-0", 2, "2026-06-12T17:00:00Z", NOW)])
        .await;
    until_all_held_by(&clinic, SECOND).await;
    until_served(&mut clinic, 9).await;
    clinic.publish([red_flag("p-1", "bladder_change", NOW)]).await;
    clinic
        .until_logged("an alert", |record| record.named("alert.raised").next().map(drop))
        .await;
    standby.stop().await;
    assert!(
        holders(&clinic).await.iter().all(Option::is_none),
        "a node that stops gives its leases back"
    );

    let record = clinic.record().await;
    record.assert_nothing_doubled();
    // Cut off by the kill, and so sent by both: the same file, its claim closed first.
    let cut_off: BTreeSet<String> = record
        .notices("deferred")
        .iter()
        .map(|n| n.notice_id.to_string())
        .collect();
    let by_both: BTreeSet<String> = notices(&clinic, FIRST)
        .intersection(&notices(&clinic, SECOND))
        .cloned()
        .collect();
    assert!(
        by_both.is_subset(&cut_off),
        "{by_both:?} went out twice, {cut_off:?} had been cut off"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_stops_and_starts_again_takes_no_lease_from_the_leader() {
    let mut clinic = Clinic::open(NOW).await;
    clinic.publish([calendar("acu-1", NOW)]).await;
    let leader = clinic.start(FIRST).await;
    until_all_held_by(&clinic, FIRST).await;
    for round in 0..3 {
        let standby = clinic.start(SECOND).await;
        patient(&clinic, round).await;
        until_served(&mut clinic, round + 1).await;
        standby.stop().await;
        assert!(
            holders(&clinic)
                .await
                .iter()
                .all(|holder| holder.as_deref() == Some(FIRST))
        );
    }
    leader.stop().await;
    assert_eq!(notices(&clinic, SECOND), BTreeSet::new());
    clinic.record().await.assert_nothing_doubled();
}
