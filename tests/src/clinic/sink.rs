//! Postfix's `smtp-sink`: a mail server that fails as it is told to, written by people who write mail servers.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What to do when it is not there.
pub const NO_SINK: &str = "there is no smtp-sink here; tests/tools/install.sh tests gets it where Debian's postfix can \
    be unpacked, and CAREBUS_TEST_SMTP_SINK may name one";

/// A running `smtp-sink`, without TLS; killed when dropped.
#[derive(Debug)]
pub struct Sink {
    child: Child,
    port: u16,
    home: tempfile::TempDir,
}

impl Sink {
    /// Starts one with these arguments; `None` where there is none.
    ///
    /// # Panics
    /// When it is there and does not start.
    #[must_use]
    pub fn start(arguments: &[&str]) -> Option<Self> {
        let program = program()?;
        let home = tempfile::tempdir().expect("a temporary directory");
        let port = free_port();
        let mut command = Command::new(program);
        command.env("LD_LIBRARY_PATH", unpacked().join("usr/lib/postfix"));
        // As root it wants to be told as whom it shall run.
        if std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
            command.args(["-u", "root"]);
        }
        // One file per mail, with the envelope first.
        command.arg("-d").arg(home.path().join("%M."));
        let child = command
            .args(arguments)
            .arg(format!("127.0.0.1:{port}"))
            .arg("100")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink starts");
        let sink = Self { child, port, home };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(sink);
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("smtp-sink does not listen after half a minute");
    }

    /// The port it listens on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// What it received, complete or not, each as the text it kept.
    ///
    /// # Panics
    /// When what it kept cannot be read.
    #[must_use]
    pub fn kept(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.home.path()).expect("a folder");
        let read = |file: std::io::Result<std::fs::DirEntry>| {
            let bytes = std::fs::read(file.expect("a file").path()).expect("a mail");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        files.map(read).collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Where install.sh unpacks Postfix.
fn unpacked() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/postfix")
}

fn program() -> Option<PathBuf> {
    let named = std::env::var_os("CAREBUS_TEST_SMTP_SINK").map(PathBuf::from);
    let places = [
        unpacked().join("usr/sbin/smtp-sink"),
        "/usr/sbin/smtp-sink".into(),
    ];
    named.into_iter().chain(places).find(|path| path.is_file())
}

/// It takes a port and does not say which; between now and then somebody else may take it, and then it ends.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}
