//! Who is told what and when: occasions, recipients, letters and invitations.

pub mod clean;
mod compose;
mod delivery;
pub mod hours;
pub mod invitation;
pub mod letter;
mod mail;
mod occasion;
pub mod picture;
mod react;
mod recipient;
mod reprint;
pub mod wording;

pub use delivery::{Delivery, outcome};
pub use mail::{Attachment, Inline, Mail, Method};
pub use react::{Desk, Round, react};
pub use reprint::reprint;
pub use wording::Wording;
