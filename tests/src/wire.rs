//! The NATS protocol on a bare socket: a clinic's own program, or an intruder with a stolen key, and no code of ours.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::nats::NatsServer;

/// Who connects.
#[derive(Debug, Clone, Copy)]
pub enum Who<'a> {
    /// User and password.
    User(&'a str, &'a str),
    /// An nkey seed.
    Nkey(&'a str),
}

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Its subject.
    pub subject: String,
    /// Where an answer is wanted; empty if nowhere.
    pub reply: String,
    /// The header block as it is; empty if there is none.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Heard {
    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A connection.
#[derive(Debug)]
pub struct Wire {
    socket: TcpStream,
    unread: VecDeque<u8>,
    inbox: String,
    asked: u32,
    heard: Vec<Heard>,
    refused: Vec<String>,
}

impl Wire {
    /// Connects, or says what the server answered instead.
    ///
    /// # Errors
    /// The server's own words.
    ///
    /// # Panics
    /// When there is no server.
    pub fn open(server: &NatsServer, who: Who<'_>, inbox: &str) -> Result<Self, String> {
        let socket = TcpStream::connect(("127.0.0.1", server.port())).expect("a socket");
        socket.set_nodelay(true).expect("a socket option");
        socket
            .set_read_timeout(Some(Duration::from_secs(60)))
            .expect("a socket option");
        let mut wire = Self {
            socket,
            unread: VecDeque::new(),
            inbox: inbox.to_owned(),
            asked: 0,
            heard: Vec::new(),
            refused: Vec::new(),
        };
        let info: Value =
            serde_json::from_str(wire.line().trim_start_matches("INFO ")).expect("INFO is JSON");
        let mut hello = json!({"verbose": false, "pedantic": false, "headers": true, "no_responders": true});
        match who {
            Who::User(user, password) => {
                hello["user"] = user.into();
                hello["pass"] = password.into();
            }
            Who::Nkey(seed) => {
                let pair = nkeys::KeyPair::from_seed(seed).expect("a seed");
                let nonce = info["nonce"].as_str().unwrap_or_default();
                let signature = pair.sign(nonce.as_bytes()).expect("signed");
                hello["nkey"] = pair.public_key().into();
                hello["sig"] = URL_SAFE_NO_PAD.encode(signature).into();
            }
        }
        wire.write(format!("CONNECT {hello}\r\nSUB {inbox}.> 1\r\n").as_bytes());
        match wire.flush().pop() {
            None => Ok(wire),
            Some(refusal) => Err(refusal),
        }
    }

    /// Subscribes; what comes is in [`Wire::take`].
    pub fn listen(&mut self, subject: &str) {
        self.write(format!("SUB {subject} 2\r\n").as_bytes());
    }

    /// Publishes.
    pub fn say(&mut self, subject: &str, reply: &str, headers: &[(&str, &str)], body: &[u8]) {
        let mut out = Vec::new();
        if headers.is_empty() {
            out.extend(format!("PUB {subject} {reply} {}\r\n", body.len()).bytes());
        } else {
            let lines: String = headers.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect();
            let head = format!("NATS/1.0\r\n{lines}\r\n");
            let all = head.len() + body.len();
            out.extend(format!("HPUB {subject} {reply} {} {all}\r\n{head}", head.len()).bytes());
        }
        out.extend(body);
        out.extend(b"\r\n");
        self.write(&out);
    }

    /// Waits until the server has seen all that was said, and gives its refusals since the last time.
    pub fn flush(&mut self) -> Vec<String> {
        self.write(b"PING\r\n");
        while !self.read_one() {}
        std::mem::take(&mut self.refused)
    }

    /// Whether the server refuses this to us.
    pub fn is_refused(&mut self, subject: &str) -> bool {
        self.say(subject, "", &[], b"{}");
        !self.flush().is_empty()
    }

    /// Whether the server refuses us to listen to this.
    pub fn may_not_hear(&mut self, subject: &str) -> bool {
        self.listen(subject);
        !self.flush().is_empty()
    }

    /// Asks, and waits for the first answer.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn ask(&mut self, subject: &str, headers: &[(&str, &str)], body: &str) -> Result<Heard, String> {
        self.asked += 1;
        let inbox = format!("{}.{}", self.inbox, self.asked);
        self.say(subject, &inbox, headers, body.as_bytes());
        if let Some(refusal) = self.flush().pop() {
            return Err(refusal);
        }
        loop {
            // A message that was pulled keeps its own subject.
            if let Some(at) = self
                .heard
                .iter()
                .position(|h| h.subject == inbox || h.reply.starts_with("$JS.ACK."))
            {
                return Ok(self.heard.remove(at));
            }
            self.read_one();
        }
    }

    /// What came in since the last time, answers apart.
    pub fn take(&mut self) -> Vec<Heard> {
        self.flush();
        std::mem::take(&mut self.heard)
    }

    /// Every message of a stream, oldest first, by an administrator: subject, header block, body.
    ///
    /// # Panics
    /// When the stream is not there.
    pub fn stream(&mut self, stream: &str) -> Vec<Heard> {
        let mut all = Vec::new();
        let mut from = 1;
        loop {
            let question = json!({"seq": from, "next_by_subj": ">"}).to_string();
            let answer = self.ask(&format!("$JS.API.STREAM.MSG.GET.{stream}"), &[], &question);
            let answer = answer.expect("an administrator").json();
            let message = &answer["message"];
            let Some(sequence) = message["seq"].as_u64() else {
                assert_eq!(answer["error"]["err_code"], 10037, "{stream}: {answer}");
                return all;
            };
            let text = |field: &str| {
                STANDARD
                    .decode(message[field].as_str().unwrap_or_default())
                    .expect("base64")
            };
            all.push(Heard {
                subject: message["subject"].as_str().unwrap_or_default().to_owned(),
                reply: String::new(),
                head: String::from_utf8_lossy(&text("hdrs")).into_owned(),
                body: text("data"),
            });
            from = sequence + 1;
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).expect("sent");
    }

    /// Takes one thing the server said; whether it was a PONG, or the end.
    fn read_one(&mut self) -> bool {
        let line = self.line();
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["PONG"] | [] => return true,
            ["PING"] => self.write(b"PONG\r\n"),
            ["-ERR", ..] => self.refused.push(line),
            ["MSG", subject, _, ref rest @ ..] => {
                let (reply, length) = rest.split_at(rest.len() - 1);
                self.message(subject, reply, "0", length[0]);
            }
            ["HMSG", subject, _, ref rest @ ..] => {
                let (reply, lengths) = rest.split_at(rest.len() - 2);
                self.message(subject, reply, lengths[0], lengths[1]);
            }
            _ => {}
        }
        false
    }

    fn message(&mut self, subject: &str, reply: &[&str], head: &str, all: &str) {
        let (head, all): (usize, usize) = (head.parse().expect("a length"), all.parse().expect("a length"));
        while self.unread.len() < all + 2 {
            assert!(self.fill(), "the server hung up");
        }
        let bytes: Vec<u8> = self.unread.drain(..all + 2).collect();
        self.heard.push(Heard {
            subject: subject.to_owned(),
            reply: reply.first().copied().unwrap_or_default().to_owned(),
            head: String::from_utf8_lossy(&bytes[..head]).into_owned(),
            body: bytes[head..all].to_vec(),
        });
    }

    /// A line; empty when the server hung up.
    fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return String::from_utf8_lossy(&line).trim_end().to_owned();
            }
            if !self.fill() {
                return String::new();
            }
        }
    }

    fn fill(&mut self) -> bool {
        let mut chunk = [0; 8192];
        let count = match self.socket.read(&mut chunk) {
            Ok(count) => count,
            // A server that hangs up on words of ours that it has not read yet resets the connection.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            Err(error) => panic!("an answer in time: {error}"),
        };
        self.unread.extend(&chunk[..count]);
        count > 0
    }
}
