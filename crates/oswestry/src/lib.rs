//! The two-week Oswestry clock: which due an Oswestry answers, and what is said about those that are not answered.

mod clock;
mod grid;

pub use clock::{Clock, Ought, Pause, Saying, State, Timing};
pub use grid::{Grid, Window};
