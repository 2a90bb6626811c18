//! A course of facts played through a real broker on a virtual clock, stop by stop, as the simulation would.

use std::collections::HashSet;

use bus::BusError;
use bus::append::{Append, Appended, append};
use care::Event;
use care::time::{SignedDuration, Timestamp};
use engine::Engine;

use crate::{Node, NodeError};

/// Plays `events` and the answers of `world` through `node`, whose clock must be virtual, up to `until`.
///
/// Events arrive in their order, each at its own time, or now if that is past; neighbours of one instant arrive
/// together. `world` is what people do in answer to the state: asked at every stop of the clock for its next facts,
/// each at its own time, of which the earliest are taken and the rest asked for again, so that a session that was
/// moved meanwhile does not happen at its old time. An answer comes at least a second after what it answers.
///
/// Returns every fact that was published, in log order: the engine's simulation, given the same facts, says the same.
///
/// # Errors
/// [`NodeError`] when NATS refuses, or the workers do not come to rest.
pub async fn play(
    node: &mut Node,
    events: impl IntoIterator<Item = Event>,
    until: Timestamp,
    mut world: impl FnMut(&Engine) -> Vec<Event>,
) -> Result<Vec<Event>, NodeError> {
    let mut played = Played::default();
    let mut events = events.into_iter().filter(|event| event.time <= until).peekable();
    loop {
        let now = node.clock.now();
        let answers = played.next_of(world(node.engine()), now);
        let given = events.peek().map(|event| event.time.max(now));
        let answered = answers.first().map(|event| event.time);
        let stop = [given, answered]
            .into_iter()
            .flatten()
            .min()
            .filter(|at| *at <= until);
        let woken = node
            .wake_at()
            .map(|at| at.max(now))
            .filter(|at| stop.is_none_or(|stop| *at < stop));
        if let Some(at) = woken.filter(|at| *at < until) {
            node.settle_at(at).await?;
            continue;
        }
        let Some(at) = stop else { break };
        node.clock.set(at);
        while let Some(event) = events.next_if(|event| event.time <= at) {
            publish(node, &event).await?;
            played.note(event);
        }
        for event in answers.into_iter().filter(|event| event.time == at) {
            publish(node, &event).await?;
            played.note(event);
        }
        node.settle_at(at).await?;
    }
    node.settle_at(until).await?;
    Ok(played.events)
}

/// What was published so far.
#[derive(Default)]
struct Played {
    events: Vec<Event>,
    identities: HashSet<String>,
}

impl Played {
    fn note(&mut self, event: Event) {
        self.identities.insert(event.message_id());
        self.events.push(event);
    }

    /// The answers of the earliest time among those not given yet.
    fn next_of(&self, mut answers: Vec<Event>, now: Timestamp) -> Vec<Event> {
        let soonest = now
            .saturating_add(SignedDuration::from_secs(1))
            .unwrap_or(Timestamp::MAX);
        answers.retain(|answer| !self.identities.contains(&answer.message_id()));
        for answer in &mut answers {
            answer.time = answer.time.max(soonest);
        }
        let earliest = answers.iter().map(|event| event.time).min();
        answers.retain(|event| Some(event.time) == earliest);
        answers
    }
}

async fn publish(node: &Node, event: &Event) -> Result<(), NodeError> {
    match append(&node.conn, Append::fact(event, None)).await? {
        Appended::Stored { .. } => Ok(()),
        Appended::Conflict | Appended::Ambiguous => {
            Err(BusError::Unreachable(format!("no answer for the fact {}", event.id)).into())
        }
    }
}
