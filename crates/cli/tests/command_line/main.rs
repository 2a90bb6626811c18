//! The command as people and scripts meet it: what it prints, on which stream, and how it ends.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod catalogue;
mod configuration;
mod explaining;
mod letters;
mod measuring;
mod registry;
mod releasing;
mod serving;
mod simulating;
mod support;
mod trying;
mod wrong_use;
