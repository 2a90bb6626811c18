//! Who is told what and when: occasions, recipients, letters and invitations.

pub mod clean;
mod compose;
pub mod hours;
pub mod invitation;
pub mod letter;
mod mail;
mod occasion;
mod react;
mod recipient;

pub use mail::{Attachment, Mail, Method};
pub use react::{Delivery, Desk, Round, outcome, react};
