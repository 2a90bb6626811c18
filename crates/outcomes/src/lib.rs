//! The registry report: what became of the episodes and the sessions, counted honestly.

pub mod adverse;
pub mod assumed;
pub mod cells;
pub mod episode;
pub mod figure;
pub mod report;
pub mod statistics;
pub mod treated;

pub use episode::Episode;
pub use report::{Options, Perspective, Report, TimePoint};
