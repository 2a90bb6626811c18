//! A real nats-server of one's own: started, killed, stopped and restarted by its process id.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// What a server is to be like.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The program; see [`newest`] and [`version`].
    pub program: PathBuf,
    /// More lines of configuration: users, permissions, TLS.
    pub extra: String,
    /// `sync_interval`; none is the server's default, by which a power cut loses minutes.
    pub sync: Option<&'static str>,
    /// Where its streams are kept, if not in its own directory.
    pub store: Option<PathBuf>,
}

impl Default for Plan {
    /// The newest server, which writes everything through to the disk.
    fn default() -> Self {
        Self {
            program: newest(),
            extra: String::new(),
            sync: Some("always"),
            store: None,
        }
    }
}

/// A nats-server with JetStream, on loopback, in a directory of its own; killed when dropped.
#[derive(Debug)]
pub struct NatsServer {
    dir: TempDir,
    plan: Plan,
    port: u16,
    monitor: u16,
    child: Child,
}

impl Default for NatsServer {
    fn default() -> Self {
        Self::start()
    }
}

impl NatsServer {
    /// Starts one and waits until JetStream is up.
    ///
    /// # Panics
    /// When there is no nats-server, or it does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// Starts one with more lines of configuration: users, permissions, TLS.
    ///
    /// # Panics
    /// When there is no nats-server, or it does not start.
    #[must_use]
    pub fn start_with(extra: &str) -> Self {
        Self::start_as(Plan {
            extra: extra.to_owned(),
            ..Plan::default()
        })
    }

    /// Starts one of another kind.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_as(plan: Plan) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        configure(dir.path(), &plan, -1, -1);
        let child = spawn(dir.path(), &plan);
        let mut server = Self {
            dir,
            plan,
            port: 0,
            monitor: 0,
            child,
        };
        (server.port, server.monitor) = server.ports();
        server.wait_until_healthy();
        server
    }

    /// Where clients connect.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Where its monitoring page is.
    #[must_use]
    pub fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.monitor)
    }

    /// The port clients connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its directory; the streams are below `jetstream`.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Kills it as a power button would, as far as a process can tell.
    pub fn kill9(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Starts it again, killing it before if need be: same ports, same store.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        self.kill9();
        configure(self.dir.path(), &self.plan, self.port.into(), self.monitor.into());
        self.child = spawn(self.dir.path(), &self.plan);
        self.wait_until_healthy();
    }

    /// A copy of its streams as they are now: it is killed for that and started again.
    ///
    /// # Panics
    /// When the disk refuses.
    #[must_use]
    pub fn keep_store(&mut self) -> TempDir {
        self.kill9();
        let kept = tempfile::tempdir().expect("a temporary directory");
        copy(&self.store(), kept.path());
        self.restart();
        kept
    }

    /// Puts streams back as they once were, as an operator might: killed, exchanged, started again.
    ///
    /// # Panics
    /// When the disk refuses.
    pub fn put_back(&mut self, kept: &Path) {
        self.kill9();
        std::fs::remove_dir_all(self.store()).expect("the store removed");
        copy(kept, &self.store());
        self.restart();
    }

    /// Where the streams are.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.dir.path().join("jetstream")
    }

    /// Asks JetStream's API as an administrator would, on a raw socket, and returns the answer.
    #[must_use]
    pub fn administer(&self, question: &str, body: &str) -> serde_json::Value {
        crate::clinic::feed::ask(self, &format!("$JS.API.{question}"), body)
    }

    /// Stops it in its tracks: connections stay open and nobody answers.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    /// Asks as an administrator would, on a plain socket: the JSON API, say.
    ///
    /// # Panics
    /// When nobody answers.
    #[must_use]
    pub fn ask(&self, subject: &str, body: &str) -> String {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port)).expect("a socket");
        socket
            .set_read_timeout(Some(Duration::from_secs(60)))
            .expect("a socket");
        let length = body.len();
        let question = format!("CONNECT {{}}\r\nSUB answer 1\r\nPUB {subject} answer {length}\r\n{body}\r\n");
        socket.write_all(question.as_bytes()).expect("sent");
        let (mut heard, mut chunk) = (String::new(), [0; 4096]);
        loop {
            let read = socket.read(&mut chunk).expect("an answer in time");
            assert!(read > 0, "the server hung up: {heard}");
            heard.push_str(&String::from_utf8_lossy(&chunk[..read]));
            // MSG answer 1 <bytes>, and so many bytes.
            let answer = heard
                .split_once("MSG answer 1 ")
                .and_then(|(_, message)| message.split_once("\r\n"))
                .and_then(|(size, rest)| rest.get(..size.trim().parse().ok()?));
            if let Some(answer) = answer {
                return answer.to_owned();
            }
        }
    }

    /// What it has logged, for the message of a test that fails.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let done = Command::new("kill")
            .args([signal, &pid])
            .status()
            .expect("the kill command");
        assert!(done.success(), "kill {signal} {pid}");
    }

    /// The ports it chose, from the file it writes when it listens.
    fn ports(&self) -> (u16, u16) {
        // It names the file after itself.
        let name = self.plan.program.file_name().unwrap_or_default().display();
        let file = self.dir.path().join(format!("{name}_{}.ports", self.child.id()));
        let mut found = None;
        self.poll("to say where it listens", || {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let ports: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            let port = |name: &str| ports[name][0].as_str()?.rsplit(':').next()?.parse::<u16>().ok();
            found = port("nats").zip(port("monitoring"));
            found.is_some()
        });
        found.expect("polled until found")
    }

    fn wait_until_healthy(&self) {
        self.poll("to be healthy", || {
            let asked = TcpStream::connect(("127.0.0.1", self.monitor)).and_then(|mut socket| {
                socket.set_read_timeout(Some(Duration::from_secs(2)))?;
                socket.write_all(b"GET /healthz?js-enabled-only=true HTTP/1.0\r\n\r\n")?;
                let mut answer = String::new();
                socket.read_to_string(&mut answer).map(|_| answer)
            });
            asked.is_ok_and(|answer| answer.contains("200 OK"))
        });
    }

    fn poll(&self, what: &str, mut until: impl FnMut() -> bool) {
        for _ in 0..1000 {
            if until() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("waited in vain for nats-server {what}:\n{}", self.log());
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill9();
    }
}

fn configure(dir: &Path, plan: &Plan, port: i32, monitor: i32) {
    let at = dir.display();
    let store = plan.store.as_deref().unwrap_or(dir).display();
    // On one line, `store_dir` and `sync_interval` are a parse error.
    let sync = plan
        .sync
        .map_or_else(String::new, |sync| format!("sync_interval: {sync}"));
    let extra = &plan.extra;
    let text = format!(
        r#"listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor}"
ports_file_dir: "{at}"
log_file: "{at}/log"
jetstream {{
  store_dir: "{store}"
  {sync}
}}
{extra}
"#
    );
    std::fs::write(dir.join("nats.conf"), text).expect("a configuration file");
}

fn spawn(dir: &Path, plan: &Plan) -> Child {
    Command::new(&plan.program)
        .arg("-c")
        .arg(dir.join("nats.conf"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Its own group, so that a ^C in the terminal does not count as a fault of the bus.
        .process_group(0)
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", plan.program.display()))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("a directory").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// The server that tests use unless they say otherwise.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn newest() -> PathBuf {
    if let Some(named) = std::env::var_os("CAREBUS_NATS_SERVER") {
        return named.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|dir| dir.join("nats-server"));
    std::iter::once(tools().join("nats-server"))
        .chain(on_path)
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("no nats-server; run: make test (installs it)"))
}

/// The server of another version that tests/tools/install.sh put there, `2.14` or `2.9`; says so if there is none.
#[must_use]
pub fn version(version: &str) -> Option<PathBuf> {
    let program = tools().join(format!("nats-server-{version}"));
    if !program.is_file() {
        // What it cannot install here it says; then there is nothing to test.
        let _ = Command::new(super::clinic::letters::tool("install.sh"))
            .arg("tests")
            .stdout(Stdio::null())
            .status();
    }
    if program.is_file() {
        return Some(program);
    }
    super::aloud::skipped(&format!("there is no nats-server {version} for this machine"));
    None
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools")
}
