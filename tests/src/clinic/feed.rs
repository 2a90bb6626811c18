//! The clinics' feed as a clinic's own program reads it: the plain NATS protocol on a socket, and no code of ours.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::nats::NatsServer;

/// One message of the feed.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedItem {
    /// Its place in the feed.
    pub sequence: u64,
    /// `clinic.acme.<clinic>.session.<session>`.
    pub subject: String,
    /// What it says.
    pub entry: Value,
}

impl FeedItem {
    /// A field of the entry as text; empty if there is none.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.entry[field].as_str().unwrap_or_default()
    }
}

/// Every message of the feed from its start.
///
/// # Panics
/// When the server does not answer.
#[must_use]
pub fn read(server: &NatsServer) -> Vec<FeedItem> {
    let mut wire = Wire::open(server);
    let mut items: Vec<FeedItem> = Vec::new();
    loop {
        let from = items.last().map_or(1, |item| item.sequence + 1);
        let question = format!(r#"{{"seq":{from},"next_by_subj":">"}}"#);
        let answer = wire.ask("$JS.API.STREAM.MSG.GET.CLINIC_ACME", &question);
        let message = &answer["message"];
        let Some(sequence) = message["seq"].as_u64() else {
            // 10037: no message found, which is the end.
            assert_eq!(answer["error"]["err_code"], 10037, "{answer}\n{}", server.log());
            return items;
        };
        let body = STANDARD
            .decode(message["data"].as_str().unwrap_or_default())
            .expect("base64");
        let entry = serde_json::from_slice(&body).expect("an entry is JSON");
        let subject = message["subject"].as_str().unwrap_or_default().to_owned();
        items.push(FeedItem {
            sequence,
            subject,
            entry,
        });
    }
}

/// One question and its answer.
pub(crate) fn ask(server: &NatsServer, subject: &str, body: &str) -> Value {
    Wire::open(server).ask(subject, body)
}

struct Wire {
    socket: TcpStream,
    unread: Vec<u8>,
}

impl Wire {
    fn open(server: &NatsServer) -> Self {
        let mut socket = TcpStream::connect(("127.0.0.1", server.port())).expect("a socket");
        socket.set_nodelay(true).expect("a socket option");
        socket
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a socket option");
        socket
            .write_all(b"CONNECT {\"verbose\":false}\r\nSUB answer 1\r\n")
            .expect("sent");
        Self {
            socket,
            unread: Vec::new(),
        }
    }

    fn ask(&mut self, subject: &str, question: &str) -> Value {
        let out = format!("PUB {subject} answer {}\r\n{question}\r\n", question.len());
        self.socket.write_all(out.as_bytes()).expect("sent");
        loop {
            let line = self.line();
            if let Some(length) = line.strip_prefix("MSG answer 1 ") {
                let length: usize = length.trim().parse().expect("a length");
                while self.unread.len() < length + 2 {
                    self.fill();
                }
                let body: Vec<u8> = self.unread.drain(..length + 2).take(length).collect();
                return serde_json::from_slice(&body).expect("an answer in JSON");
            }
            assert!(!line.starts_with("-ERR"), "{line}");
            if line.starts_with("PING") {
                self.socket.write_all(b"PONG\r\n").expect("sent");
            }
        }
    }

    fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.unread.windows(2).position(|two| two == b"\r\n") {
                let line: Vec<u8> = self.unread.drain(..end + 2).take(end).collect();
                return String::from_utf8_lossy(&line).into_owned();
            }
            self.fill();
        }
    }

    fn fill(&mut self) {
        let mut chunk = [0; 8192];
        let count = self.socket.read(&mut chunk).expect("an answer in time");
        assert!(count > 0, "the server hung up");
        self.unread.extend_from_slice(&chunk[..count]);
    }
}
