//! A leader stopped for twice its lease that goes on as if nothing had been: the standby led meanwhile, nothing is twice.

use bus::lease::TTL;
use tests::aloud;
use tests::clinic::Clinic;
use tests::clinic::leases::{holders, until_all_held_by};
use tests::clinic::process::NodeProcess;
use tests::clinic::whole::Course;
use tokio::time::Instant;

use crate::{FIRST, SECOND};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_stopped_for_twice_its_lease_does_nothing_again_when_it_goes_on() {
    let course = Course::default();
    let mut clinic = Clinic::open(course.begin()).await;
    clinic.forget_message_ids();
    let mut leader = NodeProcess::start(&clinic, FIRST, course.begin());
    until_all_held_by(&clinic, FIRST).await;
    let mut standby = NodeProcess::start(&clinic, SECOND, course.begin());
    clinic.publish(course.stages[0].facts.iter().cloned()).await;
    course.until_said(0, &mut clinic).await;

    // In the middle of its work, with appends under way.
    let stage = &course.stages[1];
    standby.at(stage.now);
    leader.at(stage.now);
    let (before, after) = stage.facts.split_at(12);
    clinic.publish(before.iter().cloned()).await;
    leader.pause();
    let stopped = Instant::now();
    clinic.publish(after.iter().cloned()).await;
    until_all_held_by(&clinic, SECOND).await;
    aloud::measured(
        "a standby leads after SIGSTOP of the leader (lease 5 s)",
        stopped.elapsed(),
    );
    course.until_said(1, &mut clinic).await;
    let letters = clinic.letters(FIRST).len();

    // What comes now comes to both at the moment the zombie wakes.
    tokio::time::sleep_until(stopped + 2 * TTL).await;
    let stage = &course.stages[2];
    standby.at(stage.now);
    leader.resume();
    leader.at(stage.now);
    clinic.publish(stage.facts.iter().cloned()).await;
    course.until_said(2, &mut clinic).await;
    let last = &course.stages[3];
    standby.at(last.now);
    leader.at(last.now);
    clinic.publish(last.facts.iter().cloned()).await;
    course.until_said(3, &mut clinic).await;
    assert!(
        holders(&clinic)
            .await
            .iter()
            .all(|holder| holder.as_deref() == Some(SECOND))
    );
    // At most what it had claimed when it was stopped: this it carries out, and its claim is in the log.
    let late = clinic.letters(FIRST).len() - letters;
    aloud::say(&format!(
        "the zombie carried out {late} mails it had claimed before"
    ));
    leader.stop();
    standby.stop();
    course.assert_kept(&mut clinic, &[FIRST, SECOND]).await;
}
