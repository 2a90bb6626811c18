//! The checkpoint from outside: what is saved comes back, through kills and damaged files.

mod damage;
mod kill;
mod model;
mod round_trip;
