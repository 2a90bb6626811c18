//! A nats-server of the demo's own: on loopback, on free ports, in a folder of the demo, ended by its process id.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

use crate::exit::{Exit, Failure};
use crate::monitor;

/// Its configuration file; also what a folder of the demo is known by.
pub(crate) const CONFIGURATION: &str = "nats.conf";
/// How often to look while it starts, and how long at most: 10 s.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: u32 = 500;

/// A running server, killed when dropped unless it was let go.
pub(crate) struct Server {
    child: Option<Child>,
    folder: PathBuf,
    pub(crate) url: String,
    pub(crate) monitor: String,
}

/// What the server writes about where it listens.
#[derive(Deserialize)]
struct Ports {
    nats: Vec<String>,
    monitoring: Vec<String>,
}

impl Server {
    /// Starts one in `folder` and waits until JetStream is up.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) async fn start(program: &Path, folder: &Path) -> Result<Self, Failure> {
        let folder = std::path::absolute(folder).map_err(|e| Failure::file(folder, &e))?;
        let config = folder.join(CONFIGURATION);
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&config, configuration(&folder)))
            .map_err(|e| Failure::file(&config, &e))?;
        let child = Command::new(program)
            .arg("-c")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Its own group: a ^C is for us, and we end it in order.
            .process_group(0)
            .spawn()
            .map_err(|e| Failure::file(program, &e).help("give another program with --nats-server"))?;
        let mut server = Self {
            child: Some(child),
            folder,
            url: String::new(),
            monitor: String::new(),
        };
        server.wait().await?;
        Ok(server)
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Leaves it running.
    pub(crate) fn let_go(mut self) {
        self.child = None;
    }

    async fn wait(&mut self) -> Result<(), Failure> {
        let ports = self.folder.join(format!("nats-server_{}.ports", self.pid()));
        for _ in 0..LOOKS {
            if self.monitor.is_empty()
                && let Some((nats, monitoring)) = read_ports(&ports)
            {
                (self.url, self.monitor) = (nats, monitoring);
            }
            if !self.monitor.is_empty() {
                let answer = monitor::get(&self.monitor, "/healthz?js-enabled-only=true").await;
                if answer.is_ok_and(|a| a.status == 200) {
                    return Ok(());
                }
            }
            if let Some(child) = &mut self.child
                && let Ok(Some(status)) = child.try_wait()
            {
                return Err(self.does_not_start(&format!("it ended with {status}")));
            }
            tokio::time::sleep(LOOK).await;
        }
        Err(self.does_not_start("it is not ready after 10 s"))
    }

    fn does_not_start(&self, why: &str) -> Failure {
        let log = fs::read_to_string(self.folder.join("nats.log")).unwrap_or_default();
        let last = log.lines().last().unwrap_or("it wrote no log");
        Failure::new(
            Exit::Unreachable,
            format!("nats-server does not start: {why}: {last}"),
        )
        .help(format!("its log is {}", self.folder.join("nats.log").display()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself; then there is nothing to end.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The program given, else the one of the project, else the first in the path.
///
/// # Errors
/// There is none.
pub(crate) fn find(given: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(path) = given {
        if path.is_file() {
            return Ok(path.to_owned());
        }
        return Err(Failure::new(
            Exit::NoInput,
            format!("there is no nats-server at {}", path.display()),
        )
        .help(INSTALL));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(PathBuf::from(".tools/nats-server"))
        .chain(std::env::split_paths(&path).map(|dir| dir.join("nats-server")))
        .find(|program| program.is_file())
        .ok_or_else(|| Failure::new(Exit::NoInput, "there is no nats-server on this machine").help(INSTALL))
}

const INSTALL: &str =
    "`make demo` in the repository installs one into .tools; or name one with --nats-server";

fn configuration(folder: &Path) -> String {
    let at = folder.display();
    // On one line, `store_dir` and `sync_interval` are a parse error.
    format!(
        r#"# Written by carebus demo.
listen: "127.0.0.1:-1"
http: "127.0.0.1:-1"
ports_file_dir: "{at}"
log_file: "{at}/nats.log"
jetstream {{
  store_dir: "{at}"
  sync_interval: always
}}
"#
    )
}

fn read_ports(file: &Path) -> Option<(String, String)> {
    let ports: Ports = serde_json::from_str(&fs::read_to_string(file).ok()?).ok()?;
    Some((
        ports.nats.into_iter().next()?,
        ports.monitoring.into_iter().next()?,
    ))
}
