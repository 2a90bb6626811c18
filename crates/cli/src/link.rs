//! The connection a command uses.

use bus::Connection;

use crate::config::Config;
use crate::exit::Failure;

/// Attempts of a service: it may have started before its server. With pauses of at most 2 s that is half a minute.
const PATIENT: u32 = 20;

/// Connects once: a person waits for the answer.
pub(crate) async fn connect(config: &Config) -> Result<Connection, Failure> {
    Ok(Connection::open(&config.nats).await?)
}

/// Connects for a service, which may have started before its server.
pub(crate) async fn connect_patiently(config: &Config) -> Result<Connection, Failure> {
    let settings = bus::Settings { first_attempts: PATIENT, ..config.nats.clone() };
    Ok(Connection::open(&settings).await?)
}
