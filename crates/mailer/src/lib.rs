//! Who is told what and when: occasions, recipients, letters and invitations.

mod again;
mod age;
mod breaker;
mod case;
pub mod clean;
mod compose;
mod delivery;
mod desk;
mod digest;
pub mod hours;
pub mod invitation;
mod lanes;
pub mod letter;
mod mail;
mod occasion;
pub mod picture;
mod practitioner;
mod react;
mod recipient;
mod record;
mod reprint;
mod traffic;
pub mod wording;

pub use breaker::{Breakers, Domain, Sign};
pub use delivery::{Delivery, outcome};
pub use desk::{Desk, Held, Round};
pub use digest::digest;
pub use lanes::{Bounds, Lanes, Turn};
pub use mail::{Attachment, Inline, Mail, Method};
pub use practitioner::react_about_practitioner;
pub use react::react;
pub use recipient::ON_CALL;
pub use reprint::reprint;
pub use traffic::{Claim, Traffic};
pub use wording::Wording;
