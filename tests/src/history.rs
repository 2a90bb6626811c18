//! Histories: seeded stories of a small clinic and of the processes that serve it, with a fault between any two steps.
//!
//! Two replicas of the real engine and the real clock share one log. Facts arrive late, twice, out of order or as bytes
//! that nobody can read; appends lose their answers or are never stored; processes die anywhere and come back with an
//! old checkpoint or none; a replica that fell behind goes on acting; for days nobody is there; wall clocks jump and
//! stand still; the log is truncated, restored and made anew; the mail server takes, delays, refuses, falls silent and
//! shuts the door. After every step, and once all is quiet again, the promises of [`judge`] hold. That they can be
//! broken is shown by [`flaw`].

pub mod booked;
pub mod clocks;
pub mod deed;
pub mod eye;
mod faults;
pub mod flaw;
pub mod judge;
pub mod log;
pub mod mailroom;
pub mod node;
pub mod run;
pub mod seed;
pub mod step;
pub mod story;
pub mod world;
