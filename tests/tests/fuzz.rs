//! The smoke run: a seed bends real messages, and every property is held to what comes of it.

#![expect(
    clippy::print_stdout,
    reason = "a run that fails is repeated by the seed it printed"
)]

use std::panic::catch_unwind;

use tests::fuzz::mutate::{Chance, input};
use tests::fuzz::{BODIES, Body};

/// Another seed, another run: CAREBUS_FUZZ_SEED. More of it: CAREBUS_FUZZ_ROUNDS. One input alone: CAREBUS_FUZZ_ONLY,
/// the number that a failure names.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn run(property: &str) {
    let seed = number("CAREBUS_FUZZ_SEED").unwrap_or(20_261_129);
    let rounds = number("CAREBUS_FUZZ_ROUNDS").unwrap_or(1) as usize;
    println!("{property}: CAREBUS_FUZZ_SEED={seed}");
    let (_, body, count): &(&str, Body, usize) = BODIES
        .iter()
        .find(|(name, ..)| *name == property)
        .expect("a property");
    let only = number("CAREBUS_FUZZ_ONLY").map(|n| n as usize);
    let numbers = only.map_or(0..count * rounds, |n| n..n + 1);
    for n in numbers {
        let data = input(property, &mut Chance::new(seed, property, n));
        if catch_unwind(|| body(&data)).is_err() {
            let shown: String = data
                .iter()
                .take(4000)
                .flat_map(|b| std::ascii::escape_default(*b))
                .map(char::from)
                .collect();
            panic!(
                "{property} does not hold: CAREBUS_FUZZ_SEED={seed} CAREBUS_FUZZ_ONLY={n} repeats it\n{} bytes: {shown}",
                data.len()
            );
        }
    }
}

macro_rules! smoke {
    ($($test:ident: $property:literal;)*) => {
        $(#[test]
        fn $test() {
            run($property);
        })*

        #[test]
        fn every_property_is_held_to_a_good_number_of_inputs() {
            let run = [$($property),*];
            assert_eq!(BODIES.map(|(name, ..)| name), run);
            assert!(BODIES.iter().map(|(_, _, count)| count).sum::<usize>() >= 20_000);
        }
    };
}

smoke! {
    a_message_is_an_event_or_a_refusal: "envelope";
    a_line_is_an_event_or_a_refusal: "line";
    any_facts_are_a_chart: "fold";
    the_workers_come_to_rest_on_any_facts: "course";
    any_header_block_is_read: "headers";
    a_policy_is_one_or_every_mistake_is_told: "policy";
    words_and_templates_are_checked: "wording";
    an_address_is_one_or_an_error: "address";
    an_invitation_is_one_event: "calendar";
    a_mail_has_the_head_we_wrote: "mail";
}

/// Inputs that are all refused would say nothing of what follows, and inputs that are all taken nothing of refusals.
#[test]
fn some_of_what_is_bent_is_still_a_fact() {
    let line = |n| String::from_utf8_lossy(&input("line", &mut Chance::new(1, "line", n))).into_owned();
    let taken = (0..1000)
        .filter(|n| care::Event::decode_line(&line(*n)).is_ok())
        .count();
    assert!((150..900).contains(&taken), "{taken} of 1000");
    let course = |n| String::from_utf8_lossy(&input("course", &mut Chance::new(1, "course", n))).into_owned();
    let facts: usize = (0..20)
        .map(|n| {
            course(n)
                .lines()
                .filter(|l| care::Event::decode_line(l).is_ok())
                .count()
        })
        .sum();
    assert!(facts > 100, "{facts} facts in 20 courses");
}

/// A seed gives the same inputs on every run, or no failure could be repeated.
#[test]
fn a_seed_is_a_seed() {
    for (property, ..) in BODIES {
        let inputs = |seed| -> Vec<Vec<u8>> {
            (0..20)
                .map(|n| input(property, &mut Chance::new(seed, property, n)))
                .collect()
        };
        assert_eq!(inputs(1), inputs(1));
        assert_ne!(inputs(1), inputs(2));
    }
}
