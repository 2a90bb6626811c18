//! Harness of the tests that cross crates.

pub mod nats;
