//! The process's own log, on stderr: one span per decision, never a name or an address.

use std::io;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::exit::{Exit, Failure};
use crate::spans::Spans;

/// Whose words are written at every level. What other libraries say below a warning is about the bytes they carry:
/// one writes whole answers of the server, with the facts in them, at debug, and another pages of the checkpoint.
const OURS: [&str; 14] = [
    "carebus",
    "care",
    "scheduler",
    "oswestry",
    "triggers",
    "mailer",
    "outcomes",
    "engine",
    "ledger",
    "bus",
    "post",
    "node",
    "health",
    "portal",
];

/// Starts the log. `-v` wins over `RUST_LOG`, which wins over the configuration. Spans go to the collector at `otlp` too,
/// whatever the level of the log; what is returned sends the last of them when it is dropped.
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
    let (sent, spans) = crate::spans::layer(otlp)?;
    let started = tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(sent)
        .with(filter_fn(is_writable))
        .try_init();
    started.map_err(|error| Failure::new(Exit::Bug, format!("the log was started twice: {error}")))?;
    Ok(spans)
}

/// Whatever the directives say.
fn is_writable(what: &Metadata<'_>) -> bool {
    *what.level() <= Level::WARN || is_ours(what)
}

/// Said by our own crates, which know what must not be said.
pub(crate) fn is_ours(what: &Metadata<'_>) -> bool {
    let room = what.target().split("::").next().unwrap_or_default();
    OURS.contains(&room)
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

/// From now on a panic says where it was, and its words only if they were written beforehand: those made up on the way
/// may quote what they fell over, such as the text of a letter that was cut in the middle of a character.
pub(crate) fn keep_panics_discreet() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        let words = panic.payload().downcast_ref::<&str>();
        let words = words.unwrap_or(&"its words may quote data and are left out");
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("unnamed");
        // Nothing can be done when there is no stderr.
        let _ = io::Write::write_fmt(
            &mut io::stderr(),
            format_args!("thread {name} panicked at {place}: {words}\n"),
        );
    }));
}
