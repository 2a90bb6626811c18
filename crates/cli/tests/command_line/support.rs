//! The built command in a directory of its own, with nothing of this machine's environment; and a nats-server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// Where nobody listens: the first port of all.
pub(crate) const NOBODY: &str = "nats://127.0.0.1:1";

/// A directory with the command in it, so to say.
pub(crate) struct Desk {
    dir: TempDir,
    environment: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
        }
    }

    /// Sets a variable for every command from now on.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carebus"));
        let home = self.dir.path();
        command
            .args(line.split_whitespace())
            .current_dir(home)
            .env_clear()
            .env("HOME", home)
            // Nodes of several tests run at once, and the port is one.
            .env("CAREBUS_HEALTH__LISTEN", "")
            .stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a line of words.
    pub(crate) fn run(&self, line: &str) -> Ended {
        ended(self.command(line).output().unwrap())
    }

    /// Runs a line with a text on standard input.
    pub(crate) fn run_with(&self, line: &str, input: &str) -> Ended {
        let mut command = self.command(line);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        ended(child.wait_with_output().unwrap())
    }
}

fn ended(output: Output) -> Ended {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

impl Ended {
    /// Checks the code, and that stderr says each of these.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, says: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        for words in says {
            assert!(self.err.contains(words), "no {words:?} in {}", self.err);
        }
    }

    /// Checks that it ended well.
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// A nats-server on loopback with its files in a directory of its own; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) monitor: String,
    _dir: TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().display();
        let text = format!(
            "listen: \"127.0.0.1:-1\"\nhttp: \"127.0.0.1:-1\"\nports_file_dir: \"{at}\"\n\
             jetstream {{\n  store_dir: \"{at}\"\n  sync_interval: always\n}}\n"
        );
        std::fs::write(dir.path().join("nats.conf"), text).unwrap();
        let child = Command::new(program())
            .arg("-c")
            .arg(dir.path().join("nats.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let ports = dir.path().join(format!("nats-server_{}.ports", child.id()));
        let mut server = Self {
            child,
            url: String::new(),
            monitor: String::new(),
            _dir: dir,
        };
        wait_until(|| server.look(&ports));
        server
    }

    fn look(&mut self, ports: &Path) -> bool {
        let text = std::fs::read_to_string(ports).unwrap_or_default();
        let ports: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let (Some(nats), Some(http)) = (ports["nats"][0].as_str(), ports["monitoring"][0].as_str()) else {
            return false;
        };
        (self.url, self.monitor) = (nats.to_owned(), http.to_owned());
        let asked = TcpStream::connect(http.trim_start_matches("http://")).and_then(|mut socket| {
            socket.write_all(b"GET /healthz?js-enabled-only=true HTTP/1.0\r\n\r\n")?;
            let mut answer = String::new();
            socket.read_to_string(&mut answer).map(|_| answer)
        });
        asked.is_ok_and(|answer| answer.contains("200 OK"))
    }

    /// A desk whose commands talk to this server for this organisation.
    pub(crate) fn desk(&self, org: &str) -> Desk {
        Desk::new().with("NATS_URL", &self.url).with("CAREBUS_ORG", org)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Where the demo would find one, seen from here.
pub(crate) fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("CAREBUS_NATS_SERVER") {
        return named.into();
    }
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/nats-server");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|dir| dir.join("nats-server"));
    let found = std::iter::once(tools)
        .chain(on_path)
        .find(|program| program.is_file());
    found.expect("a nats-server; make test installs one")
}

#[track_caller]
pub(crate) fn wait_until(mut done: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("waited in vain for 20 s");
}

/// A line of a file: an event about a patient of an organisation.
pub(crate) fn fact(org: &str, patient: &str, name: &str, id: &str, time: &str, data: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"urn:carebus:{org}:clinic","type":"carebus.{name}.v1","subject":"{org}/{patient}","time":"{time}","data":{data}}}"#
    )
}

/// No quiet hours, as a pattern writes them: what a test waits for must come at any time of the day.
const ANYTIME: &str = r#"{"from":"00:00","to":"00:00"}"#;

/// A calendar, a plan and a PT session three days later: what carebus answers with one EA and one mail.
pub(crate) fn small_world(org: &str, patient: &str, days: [&str; 2]) -> String {
    let [today, pt_day] = days;
    let now = format!("{today}T12:00:00Z");
    let weekly: Vec<String> = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .iter()
        .map(|day| format!(r#"{{"day":"{day}","from":"00:00","to":"24:00"}}"#))
        .collect();
    let calendar = format!(
        r#"{{"revision":1,"timezone":"UTC","weekly":[{}]}}"#,
        weekly.join(",")
    );
    let member = |role: &str, id: &str| {
        format!(
            r#"{{"role":"{role}","member_id":"{id}","email":"{id}@team.example","quiet_hours":{ANYTIME}}}"#
        )
    };
    let acupuncturist = format!(
        r#"{{"role":"acupuncturist","member_id":"m-acu","email":"acu@team.example","practitioner":"acu-1","quiet_hours":{ANYTIME}}}"#
    );
    let team = [
        member("pcp", "m-pcp"),
        member("physiatrist", "m-phys"),
        acupuncturist,
        member("care_coordinator", "m-coord"),
    ];
    let plan = format!(
        r#"{{"plan_id":"cp-1","revision":1,"timezone":"UTC","started_on":"{today}","team":[{}]}}"#,
        team.join(",")
    );
    let pt = format!(
        r#"{{"session_id":"pt-1","revision":1,"modality":"pt","start":"{pt_day}T15:00:00Z","end":"{pt_day}T16:00:00Z","clinic":"eastside-pt"}}"#
    );
    let lines = [
        fact(
            org,
            "practitioner/acu-1",
            "calendar.published",
            "calendar-1",
            &now,
            &calendar,
        ),
        fact(
            org,
            &format!("patient/{patient}"),
            "plan.activated",
            "plan-1",
            &now,
            &plan,
        ),
        fact(
            org,
            &format!("patient/{patient}"),
            "session.booked",
            "pt-1.1",
            &now,
            &pt,
        ),
    ];
    lines.join("\n") + "\n"
}
