//! (f) Placing the EA of a month of a large clinic: one question to the scheduler, no broker.

use care::fact::session::Modality;
use care::{Fact, Policy, Worker};
use engine::{Engine, Settings};
use serde_json::json;
use tokio::time::Instant;

use super::figure::{Found, Line, Spread};
use super::{Scale, facts, month};
use crate::exit::Failure;

pub(crate) fn measure(scale: &Scale) -> Result<Found, Failure> {
    let practitioners = scale.pick(month::PRACTITIONERS, 2);
    let events = month::of(practitioners)?;
    let pt = practitioners * facts::PER_PRACTITIONER * month::PT_EACH;
    let (mut seconds, mut placed, mut unprepared) = (Vec::new(), 0, 0);
    for round in 0..scale.rounds {
        scale.say(&format!("placing: round {} of {}", round + 1, scale.rounds));
        let mut settings = Settings::new(facts::org()?, Policy::default());
        settings.workers = [Worker::Scheduler].into();
        let mut engine = Engine::new(settings);
        for (position, event) in (1..).zip(&events) {
            engine.apply(event, position);
        }
        let began = Instant::now();
        let decisions = engine.poll(month::now());
        seconds.push(began.elapsed().as_secs_f64());
        let said = || decisions.iter().flat_map(|decision| &decision.events);
        placed = said().filter(|event| is_ea(&event.fact)).count();
        unprepared = said()
            .filter(|event| matches!(event.fact, Fact::SessionUnprepared(_)))
            .count();
    }
    let took = Spread::of(&seconds);
    let json = json!({
        "practitioners": practitioners,
        "pt_sessions": pt,
        "ea_booked": placed,
        "pt_unprepared": unprepared,
        "seconds": took,
    });
    let lines = vec![Line::new(
        format!("placing the EA of {pt} PT sessions of {practitioners} practitioners, s"),
        took.show(2),
        "≤ 2 s",
    )];
    Ok(Found { json, lines })
}

/// An EA was booked.
pub(crate) fn is_ea(fact: &Fact) -> bool {
    matches!(fact, Fact::SessionBooked(booking) if booking.modality == Modality::Ea)
}
