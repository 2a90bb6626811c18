//! What may happen next in a history.

use proptest::prelude::*;

use super::clocks::Wrong;
use super::world::{Told, World, clinic, told};

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
    /// Does not let us in: a fault of ours, mail waits until it is mended.
    Locked,
}

/// How the log stops being the log it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// It ends earlier: so many per cent of it are left.
    Truncated(u8),
    /// A backup of so many per cent is restored, and others append to it before anybody looks.
    Restored(u8),
    /// The stream is created anew, empty.
    Anew,
}

/// One step. `node` is taken modulo the number of replicas.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum Step {
    /// Something happens in the world and is published.
    World(Told),
    /// Something happens in the world, and the publisher cannot reach the log yet.
    Delayed(Told),
    /// What publishers had to keep arrives, the newest first.
    Arrive,
    /// Bytes that are no fact arrive on the subject of a patient, or of nobody.
    Bytes { patient: Option<u8> },
    /// The clock runs.
    Wait { minutes: u32 },
    /// For days nobody of carebus is there.
    Outage { days: u8 },
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
    /// The log goes back.
    Log(Back),
    /// A wall clock goes wrong or right: of a replica, or of the server after them.
    Clock { whose: u8, wrong: Wrong },
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
    (clinic(), prop::collection::vec(step(), 1..most)).prop_map(|(world, steps)| History { world, steps })
}

fn step() -> impl Strategy<Value = Step> {
    let node = || 0..NODES;
    let faults = || prop_oneof![2 => Just(0u64), 1 => any::<u64>()];
    let kept = prop_oneof![3 => Just(Kept::Last), 1 => Just(Kept::Older), 1 => Just(Kept::Nothing)];
    let mood = prop_oneof![
        4 => Just(Mood::Well), 1 => Just(Mood::Busy), 1 => Just(Mood::Picky), 1 => Just(Mood::Silent),
        1 => Just(Mood::Locked)
    ];
    let back = prop_oneof![
        2 => (50u8..100).prop_map(Back::Truncated),
        2 => (50u8..100).prop_map(Back::Restored),
        1 => Just(Back::Anew)
    ];
    let wrong = prop::sample::select(vec![
        Wrong::No,
        Wrong::No,
        Wrong::HourAhead,
        Wrong::HourBehind,
        Wrong::MonthAhead,
        Wrong::Frozen,
    ]);
    prop_oneof![
        20 => told().prop_map(Step::World),
        2 => told().prop_map(Step::Delayed),
        1 => Just(Step::Arrive),
        1 => prop::option::of(0u8..3).prop_map(|patient| Step::Bytes { patient }),
        6 => (1u32..60 * 36).prop_map(|minutes| Step::Wait { minutes }),
        1 => (3u8..10).prop_map(|days| Step::Outage { days }),
        22 => (node(), faults()).prop_map(|(node, faults)| Step::Act { node, faults }),
        4 => node().prop_map(|node| Step::Lead { node }),
        7 => (node(), faults()).prop_map(|(node, faults)| Step::ActBlind { node, faults }),
        4 => (node(), 1u8..6).prop_map(|(node, most)| Step::Read { node, most }),
        2 => node().prop_map(|node| Step::Save { node }),
        4 => (node(), kept).prop_map(|(node, kept)| Step::Crash { node, kept }),
        2 => mood.prop_map(Step::Mail),
        1 => back.prop_map(Step::Log),
        2 => (0u8..=NODES, wrong).prop_map(|(whose, wrong)| Step::Clock { whose, wrong }),
    ]
}
