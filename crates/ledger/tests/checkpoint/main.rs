//! The checkpoint from outside: what is saved comes back, through damaged files.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod damage;
mod model;
mod round_trip;
