//! A node as a process of its own, to be killed: this very test program, started again with a role to play.

use std::fs::OpenOptions;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

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
        let diary = OpenOptions::new().create(true).append(true).open(clinic.diary()).expect("a file");
        let mut child = Command::new(std::env::current_exe().expect("a program"))
            .args([PLAYER, "--exact", "--nocapture", "--test-threads=1"])
            .env(ROLE, role.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(diary)
            .spawn()
            .expect("a process");
        let stdin = child.stdin.take();
        Self { child, stdin }
    }

    /// Moves its clock on.
    pub fn at(&mut self, now: &str) {
        if let Some(stdin) = &mut self.stdin {
            // It may just have died: then there is nobody to tell.
            writeln!(stdin, "{now}").and_then(|()| stdin.flush()).ok();
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
        drop(self.stdin.take());
        let ended = self.child.wait().expect("the process ends");
        assert!(ended.success(), "the node ended with {ended}");
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Plays the role this process was started for, if any: a node until standard input ends, also because the test died.
///
/// # Panics
/// When the node fails.
pub fn play() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let role: Value = serde_json::from_str(&role).expect("a role");
    let text = |name: &str| role[name].as_str().unwrap_or_else(|| panic!("no {name}")).to_owned();
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
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let node = Node::open(connect(&text("url")).await, options).await.expect("the node opens");
        Box::pin(node.run(stop)).await.expect("the node works until it is stopped");
    });
}

/// Each line is the time; the end is the end.
fn listen(clock: Clock, stop: CancellationToken) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            clock.set(instant(&line));
        }
        stop.cancel();
    });
}
