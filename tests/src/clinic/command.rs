//! `carebus up` as an operator runs it: with a configuration of its own, its pages on a port of its own, and its log kept.

use std::fs::File;
use std::io::Read;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use std::io::Write;

use super::Clinic;
use super::process::carebus;

/// A running `carebus up`; killed when dropped.
#[derive(Debug)]
pub struct UpCommand {
    child: Child,
    log: PathBuf,
    config: PathBuf,
    url: String,
}

impl UpCommand {
    /// Starts one. `settings` is more TOML, `environment` more variables.
    ///
    /// # Panics
    /// When there is no such command.
    #[must_use]
    pub fn start(clinic: &Clinic, name: &str, settings: &str, environment: &[(&str, &str)]) -> Self {
        let home = clinic.diary().with_extension(name);
        std::fs::create_dir_all(&home).expect("a folder");
        let (config, policy, log) = (
            home.join("carebus.toml"),
            home.join("policy.toml"),
            home.join("log"),
        );
        std::fs::write(&policy, "[mail]\nquiet_from = \"00:00\"\nquiet_to = \"00:00\"\n").expect("a file");
        let text = format!(
            "org = \"acme\"\nname = {name:?}\nstate = {:?}\npolicy = {policy:?}\n\
             [health]\nlisten = \"127.0.0.1:0\"\n{settings}",
            clinic.state(name),
        );
        std::fs::write(&config, text).expect("a file");
        let mut command = Command::new(carebus());
        command.arg("--config").arg(&config);
        command.args(["--nats", &clinic.server.url(), "up"]);
        command.env_remove("RUST_LOG").envs(environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command
            .stderr(File::create(&log).expect("a file"))
            .spawn()
            .expect("a process");
        Self {
            child,
            log,
            config,
            url: clinic.server.url(),
        }
    }

    /// What it has said on stderr.
    #[must_use]
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// A page: status code and body; none while nobody answers.
    #[must_use]
    pub fn page(&self, path: &str) -> Option<(u16, String)> {
        let said = self.said();
        let address = said
            .lines()
            .find_map(|line| line.strip_prefix("health: http://"))?;
        let mut socket = TcpStream::connect(address).ok()?;
        socket.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        write!(
            socket,
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        )
        .ok()?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    /// Another command of the same configuration, with JSON as its answer.
    ///
    /// # Panics
    /// When it fails, or its answer is no JSON.
    #[must_use]
    pub fn ask(&self, words: &[&str]) -> Value {
        let Output {
            status,
            stdout,
            stderr,
        } = self.run(words);
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        serde_json::from_slice(&stdout).expect("JSON")
    }

    /// Another command of the same configuration.
    ///
    /// # Panics
    /// When there is no such command.
    #[must_use]
    pub fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(carebus());
        command.arg("--config").arg(&self.config);
        command.args(["--nats", &self.url]).args(words);
        command.stdin(Stdio::null()).output().expect("a process")
    }

    /// Waits until something is so; answers with what was found.
    ///
    /// # Panics
    /// After a minute in vain, with what it said.
    pub fn until<T>(&self, what: &str, probe: impl Fn(&Self) -> Option<T>) -> T {
        for _ in 0..600 {
            if let Some(found) = probe(self) {
                return found;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!(
            "{what}: not within a minute\n{:?}\n{}",
            self.page("/readyz?verbose"),
            self.said()
        );
    }

    /// `kill -9`.
    pub fn kill9(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// SIGTERM, and waits until it has ended; its exit code.
    ///
    /// # Panics
    /// When it was gone.
    pub fn stop(&mut self) -> Option<i32> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(asked.is_ok_and(|status| status.success()), "the process was gone");
        self.child.wait().expect("the process ends").code()
    }

    /// Waits until it ends by itself; its exit code.
    ///
    /// # Panics
    /// Never.
    pub fn end(&mut self) -> Option<i32> {
        self.child.wait().expect("the process ends").code()
    }
}

impl Drop for UpCommand {
    fn drop(&mut self) {
        self.kill9();
    }
}
