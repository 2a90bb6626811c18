//! The checkpoint from outside: what is saved comes back, through kills and damaged files.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod damage;
mod kill;
mod model;
mod round_trip;
