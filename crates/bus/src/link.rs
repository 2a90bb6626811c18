//! One client on its way to the server: addresses, credentials, TLS, and what the server says unasked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::jetstream::{self, context::ContextBuilder};
use async_nats::{ConnectErrorKind, ConnectOptions, Event, ServerAddr, ServerError};
use tokio::sync::watch;

use crate::{Auth, BusError, Settings, backoff};

/// One client with what it told us about itself.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) client: async_nats::Client,
    pub(crate) jetstream: jetstream::Context,
    /// How often this client lost its server.
    pub(crate) losses: watch::Receiver<u64>,
    denials: Denials,
}

/// The server's last refusals. They come without saying which request they answer, which otherwise
/// just times out; remembered here, a timeout can be told from a missing permission.
type Denials = Arc<Mutex<VecDeque<String>>>;

impl Link {
    /// Waits until this link is lost, from now on: no answer to what was asked before comes then.
    pub(crate) fn loss(&self) -> impl Future<Output = ()> + use<> {
        let mut losses = self.losses.clone();
        losses.mark_unchanged();
        async move {
            losses.changed().await.ok();
        }
    }

    /// What to call a silence on `subject`: a refusal, if the server sent one for it.
    pub(crate) fn silence(&self, subject: &str) -> BusError {
        let mut denials = self.denials.lock().unwrap_or_else(PoisonError::into_inner);
        let quoted = format!("\"{subject}\"");
        match denials.iter().position(|denial| denial.contains(&quoted)) {
            Some(at) => BusError::Refused {
                what: subject.to_owned(),
                why: denials.remove(at).unwrap_or_default(),
            },
            None => BusError::Unreachable(format!("no answer on {subject} in time")),
        }
    }
}

pub(crate) fn addresses(settings: &Settings) -> Result<Vec<ServerAddr>, BusError> {
    settings
        .url
        .split(',')
        .map(|url| {
            let doing = format!("NATS address {}", settings.name);
            let address: ServerAddr = url
                .trim()
                .parse()
                .map_err(|error| BusError::other(doing.clone(), error))?;
            if address.has_user_pass() {
                // The address is in error messages, process lists and the server's logs.
                return Err(BusError::other(
                    doing,
                    "credentials belong into a file, not into the URL",
                ));
            }
            Ok(address)
        })
        .collect()
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Connects. `reconnects` bounds the attempts to come back after a loss; `None` is for ever.
pub(crate) async fn dial(settings: &Settings, reconnects: Option<usize>) -> Result<Link, BusError> {
    let servers = addresses(settings)?;
    let (lost, losses) = watch::channel(0);
    let denials = Denials::default();
    let mut options = authenticated(&settings.auth)
        .await?
        .name(&settings.name)
        .max_reconnects(reconnects)
        .connection_timeout(settings.timeout)
        .request_timeout(Some(settings.timeout))
        // A dead peer shows after two unanswered pings.
        .ping_interval(Duration::from_secs(4))
        .reconnect_delay_callback(|attempt| {
            backoff::pause(u32::try_from(attempt).unwrap_or(u32::MAX).saturating_sub(1))
        })
        .event_callback({
            let denials = Arc::clone(&denials);
            move |event| {
                note(&event, &lost, &denials);
                std::future::ready(())
            }
        });
    if let Some(prefix) = &settings.inbox_prefix {
        options = options.custom_inbox_prefix(prefix);
    }
    if let Some(root) = &settings.tls_root {
        options = options.add_root_certificates(root.clone());
    }
    let remote = servers.iter().any(|server| !is_loopback(server.host()));
    options = options.require_tls(settings.tls_root.is_some() || (remote && !settings.plaintext));
    if !remote {
        // A server on this machine may name others of its cluster, and those we would speak to in clear.
        options = options.ignore_discovered_servers();
    }
    let client = options
        .connect(servers)
        .await
        .map_err(|error| refused(settings, &error))?;
    let jetstream = ContextBuilder::new()
        .timeout(settings.timeout)
        .build(client.clone());
    Ok(Link {
        client,
        jetstream,
        losses,
        denials,
    })
}

fn note(event: &Event, lost: &watch::Sender<u64>, denials: &Denials) {
    match event {
        Event::Disconnected | Event::Closed => lost.send_modify(|losses| *losses += 1),
        Event::ServerError(ServerError::Other(text))
            if text.to_lowercase().contains("permissions violation") =>
        {
            let mut denials = denials.lock().unwrap_or_else(PoisonError::into_inner);
            // Enough to find the one we ask about within its timeout, too few to matter.
            if denials.len() == 32 {
                denials.pop_front();
            }
            denials.push_back(text.clone());
        }
        _ => {}
    }
    tracing::debug!(event = %event, "bus.link");
}

async fn authenticated(auth: &Auth) -> Result<ConnectOptions, BusError> {
    let options = ConnectOptions::new();
    let path = match auth {
        Auth::None => return Ok(options),
        Auth::Creds(path) | Auth::NkeySeed(path) | Auth::UserPassword(path) => path,
    };
    let unreadable = |error| BusError::other(format!("credential file {}", path.display()), error);
    let text = tokio::fs::read_to_string(path).await.map_err(unreadable)?;
    match auth {
        Auth::None => Ok(options),
        Auth::Creds(_) => options.credentials(&text).map_err(unreadable),
        Auth::NkeySeed(_) => Ok(options.nkey(text.trim().to_owned())),
        Auth::UserPassword(_) => {
            let mut lines = text.lines().map(|line| line.trim().to_owned());
            match (lines.next(), lines.next()) {
                (Some(user), Some(password)) => Ok(options.user_and_password(user, password)),
                _ => Err(unreadable(std::io::Error::other(
                    "wants the user and the password on a line each",
                ))),
            }
        }
    }
}

fn refused(settings: &Settings, error: &async_nats::ConnectError) -> BusError {
    let url = &settings.url;
    match error.kind() {
        ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => BusError::Refused {
            what: format!("the connection to {url}"),
            why: error.to_string(),
        },
        ConnectErrorKind::ServerParse => BusError::other(format!("NATS address {url}"), error.to_string()),
        _ => BusError::Unreachable(format!("{url}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_loopback() {
        for host in ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["nats", "10.0.0.1", "localhost.example", "::2"] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        let error = addresses(&Settings::new("nats://bob:hunter2@127.0.0.1", "test")).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
