//! The bus against a real nats-server: what it promises when all is well, and when nothing is.

mod appending;
mod batches;
mod changes;
mod intruder;
mod keys;
mod link;
mod permissions;
mod reading;
mod refused;
mod roster;
mod setup;
mod standing;
mod tls;

use std::time::Duration;

use bus::append::{Append, Appended, Expect, append};
use bus::feed::{Fed, publish_feed};
use bus::fingerprint::{self, Fingerprint, Fit};
use bus::lease::Candidate;
use bus::streams::{add_org, head, require_org};
use bus::{BusError, Connection, Reader, Received, Settings, export, quarantine};
use care::id::{ClinicId, OrgId, SessionId};
use tests::nats::NatsServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn acme() -> OrgId {
    OrgId::new("acme").expect("an organisation")
}

async fn connect(server: &NatsServer) -> Connection {
    let settings = Settings {
        timeout: Duration::from_secs(3),
        ..Settings::new(server.url(), "test")
    };
    Connection::open(&settings).await.expect("a server")
}

/// A server, a link, and organisation acme.
async fn ready() -> (NatsServer, Connection, OrgId) {
    let server = NatsServer::start();
    let conn = connect(&server).await;
    let org = acme();
    add_org(&conn, &org, 1).await.expect("acme added");
    (server, conn, org)
}

fn fact(patient: &str, what: &str, id: &str) -> Append {
    Append {
        subject: format!("care.acme.patient.{patient}.{what}"),
        headers: vec![(
            "content-type".to_owned(),
            "application/cloudevents+json".to_owned(),
        )],
        payload: format!(r#"{{"id":"{id}"}}"#).into(),
        message_id: format!("test/{id}"),
        expect: None,
    }
}

fn expecting(last_sequence: u64, append: Append) -> Append {
    let patient = append.subject.split('.').nth(3).expect("a patient");
    let filter_subject = format!("care.acme.patient.{patient}.>");
    Append {
        expect: Some(Expect {
            filter_subject,
            last_sequence,
        }),
        ..append
    }
}

async fn store(conn: &Connection, append_: Append) -> u64 {
    match append(conn, append_).await.expect("appended") {
        Appended::Stored { sequence, .. } => sequence,
        other => panic!("{other:?}"),
    }
}

async fn fill(conn: &Connection, from: u64, to: u64) {
    for n in from..=to {
        assert_eq!(
            store(conn, fact("p-1", "assessment.pain", &n.to_string())).await,
            n
        );
    }
}

/// Reads until a sequence is reached.
async fn read_to(reader: &mut Reader, sequence: u64) -> Vec<Received> {
    let mut all: Vec<Received> = Vec::new();
    while all.last().is_none_or(|last| last.sequence < sequence) {
        let batch = tokio::time::timeout(Duration::from_secs(60), reader.next_batch(100)).await;
        all.extend(batch.expect("a message in time").expect("a batch"));
    }
    all
}

fn sequences(messages: &[Received]) -> Vec<u64> {
    messages.iter().map(|message| message.sequence).collect()
}

/// Calls the JSON API as an administrator would, on a raw socket, and returns the answer.
async fn administer(server: &NatsServer, subject: &str, body: &str) -> String {
    raw(server, subject, b"", body.as_bytes()).await
}

/// Publishes with a header block of whatever bytes, as no client library would, and returns the answer.
async fn raw(server: &NatsServer, subject: &str, headers: &[u8], body: &[u8]) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", server.port()))
        .await
        .expect("a socket");
    let mut out = b"CONNECT {\"verbose\":false,\"headers\":true}\r\nSUB answer 1\r\n".to_vec();
    if headers.is_empty() {
        out.extend(format!("PUB {subject} answer {}\r\n", body.len()).bytes());
    } else {
        let (block, total) = (headers.len(), headers.len() + body.len());
        out.extend(format!("HPUB {subject} answer {block} {total}\r\n").bytes());
    }
    out.extend([headers, body, b"\r\n"].concat());
    socket.write_all(&out).await.expect("sent");
    let mut answer = String::new();
    let mut chunk = [0; 4096];
    loop {
        let read = tokio::time::timeout(Duration::from_secs(10), socket.read(&mut chunk)).await;
        let read = read.expect("an answer in time").expect("an answer");
        assert!(read > 0, "the server hung up: {answer}");
        answer.push_str(&String::from_utf8_lossy(&chunk[..read]));
        if let Some((_, message)) = answer.split_once("MSG answer 1 ")
            && let Some((_, text)) = message.split_once("\r\n")
            && text.ends_with("\r\n")
        {
            return text.trim().to_owned();
        }
    }
}
