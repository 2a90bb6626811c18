//! The demo: twelve weeks of six patients, the people around them, a server of its own, and what came of it.

pub(crate) mod clinic;
pub(crate) mod course;
pub(crate) mod facts;
pub(crate) mod report;
mod routine;
pub(crate) mod server;
mod turns;
