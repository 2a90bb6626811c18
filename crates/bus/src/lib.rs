//! NATS JetStream: streams, reading, conditional append, lease, quarantine, the driver.

mod api;
pub mod append;
mod backoff;
pub mod bare;
pub mod connection;
pub mod erasure;
mod error;
pub mod export;
pub mod feed;
pub mod fingerprint;
pub mod lease;
mod link;
mod message;
pub mod permissions;
mod places;
mod pull;
pub mod quarantine;
pub mod reader;
pub mod roster;
pub mod snapshot;
pub mod streams;

pub use connection::{Auth, Connection, Settings};
pub use error::BusError;
pub use message::{Received, headers_of};
pub use reader::Reader;
