//! The two-week Oswestry clock: which due an Oswestry answers, and what is said about those that are not answered.

mod clock;
mod facts;
mod grid;
mod react;
mod state;

pub use clock::Clock;
pub use facts::{Facts, Pause};
pub use grid::{Grid, Window};
pub use react::{clock, react};
pub use state::{Ought, State, Timing};
