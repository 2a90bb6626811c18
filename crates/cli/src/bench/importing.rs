//! (g) A month of a large clinic imported through the real broker, to the last EA booked.

use std::collections::HashSet;
use std::time::Duration;

use bus::Reader;
use care::{Fact, Worker};
use serde_json::json;
use tokio::time::Instant;

use super::figure::{Found, Line, Spread};
use super::ground::{Ground, Working};
use super::placing::is_ea;
use super::{Scale, facts, month};
use crate::exit::{Exit, Failure};

/// After so long without an answer about the next PT session something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// Seconds from the first fact sent until …
#[derive(Default)]
struct Rounds {
    /// … the last of the import was acknowledged.
    imported: Vec<f64>,
    /// … an EA was in the log for the last PT session, or why there is none.
    answered: Vec<f64>,
    booked: usize,
    unprepared: usize,
}

pub(crate) async fn measure(scale: &Scale) -> Result<Found, Failure> {
    let practitioners = scale.pick(month::PRACTITIONERS, 2);
    let pt = practitioners * facts::PER_PRACTITIONER * month::PT_EACH;
    let mut rounds = Rounds::default();
    let mut imported = 0;
    for round in 0..scale.rounds {
        scale.say(&format!("importing: round {} of {}", round + 1, scale.rounds));
        let ground = Ground::prepare(&scale.program, &format!("importing-{round}")).await?;
        imported = one(&ground, practitioners, pt, &mut rounds).await?;
    }
    let of = |values: &[f64]| Spread::of(values);
    let json = json!({
        "practitioners": practitioners,
        "facts_imported": imported,
        "pt_sessions": pt,
        "ea_booked": rounds.booked,
        "pt_unprepared": rounds.unprepared,
        "appended": "atomic batches",
        "imported_seconds": of(&rounds.imported),
        "answered_seconds": of(&rounds.answered),
    });
    let lines = vec![
        Line::new(
            format!("importing {imported} facts, until they are acknowledged, s"),
            of(&rounds.imported).show(2),
            "",
        ),
        Line::new(
            format!("… until the last of {pt} PT sessions has its EA in the log, s"),
            of(&rounds.answered).show(2),
            "≤ 10 s",
        ),
    ];
    Ok(Found { json, lines })
}

async fn one(
    ground: &Ground,
    practitioners: usize,
    pt: usize,
    rounds: &mut Rounds,
) -> Result<usize, Failure> {
    let events = month::of(practitioners)?;
    let workers = [Worker::Scheduler, Worker::Oswestry, Worker::Triggers];
    let node = ground.open_at("state", &workers, month::now()).await?;
    let working = Working::start(node).await;
    let reader = Reader::open(&ground.conn, &ground.org, 1).await?;
    let began = Instant::now();
    let imported = async {
        let filled = ground.fill(events).await;
        filled.map(|count| (count, began.elapsed().as_secs_f64()))
    };
    let (imported, answered) = tokio::join!(imported, answers(reader, pt, rounds));
    working.stop().await?;
    let (count, seconds) = imported?;
    rounds.imported.push(seconds);
    rounds
        .answered
        .push(answered?.duration_since(began).as_secs_f64());
    Ok(count)
}

/// Waits until every PT session is prepared by an EA, or said to be unprepared.
async fn answers(mut reader: Reader, pt: usize, rounds: &mut Rounds) -> Result<Instant, Failure> {
    let (mut prepared, mut unprepared) = (HashSet::new(), HashSet::new());
    rounds.booked = 0;
    while prepared.len() + unprepared.len() < pt {
        let batch = tokio::time::timeout(PATIENCE, reader.next_batch(5000)).await;
        let waited = || {
            let known = prepared.len() + unprepared.len();
            Failure::new(
                Exit::TryAgain,
                format!("{known} of {pt} PT sessions were answered, then nothing for a minute"),
            )
        };
        for received in batch.map_err(|_| waited())?? {
            let Ok(event) = crate::fold::decode(&received) else {
                continue;
            };
            match &event.fact {
                Fact::SessionBooked(booking) if is_ea(&event.fact) => {
                    rounds.booked += 1;
                    for session in booking.prepares.iter().flatten() {
                        // A slot may have been found after all.
                        unprepared.remove(session);
                        prepared.insert(session.clone());
                    }
                }
                Fact::SessionUnprepared(said) if !prepared.contains(&said.session_id) => {
                    unprepared.insert(said.session_id.clone());
                }
                _ => {}
            }
        }
    }
    rounds.unprepared = unprepared.len();
    Ok(Instant::now())
}
