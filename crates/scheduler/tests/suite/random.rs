//! Random worlds: no law is ever broken, nothing is left to do after deciding, and placing is near the optimum.

use care::time::{Timestamp, Weekday, hours};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use scheduler::case::{Case, EaStatus};
use scheduler::step::Step;

use crate::exact::{Exact, Score};
use crate::generate::{event, happen, now, open_hours, patients, plain, runner, scarce};
use crate::law::{Plain, broken};
use crate::world::{World, at, case, pt_at, sid};

/// Settles a round and checks every EA it placed, moved or released against the law.
fn lawful_round(world: &mut World, plain: &Plain) -> Result<(), TestCaseError> {
    let before = world.cases.clone();
    let decisions = world.settle();
    for decision in &decisions {
        let of_patient = |cases: &[Case]| cases.iter().position(|c| c.patient == decision.patient).unwrap();
        let case = &world.cases[of_patient(&world.cases)];
        for step in &decision.steps {
            let (Step::Book(placed) | Step::Move(placed)) = step else {
                continue;
            };
            let ea = case.eas.iter().find(|ea| ea.id == placed.session).unwrap();
            let known = before[of_patient(&before)]
                .eas
                .iter()
                .find(|ea| ea.id == placed.session);
            // One that only prepares more than before is not placed anew.
            if known.is_some_and(|known| known.start == ea.start && known.practitioner == ea.practitioner) {
                continue;
            }
            let broken = broken(case, ea, plain, &world.cases, world.now);
            prop_assert!(broken.is_empty(), "{broken:?}\n{decisions:#?}");
        }
    }
    Ok(())
}

#[test]
fn whatever_happens_no_law_is_broken_and_nothing_is_decided_twice() {
    let worlds = (plain(), patients(5), prop::collection::vec(event(), 0..8));
    runner(100)
        .run(&worlds, |(mut plain, cases, events)| {
            let mut world = World::new("Mon 06-01 04:00", open_hours(&plain), cases);
            lawful_round(&mut world, &plain)?;
            for (who, event) in &events {
                happen(&mut world, &mut plain, *who, event);
                lawful_round(&mut world, &plain)?;
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_order_of_patients_and_pt_sessions_does_not_matter() {
    runner(200)
        .run(&(plain(), patients(5)), |(plain, cases)| {
            let forward = World::new("Mon 06-01 04:00", open_hours(&plain), cases.clone());
            let mut backward = forward.clone();
            backward.cases.reverse();
            backward.cases.iter_mut().for_each(|case| case.pts.reverse());
            let sorted = |world: &World| {
                let mut notes = crate::world::notes(&world.decide());
                notes.sort();
                notes
            };
            prop_assert_eq!(sorted(&forward), sorted(&backward));
            Ok(())
        })
        .unwrap();
}

/// What the scheduler makes of a scarce world.
fn ours(plain: &Plain, patients: &[Vec<Timestamp>]) -> Score {
    let mut cases: Vec<Case> = Vec::new();
    for (number, pts) in patients.iter().enumerate() {
        let mut patient = case(&format!("p{number}"));
        patient.pts = pts
            .iter()
            .enumerate()
            .map(|(n, start)| pt_at(&format!("pt{n}"), *start))
            .collect();
        cases.push(patient);
    }
    let mut world = World::new("Mon 06-01 04:00", open_hours(plain), cases);
    world.settle();
    let mut score = Score {
        served: 0,
        off_min: 0,
    };
    for case in &world.cases {
        for pt in &case.pts {
            let by = case.eas.iter().filter(|ea| ea.prepares.contains(&pt.id));
            if let Some(off) = by
                .map(|ea| (pt.start.duration_since(ea.start) - hours(48)).abs().as_mins())
                .min()
            {
                score.served += 1;
                score.off_min += off;
            }
        }
    }
    score
}

#[test]
fn placing_is_near_the_optimum() {
    let mut total = (
        Score {
            served: 0,
            off_min: 0,
        },
        Score {
            served: 0,
            off_min: 0,
        },
    );
    let (mut worlds, mut unproven, mut short) = (0, 0, 0);
    let mut equally_served = (0, 0);
    let mut runner = runner(1);
    for _ in 0..300 {
        let (plain, patients) = scarce().new_tree(&mut runner).unwrap().current();
        let Some(optimum) = Exact::new(&plain, &patients, now()).solve() else {
            unproven += 1;
            continue;
        };
        let ours = ours(&plain, &patients);
        assert!(
            ours.served <= optimum.served,
            "the exact solver is wrong: {plain:?} {patients:?}"
        );
        worlds += 1;
        total.0.served += ours.served;
        total.1.served += optimum.served;
        if ours.served == optimum.served {
            assert!(
                ours.off_min >= optimum.off_min,
                "the exact solver is wrong: {plain:?} {patients:?}"
            );
            equally_served.0 += ours.off_min;
            equally_served.1 += optimum.off_min;
        } else {
            short += 1;
            println!("SHORT {plain:?} {patients:?} {ours:?} {optimum:?}");
        }
    }
    println!(
        "{worlds} worlds ({unproven} not proven): served {} of {} ({short} worlds short), total deviation {} min of {} min",
        total.0.served, total.1.served, equally_served.0, equally_served.1
    );
    assert!(worlds >= 250, "too few worlds were solved exactly");
    assert!(total.0.served * 100 >= total.1.served * 99);
    assert!(equally_served.0 * 100 <= equally_served.1 * 110);
}

#[test]
fn ids_are_stable_and_never_used_twice() {
    let mut patient = case("p1");
    patient.pts.push(pt_at("pt1", at("Wed 06-10 10:00")));
    let mut world = World::new(
        "Mon 06-01 09:00",
        open_hours(&Plain {
            open: vec![(Weekday::Monday, 480, 1080)],
            closures: vec![],
            step_min: 15,
            capacity: 1,
            buffer_min: 0,
        }),
        vec![patient],
    );
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let again = world.decide();
        assert_eq!(again, world.settle(), "the same chart gives the same ids");
        let booked = world.cases[0].eas.last().unwrap().id.clone();
        assert!(seen.insert(booked));
        let last = world.cases[0].eas.last_mut().unwrap();
        (last.status, last.revision) = (EaStatus::Declined, last.revision + 1);
    }
    assert!(!seen.contains(&sid("pt1")));
}
