//! Histories: seeded stories of a small clinic and of the processes that serve it, with a fault between any two steps.
//!
//! Two replicas of the real engine share one log. Facts arrive late, twice, out of order; appends lose their answers or
//! are never stored; processes die anywhere and come back with an old checkpoint or none; a replica that fell behind
//! goes on acting; the mail server takes, delays, refuses and falls silent. After every step, and once all is quiet
//! again, the invariants of [`judge`] hold.

pub mod booked;
pub mod deed;
pub mod judge;
pub mod log;
pub mod mailroom;
pub mod node;
pub mod seed;
pub mod step;
pub mod story;
pub mod world;
