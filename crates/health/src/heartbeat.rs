//! The dead man's switch: a request to a URL while all is well, and silence as soon as it is not.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::{Request, Uri, header};
use http_body_util::Empty;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::Watched;
use crate::judge::misses_a_beat;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Heartbeats by how they went, since the start.
#[derive(Debug, Default)]
pub struct Beats {
    sent: AtomicU64,
    failed: AtomicU64,
    withheld: AtomicU64,
}

impl Beats {
    pub(crate) fn counts(&self) -> [(&'static str, u64); 3] {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        [
            ("sent", read(&self.sent)),
            ("failed", read(&self.failed)),
            ("withheld", read(&self.withheld)),
        ]
    }
}

/// Why there can be no heartbeat.
#[derive(Debug, thiserror::Error)]
pub enum BadHeartbeat {
    /// The URL is none.
    #[error("expected a URL such as https://host/path")]
    Url,
    /// A file of certificates.
    #[error("{0}: expected PEM certificates")]
    Certificates(std::path::PathBuf),
    /// No authority to trust.
    #[error("this machine has no root certificates: install ca-certificates, or name a ca_file")]
    NoRoots,
}

type Asks = Client<HttpsConnector<HttpConnector>, Empty<axum::body::Bytes>>;

/// Who is told that all is well, and how often.
#[derive(Debug)]
pub struct Heartbeat {
    client: Asks,
    url: Uri,
    every: Duration,
}

/// How the last beat went: only a change is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Went {
    Sent,
    Failed,
    Withheld,
}

impl Heartbeat {
    /// A heartbeat to an `http` or `https` URL; opens no connection.
    ///
    /// # Errors
    /// [`BadHeartbeat`].
    pub fn new(url: &str, every: Duration, ca_file: Option<&Path>) -> Result<Self, BadHeartbeat> {
        let url: Uri = url.parse().map_err(|_| BadHeartbeat::Url)?;
        let is_secure = match (url.scheme_str(), url.host()) {
            (Some("https"), Some(_)) => true,
            (Some("http"), Some(_)) => false,
            _ => return Err(BadHeartbeat::Url),
        };
        let roots = roots(ca_file)?;
        if is_secure && roots.is_empty() {
            return Err(BadHeartbeat::NoRoots);
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| BadHeartbeat::NoRoots)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        // A connection a minute old is of no use, and one that broke unseen would cost a beat.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build(connector);
        Ok(Self { client, url, every })
    }

    /// Beats while every node is well, until `stop`.
    pub async fn beat(self, watched: Watched, stop: CancellationToken) {
        let mut tick = tokio::time::interval(self.every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = None;
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            let now = Instant::now();
            let nodes = watched.vitals();
            let ill = nodes
                .iter()
                .find_map(|node| Some((node.org.clone(), misses_a_beat(node, now)?)));
            let (went, says) = match ill {
                Some((org, why)) => (Went::Withheld, format!("{org}: {why}")),
                None => match stop.run_until_cancelled(self.send()).await {
                    Some(Ok(())) => (Went::Sent, String::new()),
                    Some(Err(why)) => (Went::Failed, why),
                    None => return,
                },
            };
            let beats = &watched.beats;
            let count = match went {
                Went::Sent => &beats.sent,
                Went::Failed => &beats.failed,
                Went::Withheld => &beats.withheld,
            };
            count.fetch_add(1, Ordering::Relaxed);
            if last.as_ref() != Some(&went) {
                self.tell(&went, &says, last.is_none());
            }
            last = Some(went);
        }
    }

    /// The URL is a secret of sorts: whoever knows it can beat in our place. Its host is not.
    fn tell(&self, went: &Went, says: &str, is_first: bool) {
        let host = self.url.host().unwrap_or_default();
        match went {
            Went::Sent => tracing::info!(host, "heartbeat.sent"),
            Went::Failed => tracing::warn!(host, error = says, "heartbeat.failed"),
            // A process that has just started is not well yet.
            Went::Withheld if is_first => tracing::info!(host, because = says, "heartbeat.withheld"),
            Went::Withheld => tracing::warn!(host, because = says, "heartbeat.withheld"),
        }
    }

    async fn send(&self) -> Result<(), String> {
        let agent = concat!("carebus/", env!("CARGO_PKG_VERSION"));
        let request = Request::get(self.url.clone())
            .header(header::USER_AGENT, agent)
            .body(Empty::new())
            .map_err(|error| error.to_string())?;
        let answer = tokio::time::timeout(PATIENCE, self.client.request(request)).await;
        match answer {
            Err(_) => Err(format!("no answer in {} s", PATIENCE.as_secs())),
            Ok(Err(error)) => Err(causes(&error)),
            Ok(Ok(answer)) if answer.status().is_success() => Ok(()),
            Ok(Ok(answer)) => Err(format!("the answer was {}", answer.status())),
        }
    }
}

/// An error with what led to it; none of them names the path of the URL.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

/// The authorities of the system, and those of a file.
fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, BadHeartbeat> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let bad = || BadHeartbeat::Certificates(path.to_owned());
        let pem = CertificateDer::pem_file_iter(path).map_err(|_| bad())?;
        let own: Vec<CertificateDer<'_>> = pem.collect::<Result<_, _>>().map_err(|_| bad())?;
        if own.is_empty() || roots.add_parsable_certificates(own).0 == 0 {
            return Err(bad());
        }
    }
    Ok(roots)
}
