//! Where things are when nobody says: configuration file, state directory, host name; and what an address looks like.

use std::env;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::exit::{Exit, Failure};

/// The configuration file that is used if it exists and none is named.
pub(crate) fn usual_files() -> Vec<PathBuf> {
    let own = directory("XDG_CONFIG_HOME").or_else(|| Some(directory("HOME")?.join(".config")));
    own.into_iter()
        .map(|dir| dir.join("carebus/config.toml"))
        .chain([PathBuf::from("/etc/carebus/config.toml")])
        .collect()
}

/// The state directory: what systemd gives, else the user's.
pub(crate) fn state() -> Result<PathBuf, Failure> {
    directory("STATE_DIRECTORY")
        .or_else(|| Some(directory("XDG_STATE_HOME")?.join("carebus")))
        .or_else(|| Some(directory("HOME")?.join(".local/state/carebus")))
        .ok_or_else(|| {
            Failure::new(Exit::Config, "no state directory: HOME is not set")
                .help("give one: CAREBUS_STATE=/var/lib/carebus")
        })
}

/// A directory of the environment; the XDG rules say that relative ones are ignored.
pub(super) fn directory(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

/// What this machine calls itself, as a name of a process: letters, digits, `-` and `_`.
pub(crate) fn host_name() -> String {
    let name = hostname::get().unwrap_or_default().to_string_lossy().into_owned();
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
            c
        } else {
            '-'
        }
    };
    let name: String = name.chars().map(plain).take(40).collect();
    if name.is_empty() {
        "carebus".to_owned()
    } else {
        name
    }
}

/// What is wrong with one NATS address, if anything.
pub(crate) fn wrong_address(url: &str) -> Option<&'static str> {
    const EXPECTED: &str = "expected nats://host:port or tls://host:port, several with commas between";
    let url = url.trim();
    let rest = match url.split_once("://") {
        Some(("nats" | "tls", rest)) => rest,
        Some(_) => return Some(EXPECTED),
        None => url,
    };
    if rest.contains('@') {
        return Some(
            "credentials belong into a file (nats.creds, nkey or user_password), not into the address",
        );
    }
    let port_is_one = match rest.rsplit_once(':') {
        Some((_, port)) if !port.ends_with(']') => port.trim_end_matches('/').parse::<u16>().is_ok(),
        _ => true,
    };
    let odd = |c: char| c.is_whitespace() || c.is_control();
    (rest.is_empty() || rest.starts_with(':') || rest.contains(odd) || !port_is_one).then_some(EXPECTED)
}

/// Whether every address of a list is this machine, by its name.
pub(super) fn all_loopback(urls: &str) -> bool {
    urls.split(',').all(|url| {
        let url = url.trim();
        let rest = url
            .split_once("://")
            .map_or(url, |(_, rest)| rest)
            .trim_end_matches('/');
        let host = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => host,
            _ => rest,
        };
        is_loopback(host.trim_start_matches('[').trim_end_matches(']'))
    })
}

/// Whether a host is this machine, by its name.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_elsewhere_is_elsewhere() {
        for here in [
            "nats://127.0.0.1:4222",
            "localhost",
            "tls://[::1]:4222,nats://localhost:1",
            "[::1]",
        ] {
            assert!(all_loopback(here), "{here}");
        }
        for elsewhere in [
            "nats://127.0.0.1,nats://nats.example",
            "nats.example:4222",
            "nats://10.0.0.1",
            "127.0.0.1.example",
        ] {
            assert!(!all_loopback(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn an_address_is_looked_at_before_anybody_dials() {
        for good in [
            "nats://127.0.0.1:4222",
            "tls://nats.example",
            "localhost",
            "localhost:4222",
            "nats://[::1]:4222",
        ] {
            assert_eq!(wrong_address(good), None, "{good}");
        }
        for bad in [
            "",
            "http://x",
            "nats://",
            "nats://:4222",
            "nats://h:port",
            "nats://h:99999",
            "nats://a b",
            "nats://u:p@h",
        ] {
            assert!(wrong_address(bad).is_some(), "{bad}");
        }
    }
}
