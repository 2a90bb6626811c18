//! Harness of the tests that cross crates.

pub mod aloud;
pub mod clinic;
pub mod damage;
pub mod fuzz;
pub mod history;
pub mod nats;
pub mod vignette;
pub mod wire;
