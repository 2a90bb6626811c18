//! `Phi<T>`: a value that says who somebody is, which no log, error or debug print can show.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Protected health information: names, addresses, references, free text.
///
/// It has no `Display`, and its `Debug` prints `‹phi›`; whoever needs the value says so with [`Phi::expose`].
/// It serialises as the bare value, because the wire and the checkpoint are where it lives.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Wraps a value at the moment it enters the program.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: for letters, transports and the log, never for logs or errors.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Unwraps the value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹phi›")
    }
}
