//! The real command at a desk, and everything it said there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use tests::clinic::mailbox::Mailbox;
use tests::clinic::process::carebus;
use tests::nats::NatsServer;
use tests::wire::{Who, Wire};

/// Something that was said or written, and where.
pub(crate) struct Evidence {
    pub(crate) place: String,
    pub(crate) bytes: Vec<u8>,
}

/// The command at its desk.
pub(crate) struct Desk {
    pub(crate) home: PathBuf,
    pub(crate) server: NatsServer,
    pub(crate) mailbox: Mailbox,
    pub(crate) evidence: Vec<Evidence>,
}

impl Desk {
    pub(crate) async fn open(home: &Path) -> Self {
        let desk = Self {
            home: home.to_owned(),
            server: NatsServer::start(),
            mailbox: Mailbox::start(),
            evidence: Vec::new(),
        };
        fs::write(
            home.join("policy.toml"),
            "[mail]\nquiet_from = \"00:00\"\nquiet_to = \"00:00\"\n",
        )
        .unwrap();
        let common = format!(
            "org = \"acme\"\npolicy = \"policy.toml\"\nstate = {:?}\n[nats]\nurl = {:?}\n",
            home.join("state"),
            desk.server.url()
        );
        // Trace of everything, the libraries too, in both forms.
        let log = |format: &str| {
            format!(
                "[log]\nlevel = \"trace,async_nats=trace,sled=trace,rustls=trace\"\nformat = \"{format}\"\n"
            )
        };
        fs::write(
            home.join("smtp.toml"),
            format!("{common}{}{}", log("text"), desk.mailbox.configuration()),
        )
        .unwrap();
        fs::write(
            home.join("folder.toml"),
            format!(
                "{common}{}[mail]\ndirectory = {:?}\n",
                log("json"),
                home.join("mail")
            ),
        )
        .unwrap();
        desk
    }

    pub(crate) fn command(&self, config: &str, line: &str) -> Command {
        let mut command = Command::new(carebus());
        command
            .arg("--config")
            .arg(self.home.join(config))
            .args(line.split_whitespace())
            .env_clear()
            .env("HOME", &self.home)
            .current_dir(&self.home)
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn keep(&mut self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.evidence.push(Evidence {
            place: place.into(),
            bytes: bytes.into(),
        });
    }

    /// Runs a command whose output names nobody, and keeps what it said.
    pub(crate) fn run(&mut self, line: &str) -> Output {
        let output = self
            .command("smtp.toml", line)
            .env("RUST_LOG", "trace")
            .output()
            .unwrap();
        self.keep(format!("stdout of {line}"), output.stdout.clone());
        self.keep(format!("stderr of {line}"), output.stderr.clone());
        output
    }

    /// Runs one that shows somebody to somebody who asked: only its stderr has to name nobody.
    pub(crate) fn run_showing(&mut self, line: &str) -> Output {
        let output = self
            .command("smtp.toml", line)
            .env("RUST_LOG", "trace")
            .output()
            .unwrap();
        self.keep(format!("stderr of {line}"), output.stderr.clone());
        output
    }

    pub(crate) fn up(&self, config: &str) -> Child {
        let log = fs::File::create(self.home.join(format!("log-of-{config}"))).unwrap();
        self.command(config, "up")
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    pub(crate) fn down(&mut self, mut node: Child, config: &str) {
        assert!(
            Command::new("kill")
                .arg(node.id().to_string())
                .status()
                .unwrap()
                .success()
        );
        let ended = node.wait().unwrap();
        let log = fs::read(self.home.join(format!("log-of-{config}"))).unwrap();
        assert!(ended.success(), "{ended}: {}", String::from_utf8_lossy(&log));
        assert!(log.len() > 1000, "at trace level it says a lot");
        self.keep(format!("the log of {config}"), log);
    }

    pub(crate) async fn until(&self, what: &str, mut seen: impl FnMut() -> bool) {
        for _ in 0..1200 {
            if seen() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no {what} after a minute\n{}", self.server.log());
    }
}

/// Names of everything below a folder; what the files hold, charts, is theirs to hold.
pub(crate) fn names(folder: &Path) -> String {
    let Ok(entries) = fs::read_dir(folder) else {
        return String::new();
    };
    let mut all = String::new();
    for entry in entries.flatten() {
        all += &format!("{}\n", entry.path().display());
        all += &names(&entry.path());
    }
    all
}

/// Subjects and headers of everything that ever passes the server.
pub(crate) fn listen(server: &NatsServer) -> Wire {
    let mut wire = Wire::open(server, Who::User("", ""), "_INBOX_canary").unwrap();
    wire.listen(">");
    wire.flush();
    wire
}

/// Every letter, from the mail server and from the folder.
pub(crate) fn letters(desk: &Desk, folder: &Path) -> Vec<Vec<u8>> {
    let taken = desk
        .mailbox
        .taken()
        .into_iter()
        .map(|mail| mail.text.into_bytes());
    let files = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path());
    let written = files
        .filter(|path| path.extension().is_some_and(|end| end == "eml"))
        .map(|path| fs::read(path).unwrap());
    taken.chain(written).collect()
}
