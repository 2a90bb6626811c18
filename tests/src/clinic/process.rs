//! A node as a process of its own, to be killed: this very test program, started again with a role to play.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use care::Policy;
use engine::Settings;
use node::{Clock, Node, Options};
use post::{DirectoryCarrier, Post, SmtpCarrier, SmtpSettings, Tls};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{Clinic, acme, connect, instant};

/// Where the role stands: JSON.
const ROLE: &str = "CAREBUS_TEST_ROLE";
/// How a node says that it has read the log.
const OPEN: &str = "the node is open";
/// The test that plays it, in every file that starts processes.
const PLAYER: &str = "this_program_is_a_node_when_a_test_starts_it_as_one";

/// A node in a process of its own; killed when dropped.
#[derive(Debug)]
pub struct NodeProcess {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<BufReader<ChildStdout>>,
    is_open: bool,
}

impl NodeProcess {
    /// Starts one; its mail goes into a folder of its own, its clock stands at `now`.
    ///
    /// # Panics
    /// When there can be no more processes.
    #[must_use]
    pub fn start(clinic: &Clinic, name: &str, now: &str) -> Self {
        Self::start_as(clinic, name, now, &json!({}))
    }

    /// Starts one of another kind: `smtp` is the port of a mail server on this machine, to be spoken to in clear; `url`
    /// another way to NATS.
    ///
    /// # Panics
    /// When there can be no more processes.
    #[must_use]
    pub fn start_as(clinic: &Clinic, name: &str, now: &str, kind: &Value) -> Self {
        let mut role = json!({
            "url": clinic.server.url(), "name": name, "now": now,
            "state": clinic.state(name), "mail": clinic.mail(name),
        });
        for (key, value) in kind.as_object().into_iter().flatten() {
            role[key] = value.clone();
        }
        // Not by its path: there may lie another by now, if somebody builds while the test runs.
        let myself = format!("/proc/{}/exe", std::process::id());
        let mut child = Command::new(myself)
            .args([PLAYER, "--exact", "--nocapture", "--test-threads=1"])
            .env(ROLE, role.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(diary(clinic))
            .spawn()
            .expect("a process");
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().map(BufReader::new);
        Self {
            child,
            stdin,
            stdout,
            is_open: false,
        }
    }

    /// Starts the `carebus` command itself: `carebus up`, on real time, with mail in a folder and no quiet hours.
    ///
    /// # Panics
    /// When there is no such command.
    #[must_use]
    pub fn start_command(clinic: &Clinic, name: &str) -> Self {
        Self::start_command_with(clinic, name, "")
    }

    /// Starts `carebus up` with more lines of policy.
    ///
    /// # Panics
    /// When there is no such command.
    #[must_use]
    pub fn start_command_with(clinic: &Clinic, name: &str, policy: &str) -> Self {
        let mut command = command_of(clinic, name, policy);
        let child = command
            .arg("up")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(diary(clinic))
            .spawn();
        Self {
            child: child.unwrap_or_else(|error| panic!("{command:?}: {error}")),
            stdin: None,
            stdout: None,
            is_open: false,
        }
    }

    /// Moves its clock on, and waits until it has: what is published after that happens at the new time.
    pub fn at(&mut self, now: &str) {
        let (Some(stdin), Some(stdout)) = (&mut self.stdin, &mut self.stdout) else {
            return;
        };
        // It may just have died: then there is nobody to tell, and nobody answers.
        writeln!(stdin, "{now}").and_then(|()| stdin.flush()).ok();
        let mut line = String::new();
        while !line.contains(&heard(now)) {
            line.clear();
            if stdout.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            self.is_open |= line.contains(OPEN);
        }
    }

    /// Waits until it has read the log and is about to work.
    pub fn until_open(&mut self) {
        let mut line = String::new();
        while let Some(stdout) = self.stdout.as_mut().filter(|_| !self.is_open) {
            line.clear();
            if stdout.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            self.is_open = line.contains(OPEN);
        }
    }

    /// `kill -9`, at whatever it is doing.
    pub fn kill9(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Stops it in its tracks: it holds what it holds, and does nothing.
    pub fn pause(&self) {
        signal(self.child.id(), "-STOP");
    }

    /// Lets it go on, as if no time had passed.
    pub fn resume(&self) {
        signal(self.child.id(), "-CONT");
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|ended| ended.is_some())
    }

    /// Asks it to stop, and waits until it has.
    ///
    /// # Panics
    /// When it did not end as it should, or was gone before.
    pub fn stop(mut self) {
        if self.stdin.take().is_none() {
            self.until_it_listens_for_signals();
            signal(self.child.id(), "-TERM");
        }
        let ended = self.child.wait().expect("the process ends");
        assert!(ended.success(), "the node ended with {ended}");
    }

    /// A command that was started a moment ago does not listen yet, and SIGTERM would end it as any other program.
    fn until_it_listens_for_signals(&self) {
        for _ in 0..6000 {
            if listens_for_sigterm(self.child.id()) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("the command does not listen for SIGTERM after a minute");
    }
}

/// Sends a signal.
///
/// # Panics
/// When there is no such process.
pub fn signal(pid: u32, signal: &str) {
    let sent = Command::new("kill").args([signal, &pid.to_string()]).status();
    assert!(
        sent.is_ok_and(|status| status.success()),
        "kill {signal} {pid}: the process was gone"
    );
}

/// The `carebus` command with the configuration of a node: mail in a folder, no quiet hours, and lines of policy.
///
/// # Panics
/// When its files cannot be written.
#[must_use]
pub fn command_of(clinic: &Clinic, name: &str, policy: &str) -> Command {
    let home = clinic.diary().with_extension(name);
    std::fs::create_dir_all(&home).expect("a folder");
    let (config, file) = (home.join("carebus.toml"), home.join("policy.toml"));
    let quiet = "[mail]\nquiet_from = \"00:00\"\nquiet_to = \"00:00\"\n";
    std::fs::write(&file, format!("{quiet}{policy}")).expect("a file");
    let settings = format!(
        "org = \"acme\"\nname = {name:?}\nstate = {:?}\npolicy = {file:?}\n[mail]\ndirectory = {:?}\n",
        clinic.state(name),
        clinic.mail(name),
    );
    std::fs::write(&config, settings).expect("a file");
    let mut command = Command::new(carebus());
    command
        .arg("--config")
        .arg(config)
        .args(["--nats", &clinic.server.url()])
        // Nodes of several tests run at once, and the port is one.
        .env("CAREBUS_HEALTH__LISTEN", "");
    command
}

/// Whether a process has a handler for SIGTERM, as the kernel says; none has from the moment it is started.
fn listens_for_sigterm(pid: u32) -> bool {
    const SIGTERM: u32 = 15;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    caught.is_some_and(|mask| mask & (1 << (SIGTERM - 1)) != 0)
}

/// How a node says that its clock was moved.
fn heard(now: &str) -> String {
    format!("clock at {now}")
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs the `carebus` command against the clinic's server, to its end.
///
/// # Panics
/// When there is no such command.
#[must_use]
pub fn run(clinic: &Clinic, args: &[&str]) -> Ended {
    let home = clinic.diary().with_extension("desk");
    std::fs::create_dir_all(&home).expect("a folder");
    let config = home.join("carebus.toml");
    std::fs::write(&config, format!("state = {:?}\n", home.join("state"))).expect("a file");
    let program = carebus();
    let ended = Command::new(&program)
        .arg("--config")
        .arg(config)
        .args(["--nats", &clinic.server.url()])
        .args(args)
        .current_dir(home)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    Ended {
        code: ended.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&ended.stdout).into_owned(),
        err: String::from_utf8_lossy(&ended.stderr).into_owned(),
    }
}

fn diary(clinic: &Clinic) -> File {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(clinic.diary())
        .expect("a file")
}

/// The `carebus` command: the one that is named, or the one of this workspace as it is now.
///
/// # Panics
/// When it cannot be built.
#[must_use]
pub fn carebus() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let here = std::env::current_exe().expect("a program");
        // target/debug/deps/kill-0123: the command lies two above.
        let folder = here.ancestors().nth(2).expect("a target folder");
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args([
            "build",
            "--quiet",
            "--package",
            "cli",
            "--bin",
            "carebus",
            "--target-dir",
        ]);
        // What cargo tells this test of its own package: ring's build script watches it, and would build anew half the tree.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                cargo.env_remove(&*name);
            }
        }
        cargo
            .arg(folder.parent().unwrap_or(folder))
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        let built = cargo.status().expect("cargo");
        assert!(
            built.success(),
            "carebus cannot be built; CAREBUS_BIN may name one"
        );
        folder.join("carebus")
    };
    BUILT
        .get_or_init(|| std::env::var_os("CAREBUS_BIN").map_or_else(build, PathBuf::from))
        .clone()
}

/// Plays the role this process was started for, if any: a node until standard input ends, also because the test died.
///
/// # Panics
/// When the node fails.
pub fn play() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let role: Value = serde_json::from_str(&role).expect("a role");
    let text = |name: &str| {
        role[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}"))
            .to_owned()
    };
    let clock = Clock::at(instant(&text("now")));
    let options = Options {
        settings: Settings::new(acme(), Policy::default()),
        state: PathBuf::from(text("state")),
        post: match role["smtp"].as_u64() {
            Some(port) => smtp(u16::try_from(port).expect("a port")),
            None => Post::Directory(DirectoryCarrier::new(text("mail"))),
        },
        clock: clock.clone(),
        name: text("name"),
    };
    let stop = CancellationToken::new();
    listen(clock, stop.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let node = Node::open(connect(&text("url")).await, options)
            .await
            .expect("the node opens");
        tell(OPEN);
        Box::pin(node.run(stop))
            .await
            .expect("the node works until it is stopped");
    });
}

/// Says something to whoever started this process; it may be gone.
fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).ok();
}

/// A mail server of this machine, without TLS.
fn smtp(port: u16) -> Post {
    let mut settings = SmtpSettings::new("127.0.0.1", port, Tls::None);
    settings.hello_name = Some("client.example".to_owned());
    Post::Smtp(Box::new(SmtpCarrier::new(settings).expect("settings that work")))
}

/// Each line is the time; the end is the end.
fn listen(clock: Clock, stop: CancellationToken) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            clock.set(instant(&line));
            tell(&heard(&line));
        }
        stop.cancel();
    });
}
