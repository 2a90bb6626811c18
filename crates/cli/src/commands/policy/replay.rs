//! What people and clinics told, played on a virtual clock under one policy.

use care::id::OrgId;
use care::time::Timestamp;
use care::{Event, Policy, Worker};
use engine::{Settings, Simulation};
use mailer::Delivery;

use crate::exit::Failure;

/// The log as it would be: every fact of the world in the order and at the time it reached the record, every mail
/// taken at once.
pub(super) fn play(
    org: &OrgId,
    policy: &Policy,
    log: &[Event],
    until: Timestamp,
) -> Result<Simulation, Failure> {
    let ours: Vec<_> = Worker::ALL.iter().map(|worker| worker.source(org)).collect();
    let mut simulation = Simulation::new(Settings::new(org.clone(), policy.clone()));
    simulation.deliver_with(|_| Delivery::Sent { reply: Some(250) });
    let mut clock = Timestamp::MIN;
    let mut together: Vec<Event> = Vec::new();
    for event in log {
        // What stands before a fact in the log was there first: a late fact is late again.
        let arrives = clock.max(event.time).min(until);
        if arrives > clock && !together.is_empty() {
            hand_in(&mut simulation, clock, &mut together)?;
        }
        clock = arrives;
        if !ours.contains(&event.source) {
            together.push(event.clone());
        }
    }
    hand_in(&mut simulation, clock, &mut together)?;
    simulation.advance_to(until)?;
    simulation.settle()?;
    Ok(simulation)
}

fn hand_in(simulation: &mut Simulation, at: Timestamp, together: &mut Vec<Event>) -> Result<(), Failure> {
    simulation.advance_to(at)?;
    simulation.play(together.drain(..))?;
    Ok(())
}
