//! (b) Live: from a clinic publishing an Oswestry until its score is in the log and read, at several rates.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bus::append::{Append, Appended, BatchAppended, LARGEST_BATCH, SMALLEST_BATCH, append, append_batch};
use bus::{Connection, Reader};
use care::{Event, Fact, Worker};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::figure::{Found, Line, Spread, percentile};
use super::ground::{Ground, Working};
use super::{Scale, catch_up, facts};
use crate::exit::Failure;

/// One fact in so many is an Oswestry, whose score is the answer; the others are pain.
const ANSWERED: usize = 4;
/// The rates, facts per second, and for how many seconds each is kept up.
const RATES: [(usize, usize); 3] = [(100, 10), (1_000, 10), (5_000, 4)];
/// Answers that have not come after this are missing.
const PATIENCE: Duration = Duration::from_secs(30);

/// When each Oswestry was published.
type Sent = Arc<Mutex<HashMap<String, Instant>>>;

/// One rate.
#[derive(Default)]
struct Rate {
    published: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    most: Vec<f64>,
    missing: usize,
    not_taken: usize,
}

pub(crate) async fn measure(scale: &Scale) -> Result<Found, Failure> {
    let ground = Ground::prepare(&scale.program, "live").await?;
    scale.say("live: preparing");
    let answers = |(rate, seconds)| rate * scale.pick(seconds, 1) / ANSWERED;
    // Nobody answers twice in the same fortnight: that would be one Oswestry, scored once.
    let patients = RATES.map(answers).iter().sum::<usize>() * scale.rounds + 1;
    for chunk in super::chunks(patients) {
        ground.fill(catch_up::usual_of(chunk)?).await?;
    }
    let mut node = ground
        .open("state", &[Worker::Oswestry, Worker::Triggers, Worker::Scheduler])
        .await?;
    node.settle_at(facts::now()).await?;
    let working = Working::start(node).await;
    let mut dealer = Dealer { number: 0, patients };
    let found = rates(&ground, scale, &mut dealer).await;
    working.stop().await?;
    found
}

async fn rates(ground: &Ground, scale: &Scale, dealer: &mut Dealer) -> Result<Found, Failure> {
    let (mut found, mut lines) = (Vec::new(), Vec::new());
    for (wanted, seconds) in RATES {
        let mut rate = Rate::default();
        for round in 0..scale.rounds {
            scale.say(&format!(
                "live: {wanted} facts/s, round {} of {}",
                round + 1,
                scale.rounds
            ));
            let facts = dealer.deal(wanted * scale.pick(seconds, 1))?;
            one(ground, facts, wanted, &mut rate).await?;
        }
        let of = |values: &[f64]| Spread::of(values);
        found.push(json!({
            "wanted_per_second": wanted,
            "published_per_second": of(&rate.published),
            "answered": format!("one of {ANSWERED}"),
            "answers_missing": rate.missing,
            "not_taken": rate.not_taken,
            "p50_ms": of(&rate.p50),
            "p99_ms": of(&rate.p99),
            "max_ms": of(&rate.most),
        }));
        let goal = if wanted == 1_000 {
            "p50 ≤ 2, p99 ≤ 10"
        } else {
            ""
        };
        lines.push(Line::new(
            format!("{wanted} facts/s, publish → resulting fact read, p50, ms"),
            of(&rate.p50).show(2),
            goal,
        ));
        lines.push(Line::new(
            format!(
                "… p99, ms ({:.0} facts/s published, {} answers missing)",
                of(&rate.published).median,
                rate.missing
            ),
            of(&rate.p99).show(2),
            "",
        ));
    }
    Ok(Found {
        json: json!({ "rates": found }),
        lines,
    })
}

async fn one(ground: &Ground, facts: Vec<Due>, wanted: usize, rate: &mut Rate) -> Result<(), Failure> {
    let count = facts.len();
    let expected = facts.iter().filter(|fact| fact.answered.is_some()).count();
    let sent = Sent::default();
    let from = ground.head().await? + 1;
    let reader = Reader::open(&ground.conn, &ground.org, from).await?;
    let watched = watch(reader, &sent, expected);
    let published = publish(&ground.conn, facts, wanted, &sent);
    let (published, latencies) = tokio::join!(published, watched);
    let mut latencies = latencies?;
    latencies.sort_by(f64::total_cmp);
    rate.published.push(count as f64 / published.seconds);
    rate.not_taken += published.not_taken;
    rate.missing += expected - latencies.len();
    rate.p50.push(percentile(&latencies, 0.5));
    rate.p99.push(percentile(&latencies, 0.99));
    rate.most.push(percentile(&latencies, 1.0));
    Ok(())
}

/// A fact to publish, and the assessment whose score answers it.
struct Due {
    message: Append,
    answered: Option<String>,
}

/// Hands out facts: one of four an Oswestry of somebody who has not answered yet.
struct Dealer {
    number: usize,
    patients: usize,
}

impl Dealer {
    fn deal(&mut self, count: usize) -> Result<Vec<Due>, Failure> {
        (0..count)
            .map(|_| {
                self.number += 1;
                fact(self.number, self.patients)
            })
            .collect()
    }
}

fn fact(number: usize, patients: usize) -> Result<Due, Failure> {
    let (turn, at) = (number / ANSWERED, "2026-06-22T13:00:00Z");
    let is_answered = number.is_multiple_of(ANSWERED);
    // The others report pain, so that what is decided about one is not overtaken by the same one's next fact.
    let patient = if is_answered { turn } else { turn + patients / 2 } % patients;
    let (id, about) = (format!("live-{number}"), format!("patient/p-{patient}"));
    let (kind, more) = if is_answered {
        let items: Vec<usize> = (0..10).map(|section| 1 + (patient + section) % 3).collect();
        (
            "assessment.oswestry",
            json!({ "instrument_version": "2.1a", "items": items }),
        )
    } else {
        (
            "assessment.pain",
            json!({ "scale": "vas", "value": 40 + patient % 40, "context": "now" }),
        )
    };
    let event: Event = facts::event(&about, kind, &id, at, "app", &facts::assessment(&id, at, &more))?;
    Ok(Due {
        message: Append::fact(&event, None),
        answered: is_answered.then_some(id),
    })
}

/// How publishing went.
#[derive(Default)]
struct Published {
    seconds: f64,
    /// Facts whose storage the server did not confirm.
    not_taken: usize,
}

/// Publishes at the rate, singly as clinics do; only where that many are due at once that singly would be slower, as a
/// batch.
async fn publish(conn: &Connection, facts: Vec<Due>, rate: usize, sent: &Sent) -> Published {
    let began = Instant::now();
    let due = |n: usize| began + Duration::from_secs_f64(n as f64 / rate as f64);
    let mut facts = facts.into_iter().enumerate().peekable();
    let mut singles: JoinSet<bool> = JoinSet::new();
    let mut published = Published::default();
    while let Some((next, _)) = facts.peek() {
        let mut woken = None;
        if due(*next) > Instant::now() {
            tokio::time::sleep_until(due(*next)).await;
            // A sleep may end late, and that is not the bus's doing.
            woken = Some(Instant::now());
        }
        let now = Instant::now();
        let mut ready = Vec::new();
        while let Some((n, fact)) = facts.next_if(|(n, _)| due(*n) <= now) {
            if let Some(id) = fact.answered {
                let at = woken.unwrap_or_else(|| due(n));
                sent.lock().unwrap_or_else(PoisonError::into_inner).insert(id, at);
            }
            ready.push(fact.message);
        }
        if ready.len() < SMALLEST_BATCH {
            for message in ready {
                let conn = conn.clone();
                singles.spawn(
                    async move { matches!(append(&conn, message).await, Ok(Appended::Stored { .. })) },
                );
            }
        } else {
            for together in ready.chunks(LARGEST_BATCH) {
                let stored = append_batch(conn, together.to_vec()).await;
                if !matches!(stored, Ok(BatchAppended::Stored { .. })) {
                    published.not_taken += together.len();
                }
            }
        }
        while let Some(done) = singles.try_join_next() {
            published.not_taken += usize::from(!matches!(done, Ok(true)));
        }
    }
    while let Some(done) = singles.join_next().await {
        published.not_taken += usize::from(!matches!(done, Ok(true)));
    }
    published.seconds = began.elapsed().as_secs_f64();
    published
}

/// Milliseconds from publishing to reading the answer in the log.
async fn watch(mut reader: Reader, sent: &Sent, expected: usize) -> Result<Vec<f64>, Failure> {
    let mut latencies = Vec::with_capacity(expected);
    while latencies.len() < expected {
        let Ok(batch) = tokio::time::timeout(PATIENCE, reader.next_batch(5000)).await else {
            break;
        };
        let batch = batch?;
        let seen = Instant::now();
        for received in batch.iter().filter(|r| r.subject.ends_with(".oswestry.scored")) {
            let Ok(event) = crate::fold::decode(received) else {
                continue;
            };
            if let Fact::OswestryScored(scored) = &event.fact
                && let Some(at) = sent
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(scored.assessment_id.as_str())
            {
                latencies.push(seen.duration_since(at).as_secs_f64() * 1e3);
            }
        }
    }
    Ok(latencies)
}
