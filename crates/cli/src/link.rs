//! The connection a command uses.

use bus::{BusError, Connection, Settings};

use crate::config::Config;
use crate::exit::Failure;
use crate::output::Output;

/// Attempts of a service: it may have started before its server. With pauses of at most 2 s that is half a minute.
const PATIENT: u32 = 20;

/// Connects once: a person waits for the answer.
pub(crate) async fn connect(config: &Config) -> Result<Connection, Failure> {
    Ok(Connection::open(&config.nats).await?)
}

/// Connects for a service, which may have started before its server; says so when it has to wait.
pub(crate) async fn connect_patiently(config: &Config, output: &Output) -> Result<Connection, Failure> {
    match Connection::open(&config.nats).await {
        Err(error @ BusError::Unreachable(_)) => {
            output.note(format!("{error}; trying again for half a minute"));
            let settings = Settings {
                first_attempts: PATIENT,
                ..config.nats.clone()
            };
            Ok(Connection::open(&settings).await?)
        }
        opened => Ok(opened?),
    }
}
