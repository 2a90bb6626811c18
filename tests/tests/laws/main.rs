//! Laws that hold in every world: it comes to rest, it is the same on every run and after every restart, and nobody is
//! booked against the rules.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

mod driver;
mod telling;

use care::id::OrgId;
use care::time::{Timestamp, hours, minutes};
use care::{Event, Policy};
use engine::{Engine, Settings, Simulation};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use driver::{Driver, carried};
use tests::history::booked;
use tests::history::deed::{event, last_of_the_world};
use tests::history::world::{World, patient, setting, worlds};

fn config() -> Config {
    Config {
        cases: 64,
        rng_seed: RngSeed::Fixed(48),
        failure_persistence: None,
        ..Config::default()
    }
}

fn settings(world: &World) -> Settings {
    let policy = if world.ask {
        "scheduling.confirm = \"ask\""
    } else {
        ""
    };
    let policy = Policy::parse(policy).expect("a policy");
    let mut settings = Settings::new(OrgId::new("acme").expect("an id"), policy);
    settings.resend_is_harmless = false;
    settings
}

/// What arrives when.
type Script = Vec<(Timestamp, Vec<Event>)>;

/// Plays a world to its end, looking at it after everything that happens.
fn played(world: &World, mut look: impl FnMut(&Simulation)) -> (Simulation, Script) {
    let mut simulation = Simulation::new(settings(world));
    simulation.deliver_with(carried);
    let mut script: Script = vec![(world.begin(), setting(world))];
    let mut now = world.begin();
    run(&mut simulation, now, setting(world));
    for (number, told) in world.told.iter().enumerate() {
        now += minutes(told.after_min);
        // Wherever something is due on the way, things must be in order too.
        simulation.advance_to(now).expect("comes to rest");
        let who = patient(told.patient % world.patients);
        let chart = simulation.engine().chart(&who).expect("a chart");
        let happens = event(
            world,
            number,
            told,
            now,
            &chart,
            last_of_the_world(simulation.log().iter()),
        );
        let events: Vec<Event> = happens.into_iter().collect();
        script.push((now, events.clone()));
        run(&mut simulation, now, events);
        look(&simulation);
    }
    now += hours(24 * 14);
    script.push((now, Vec::new()));
    run(&mut simulation, now, Vec::new());
    look(&simulation);
    (simulation, script)
}

fn run(simulation: &mut Simulation, now: Timestamp, events: Vec<Event>) {
    simulation.advance_to(now).expect("comes to rest");
    simulation.play(events).expect("comes to rest");
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_world_comes_to_rest_and_is_the_same_on_every_run(world in worlds()) {
        let (once, _) = played(&world, |_| ());
        let (again, _) = played(&world, |_| ());
        prop_assert_eq!(once.log(), again.log());
        prop_assert_eq!(once.engine().state_hash(), again.engine().state_hash());
    }

    #[test]
    fn a_log_read_anew_gives_the_same_state_and_nothing_to_say(world in worlds()) {
        let (simulation, _) = played(&world, |_| ());
        let mut engine = Engine::new(settings(&world));
        for (event, position) in simulation.log().iter().zip(1..) {
            engine.apply(event, position);
        }
        prop_assert_eq!(engine.state_hash(), simulation.engine().state_hash());
        let says: Vec<Event> = engine.poll(simulation.now()).into_iter().flat_map(|d| d.events).collect();
        let zone = care::time::TimeZone::UTC;
        let told = |event: &Event| care::sentence::sentence(event, engine.chart(&patient(0)).as_deref(), &zone);
        prop_assert!(says.is_empty(), "{:?}: {:?}", says.iter().map(told).collect::<Vec<_>>(), says);
    }

    #[test]
    fn a_restart_from_a_checkpoint_changes_nothing_that_follows(world in worlds(), at in 0usize..28, before in 0usize..28) {
        let (simulation, script) = played(&world, |_| ());
        let mut driver = Driver::new(settings(&world));
        for (number, (moment, events)) in script.iter().enumerate() {
            driver.take(*moment, events);
            if number == before {
                driver.checkpoint();
            }
            if number == at % script.len() {
                driver.restart_from_checkpoint();
            }
        }
        prop_assert_eq!(driver.engine().state_hash(), simulation.engine().state_hash());
        let differs = driver.log().iter().zip(simulation.log()).find(|(a, b)| a != b);
        prop_assert!(differs.is_none(), "{:?}", differs);
        prop_assert_eq!(driver.log().len(), simulation.log().len());
    }

    #[test]
    fn nobody_is_booked_against_the_rules(world in worlds()) {
        let mut wrong = Vec::new();
        played(&world, |simulation| wrong.extend(booked::against_the_rules(&world, simulation.engine(), simulation.now())));
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
