//! The wire contract as documents: a JSON Schema for each type, and an AsyncAPI 3 description of every subject.
//!
//! Both are made from the types that read and write the facts, so they cannot say anything else than the program.

mod asyncapi;
mod schema;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::envelope::type_name;
use crate::fact::Fact;

pub use asyncapi::asyncapi;
pub(crate) use schema::merged;

/// The schema of each type's whole event, by type, e.g. `carebus.session.booked.v1`; JSON Schema 2020-12.
#[must_use]
pub fn schemas() -> BTreeMap<String, Value> {
    Fact::names()
        .iter()
        .map(|name| (type_name(name), schema::alone(name)))
        .collect()
}

/// The schema of the whole event of a `noun.verb`; none for a name the contract does not know.
#[must_use]
pub fn schema(name: &str) -> Option<Value> {
    Fact::is_known(name).then(|| schema::alone(name))
}

/// Who may publish a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Publishers {
    /// Clinics, records, people.
    world: bool,
    /// carebus itself.
    carebus: bool,
}

/// Who may publish facts of a name.
fn publishers(name: &str) -> Publishers {
    let (noun, verb) = name.split_once('.').unwrap_or((name, ""));
    let (world, carebus) = match (noun, verb) {
        // EA sessions are booked by both; what becomes of a session only people know.
        ("session", "booked" | "moved" | "cancelled" | "held" | "released") | ("alert", "resolved") => {
            (true, true)
        }
        ("session", "unprepared")
        | ("alert", "raised" | "escalated")
        | ("oswestry" | "report" | "notice", _) => (false, true),
        _ => (true, false),
    };
    Publishers { world, carebus }
}
