//! The process's own log, on stderr: one span per decision, never a name or an address.

use std::io;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::exit::{Exit, Failure};
use crate::spans::Spans;

/// Starts the log. `-v` wins over `RUST_LOG`, which wins over the configuration. Spans go to the collector at `otlp` too;
/// what is returned sends the last of them when it is dropped.
///
/// # Errors
/// A level that is none; a collector that cannot be.
pub(crate) fn start(level: &str, json: bool, verbose: u8, otlp: Option<&str>) -> Result<Spans, Failure> {
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
    let lines = fmt::layer().with_writer(io::stderr);
    let lines = if json {
        lines.json().boxed()
    } else {
        lines.with_ansi(colour()).boxed()
    };
    let (layer, spans) = crate::spans::layer(otlp)?;
    // Outermost, so that it holds for the lines and for the spans that are sent away.
    let started = tracing_subscriber::registry()
        .with(lines)
        .with(layer)
        .with(filter)
        .try_init();
    started.map_err(|error| Failure::new(Exit::Bug, format!("the log was started twice: {error}")))?;
    Ok(spans)
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
