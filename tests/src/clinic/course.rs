//! Twenty patients in four stages, what an undisturbed run makes of them, and how to compare another run with it.

use std::collections::BTreeSet;

use care::envelope::Event;
use care::fact::Fact as Said;
use care::{Policy, Worker};
use engine::{Settings, Simulation};

use super::facts::{Fact, booked, calendar, cancelled, moved, oswestry, pain, plan, red_flag};
use super::{acme, instant};

/// How many patients.
pub const PATIENTS: usize = 20;
/// The patients' first PT is in the week of the 8th, the second in the week after; each has an hour of its own.
const WEEKS: [usize; 2] = [8, 15];

/// What happens at one instant; everything that follows from it is said before the next.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The instant.
    pub now: &'static str,
    /// The facts.
    pub facts: Vec<Fact>,
}

/// The nth patient.
#[must_use]
pub fn patient(n: usize) -> String {
    format!("p-{n}")
}

/// Their PT session of a week.
#[must_use]
pub fn pt(n: usize, week: usize) -> String {
    format!("pt-{n}-{week}")
}

/// Wednesday to Friday from 13:00 UTC, each patient of a practitioner at another time.
fn start(n: usize, week: usize, later: usize) -> String {
    format!(
        "2026-06-{:02}T{:02}:00:00Z",
        WEEKS[week] + 2 + n % 3,
        13 + (n / 3 + later) % 8
    )
}

/// The course: plans, bookings, one change each, second bookings.
#[must_use]
pub fn stages() -> Vec<Stage> {
    let at = [
        "2026-06-01T14:00:00Z",
        "2026-06-01T15:00:00Z",
        "2026-06-02T14:00:00Z",
        // Soon enough that nobody is told of an alert that nobody took on: when a process lives then is not the course's.
        "2026-06-02T14:10:00Z",
    ];
    let all = 0..PATIENTS;
    let calendars = (1..=4).map(|n| calendar(&format!("acu-{n}"), at[0]));
    let plans = all
        .clone()
        .map(|n| plan(&patient(n), &format!("acu-{}", n % 4 + 1), at[0]));
    let bookings = all
        .clone()
        .map(|n| booked(&patient(n), &pt(n, 0), &start(n, 0, 0), at[1]));
    let changes = all.clone().map(|n| match n % 5 {
        0 => moved(&patient(n), &pt(n, 0), 2, &start(n, 0, 1), at[2]),
        1 => cancelled(&patient(n), &pt(n, 0), 2, at[2]),
        2 => red_flag(&patient(n), "bladder_change", at[2]),
        3 => oswestry(&patient(n), 3, at[2]),
        _ => pain(&patient(n), 70, at[2]),
    });
    let second = all.map(|n| booked(&patient(n), &pt(n, 1), &start(n, 1, 0), at[3]));
    vec![
        Stage {
            now: at[0],
            facts: calendars.chain(plans).collect(),
        },
        Stage {
            now: at[1],
            facts: bookings.collect(),
        },
        Stage {
            now: at[2],
            facts: changes.collect(),
        },
        Stage {
            now: at[3],
            facts: second.collect(),
        },
    ]
}

/// What carebus says, made comparable: tries of mail differ after a kill, what was told to whom must not.
#[derive(Debug, Default, PartialEq, Eq, Clone)]
pub struct Outcome {
    facts: BTreeSet<String>,
    told: BTreeSet<String>,
}

impl Outcome {
    /// Of these facts.
    #[must_use]
    pub fn of<'a>(events: impl Iterator<Item = &'a Event>) -> Self {
        let mut outcome = Self::default();
        for event in events {
            if !Worker::ALL
                .iter()
                .any(|worker| event.source == worker.source(&acme()))
            {
                continue;
            }
            if let Said::NoticeSent(notice) = &event.fact {
                let told = format!("{} {} {:?}", event.about, notice.member_id, notice.about);
                outcome.told.insert(told);
            } else if !event.fact.name().starts_with("notice.") {
                outcome.facts.insert(done(event));
            }
        }
        outcome
    }

    /// What is in `self` and not in `other`.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Vec<String> {
        let facts = self.facts.difference(&other.facts);
        facts.chain(self.told.difference(&other.told)).cloned().collect()
    }
}

/// Who, what, and the id, which is the business key; and when, of a booking. Not the words: they may name a slot that
/// another patient's fact of the same instant gives free or takes.
fn done(event: &Event) -> String {
    let start = match &event.fact {
        Said::SessionBooked(booking) | Said::SessionMoved(booking) => booking.start.to_string(),
        _ => String::new(),
    };
    format!(
        "{} {} {} {} {start}",
        event.time,
        event.about,
        event.fact.name(),
        event.id
    )
}

/// The same stages without a bus and without a kill: what must be said by the end of each.
///
/// # Panics
/// When the workers do not come to rest.
#[must_use]
pub fn undisturbed(stages: &[Stage]) -> Vec<Outcome> {
    let mut simulation = Simulation::new(Settings::new(acme(), Policy::default()));
    let play = |stage: &Stage| {
        simulation
            .advance_to(instant(stage.now))
            .expect("the workers come to rest");
        simulation
            .play(stage.facts.iter().map(Fact::event))
            .expect("the workers come to rest");
        Outcome::of(simulation.log().iter())
    };
    stages.iter().map(play).collect()
}
