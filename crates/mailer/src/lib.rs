//! Who is told what and when: letters and invitations.

pub mod clean;
pub mod hours;
pub mod invitation;
pub mod letter;
mod mail;

pub use mail::{Attachment, Mail, Method};

mod react;
pub use react::{Delivery, Desk, Round, outcome, react};
