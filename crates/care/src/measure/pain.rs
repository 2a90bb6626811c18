//! Pain on the visual analogue (mm) and numeric rating scales, and what a change on them means.

mod change;
mod scale;
mod score;

pub use change::{Change, Expectation, NotComparable, Reduction, compare, reduction};
pub use scale::{Context, Scale};
pub use score::{OutOfRange, Pain};
