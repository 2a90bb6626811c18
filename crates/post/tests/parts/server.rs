//! The aiosmtpd of `tests/tools/smtp_server.py` as a child process, with a certificate of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use care::phi::Phi;
use post::{Post, SmtpCarrier, SmtpSettings, Tls};

/// What the server knows us by.
pub(crate) const USER: &str = "carebus";
/// And the password for it.
pub(crate) const PASSWORD: &str = "correct horse";

/// What to do when there is no server.
const MISSING: &str = "the test mail server needs Python with aiosmtpd: run tests/tools/install.sh, \
    or set CAREBUS_TEST_PYTHON to a Python that has it";

/// A running server; it ends when this is dropped, because its standard input closes.
pub(crate) struct Server {
    child: Child,
    stdin: Option<ChildStdin>,
    port: u16,
    home: tempfile::TempDir,
}

/// How the server is started.
pub(crate) struct Options<'a> {
    /// Host name or address the certificate is for; no TLS without.
    pub(crate) certificate: Option<&'a str>,
    /// TLS from the first byte.
    pub(crate) implicit: bool,
    /// Whether a login is wanted.
    pub(crate) login: bool,
    /// A fault it is to show.
    pub(crate) fault: Option<&'a str>,
}

/// STARTTLS with a certificate for `localhost`, and a login.
pub(crate) const STARTTLS: Options<'static> = Options {
    certificate: Some("localhost"),
    implicit: false,
    login: true,
    fault: None,
};

impl Server {
    /// Starts one and waits until it listens.
    pub(crate) fn start(options: &Options<'_>) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| home.path().join(name);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut command = Command::new(python(&root));
        command
            .arg(root.join("tests/tools/smtp_server.py"))
            .arg("--store")
            .arg(home.path());
        if let Some(host) = options.certificate {
            let made = rcgen::generate_simple_self_signed([host.to_owned()]).expect("a certificate");
            std::fs::write(path("cert.pem"), made.cert.pem()).expect("the certificate is written");
            std::fs::write(path("key.pem"), made.signing_key.serialize_pem()).expect("the key is written");
            command
                .arg("--cert")
                .arg(path("cert.pem"))
                .arg("--key")
                .arg(path("key.pem"));
        }
        if options.implicit {
            command.arg("--implicit");
        }
        if options.login {
            command.args(["--user", USER, "--password", PASSWORD]);
        }
        if let Some(fault) = options.fault {
            command.args(["--fault", fault]);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{error}: {MISSING}"));
        let stdin = child.stdin.take();
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe"))
            .read_line(&mut line)
            .expect("the server's first line");
        let port = line.trim().strip_prefix("PORT ");
        let port = port.unwrap_or_else(|| panic!("no port but {line:?}, see above: {MISSING}"));
        Self {
            port: port.parse().expect("a number"),
            child,
            stdin,
            home,
        }
    }

    /// Settings that reach this server, with limits short enough for a test.
    pub(crate) fn settings(&self, tls: Tls) -> SmtpSettings {
        let mut settings = SmtpSettings::new("localhost", self.port, tls);
        settings.connect_timeout = Duration::from_secs(5);
        settings.command_timeout = Duration::from_secs(2);
        settings.final_dot_timeout = Duration::from_secs(1);
        settings.hello_name = Some("client.example".to_owned());
        if tls != Tls::None {
            settings.ca_file = Some(self.ca_file());
            settings.user = Some(USER.to_owned());
            settings.password = Some(Phi::new(PASSWORD.to_owned()));
        }
        settings
    }

    /// A carrier with [`Self::settings`].
    pub(crate) fn post(&self, tls: Tls) -> Post {
        carrier(self.settings(tls))
    }

    /// The server's own certificate.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.home.path().join("cert.pem")
    }

    /// What it says about the messages it accepted, in order.
    pub(crate) fn facts(&self) -> Vec<String> {
        let read = |n: usize| std::fs::read_to_string(self.home.path().join(format!("{n}.json")));
        (1..).map_while(|n| read(n).ok()).collect()
    }

    /// The bytes of message `n`, from 1.
    pub(crate) fn message(&self, n: usize) -> Vec<u8> {
        std::fs::read(self.home.path().join(format!("{n}.eml"))).expect("a stored message")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // A handler that sleeps on purpose would keep it; this is our own child.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A carrier for these settings.
pub(crate) fn carrier(settings: SmtpSettings) -> Post {
    Post::Smtp(Box::new(SmtpCarrier::new(settings).expect("settings that work")))
}

/// The Python of the tests; plain `cargo test` installs it the first time.
fn python(root: &Path) -> PathBuf {
    if let Some(named) = std::env::var_os("CAREBUS_TEST_PYTHON") {
        return named.into();
    }
    let python = root.join(".tools/venv/bin/python");
    if !python.is_file() {
        // It waits for others that run it, and does nothing if they have done it all. What it could not do shows when
        // the server is started.
        let _ = Command::new(root.join("tests/tools/install.sh"))
            .arg("tests")
            .status();
    }
    python
}
