//! The heartbeat against a real HTTP server.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use health::Heartbeat;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto::ring};

use super::*;

/// Somebody who waits for beats.
struct Monitor {
    port: u16,
    heard: Arc<AtomicUsize>,
    answers: Arc<AtomicU16>,
    _task: JoinSet<()>,
}

impl Monitor {
    async fn start(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, answers) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicU16::new(200)));
        let (count, status) = (Arc::clone(&heard), Arc::clone(&answers));
        let mut task = JoinSet::new();
        task.spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let status = status.load(Ordering::SeqCst);
                let answered = match &tls {
                    Some(tls) => match tls.accept(socket).await {
                        Ok(socket) => answer(socket, status).await,
                        Err(_) => None,
                    },
                    None => answer(socket, status).await,
                };
                count.fetch_add(usize::from(answered.is_some()), Ordering::SeqCst);
            }
        });
        Self {
            port,
            heard,
            answers,
            _task: task,
        }
    }

    fn heard(&self) -> usize {
        self.heard.load(Ordering::SeqCst)
    }

    async fn until(&self, what: &str, is_so: impl Fn(usize) -> bool) {
        for _ in 0..6000 {
            if is_so(self.heard()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{what}: {} beats after a minute", self.heard());
    }
}

async fn answer(mut socket: impl AsyncRead + AsyncWrite + Unpin, status: u16) -> Option<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        asked.push(socket.read_u8().await.ok()?);
    }
    let asked = String::from_utf8(asked).unwrap();
    assert!(asked.starts_with("GET /ping/secret HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("user-agent: carebus/"), "{asked}");
    let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    socket.write_all(answer.as_bytes()).await.ok()?;
    socket.shutdown().await.ok();
    Some(())
}

/// A heart that beats every few milliseconds; it stops with the test.
fn beating(url: &str, ca_file: Option<&Path>, watched: Watched) -> JoinSet<()> {
    let heartbeat = Heartbeat::new(url, Duration::from_millis(5), ca_file).unwrap();
    let mut task = JoinSet::new();
    task.spawn(heartbeat.beat(watched, CancellationToken::new()));
    task
}

/// Beats by how they went, as the metrics page says.
async fn beats(pages: &Pages, outcome: &str) -> u64 {
    let (_, page) = pages.get("/metrics").await;
    let name = format!("carebus_heartbeats_total{{outcome=\"{outcome}\"}} ");
    let line = page.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap().parse().unwrap()
}

async fn until_counted(pages: &Pages, outcome: &str, at_least: u64) {
    for _ in 0..6000 {
        if beats(pages, outcome).await >= at_least {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{outcome}: not {at_least} after a minute");
}

#[tokio::test]
async fn it_beats_while_all_is_well_and_not_a_moment_longer() {
    let monitor = Monitor::start(None).await;
    let (node, watched) = patient("acme");
    let pages = Pages::of(watched.clone()).await;
    let url = format!("http://127.0.0.1:{}/ping/secret", monitor.port);
    let _heart = beating(&url, None, watched);
    monitor.until("well", |heard| heard >= 3).await;

    node.send_modify(|v| v.connected = false);
    // One beat may be on its way.
    until_counted(&pages, "withheld", 1).await;
    let heard = monitor.heard();
    let withheld = beats(&pages, "withheld").await;
    until_counted(&pages, "withheld", withheld + 20).await;
    assert_eq!(monitor.heard(), heard, "silent while it is not");

    node.send_modify(|v| v.connected = true);
    monitor.until("well again", |now| now > heard).await;
}

#[tokio::test]
async fn an_answer_that_is_no_yes_is_a_failure_and_the_next_beat_comes_all_the_same() {
    let monitor = Monitor::start(None).await;
    let (_node, watched) = patient("acme");
    let pages = Pages::of(watched.clone()).await;
    let url = format!("http://127.0.0.1:{}/ping/secret", monitor.port);
    monitor.answers.store(301, Ordering::SeqCst);
    let _heart = beating(&url, None, watched);
    until_counted(&pages, "failed", 3).await;
    assert_eq!(beats(&pages, "sent").await, 0, "a redirect is not followed");
    monitor.answers.store(204, Ordering::SeqCst);
    until_counted(&pages, "sent", 1).await;
}

#[tokio::test]
async fn https_is_spoken_with_whom_we_trust_and_nobody_else() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, made.cert.pem()).unwrap();
    let chain = vec![CertificateDer::from_pem_slice(made.cert.pem().as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(made.signing_key.serialize_pem().as_bytes()).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let monitor = Monitor::start(Some(TlsAcceptor::from(Arc::new(server)))).await;
    let url = format!("https://localhost:{}/ping/secret", monitor.port);

    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let stranger = folder.path().join("other.pem");
    std::fs::write(&stranger, other.cert.pem()).unwrap();
    let (_node, watched) = patient("acme");
    let pages = Pages::of(watched.clone()).await;
    let heart = beating(&url, Some(&stranger), watched.clone());
    until_counted(&pages, "failed", 2).await;
    assert_eq!(monitor.heard(), 0);
    drop(heart);

    let _heart = beating(&url, Some(&ca), watched);
    monitor.until("trusted", |heard| heard >= 2).await;
}

#[test]
fn what_is_no_url_is_refused() {
    for bad in ["", "x", "/ping", "ftp://host/x", "https://", "http:host"] {
        let made = Heartbeat::new(bad, Duration::from_secs(1), None);
        assert!(made.is_err(), "{bad}");
    }
    let nowhere = Path::new("/nowhere/ca.pem");
    let error = Heartbeat::new("https://host/", Duration::from_secs(1), Some(nowhere)).unwrap_err();
    assert!(error.to_string().contains("expected PEM certificates"), "{error}");
}
