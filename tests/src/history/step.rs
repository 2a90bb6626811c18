//! What may happen next in a history.

use proptest::prelude::*;

use super::world::{Told, World, told};

/// How many replicas serve the organisation.
pub const NODES: u8 = 2;

/// With what a process comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Its last checkpoint.
    Last,
    /// The one before that: an older copy was put in its place.
    Older,
    /// Nothing.
    Nothing,
}

/// How the mail server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Takes everything.
    Well,
    /// Says 451.
    Busy,
    /// Says 550 to one recipient in four.
    Picky,
    /// Takes the mail and cuts the line before it says so, every other time.
    Silent,
}

/// One step. `node` is taken modulo the number of replicas.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum Step {
    /// Something happens in the world and is published.
    World(Told),
    /// The clock runs.
    Wait { minutes: u32 },
    /// A replica reads to the head and looks at the lease; if it leads it decides once and appends. `faults` picks
    /// what goes wrong on the way.
    Act { node: u8, faults: u64 },
    /// The lease passes to a replica; the one that had it does not know yet.
    Lead { node: u8 },
    /// A replica that thinks it leads, and has not read what is new, decides all the same.
    ActBlind { node: u8, faults: u64 },
    /// A replica reads a few messages, no more.
    Read { node: u8, most: u8 },
    /// A replica writes a checkpoint.
    Save { node: u8 },
    /// A replica dies and comes back.
    Crash { node: u8, kept: Kept },
    /// The mail server changes.
    Mail(Mood),
}

/// A whole history: the clinic, its deeds among the steps, and what goes wrong.
#[derive(Debug, Clone)]
pub struct History {
    /// The clinic; its own list of deeds is empty.
    pub world: World,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// Histories of up to `most` steps.
pub fn histories(most: usize) -> impl Strategy<Value = History> {
    let world = (
        1u8..=3,
        1u16..=2,
        prop::sample::select(vec![0u16, 10]),
        any::<bool>(),
    );
    (world, prop::collection::vec(step(), 1..most)).prop_map(
        |((patients, capacity, buffer_min, ask), steps)| History {
            world: World {
                patients,
                capacity,
                buffer_min,
                ask,
                told: Vec::new(),
            },
            steps,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let node = || 0..NODES;
    let faults = || prop_oneof![2 => Just(0u64), 1 => any::<u64>()];
    let kept = prop_oneof![3 => Just(Kept::Last), 1 => Just(Kept::Older), 1 => Just(Kept::Nothing)];
    let mood = prop_oneof![
        3 => Just(Mood::Well), 1 => Just(Mood::Busy), 1 => Just(Mood::Picky), 1 => Just(Mood::Silent)
    ];
    prop_oneof![
        10 => told().prop_map(Step::World),
        3 => (1u32..60 * 36).prop_map(|minutes| Step::Wait { minutes }),
        10 => (node(), faults()).prop_map(|(node, faults)| Step::Act { node, faults }),
        1 => node().prop_map(|node| Step::Lead { node }),
        2 => (node(), faults()).prop_map(|(node, faults)| Step::ActBlind { node, faults }),
        2 => (node(), 1u8..6).prop_map(|(node, most)| Step::Read { node, most }),
        1 => node().prop_map(|node| Step::Save { node }),
        2 => (node(), kept).prop_map(|(node, kept)| Step::Crash { node, kept }),
        1 => mood.prop_map(Step::Mail),
    ]
}
