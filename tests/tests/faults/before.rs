//! The same path on the nats-server before the newest: conditional append, leases, takeover, a kill of it, a rebuild.

use tests::clinic::Clinic;
use tests::clinic::leases::until_all_held_by;
use tests::clinic::process::NodeProcess;
use tests::clinic::whole::Course;
use tests::nats::{self, NatsServer, Plan};

use crate::{FIRST, SECOND};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_before_the_newest_bears_takeover_kills_and_a_rebuild_as_well() {
    let Some(program) = nats::version("2.14") else {
        return;
    };
    let plan = Plan {
        program,
        ..Plan::default()
    };
    let course = Course::default();
    let mut clinic = Clinic::open_on(NatsServer::start_as(plan), course.begin()).await;
    assert!(clinic.conn.server_version().starts_with("2.14."));
    let mut leader = NodeProcess::start(&clinic, FIRST, course.begin());
    until_all_held_by(&clinic, FIRST).await;
    let mut standby = NodeProcess::start(&clinic, SECOND, course.begin());
    clinic.publish(course.stages[0].facts.iter().cloned()).await;
    course.until_said(0, &mut clinic).await;

    // Killed in the middle of its work; the standby takes over.
    let stage = &course.stages[1];
    leader.at(stage.now);
    standby.at(stage.now);
    clinic.publish(stage.facts.iter().cloned()).await;
    leader.kill9();
    course.until_said(1, &mut clinic).await;
    until_all_held_by(&clinic, SECOND).await;

    // The server too.
    let stage = &course.stages[2];
    standby.at(stage.now);
    let (before, after) = stage.facts.split_at(10);
    clinic.publish(before.iter().cloned()).await;
    clinic.server.restart();
    clinic.publish(after.iter().cloned()).await;
    course.until_said(2, &mut clinic).await;

    // And the checkpoint is lost.
    standby.stop();
    std::fs::remove_dir_all(clinic.state(SECOND)).unwrap();
    let mut standby = NodeProcess::start(&clinic, SECOND, course.end());
    clinic.publish(course.stages[3].facts.iter().cloned()).await;
    standby.at(course.end());
    course.until_said(3, &mut clinic).await;
    standby.stop();
    course.assert_kept(&mut clinic, &[SECOND, FIRST]).await;
}
