//! The process's own log, on stderr: one span per decision, never a name or an address.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::exit::{Exit, Failure};

/// Starts the log. `-v` wins over `RUST_LOG`, which wins over the configuration.
///
/// # Errors
/// A level that is none.
pub(crate) fn start(level: &str, json: bool, verbose: u8) -> Result<(), Failure> {
    let environment = std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty());
    let directives = match verbose {
        0 => environment.unwrap_or_else(|| quieted(level)),
        1 => quieted("info"),
        _ => quieted("debug"),
    };
    let filter = EnvFilter::try_new(&directives).map_err(|error| {
        Failure::new(Exit::Config, format!("log.level: {error}"))
            .help("error, warn, info, debug, trace, or directives such as info,bus=debug")
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let started = if json {
        builder.json().try_init()
    } else {
        builder.with_ansi(colour()).try_init()
    };
    started.map_err(|error| Failure::new(Exit::Bug, format!("the log was started twice: {error}")))
}

/// The client library tells of every connection, which `bus` tells as well; whoever wants that names it.
fn quieted(level: &str) -> String {
    if level.contains(['=', ',']) {
        level.to_owned()
    } else {
        format!("{level},async_nats=error")
    }
}

fn colour() -> bool {
    use std::io::IsTerminal;
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}
