//! The bucket of the leases deleted while two nodes run: nobody acts, the operator hears of it, and both come back.

use std::time::Duration;

use bus::lease::TTL;
use serde_json::json;
use tests::aloud;
use tests::clinic::leases::{holders, until_all_held_by};
use tests::clinic::process::NodeProcess;
use tests::clinic::whole::Course;
use tests::clinic::{Clinic, acme};
use tokio::time::Instant;

use crate::slow::Way;
use crate::{FIRST, SECOND, until_said_again};

const DELETE: &str = "$JS.API.STREAM.DELETE.KV_carebus_leases";

async fn add_org(clinic: &Clinic) {
    bus::streams::add_org(&clinic.conn, &acme(), 1).await.unwrap();
}

/// Takes the bucket away until another node is the quicker one to take the leases of the new one: the one before often
/// thinks still that it has them.
async fn another_leads(clinic: &Clinic) {
    let holder = async || holders(clinic).await.into_iter().find_map(|holder| holder);
    let before = holder().await;
    for _ in 0..60 {
        let answer = clinic.server.ask(DELETE, "");
        assert!(answer.contains(r#""success":true"#), "{answer}");
        add_org(clinic).await;
        for _ in 0..1000 {
            match holder().await {
                None => tokio::time::sleep(Duration::from_millis(5)).await,
                now if now == before => break,
                Some(_) => return,
            }
        }
    }
    panic!("the other node is never the quicker one\n{}", clinic.said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_bucket_of_leases_nobody_acts_and_with_it_work_goes_on() {
    let course = Course::default();
    let mut clinic = Clinic::open(course.begin()).await;
    clinic.forget_message_ids();
    let mut first = NodeProcess::start(&clinic, FIRST, course.begin());
    until_all_held_by(&clinic, FIRST).await;
    let way = Way::to(clinic.server.port());
    let by_it = json!({"url": format!("nats://127.0.0.1:{}", way.port)});
    let mut second = NodeProcess::start_as(&clinic, SECOND, course.begin(), &by_it);
    second.until_open();
    // It asks for the bucket next, which must be there when a node begins: some round trips.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut at = |now: &str| {
        first.at(now);
        second.at(now);
    };
    clinic.publish(course.stages[0].facts.iter().cloned()).await;
    course.until_said(0, &mut clinic).await;

    let answer = clinic.server.ask(DELETE, "");
    assert!(answer.contains(r#""success":true"#), "{answer}");
    // The leases run out: by then nobody may act.
    tokio::time::sleep(TTL + Duration::from_secs(1)).await;
    let end = clinic.record().await.end;
    let stage = &course.stages[1];
    at(stage.now);
    clinic.publish(stage.facts.iter().cloned()).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let record = clinic.record().await;
    assert_eq!(
        record.end,
        end + stage.facts.len() as u64,
        "nobody holds a lease, so nobody acts\n{}",
        record.told()
    );

    let back = Instant::now();
    add_org(&clinic).await;
    course.until_said(1, &mut clinic).await;
    aloud::measured("all is said after the bucket of leases is back", back.elapsed());

    // Gone and back in the middle of work, again and again: for a moment both think that they lead, and one of them
    // reads half a second late, so that it decides what the other has decided already.
    way.is_late_by(500);
    for stage in [2, 3] {
        let now = &course.stages[stage];
        at(now.now);
        for handful in now.facts.chunks(7) {
            another_leads(&clinic).await;
            clinic.publish(handful.iter().cloned()).await;
        }
        course.until_said(stage, &mut clinic).await;
    }
    first.stop();
    second.stop();
    course.assert_kept(&mut clinic, &[FIRST, SECOND]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_hears_that_nobody_can_hold_a_lease_and_when_that_is_over() {
    let clinic = Clinic::open(&node::Clock::real().now().to_string()).await;
    let node = NodeProcess::start_command(&clinic, FIRST);
    until_all_held_by(&clinic, FIRST).await;
    let answer = clinic.server.ask(DELETE, "");
    assert!(answer.contains(r#""success":true"#), "{answer}");
    until_said_again(&clinic, "lease.unanswered", 0).await;
    until_said_again(&clinic, "`carebus org add` makes it", 0).await;
    add_org(&clinic).await;
    until_said_again(&clinic, "lease.answered", 0).await;
    until_all_held_by(&clinic, FIRST).await;
    node.stop();
}
