//! Who may say what under carebus' own name: what permissions guard, and no more than that.

use super::Fault;
use crate::id::{OrgId, Source};
use crate::reaction::Worker;

/// That a fact (`session.booked`) under the name of a worker is one that this worker says.
///
/// An identity is source and id, the ids of our facts can be worked out, and the first under an identity counts. So
/// whoever may say anything at all could say something else under the identity of an alert that carebus is about to
/// raise, and nobody would hear the alert. Here that becomes a refusal; what is left is guarded by the subject, which
/// permissions watch, but for the sessions, which clinics and the scheduler say on the same subjects (see
/// [`crate::Chart::apply`]).
pub(super) fn check(org: &OrgId, source: &Source, name: &str) -> Result<(), Fault> {
    match Worker::of_source(org, source) {
        Some(worker) if !worker.says(name) => Err(Fault::field(
            "source",
            "expected your own: a worker's name is for what that worker says",
        )),
        _ => Ok(()),
    }
}
