//! EA 48 hours before PT: slots, placing, cascades, alternatives.

pub mod alternatives;
mod blockers;
pub mod case;
mod chains;
mod closing;
pub mod company;
pub mod constraint;
pub mod decide;
pub mod diary;
mod exchange;
mod feed;
mod group;
mod instants;
pub mod obstacles;
pub mod occupancy;
pub mod open_hours;
mod open_starts;
pub mod permits;
mod placing;
mod practice;
mod react;
mod reading;
mod release;
mod repack;
mod replan;
pub mod rules;
mod standing;
pub mod step;
mod table;
mod wanting;

pub use decide::decide;
pub use feed::postings;
pub use permits::{judge, permits};
pub use react::react;
pub use rules::Rules;
