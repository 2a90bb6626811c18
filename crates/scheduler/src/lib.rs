//! EA 48 hours before PT: slots, placing, cascades, alternatives.

pub mod alternatives;
pub mod case;
mod chains;
pub mod company;
pub mod constraint;
pub mod decide;
pub mod diary;
mod exchange;
mod instants;
pub mod obstacles;
pub mod occupancy;
pub mod open_hours;
pub mod permits;
mod feed;
mod placing;
mod react;
mod reading;
mod repack;
mod replan;
pub mod rules;
mod standing;
pub mod step;
mod table;

pub use decide::decide;
pub use feed::postings;
pub use react::react;
pub use permits::{judge, permits};
pub use rules::Rules;
