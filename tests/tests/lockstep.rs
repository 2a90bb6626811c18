//! The same facts through a real broker on a virtual clock, and through the simulation: the same facts come out.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use care::envelope::Event;
use care::time::Timestamp;
use care::{Policy, Worker};
use engine::{Settings, Simulation};
use mailer::Delivery;
use tests::clinic::facts::{Fact, booked, calendar, cancelled, moved, oswestry, pain, plan, red_flag};
use tests::clinic::{Clinic, acme, instant};

const BEGIN: &str = "2026-06-01T12:00:00Z";
const END: &str = "2026-07-15T12:00:00Z";

/// Six weeks of seven patients who share two acupuncturists: bookings that collide, moves, cancellations, a red flag,
/// questionnaires answered and forgotten, a fact that comes late and one that comes twice.
fn course() -> Vec<Fact> {
    let mut facts = vec![calendar("acu-1", BEGIN), calendar("acu-2", BEGIN)];
    let patients: Vec<String> = (1..=7).map(|n| format!("p-{n}")).collect();
    for (n, patient) in patients.iter().enumerate() {
        let practitioner = if n % 2 == 0 { "acu-1" } else { "acu-2" };
        facts.push(plan(patient, practitioner, "2026-06-01T13:00:00Z"));
    }
    for patient in &patients {
        for (week, day) in ["09", "16", "23", "30"].iter().enumerate() {
            // All at one time: one acupuncturist cannot prepare all of them on target.
            let start = format!("2026-06-{day}T15:00:00Z");
            facts.push(booked(
                patient,
                &format!("pt-{patient}-{week}"),
                &start,
                "2026-06-01T13:30:00Z",
            ));
        }
    }
    facts.extend([
        pain("p-1", 70, "2026-06-01T14:00:00Z"),
        oswestry("p-1", 3, "2026-06-02T14:00:00Z"),
        moved(
            "p-1",
            "pt-p-1-0",
            2,
            "2026-06-10T18:00:00Z",
            "2026-06-03T14:00:00Z",
        ),
        cancelled("p-2", "pt-p-2-0", 2, "2026-06-03T14:00:00Z"),
        booked(
            "p-3",
            "pt-p-3-sunday",
            "2026-06-14T15:00:00Z",
            "2026-06-04T09:00:00Z",
        ),
        red_flag("p-4", "bladder_change", "2026-06-05T03:10:00Z"),
        // Late: it happened before what is already there.
        moved(
            "p-5",
            "pt-p-5-1",
            2,
            "2026-06-17T15:00:00Z",
            "2026-06-02T10:00:00Z",
        ),
        oswestry("p-1", 2, "2026-06-15T14:00:00Z"),
        pain("p-1", 35, "2026-06-15T14:00:00Z"),
        red_flag("p-6", "history_of_cancer", "2026-06-18T12:00:00Z"),
        moved(
            "p-7",
            "pt-p-7-3",
            2,
            "2026-07-02T15:00:00Z",
            "2026-06-20T12:00:00Z",
        ),
    ]);
    facts
}

/// What carebus itself said, sorted: workers on a real bus do not wait for each other's patients.
fn said<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<String> {
    let ours = |event: &&Event| {
        Worker::ALL
            .iter()
            .any(|worker| event.source == worker.source(&acme()))
    };
    let mut lines: Vec<String> = events.filter(ours).map(Event::encode).collect();
    lines.sort();
    lines
}

/// The first line that only one of them has, on either side.
fn first_difference(bus: &[String], simulation: &[String]) -> String {
    let only = |a: &[String], b: &[String]| {
        a.iter()
            .find(|line| !b.contains(line))
            .cloned()
            .unwrap_or_default()
    };
    format!(
        "only on the bus: {}\nonly simulated:  {}",
        only(bus, simulation),
        only(simulation, bus)
    )
}

fn simulated(facts: &[Fact], until: Timestamp) -> Simulation {
    let mut simulation = Simulation::new(Settings::new(acme(), Policy::default()));
    // As a folder of mails answers.
    simulation.deliver_with(|_| Delivery::Sent { reply: Some(250) });
    simulation.play(facts.iter().map(Fact::event)).unwrap();
    simulation.advance_to(until).unwrap();
    simulation.settle().unwrap();
    simulation
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bus_and_the_simulation_say_the_same_about_the_same_facts() {
    let facts = course();
    let simulation = simulated(&facts, instant(END));
    let mut clinic = Clinic::open(BEGIN).await;
    let mut node = clinic.node("n-1").await;

    let events: Vec<Event> = facts.iter().map(Fact::event).collect();
    let published = node::play(&mut node, events.clone(), instant(END), |_| Vec::new())
        .await
        .unwrap();
    assert_eq!(
        published, events,
        "everything was published, in the order of the file"
    );

    let (hash, record) = (node.engine().state_hash(), clinic.record().await);
    let on_the_bus = said(record.facts.iter().map(|(_, event)| event));
    let in_simulation = said(simulation.log().iter());
    assert!(
        on_the_bus == in_simulation,
        "{}",
        first_difference(&on_the_bus, &in_simulation)
    );
    for name in [
        "session.booked",
        "session.moved",
        "session.cancelled",
        "session.unprepared",
        "session.held",
        "oswestry.scored",
        "oswestry.due",
        "oswestry.overdue",
        "oswestry.missed",
        "alert.raised",
        "notice.sent",
    ] {
        assert!(
            record.ours().any(|event| event.fact.name() == name),
            "the course holds no {name}"
        );
    }
    record.assert_nothing_doubled();
    assert_eq!(hash, record.folded().state_hash());
    assert_eq!(hash, simulation.engine().state_hash());

    // The feed too, entry by entry.
    let fed: Vec<(String, serde_json::Value)> = clinic
        .feed()
        .into_iter()
        .map(|item| (item.subject, item.entry))
        .collect();
    let expected = simulation.feed().iter();
    let mut expected: Vec<(String, serde_json::Value)> = expected
        .map(|(subject, entry)| (subject.clone(), serde_json::to_value(entry).unwrap()))
        .collect();
    let mut fed = fed;
    fed.sort_by(|a, b| a.0.cmp(&b.0));
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(fed, expected);
}
