//! The people every vignette knows: five roles, their ids, their addresses, and how a sentence calls them.

use serde_json::{Value, json};

/// Somebody of the team.
#[derive(Debug)]
pub(super) struct Person {
    /// Wire code of the role.
    pub(super) role: &'static str,
    /// How people say it.
    pub(super) called: &'static str,
    /// Member id.
    pub(super) id: &'static str,
    /// Address.
    pub(super) email: &'static str,
}

/// Everybody.
pub(super) const TEAM: [Person; 5] = [
    Person {
        role: "pcp",
        called: "pcp",
        id: "m-1",
        email: "m-1@pcp.example",
    },
    Person {
        role: "physiatrist",
        called: "physiatrist",
        id: "m-2",
        email: "m-2@physiatry.example",
    },
    Person {
        role: "acupuncturist",
        called: "acupuncturist",
        id: "m-3",
        email: "m-3@acupuncture.example",
    },
    Person {
        role: "physical_therapist",
        called: "physical therapist",
        id: "m-4",
        email: "m-4@therapy.example",
    },
    Person {
        role: "care_coordinator",
        called: "care coordinator",
        id: "m-5",
        email: "m-5@care.example",
    },
];

/// Who takes over from the acupuncturist, where a story needs one.
const OTHER: Person = Person {
    role: "acupuncturist",
    called: "other acupuncturist",
    id: "m-6",
    email: "m-6@acupuncture.example",
};

/// Everybody a sentence may call.
fn everybody() -> impl Iterator<Item = &'static Person> {
    TEAM.iter().chain(std::iter::once(&OTHER))
}

/// A person as a sentence calls them: by the role, or by the id.
pub(super) fn person(called: &str) -> Option<&'static Person> {
    let called = called.trim().trim_start_matches("the ");
    everybody().find(|person| person.called == called || person.role == called || person.id == called)
}

/// `by` of an assessment or a decision: somebody of the team, the patient, or an emergency physician.
pub(super) fn by(called: &str) -> Result<Value, String> {
    match called.trim().trim_start_matches("the ") {
        "patient" => Ok(json!({ "role": "patient" })),
        "emergency physician" => Ok(json!({ "role": "emergency_physician", "member_id": "er-1" })),
        other => match person(other) {
            Some(person) => Ok(json!({ "role": person.role, "member_id": person.id })),
            None => {
                let known: Vec<&str> = TEAM.iter().map(|person| person.called).collect();
                Err(format!(
                    "`{other}`: expected the patient, the emergency physician, the {}",
                    known.join(", the ")
                ))
            }
        },
    }
}

/// Who an address belongs to, as an arrow calls them.
pub(super) fn addressee(email: &str) -> String {
    let person = everybody().find(|person| person.email == email);
    person.map_or_else(|| email.to_owned(), |person| format!("the {}", person.called))
}
