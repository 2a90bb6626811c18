//! Sentences about time, repetition, and carebus itself.

use super::{Act, Answer, Scene, Spoken};

pub(super) const KNOWN: &[&str] = &[
    "time passes",
    "the same once more",
    "carebus goes down",
    "carebus comes back",
];

pub(super) fn read(spoken: &Spoken<'_>, _: &Scene<'_>) -> Answer {
    let act = match spoken.body {
        "time passes" => Act::Nothing,
        "the same once more" => Act::Again,
        "carebus goes down" => Act::GoDown,
        "carebus comes back" => Act::ComeBack,
        _ => return None,
    };
    Some(Ok(vec![act]))
}
