//! Seeded damage to a real checkpoint, through ledger, fingerprint and the engine's restore: never wrong, never stuck.

use std::fs;

use tests::aloud;
use tests::clinic::whole::Course;
use tests::clinic::{Clinic, instant};
use tests::damage::{Dice, copy, damage};

use crate::{FIRST, setting};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_checkpoint_never_gives_another_state_than_the_log_and_never_stops_a_node() {
    let (damages, from) = (setting("CAREBUS_DAMAGES", 100), setting("CAREBUS_DAMAGE_FROM", 0));
    let course = Course::default();
    let mut clinic = Clinic::open(course.begin()).await;
    let mut node = clinic.node(FIRST).await;
    let (good, older) = (clinic.state("good"), clinic.state("older"));
    for (n, stage) in course.stages.iter().enumerate() {
        clinic.at(stage.now);
        clinic.publish(stage.facts.iter().cloned()).await;
        node.settle_at(instant(stage.now)).await.unwrap();
        if n == 1 {
            // Closed, so that every file is written.
            drop(node);
            copy(&clinic.state(FIRST), &older);
            node = clinic.node(FIRST).await;
        }
    }
    drop(node);
    copy(&clinic.state(FIRST), &good);
    let end = clinic.record().await.end;
    let expected = clinic.record().await.folded().state_hash();

    let mut set_aside = 0;
    for seed in from..from + damages {
        let dir = clinic.state(FIRST);
        copy(&good, &dir);
        let what = damage(&dir, &older, &mut Dice(seed));
        let mut node = clinic.node(FIRST).await;
        assert_eq!(node.engine().state_hash(), expected, "seed {seed}, {what}");
        // Most of them only open: to let every worker look at every patient takes longer than all the rest.
        if seed % 10 == 0 {
            node.settle_at(instant(course.end())).await.unwrap();
            assert_eq!(
                node.engine().state_hash(),
                expected,
                "seed {seed}, {what}: and stays so"
            );
        }
        drop(node);
        for entry in fs::read_dir(dir.parent().unwrap()).unwrap() {
            let path = entry.unwrap().path();
            if ![&dir, &good, &older].contains(&&path) {
                set_aside += 1;
                fs::remove_dir_all(path).unwrap();
            }
        }
    }
    let record = clinic.record().await;
    assert_eq!(record.end, end, "nothing is said again\n{}", record.told());
    assert!(
        0 < set_aside && set_aside < damages,
        "{set_aside} of {damages}: both ways must have been seen"
    );
    aloud::say(&format!(
        "{damages} damages: 0 wrong, 0 stuck; {set_aside} set aside and rebuilt"
    ));
}
