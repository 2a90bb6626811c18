//! An independent check of what is booked: plain arithmetic on the charts, nothing of the scheduler's own.

use care::chart::{Session, SessionStatus};
use care::fact::session::Modality;
use care::id::{PractitionerId, SessionId};
use care::time::{Timestamp, hours, minutes};
use engine::Engine;

use super::world::{World, patient};

/// An EA that carebus placed and that is expected to take place.
struct Ea {
    patient: u8,
    practitioner: Option<PractitionerId>,
    start: Timestamp,
    end: Timestamp,
}

/// What is wrong with what carebus has placed.
#[must_use]
pub fn against_the_rules(world: &World, engine: &Engine, now: Timestamp) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut all: Vec<Ea> = Vec::new();
    for number in 0..world.patients {
        let Some(chart) = engine.chart(&patient(number)) else {
            continue;
        };
        let ours: Vec<&Session> = chart
            .sessions
            .values()
            .filter(|s| is_placed(s) && s.status().is_expected())
            .collect();
        for (i, a) in ours.iter().enumerate() {
            for b in ours.iter().skip(i + 1).filter(|b| apart(a, b) < 44 * 60) {
                wrong.push(format!(
                    "{now}: p-{number} has EA at {:?} and {:?}",
                    a.start(),
                    b.start()
                ));
            }
        }
        for (id, pt) in chart
            .sessions
            .iter()
            .filter(|(_, s)| s.modality() == Some(Modality::Pt) && s.status().is_expected())
        {
            let preparing = ours.iter().filter(|ea| prepares(ea, id, pt, now)).count();
            if preparing > 1 {
                wrong.push(format!("{now}: p-{number} {id} is prepared by {preparing} EA"));
            }
            let movable = |ea: &&&Session| ea.start() > Some(now + hours(24));
            for ea in ours.iter().filter(movable).filter(|ea| overlap(ea, pt)) {
                wrong.push(format!(
                    "{now}: p-{number} {id} overlaps the EA at {:?}",
                    ea.start()
                ));
            }
        }
        all.extend(
            chart
                .sessions
                .values()
                .filter(|s| is_placed(s) && s.status().is_expected())
                .filter_map(|s| {
                    Some(Ea {
                        patient: number,
                        practitioner: s.practitioner().cloned(),
                        start: s.start()?,
                        end: s.end()?,
                    })
                }),
        );
    }
    wrong.extend(crowded(world, now, &all));
    wrong
}

/// Moments at which more EA run than the practitioner can have, the free time around each counted.
fn crowded(world: &World, now: Timestamp, all: &[Ea]) -> Vec<String> {
    let buffer = minutes(i64::from(world.buffer_min));
    let running = |with: &Ea| {
        let (at, whose) = (with.start, with.practitioner.clone());
        all.iter()
            .filter(move |ea| ea.practitioner == whose && ea.start <= at && at < ea.end + buffer)
    };
    let too_many = |ea: &&Ea| running(ea).count() > usize::from(world.capacity);
    let told = |ea: &Ea| {
        let who: Vec<String> = running(ea).map(|ea| format!("p-{}", ea.patient)).collect();
        format!("{now}: {} at once at {}: {}", who.len(), ea.start, who.join(", "))
    };
    all.iter().filter(too_many).map(told).collect()
}

/// Whether an EA of ours that lies ahead prepares a PT. One that is frozen or done, or moved later, keeps the name of a
/// PT that moved away; too far off, or after it, it prepares nothing.
#[must_use]
pub fn prepares(ea: &Session, id: &SessionId, pt: &Session, now: Timestamp) -> bool {
    is_placed(ea)
        && ea.status().is_expected()
        && ea.prepares().contains(id)
        && ea.start() > Some(now)
        && ea.start() < pt.start()
        && (24 * 60..=72 * 60).contains(&apart(ea, pt))
}

/// Placed by carebus, with a booking that still says so.
fn is_placed(session: &Session) -> bool {
    session.is_ours() && session.status() != SessionStatus::Completed
}

fn apart(a: &Session, b: &Session) -> i64 {
    let between = a
        .start()
        .zip(b.start())
        .map(|(a, b)| a.duration_since(b).as_mins().abs());
    between.unwrap_or(i64::MAX)
}

fn overlap(a: &Session, b: &Session) -> bool {
    matches!((a.start(), a.end(), b.start(), b.end()), (Some(a), Some(b), Some(c), Some(d)) if a < d && c < b)
}
