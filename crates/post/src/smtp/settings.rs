//! What an operator says about the mail server, checked before anything connects.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use care::phi::Phi;

/// How the way to the server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all: for a server on this machine only, and without a password.
    None,
    /// Plain greeting, then STARTTLS, which is required (port 587 or 25).
    StartTls,
    /// TLS from the first byte (port 465).
    Implicit,
}

/// A mail server and how to reach it.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Host name or address; the certificate must be valid for it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the way to it is protected.
    pub tls: Tls,
    /// Name to log in with; goes with `password`.
    pub user: Option<String>,
    /// Password to log in with; goes with `user`.
    pub password: Option<Phi<String>>,
    /// PEM file with root certificates to trust beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// The name we say in EHLO, if not this machine's host name.
    pub hello_name: Option<String>,
    /// Limit for name resolution and TCP connect together.
    pub connect_timeout: Duration,
    /// Limit for each command and its reply, and for each block of a message to leave.
    pub command_timeout: Duration,
    /// How long a server that takes no mail is left alone before it is knocked at again.
    pub knock_every: Duration,
    /// The same while it refuses us for a fault of ours: a wrong password must not look like somebody who guesses.
    pub fault_pause: Duration,
    /// After this long a conversation counts as slow: it goes on, but its place is given to the next mail.
    pub slow_after: Duration,
    /// Limit for the reply after the final dot (RFC 5321 §4.5.3.2.6 asks for 10 minutes); one `command_timeout` may
    /// come on top.
    pub final_dot_timeout: Duration,
}

impl SmtpSettings {
    /// A server without login, with the usual limits: connect 10 s, command 30 s, after the final dot 10 min.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16, tls: Tls) -> Self {
        Self {
            host: host.into(),
            port,
            tls,
            user: None,
            password: None,
            ca_file: None,
            hello_name: None,
            connect_timeout: Duration::from_secs(10),
            command_timeout: Duration::from_secs(30),
            final_dot_timeout: Duration::from_secs(10 * 60),
            knock_every: Duration::from_secs(5),
            fault_pause: Duration::from_secs(30),
            slow_after: Duration::from_secs(2),
        }
    }

    pub(super) fn check(&self) -> Result<(), SettingsError> {
        if self.host.is_empty() {
            return Err(SettingsError::NoHost);
        }
        if self.user.is_some() != self.password.is_some() {
            return Err(SettingsError::HalfLogin);
        }
        if self.tls == Tls::None && self.user.is_some() {
            return Err(SettingsError::PasswordInClear);
        }
        if self.tls == Tls::None && !self.is_loopback() {
            return Err(SettingsError::MailInClear);
        }
        let sayable = |name: &String| !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
        if !self.hello_name.as_ref().is_none_or(sayable) {
            return Err(SettingsError::HelloName);
        }
        Ok(())
    }

    /// By its name; where a plain connection really went is checked again once it stands.
    fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

/// Settings that would harm or cannot work.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// No host.
    #[error("smtp: no host is given")]
    NoHost,
    /// User without password or the other way round.
    #[error("smtp: user and password go together; only one of them is given")]
    HalfLogin,
    /// A password would cross the wire in clear.
    #[error("smtp: a password is never sent in clear; choose starttls or implicit TLS")]
    PasswordInClear,
    /// Patients' data would cross the wire in clear.
    #[error("smtp: mail leaves this machine over TLS only; choose starttls or implicit TLS")]
    MailInClear,
    /// The EHLO name holds spaces or worse.
    #[error("smtp: hello_name must be a host name")]
    HelloName,
    /// TLS cannot name this host.
    #[error("smtp: the host is neither a DNS name nor an address")]
    Host,
    /// The CA file cannot be read.
    #[error("smtp: ca_file {path} cannot be read")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The CA file holds no usable certificate.
    #[error("smtp: ca_file {path} holds no root certificate in PEM form")]
    CaFileContent {
        /// The file.
        path: PathBuf,
    },
    /// Neither the system nor `ca_file` gives a root to trust.
    #[error("smtp: this system trusts no root certificate; install ca-certificates or set ca_file")]
    NoRoots,
    /// TLS cannot be set up.
    #[error("smtp: TLS cannot be set up")]
    Tls,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_this_machine_in_clear_and_no_password_ever() {
        for here in ["localhost", "127.0.0.1", "127.9.9.9", "::1"] {
            assert!(SmtpSettings::new(here, 25, Tls::None).check().is_ok(), "{here}");
        }
        for away in [
            "mail.example.org",
            "10.0.0.1",
            "localhost.example.org",
            "127.0.0.1.example.org",
        ] {
            let refused = SmtpSettings::new(away, 25, Tls::None).check();
            assert!(matches!(refused, Err(SettingsError::MailInClear)), "{away}");
        }
        let mut login = SmtpSettings::new("localhost", 25, Tls::None);
        login.user = Some("carebus".into());
        assert!(matches!(login.check(), Err(SettingsError::HalfLogin)));
        login.password = Some(Phi::new("secret".into()));
        assert!(matches!(login.check(), Err(SettingsError::PasswordInClear)));
        assert!(!format!("{login:?}").contains("secret"));
    }

    #[test]
    fn the_limits_are_those_that_the_documents_promise() {
        let settings = SmtpSettings::new("localhost", 25, Tls::None);
        let seconds = [
            settings.connect_timeout,
            settings.command_timeout,
            settings.final_dot_timeout,
            settings.knock_every,
            settings.fault_pause,
            settings.slow_after,
        ]
        .map(|limit| limit.as_secs());
        assert_eq!(seconds, [10, 30, 600, 5, 30, 2]);
    }

    #[test]
    fn a_hello_name_cannot_carry_a_second_command() {
        let mut settings = SmtpSettings::new("localhost", 25, Tls::None);
        settings.hello_name = Some("a\r\nMAIL FROM:<x@y>".into());
        assert!(matches!(settings.check(), Err(SettingsError::HelloName)));
    }
}
