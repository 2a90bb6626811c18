//! The nats-server killed, stopped in its tracks, and gone for a while: afterwards the lag returns to zero by itself.

use std::time::Duration;

use tests::aloud;
use tests::clinic::Clinic;
use tests::clinic::process::NodeProcess;
use tests::clinic::whole::Course;

use crate::{FIRST, fault};

/// Publishes half of a stage, lets the fault happen while the node works, and then the rest; the lag afterwards.
async fn through(
    course: &Course,
    stage: usize,
    clinic: &mut Clinic,
    node: &mut NodeProcess,
    fault: impl AsyncFnOnce(&mut Clinic),
) -> Duration {
    let now = &course.stages[stage];
    node.at(now.now);
    let (before, after) = now.facts.split_at(now.facts.len() / 2);
    clinic.publish(before.iter().cloned()).await;
    fault(clinic).await;
    let over = tokio::time::Instant::now();
    clinic.publish(after.iter().cloned()).await;
    course.until_said(stage, clinic).await;
    assert!(!node.has_ended(), "the node outlives it\n{}", clinic.said());
    over.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_stopped_and_gone_for_a_while_costs_neither_a_fact_nor_a_second_mail() {
    let course = Course::default();
    let mut clinic = Clinic::open(course.begin()).await;
    let mut node = NodeProcess::start(&clinic, FIRST, course.begin());
    let lag = through(&course, 0, &mut clinic, &mut node, async |_| {}).await;
    aloud::measured("all is said of a stage without a fault after", lag);

    let killed = through(&course, 1, &mut clinic, &mut node, async |clinic| {
        clinic.server.kill9();
        clinic.server.restart();
    });
    aloud::measured("lag after kill -9 of nats-server", killed.await);

    let stopped = through(&course, 2, &mut clinic, &mut node, async |clinic| {
        clinic.server.pause();
        tokio::time::sleep(fault()).await;
        clinic.server.resume();
    });
    let what = format!("lag after SIGSTOP of nats-server for {} s", fault().as_secs());
    aloud::measured(&what, stopped.await);

    let down = through(&course, 3, &mut clinic, &mut node, async |clinic| {
        clinic.server.kill9();
        tokio::time::sleep(fault()).await;
        clinic.server.restart();
    });
    let what = format!("lag after nats-server was down for {} s", fault().as_secs());
    aloud::measured(&what, down.await);
    node.stop();
    course.assert_kept(&mut clinic, &[FIRST]).await;
}
