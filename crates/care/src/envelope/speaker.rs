//! Who may say what under carebus' own name: what permissions guard, and no more than that.

use super::Fault;
use crate::fact::Fact;
use crate::id::{OrgId, Source};
use crate::reaction::Worker;
use crate::role::Actor;

/// That a fact under the name of a worker is one that this worker says, and that one signed "carebus" is under such a
/// name.
///
/// An identity is source and id, the ids of our facts can be worked out, and the first under an identity counts. So
/// whoever may say anything at all could say something else under the identity of an alert that carebus is about to
/// raise, and nobody would hear the alert. Here that becomes a refusal; what is left is guarded by the subject, which
/// permissions watch, but for the sessions, which clinics and the scheduler say on the same subjects (see
/// [`crate::Chart::apply`]).
pub(super) fn check(org: &OrgId, source: &Source, fact: &Fact) -> Result<(), Fault> {
    match Worker::of_source(org, source) {
        Some(worker) if !worker.says(&fact.name()) => Err(Fault::field(
            "source",
            "expected your own: a worker's name is for what that worker says",
        )),
        None if signed(fact) == Some(Actor::Carebus) => Err(Fault::field(
            "data.by.role",
            "expected who did it: carebus signs what it says itself",
        )),
        _ => Ok(()),
    }
}

fn signed(fact: &Fact) -> Option<Actor> {
    match fact {
        Fact::AlertResolved(resolved) => Some(resolved.by.role),
        Fact::AlertAcknowledged(acknowledged) => Some(acknowledged.by.role),
        Fact::SessionCancelled(mark)
        | Fact::SessionHeld(mark)
        | Fact::SessionReleased(mark)
        | Fact::SessionConfirmed(mark)
        | Fact::SessionDeclined(mark)
        | Fact::SessionMissed(mark) => mark.by.as_ref().map(|by| by.role),
        _ => None,
    }
}
