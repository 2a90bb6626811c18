//! The Oswestry Disability Index: ten integers, an exact score, a band, a change.
//!
//! Only arithmetic lives here. The wording of the questionnaire is licensed (© Jeremy Fairbank,
//! through Mapi Research Trust) and appears nowhere; a clinic needs its own licence.

mod change;
mod given;
mod items;
mod score;
mod validity;

pub use change::{Change, NotComparable, Scored, compare};
pub use given::{Given, GivenError, Raw};
pub use items::{Item, Items, NotAnItem, SECTIONS};
pub use score::{Band, NotAPercent, NotAScore, Percent, Score};
pub use validity::{MaxMissing, MaxMissingOutOfRange, Validity};
