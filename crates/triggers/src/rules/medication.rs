//! Medicines: how long they are taken, and what they may do. Every alert asks for a review and sets no limit; none of
//! them holds EA.

pub(crate) mod courses;
pub(crate) mod harm;
pub(crate) mod nsaid;
pub(crate) mod opioid;
pub(crate) mod runs;

pub(crate) const GROUP: &str = "medication";
