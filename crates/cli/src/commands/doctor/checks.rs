//! Each thing the doctor looks at.

use std::time::Duration;

use bus::Connection;
use care::time::{SignedDuration, Timestamp};
use serde_json::Value as Json;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Check;
use crate::config::{Config, Transport};
use crate::exit::{Exit, Failure};
use crate::monitor;

/// Clocks that differ by more hold routine actions.
const CLOCKS: SignedDuration = SignedDuration::from_mins(5);

/// For so long a log that changed is a problem to look into.
const STILL_NEWS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A directory in which a file can be made and removed.
pub(super) fn state(config: &Config) -> Check {
    writable(
        "state",
        &config.state,
        "give another directory: state = \"…\" or CAREBUS_STATE",
    )
}

fn writable(check: &'static str, dir: &std::path::Path, help: &str) -> Check {
    let probe = dir.join(format!(".carebus-{}", std::process::id()));
    let tried = std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(&probe, b"probe"))
        .and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Check::ok(check, format!("{} can be written", dir.display())),
        Err(error) => Check::problem(
            check,
            Failure::file(dir, &error).exit(),
            format!("{}: {error}", dir.display()),
            help,
        ),
    }
}

/// The carrier, as far as it can be tried without sending.
pub(super) async fn mail(config: &Config) -> Check {
    if let Err(failure) = config.post() {
        return Check::failed("mail", &failure);
    }
    match config.transport {
        Transport::Memory => Check::ok("mail", "composed and forgotten: for trying out only"),
        Transport::Directory => writable(
            "mail",
            &config.mail_directory,
            "give another folder: [mail] directory = \"…\"",
        ),
        Transport::Smtp => {
            let (host, port) = (config.smtp.host.as_str(), config.smtp.port);
            let help = "check [smtp] host and port, and that no firewall is between";
            match timeout(Duration::from_secs(5), TcpStream::connect((host, port))).await {
                Ok(Ok(_)) => Check::ok("mail", format!("{host}:{port} takes connections")),
                Ok(Err(error)) => {
                    Check::problem("mail", Exit::Unreachable, format!("{host}:{port}: {error}"), help)
                }
                Err(_) => Check::problem(
                    "mail",
                    Exit::Unreachable,
                    format!("{host}:{port}: no answer in 5 s"),
                    help,
                ),
            }
        }
    }
}

/// The streams of each organisation, as carebus asks for them.
pub(super) async fn streams(conn: &Connection, config: &Config) -> Vec<Check> {
    if config.orgs.is_empty() {
        return vec![Check::unknown(
            "streams",
            "no organisation is named",
            "name one: carebus doctor --org acme",
        )];
    }
    let mut found = Vec::new();
    for org in &config.orgs {
        found.push(match bus::streams::check_org(conn, org).await {
            Ok(head) => Check::ok(
                "streams",
                format!("organisation {org}: as asked, {} facts", head.last_sequence),
            ),
            Err(error) => Check::failed("streams", &error.into()),
        });
    }
    found
}

/// Whether a log was found not to be the one that was read. The log itself is asked: whoever finds that says so in it,
/// and a checkpoint can be looked into by its own process only.
pub(super) async fn record(conn: &Connection, config: &Config) -> Vec<Check> {
    let mut found = Vec::new();
    for org in &config.orgs {
        let subject = format!("care.{org}.member.{}.log.changed", mailer::ON_CALL);
        let newest = match bus::export::newest(conn, org, &subject).await {
            Ok(newest) => newest,
            Err(bus::BusError::MissingOrg(_)) => continue,
            Err(error) => {
                found.push(Check::failed("record", &error.into()));
                continue;
            }
        };
        let event = newest.and_then(|newest| crate::fold::decode(&newest).ok());
        found.push(match event {
            None => Check::ok("record", format!("organisation {org}: was never found changed")),
            Some(event) => changed(org, &event),
        });
    }
    found
}

fn changed(org: &care::id::OrgId, event: &care::Event) -> Check {
    let what = care::sentence::sentence(event, None, &care::time::TimeZone::UTC);
    let says = format!("organisation {org}, {}: {what}", event.time);
    let age = node::Clock::real().now().duration_since(event.time);
    if age > STILL_NEWS {
        return Check::ok("record", says);
    }
    Check::problem(
        "record",
        Exit::Other,
        says,
        "look at the server's store, and have what is missing published again: docs/backup.md",
    )
}

/// What only the server's monitoring page says: when it syncs, and what time it is there.
pub(super) async fn monitoring(url: Option<&str>) -> Vec<Check> {
    let Some(url) = url else {
        let help = "set `sync_interval: always` in the jetstream block of its configuration, and name its monitoring \
            address to have that checked: carebus doctor --monitor http://127.0.0.1:8222";
        return vec![
            Check::unknown("sync_interval", "not visible over NATS", help),
            Check::unknown(
                "clock",
                "not compared",
                "name the monitoring address, or run `nats server check`",
            ),
        ];
    };
    let asked = monitor::get(url, "/varz").await;
    let page: Option<Json> = asked
        .as_ref()
        .ok()
        .and_then(|answer| serde_json::from_str(&answer.body).ok());
    let Some(page) = page else {
        let why = asked.err().map_or_else(
            || "no answer that can be read".to_owned(),
            |error| error.to_string(),
        );
        return vec![Check::problem(
            "monitoring",
            Exit::Unreachable,
            format!("{url}: {why}"),
            "check the address; it is `http` in the server's configuration",
        )];
    };
    vec![sync(&page), clock(&page)]
}

fn sync(page: &Json) -> Check {
    let jetstream = &page["jetstream"]["config"];
    if jetstream["sync_always"].as_bool() == Some(true) {
        return Check::ok(
            "sync_interval",
            "always: what was acknowledged survives a power cut",
        );
    }
    let every = jetstream["sync_interval"]
        .as_u64()
        .map_or_else(|| "not set".to_owned(), |n| format!("{} s", n / 1_000_000_000));
    let help =
        "set `sync_interval: always` in the jetstream block: else a power cut loses acknowledged facts";
    Check::problem("sync_interval", Exit::Config, every, help)
}

fn clock(page: &Json) -> Check {
    let there = page["now"]
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok());
    let Some(there) = there else {
        return Check::unknown(
            "clock",
            "the server does not say what time it is",
            "compare them by hand",
        );
    };
    let apart = node::Clock::real().now().duration_since(there);
    let says = format!("{} s apart from the server's", apart.as_secs());
    if apart.abs() <= CLOCKS {
        Check::ok("clock", says)
    } else {
        Check::problem(
            "clock",
            Exit::Config,
            says,
            "run a time service (chrony, systemd-timesyncd) on both machines",
        )
    }
}
