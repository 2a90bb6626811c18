//! A node as a process of its own, to be killed: this very test program, started again with a role to play.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use care::Policy;
use engine::Settings;
use node::{Clock, Node, Options};
use post::{DirectoryCarrier, Post};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{Clinic, acme, connect, instant};

/// Where the role stands: JSON.
const ROLE: &str = "CAREBUS_TEST_ROLE";
/// The test that plays it, in every file that starts processes.
const PLAYER: &str = "this_program_is_a_node_when_a_test_starts_it_as_one";

/// A node in a process of its own; killed when dropped.
#[derive(Debug)]
pub struct NodeProcess {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<BufReader<ChildStdout>>,
}

impl NodeProcess {
    /// Starts one; its mail goes into a folder of its own, its clock stands at `now`.
    ///
    /// # Panics
    /// When there can be no more processes.
    #[must_use]
    pub fn start(clinic: &Clinic, name: &str, now: &str) -> Self {
        let role = json!({
            "url": clinic.server.url(), "name": name, "now": now,
            "state": clinic.state(name), "mail": clinic.mail(name),
        });
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
        Self { child, stdin, stdout }
    }

    /// Starts the `carebus` command itself: `carebus up`, on real time, with mail in a folder and no quiet hours.
    ///
    /// # Panics
    /// When there is no such command.
    #[must_use]
    pub fn start_command(clinic: &Clinic, name: &str) -> Self {
        let home = clinic.diary().with_extension(name);
        std::fs::create_dir_all(&home).expect("a folder");
        let (config, policy) = (home.join("carebus.toml"), home.join("policy.toml"));
        std::fs::write(&policy, "[mail]\nquiet_from = \"00:00\"\nquiet_to = \"00:00\"\n").expect("a file");
        let settings = format!(
            "org = \"acme\"\nname = {name:?}\nstate = {:?}\npolicy = {policy:?}\n[mail]\ndirectory = {:?}\n",
            clinic.state(name),
            clinic.mail(name),
        );
        std::fs::write(&config, settings).expect("a file");
        let program = carebus();
        let child = Command::new(&program)
            .arg("--config")
            .arg(config)
            .args(["--nats", &clinic.server.url(), "up"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(diary(clinic))
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        Self {
            child,
            stdin: None,
            stdout: None,
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
        }
    }

    /// `kill -9`, at whatever it is doing.
    pub fn kill9(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Asks it to stop, and waits until it has.
    ///
    /// # Panics
    /// When it did not end as it should, or was gone before.
    pub fn stop(mut self) {
        if self.stdin.take().is_none() {
            self.until_it_listens_for_signals();
            let asked = Command::new("kill").arg(self.child.id().to_string()).status();
            assert!(asked.is_ok_and(|status| status.success()), "the process was gone");
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
        post: Post::Directory(DirectoryCarrier::new(text("mail"))),
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
        Box::pin(node.run(stop))
            .await
            .expect("the node works until it is stopped");
    });
}

/// Each line is the time; the end is the end.
fn listen(clock: Clock, stop: CancellationToken) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            clock.set(instant(&line));
            let mut out = std::io::stdout().lock();
            writeln!(out, "{}", heard(&line)).and_then(|()| out.flush()).ok();
        }
        stop.cancel();
    });
}
