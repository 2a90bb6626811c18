//! A real SMTP server for one test: aiosmtpd with STARTTLS and a login, on loopback, ended with its input.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use care::phi::Phi;
use post::{Post, SmtpCarrier, SmtpSettings, Tls};
use serde_json::Value;
use tempfile::TempDir;

use super::letters::{NO_PYTHON, python};

const USER: &str = "carebus";
/// The password that the server takes.
pub const PASSWORD: &str = "correct horse";

/// Runs smtp_server.py, which refuses the recipients named last.
const PROGRAM: &str = r#"
import sys
sys.path.insert(0, sys.argv.pop(1))
refused = sys.argv.pop(1).split(",")
import smtp_server
takes = smtp_server.Handler.handle_RCPT
async def choosy(self, server, session, envelope, address, options):
    if address in refused:
        return "550 5.1.1 no such user"
    return await takes(self, server, session, envelope, address, options)
smtp_server.Handler.handle_RCPT = choosy
smtp_server.main()
"#;

/// A certificate for a host name, and its key.
#[derive(Debug)]
pub struct Identity {
    /// PEM.
    pub certificate: String,
    key: String,
}

impl Identity {
    /// A new one, signed by itself.
    ///
    /// # Panics
    /// When the name is none.
    #[must_use]
    pub fn of(host: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([host.to_owned()]).expect("a certificate");
        Self {
            certificate: made.cert.pem(),
            key: made.signing_key.serialize_pem(),
        }
    }
}

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub struct Mailbox {
    child: Child,
    stdin: Option<ChildStdin>,
    port: u16,
    home: TempDir,
}

/// A mail as the server took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Envelope recipients.
    pub to: Vec<String>,
    /// Whether it came over TLS.
    pub tls: bool,
    /// Whether the sender had logged in.
    pub login: bool,
    /// Its bytes as text.
    pub text: String,
}

impl Mailbox {
    /// A server that takes everything.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(None, &[])
    }

    /// A server with a fault of smtp_server.py, or that refuses some recipients with 550.
    ///
    /// # Panics
    /// When there is no Python with aiosmtpd.
    #[must_use]
    pub fn start_with(fault: Option<&str>, refused: &[&str]) -> Self {
        let fault: Vec<&str> = fault.iter().flat_map(|fault| ["--fault", fault]).collect();
        Self::start_as(Some(&Identity::of("localhost")), &fault, refused)
    }

    /// A server with further arguments of smtp_server.py; STARTTLS and a login only with a certificate.
    ///
    /// # Panics
    /// When there is no Python with aiosmtpd.
    #[must_use]
    pub fn start_as(identity: Option<&Identity>, arguments: &[&str], refused: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| home.path().join(name);
        let tools = super::letters::tool("");
        let mut command = Command::new(python());
        command.args(["-c", PROGRAM]).arg(tools).arg(refused.join(","));
        command.arg("--store").arg(home.path());
        if let Some(identity) = identity {
            std::fs::write(path("cert.pem"), &identity.certificate).expect("a file");
            std::fs::write(path("key.pem"), &identity.key).expect("a file");
            command.arg("--cert").arg(path("cert.pem"));
            command.arg("--key").arg(path("key.pem"));
            command.args(["--user", USER, "--password", PASSWORD]);
        }
        command.args(arguments);
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.unwrap_or_else(|error| panic!("{error}: {NO_PYTHON}"));
        let stdin = child.stdin.take();
        let mut line = String::new();
        let out = child.stdout.take().expect("a pipe");
        BufReader::new(out)
            .read_line(&mut line)
            .expect("the server's first line");
        let port = line
            .trim()
            .strip_prefix("PORT ")
            .and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("no port but {line:?}: {NO_PYTHON}"));
        Self {
            child,
            stdin,
            port,
            home,
        }
    }

    /// The port it listens on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// A way to this server with a password.
    ///
    /// # Panics
    /// Never: the settings are right.
    #[must_use]
    pub fn post(&self, password: &str) -> Post {
        Post::Smtp(Box::new(
            SmtpCarrier::new(self.settings(password)).expect("settings that work"),
        ))
    }

    /// Settings that lead to this server, over STARTTLS and with a password.
    #[must_use]
    pub fn settings(&self, password: &str) -> SmtpSettings {
        let mut settings = SmtpSettings::new("localhost", self.port, Tls::StartTls);
        settings.ca_file = Some(self.home.path().join("cert.pem"));
        settings.user = Some(USER.to_owned());
        settings.password = Some(Phi::new(password.to_owned()));
        settings.hello_name = Some("client.example".to_owned());
        settings.command_timeout = Duration::from_secs(20);
        settings
    }

    /// The `[mail]` and `[smtp]` of a configuration that sends to this server; the password is a file with this path.
    ///
    /// # Panics
    /// When the file cannot be written.
    #[must_use]
    pub fn configuration(&self) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let password = self.home.path().join("password");
        std::fs::write(&password, PASSWORD).expect("a file");
        std::fs::set_permissions(&password, std::fs::Permissions::from_mode(0o600)).expect("a mode");
        format!(
            "[mail]\ntransport = \"smtp\"\n[smtp]\nhost = \"localhost\"\nport = {}\nuser = {USER:?}\npassword_file = {password:?}\nca_file = {:?}\n",
            self.port,
            self.home.path().join("cert.pem"),
        )
    }

    /// What the server took, in order.
    ///
    /// # Panics
    /// When what it wrote cannot be read.
    #[must_use]
    pub fn taken(&self) -> Vec<Taken> {
        let file = |n: usize, end: &str| -> PathBuf { self.home.path().join(format!("{n}.{end}")) };
        let read = |n: usize| {
            let about: Value = serde_json::from_str(&std::fs::read_to_string(file(n, "json")).ok()?).ok()?;
            let to = about["to"]
                .as_array()?
                .iter()
                .filter_map(|to| Some(to.as_str()?.to_owned()))
                .collect();
            let text = String::from_utf8_lossy(&std::fs::read(file(n, "eml")).expect("a mail")).into_owned();
            Some(Taken {
                to,
                tls: about["tls"] == true,
                login: about["login"] == true,
                text,
            })
        };
        (1..).map_while(read).collect()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        drop(self.stdin.take());
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
