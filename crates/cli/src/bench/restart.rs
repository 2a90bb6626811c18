//! (d) Starting again: with a checkpoint, and without one from a log of so many facts.

use serde_json::json;
use tokio::time::Instant;

use super::figure::{Found, Line, Spread};
use super::ground::Ground;
use super::{Scale, facts, lived, machine};
use crate::exit::{Exit, Failure};

/// What each round found.
#[derive(Default)]
struct Rounds {
    rebuilt: Vec<f64>,
    looked: Vec<f64>,
    restarted: Vec<f64>,
    resident: Vec<f64>,
    said: u64,
    hashes: Vec<u64>,
}

pub(crate) async fn measure(scale: &Scale) -> Result<Found, Failure> {
    let ground = Ground::prepare(&scale.program, "restart").await?;
    let wanted = scale.facts.unwrap_or(scale.pick(1_000_000, 20_000));
    let patients = scale.patients.unwrap_or(wanted / lived::FACTS_PER_PATIENT).max(1);
    scale.say(&format!("restart: letting {patients} patients live"));
    for chunk in super::chunks(patients) {
        ground.fill(lived::course(chunk)?).await?;
    }
    let facts = ground.head().await?;
    let mut rounds = Rounds::default();
    for round in 0..scale.rounds {
        scale.say(&format!(
            "restart: round {} of {}, {facts} facts",
            round + 1,
            scale.rounds
        ));
        one(&ground, round, facts, &mut rounds).await?;
    }
    let is_same = rounds.hashes.windows(2).all(|pair| pair[0] == pair[1]);
    let of = |values: &[f64]| Spread::of(values);
    let json = json!({
        "facts": facts,
        "patients": patients,
        "workers": lived::WORKERS.map(care::Worker::name),
        "rebuild_seconds": of(&rounds.rebuilt),
        "rebuild_facts_per_second": Spread::of(&rounds.rebuilt.iter().map(|s| facts as f64 / s).collect::<Vec<_>>()),
        "everybody_looked_at_seconds": of(&rounds.looked),
        "restart_with_checkpoint_seconds": of(&rounds.restarted),
        "resident_after_rebuild": of(&rounds.resident),
        "said_after_rebuild": rounds.said,
        "same_state": is_same,
        "state_hash": rounds.hashes.first().map(|hash| format!("{hash:016x}")),
    });
    let lines = vec![
        Line::new(
            format!("rebuild from {facts} facts of {patients} patients, s"),
            of(&rounds.rebuilt).show(2),
            "≤ 15 s",
        ),
        Line::new(
            "facts said by the rebuilt node; same state each time",
            format!("{}; {is_same}", rounds.said),
            "0; true",
        ),
        Line::new(
            "everybody looked at once after it, s",
            of(&rounds.looked).show(2),
            "",
        ),
        Line::new(
            "restart with a checkpoint to ready, s",
            of(&rounds.restarted).show(2),
            "≤ 2 s",
        ),
        Line::new(
            "memory of this process after the rebuild, MB",
            Spread::of(&rounds.resident.iter().map(|b| b / 1e6).collect::<Vec<_>>()).show(0),
            "",
        ),
    ];
    Ok(Found { json, lines })
}

async fn one(ground: &Ground, round: usize, facts: u64, rounds: &mut Rounds) -> Result<(), Failure> {
    let state = format!("state-{round}");
    let began = Instant::now();
    let mut node = ground.open(&state, &lived::WORKERS).await?;
    rounds.rebuilt.push(began.elapsed().as_secs_f64());
    rounds.hashes.push(node.engine().state_hash());
    rounds.resident.push(machine::resident() as f64);
    if (node.engine().facts(), node.quarantined()) != (facts, 0) {
        return Err(Failure::new(
            Exit::Bug,
            format!("{} of {facts} facts were folded", node.engine().facts()),
        ));
    }
    // It may act now, at the time its log was written for: whatever it says, it should have known was said.
    let began = Instant::now();
    node.settle_at(facts::now()).await?;
    rounds.looked.push(began.elapsed().as_secs_f64());
    drop(node);
    let began = Instant::now();
    let node = ground.open(&state, &lived::WORKERS).await?;
    rounds.restarted.push(began.elapsed().as_secs_f64());
    rounds.hashes.push(node.engine().state_hash());
    rounds.said += ground.head().await? - facts;
    Ok(())
}
