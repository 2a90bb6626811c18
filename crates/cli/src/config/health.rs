//! Where health is told: the port of the pages, and the heartbeat.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::layers::Layers;

/// What is told to those who run it.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    /// Where the pages are; none: nowhere.
    pub(crate) listen: Option<SocketAddr>,
    /// Who is told that all is well; none: nobody.
    pub(crate) heartbeat: Option<Beat>,
}

/// A heartbeat.
#[derive(Debug, Clone)]
pub(crate) struct Beat {
    pub(crate) url: String,
    pub(crate) every: Duration,
    pub(crate) ca_file: Option<PathBuf>,
}

pub(super) fn read(layers: &mut Layers) -> Health {
    let listen = layers.text("health.listen").and_then(|text| {
        let address = text.parse().ok();
        if address.is_none() {
            layers.mistake(
                "health.listen",
                "expected an IP address and a port, such as 127.0.0.1:9464",
            );
        }
        address
    });
    let every = layers.number("heartbeat.every_seconds");
    let every = every.filter(|n| (1..=86_400).contains(n));
    if every.is_none() {
        layers.mistake("heartbeat.every_seconds", "expected 1 to 86400");
    }
    let every = Duration::from_secs(every.and_then(|n| u64::try_from(n).ok()).unwrap_or(60));
    let ca_file = layers.existing("heartbeat.ca_file");
    let heartbeat = layers
        .text("heartbeat.url")
        .map(|url| Beat { url, every, ca_file });
    // The system's certificates are looked at only when they are needed: when the node starts.
    if let Some(beat) = &heartbeat
        && !is_url(&beat.url)
    {
        layers.mistake("heartbeat.url", "expected http://host/path or https://host/path");
    }
    Health { listen, heartbeat }
}

/// The collector of spans, in a build that can speak to one.
pub(super) fn collector(layers: &mut Layers) -> Option<String> {
    let url = layers.text("log.otlp")?;
    if !cfg!(feature = "otel") {
        layers.mistake(
            "log.otlp",
            "this carebus was built without OTLP: cargo build --release -p cli --features otel",
        );
    } else if !is_url(&url) {
        layers.mistake("log.otlp", "expected http://host:4317 or https://host:4317");
    }
    Some(url)
}

fn is_url(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', ':', '?']))
}
