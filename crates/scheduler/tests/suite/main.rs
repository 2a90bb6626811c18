//! The scheduler from outside: the scenarios a clinician can read, and random worlds with an independent check.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot build its world stops there"
)]

mod charts;
mod clinic;
mod edges;
mod exact;
mod generate;
mod law;
mod random;
mod scenarios;
mod world;
