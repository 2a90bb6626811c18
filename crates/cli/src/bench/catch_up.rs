//! (a) Catching up: the log through decode, fold and checkpoint, against a bare consumer on the same stream.

use bus::{Connection, Reader};
use care::id::OrgId;
use serde_json::json;
use tokio::time::Instant;

use super::figure::{Found, Line, Spread};
use super::ground::Ground;
use super::{Scale, facts};
use crate::exit::{Exit, Failure};

/// Messages taken at once, as the node does.
const AT_ONCE: usize = 5000;

/// What each round found, facts per second.
#[derive(Default)]
struct Rounds {
    library: Vec<f64>,
    reader: Vec<f64>,
    decoded: Vec<f64>,
    folded: Vec<f64>,
    saved: Vec<f64>,
}

pub(crate) async fn measure(scale: &Scale) -> Result<Found, Failure> {
    let ground = Ground::prepare(&scale.program, "catch-up").await?;
    let patients = scale.patients.unwrap_or(scale.pick(100_000, 2_000));
    scale.say(&format!(
        "catch-up: writing six facts of each of {patients} patients"
    ));
    let mut filled = 0;
    for chunk in super::chunks(patients) {
        filled += ground.fill(usual_of(chunk)?).await?;
    }
    let facts = ground.head().await?;
    let mut rounds = Rounds::default();
    let mut bytes = 0;
    for round in 0..scale.rounds {
        scale.say(&format!("catch-up: round {} of {}", round + 1, scale.rounds));
        bytes = library(&ground, facts, &mut rounds).await?;
        rounds
            .reader
            .push(rate(facts, read(&ground.conn, &ground.org, facts, false).await?));
        rounds
            .decoded
            .push(rate(facts, read(&ground.conn, &ground.org, facts, true).await?));
        node(&ground, facts, round, &mut rounds).await?;
    }
    let ratio = Spread::ratio(&rounds.saved, &rounds.library);
    let of = |values: &[f64]| Spread::of(values);
    let json = json!({
        "patients": patients,
        "facts": facts,
        "facts_written_in_batches": filled,
        "bytes_per_fact": bytes / facts.max(1),
        "facts_per_second": {
            "ordered_consumer_of_the_client_library": of(&rounds.library),
            "reader": of(&rounds.reader),
            "reader_and_decode": of(&rounds.decoded),
            "node_decode_and_fold": of(&rounds.folded),
            "node_decode_fold_and_checkpoint": of(&rounds.saved),
        },
        "ratio_to_ordered_consumer": {
            "reader": Spread::ratio(&rounds.reader, &rounds.library),
            "reader_and_decode": Spread::ratio(&rounds.decoded, &rounds.library),
            "node_decode_and_fold": Spread::ratio(&rounds.folded, &rounds.library),
            "node_decode_fold_and_checkpoint": ratio,
        },
    });
    let lines = vec![
        Line::new(
            format!("ordered consumer of the client library, {facts} facts, facts/s"),
            of(&rounds.library).show(0),
            "",
        ),
        Line::new(
            "our reader, nothing decoded, facts/s",
            of(&rounds.reader).show(0),
            "",
        ),
        Line::new("read and decoded, facts/s", of(&rounds.decoded).show(0), ""),
        Line::new(
            "decoded and folded by the node, facts/s",
            of(&rounds.folded).show(0),
            "",
        ),
        Line::new(
            "… and its checkpoint saved, facts/s",
            of(&rounds.saved).show(0),
            "",
        ),
        Line::new("ratio to the library's consumer", ratio.show(2), "≥ 0.5"),
    ];
    Ok(Found { json, lines })
}

/// Calendars and usual facts, kind by kind over the patients of a chunk, as a log is.
pub(crate) fn usual_of(patients: std::ops::Range<usize>) -> Result<Vec<care::Event>, Failure> {
    let mut events = facts::calendars(patients.clone()).collect::<Result<Vec<_>, _>>()?;
    let mut courses = Vec::with_capacity(patients.len());
    for patient in patients {
        courses.push(facts::usual(patient)?.into_iter());
    }
    for _ in 0..6 {
        events.extend(courses.iter_mut().filter_map(Iterator::next));
    }
    Ok(events)
}

fn rate(facts: u64, seconds: f64) -> f64 {
    facts as f64 / seconds
}

async fn library(ground: &Ground, facts: u64, rounds: &mut Rounds) -> Result<u64, Failure> {
    let began = Instant::now();
    let bytes = bus::bare::read(&ground.conn, &ground.org, facts).await?;
    rounds.library.push(rate(facts, began.elapsed().as_secs_f64()));
    Ok(bytes)
}

/// Seconds to read all of it.
async fn read(conn: &Connection, org: &OrgId, facts: u64, decode: bool) -> Result<f64, Failure> {
    let began = Instant::now();
    let mut reader = Reader::open(conn, org, 1).await?;
    let mut seen = 0;
    while seen < facts {
        for received in reader.next_batch(AT_ONCE).await? {
            seen += 1;
            if decode {
                crate::fold::decode(&received).map_err(|fault| {
                    Failure::new(
                        Exit::Bug,
                        format!("the benchmark's fact {}: {fault}", received.sequence),
                    )
                })?;
            }
        }
    }
    Ok(began.elapsed().as_secs_f64())
}

async fn node(ground: &Ground, facts: u64, round: usize, rounds: &mut Rounds) -> Result<(), Failure> {
    let began = Instant::now();
    // Nobody acts in it: what there is to say is none of this measurement's business.
    let node = ground.open(&format!("state-{round}"), &[]).await?;
    rounds.folded.push(rate(facts, began.elapsed().as_secs_f64()));
    let (folded, refused) = (node.engine().facts(), node.quarantined());
    Ground::stop(node).await?;
    rounds.saved.push(rate(facts, began.elapsed().as_secs_f64()));
    if (folded, refused) != (facts, 0) {
        return Err(Failure::new(
            Exit::Bug,
            format!("{folded} of {facts} facts were folded, {refused} refused"),
        ));
    }
    Ok(())
}
