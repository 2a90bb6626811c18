//! The scheduler from outside: the scenarios a clinician can read, and random worlds with an independent check.

mod exact;
mod law;
mod random;
mod scenarios;
mod world;
