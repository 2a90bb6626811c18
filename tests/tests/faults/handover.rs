//! The leader killed as a red flag arrives: the standby tells everybody over SMTP, and how long that took.

use serde_json::json;
use tests::aloud;
use tests::clinic::Clinic;
use tests::clinic::facts::{calendar, plan, red_flag};
use tests::clinic::leases::until_all_held_by;
use tests::clinic::process::NodeProcess;
use tokio::time::Instant;

use crate::conversation::{MailServer, until_all_told};
use crate::{FIRST, SECOND};

const NOW: &str = "2026-06-01T14:00:00Z";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_red_flag_that_arrives_as_the_leader_is_killed_is_told_by_the_standby() {
    let mail = MailServer::start();
    let mut clinic = Clinic::open(NOW).await;
    let mut leader = NodeProcess::start_as(&clinic, FIRST, NOW, &json!({"smtp": mail.port}));
    until_all_held_by(&clinic, FIRST).await;
    let standby = NodeProcess::start_as(&clinic, SECOND, NOW, &json!({"smtp": mail.port}));
    clinic
        .publish([
            calendar("acu-1", NOW),
            plan("p-0", "acu-1", NOW),
            plan("p-1", "acu-1", NOW),
        ])
        .await;

    let healthy = Instant::now();
    clinic.publish([red_flag("p-0", "bladder_change", NOW)]).await;
    until_all_told(&mut clinic, "p-0", "all is well").await;
    aloud::measured("red flag to the last of five SMTP replies 250", healthy.elapsed());

    leader.kill9();
    let killed = Instant::now();
    clinic.publish([red_flag("p-1", "bladder_change", NOW)]).await;
    until_all_told(&mut clinic, "p-1", "the death of the leader").await;
    aloud::measured("the same with the leader killed as it arrives", killed.elapsed());
    standby.stop();
    let record = clinic.record().await;
    record.assert_nothing_doubled();
    for notice in record.notices("attempted") {
        let unknown = record
            .notices("unknown")
            .iter()
            .filter(|n| n.notice_id == notice.notice_id)
            .count();
        let copies = mail.copies(notice.message_id.as_ref());
        assert!(
            copies <= 1 + unknown,
            "{} is there {copies} times",
            notice.notice_id
        );
    }
}
