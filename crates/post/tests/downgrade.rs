//! Somebody in between who tampers with the part of the conversation that is still in clear.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[path = "parts/sample.rs"]
mod sample;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::Duration;

use care::phi::Phi;
use post::{Outcome, Post, SmtpCarrier, SmtpSettings, Tls};
use sample::mail;

/// Plays fixed replies, one per line it receives, and gives back all it heard.
fn play(replies: &'static [&'static str]) -> (u16, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = std::thread::spawn(move || {
        let (stream, _peer) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut heard = Vec::new();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        for (n, reply) in replies.iter().enumerate() {
            if n > 0 {
                reader.read_until(b'\n', &mut heard).unwrap();
            }
            (&stream).write_all(reply.as_bytes()).unwrap();
        }
        let _ = reader.read_to_end(&mut heard);
        heard
    });
    (port, heard)
}

fn post(port: u16) -> (Post, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let root = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let ca_file = home.path().join("root.pem");
    std::fs::write(&ca_file, root.cert.pem()).unwrap();
    let mut settings = SmtpSettings::new("127.0.0.1", port, Tls::StartTls);
    settings.ca_file = Some(ca_file);
    settings.user = Some("carebus".into());
    settings.password = Some(Phi::new("secret".into()));
    settings.command_timeout = Duration::from_secs(2);
    (Post::Smtp(Box::new(SmtpCarrier::new(settings).unwrap())), home)
}

#[tokio::test]
async fn a_starttls_that_was_taken_out_stops_everything() {
    let (port, heard) = play(&["220 hello\r\n", "250-hello\r\n250 AUTH PLAIN LOGIN\r\n"]);
    let (post, _home) = post(port);
    let outcome = post.send(&mail("n-1")).await;
    assert!(
        matches!(&outcome, Outcome::OwnFault { hint, .. } if hint.contains("STARTTLS")),
        "{outcome:?}"
    );
    let heard = String::from_utf8(heard.join().unwrap()).unwrap();
    assert!(
        heard.starts_with("EHLO ") && heard.lines().count() == 1,
        "{heard:?}"
    );
}

#[tokio::test]
async fn replies_slipped_in_before_tls_do_not_count_as_replies_through_tls() {
    let (port, heard) = play(&[
        "220 hello\r\n",
        "250-hello\r\n250 STARTTLS\r\n",
        "220 go ahead\r\n250-hello\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok\r\n250 ok\r\n354 go\r\n250 stored\r\n",
    ]);
    let (post, _home) = post(port);
    let outcome = post.send(&mail("n-1")).await;
    assert!(
        matches!(&outcome, Outcome::OwnFault { hint, .. } if hint.contains("TLS")),
        "{outcome:?}"
    );
    let heard = heard.join().unwrap();
    let text = String::from_utf8_lossy(&heard);
    assert!(!text.contains("AUTH") && !text.contains("MAIL"), "{text:?}");
}

#[tokio::test]
async fn a_cut_handshake_is_worth_another_try() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (stream, _peer) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        (&stream).write_all(b"220 hello\r\n").unwrap();
        for reply in ["250-hello\r\n250 STARTTLS\r\n", "220 go ahead\r\n"] {
            reader.read_line(&mut String::new()).unwrap();
            (&stream).write_all(reply.as_bytes()).unwrap();
        }
        let mut hello = [0; 16];
        reader.read_exact(&mut hello).unwrap();
    });
    let (post, _home) = post(port);
    assert_eq!(
        post.send(&mail("n-1")).await,
        Outcome::Unreachable { reply: None }
    );
    server.join().unwrap();
}
