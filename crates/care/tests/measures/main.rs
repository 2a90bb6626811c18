//! The measures against their published vectors and their laws.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod fidelity;
mod laws;
mod odi_changes;
mod odi_forms;
mod odi_vectors;
mod pain;
