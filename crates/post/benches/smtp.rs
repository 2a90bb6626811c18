//! Mails a second over four connections: into smtp-sink in clear, and into a server of your own over STARTTLS.
//!
//! `cargo bench -p post`. smtp-sink is the one that tests/tools/install.sh unpacks. For the server of your own:
//! CAREBUS_BENCH_SMTP=host:port and CAREBUS_BENCH_CA=file; tests/tools/bench_postfix.sh starts a Postfix that discards
//! what it takes, and says both.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use care::phi::Phi;
use care::time::Timestamp;
use divan::Bencher;
use divan::counter::ItemsCount;
use mailer::Mail;
use post::{Outcome, Post, SmtpCarrier, SmtpSettings, Tls};

/// Mails of one round.
const MAILS: usize = 1000;
/// Handed over at a time, as a node does: enough that no connection waits for the next.
const AT_ONCE: usize = 16;

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn smtp_sink_in_clear(bencher: Bencher<'_, '_>) {
    let Some(sink) = Sink::start() else {
        eprintln!("no smtp-sink: run tests/tools/install.sh tests");
        return;
    };
    round(bencher, SmtpSettings::new("127.0.0.1", sink.port, Tls::None));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn own_server_over_starttls(bencher: Bencher<'_, '_>) {
    let named = std::env::var("CAREBUS_BENCH_SMTP").unwrap_or_default();
    let Some((host, port)) = named.rsplit_once(':') else {
        eprintln!("no server: set CAREBUS_BENCH_SMTP=host:port and CAREBUS_BENCH_CA=file");
        return;
    };
    let mut settings = SmtpSettings::new(host, port.parse().expect("a port"), Tls::StartTls);
    settings.ca_file = std::env::var_os("CAREBUS_BENCH_CA").map(PathBuf::from);
    round(bencher, settings);
}

/// Sends so many mails, three of four in the routine lane, all of which must be taken.
fn round(bencher: Bencher<'_, '_>, settings: SmtpSettings) {
    let post = Arc::new(Post::Smtp(Box::new(
        SmtpCarrier::new(settings).expect("settings that work"),
    )));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    bencher.counter(ItemsCount::new(MAILS)).bench(|| {
        runtime.block_on(async {
            let mut senders = tokio::task::JoinSet::new();
            for sender in 0..AT_ONCE {
                let post = Arc::clone(&post);
                senders.spawn(async move {
                    for n in (sender..MAILS).step_by(AT_ONCE) {
                        let sent = post.send(&mail(n)).await;
                        assert!(matches!(sent, Outcome::Sent { .. }), "{sent:?}");
                    }
                });
            }
            while let Some(sender) = senders.join_next().await {
                sender.expect("all are sent");
            }
        });
    });
    runtime.block_on(post.close());
}

/// Of a usual size, without pictures.
fn mail(n: usize) -> Mail {
    Mail {
        notice_id: format!("n-{n}"),
        message_id: format!("n-{n}@clinic.example"),
        thread_root: Some("patient-7@clinic.example".to_owned()),
        to_name: None,
        to: Phi::new(format!("m-{n}@recipients.example")),
        from_name: "carebus".to_owned(),
        from: "carebus@clinic.example".to_owned(),
        reply_to: None,
        date: Timestamp::UNIX_EPOCH,
        subject: "Something waits in carebus".to_owned(),
        text: Phi::new("One thing to do, and why it is asked of you.\n".repeat(20)),
        html: Phi::new("<p>One thing to do, and why it is asked of you.</p>\n".repeat(40)),
        images: Vec::new(),
        invitation: None,
        urgent: n.is_multiple_of(4),
        attempt: 1,
    }
}

/// A running smtp-sink; killed when dropped.
struct Sink {
    child: Child,
    port: u16,
}

impl Sink {
    fn start() -> Option<Self> {
        let unpacked = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/postfix");
        let places = [unpacked.join("usr/sbin/smtp-sink"), "/usr/sbin/smtp-sink".into()];
        let program = places.into_iter().find(|path| path.is_file())?;
        let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let mut command = Command::new(program);
        command.env("LD_LIBRARY_PATH", unpacked.join("usr/lib/postfix"));
        // As root it wants to be told as whom it shall run.
        if std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").ok()?) == 0 {
            command.args(["-u", "root"]);
        }
        command.arg(format!("127.0.0.1:{port}")).arg("100");
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let sink = Self { child, port };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(sink);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
