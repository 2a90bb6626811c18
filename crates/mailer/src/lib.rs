//! Who is told what and when: letters and invitations.

mod mail;

pub use mail::{Attachment, Mail, Method};
