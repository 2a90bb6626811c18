//! A log with a past: the usual facts and everything carebus had to say about them, so that nothing is left to say.

use care::{Event, Policy, Worker};
use engine::{Settings, Simulation};
use serde_json::json;

use super::facts::{assessment, booking, event};
use super::{catch_up, facts};
use crate::exit::Failure;

/// Facts in the log per patient, about: eight by people, two of ours.
pub(crate) const FACTS_PER_PATIENT: usize = 10;

/// Whose words the log holds. Letters are left out: a hundred thousand of them take minutes to set.
pub(crate) const WORKERS: [Worker; 3] = [Worker::Oswestry, Worker::Triggers, Worker::Scheduler];

/// The log of these patients, in its order.
pub(crate) fn course(patients: std::ops::Range<usize>) -> Result<Vec<Event>, Failure> {
    let mut events = catch_up::usual_of(patients.clone())?;
    for patient in patients.clone() {
        events.push(next_pt(patient)?);
    }
    for patient in patients {
        events.push(pain(patient)?);
    }
    let mut settings = Settings::new(facts::org()?, Policy::default());
    settings.workers = WORKERS.into();
    let mut simulation = Simulation::new(settings);
    // Everything is told late, at once: the log of a clinic that began with carebus today.
    simulation.advance_to(facts::now())?;
    simulation.play(events)?;
    Ok(simulation.log().to_vec())
}

/// PT in a week, before which there is an EA to book.
fn next_pt(patient: usize) -> Result<Event, Failure> {
    let (id, day, hour) = (format!("p-{patient}"), 1 + patient % 4, 12 + patient / 4 % 10);
    let data = booking(
        patient,
        &format!("{id}-pt-2"),
        1,
        &format!("2026-07-0{day}T{hour}:00:00Z"),
    );
    event(
        &format!("patient/{id}"),
        "session.booked",
        &format!("{id}.pt-2.1"),
        "2026-06-20T12:00:00Z",
        facts::CLINIC,
        &data,
    )
}

fn pain(patient: usize) -> Result<Event, Failure> {
    let (id, at) = (format!("p-{patient}"), "2026-06-21T12:00:00Z");
    let more = json!({ "scale": "vas", "value": 38 + patient % 40, "context": "now" });
    let data = assessment(&format!("{id}-pain-2"), at, &more);
    event(
        &format!("patient/{id}"),
        "assessment.pain",
        &format!("{id}.pain-2"),
        at,
        "app",
        &data,
    )
}
