//! The bus against a real nats-server: what it promises when all is well, and when nothing is.

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

#[tokio::test]
async fn adding_an_organisation_twice_is_adding_it_once() {
    let (_server, conn, org) = ready().await;
    add_org(&conn, &org, 1).await.expect("added again");
    let head = require_org(&conn, &org).await.expect("there");
    assert_eq!((head.first_sequence, head.last_sequence), (0, 0));
}

#[tokio::test]
async fn a_stream_that_is_not_as_asked_is_named_with_its_setting() {
    let server = NatsServer::start();
    let conn = connect(&server).await;
    let body = r#"{"name":"CARE_ACME","subjects":["care.acme.>"],"retention":"limits","storage":"file"}"#;
    administer(&server, "$JS.API.STREAM.CREATE.CARE_ACME", body).await;
    let error = add_org(&conn, &acme(), 1).await.expect_err("not as asked");
    assert!(
        matches!(
            error,
            BusError::BadServer {
                setting: "discard",
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_without_room_for_a_refused_message_is_refused() {
    let server = NatsServer::start_with("max_payload: 100000");
    let conn = connect(&server).await;
    let error = add_org(&conn, &acme(), 1).await.expect_err("too small");
    assert!(
        matches!(
            error,
            BusError::BadServer {
                setting: "max_payload",
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_missing_organisation_says_what_to_run() {
    let server = NatsServer::start();
    let conn = connect(&server).await;
    let error = require_org(&conn, &acme()).await.expect_err("nobody added it");
    assert!(error.to_string().contains("run: carebus org add acme"), "{error}");
    assert!(matches!(
        Reader::open(&conn, &acme(), 1).await,
        Err(BusError::MissingOrg(_))
    ));
}

#[tokio::test]
async fn without_a_server_the_first_connection_fails_at_once_and_is_retried_only_on_request() {
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port")
        .local_addr()
        .expect("a port")
        .port();
    let mut settings = Settings::new(format!("nats://127.0.0.1:{port}"), "test");
    assert!(matches!(
        Connection::open(&settings).await,
        Err(BusError::Unreachable(_))
    ));
    settings.first_attempts = 3;
    assert!(matches!(
        Connection::open(&settings).await,
        Err(BusError::Unreachable(_))
    ));
}

#[tokio::test]
async fn a_server_that_is_too_old_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("nats://{}", listener.local_addr().expect("a port"));
    let old = async {
        let (mut socket, _) = listener.accept().await.expect("a client");
        let info = r#"{"server_id":"A","server_name":"A","version":"2.9.10","proto":1,"go":"go1.19","host":"127.0.0.1","port":1,"headers":true,"max_payload":1048576,"jetstream":true}"#;
        socket
            .write_all(format!("INFO {info}\r\n").as_bytes())
            .await
            .expect("sent");
        let mut heard = vec![0; 4096];
        let read = socket.read(&mut heard).await.expect("CONNECT and PING");
        assert!(read > 0);
        socket.write_all(b"PONG\r\n").await.expect("sent");
        std::future::pending::<()>().await;
    };
    let settings = Settings::new(url, "test");
    tokio::select! {
        opened = Connection::open(&settings) => {
            let error = opened.expect_err("too old");
            assert_eq!(error.to_string(), "nats-server 2.9.10 is too old: carebus needs 2.12.0 or newer");
        }
        () = old => unreachable!("it waits for ever"),
    }
}

#[tokio::test]
async fn an_append_is_refused_when_anything_newer_about_the_patient_exists() {
    let (_server, conn, _) = ready().await;
    let booked = store(&conn, expecting(0, fact("p-1", "session.booked", "1"))).await;
    let pain = store(&conn, expecting(booked, fact("p-1", "assessment.pain", "2"))).await;
    // Seen the session, not the pain: another verb about the same patient.
    let late = append(&conn, expecting(booked, fact("p-1", "alert.raised", "3")))
        .await
        .expect("an answer");
    assert_eq!(late, Appended::Conflict);
    // Another patient does not matter, nor does what has been seen.
    store(&conn, expecting(0, fact("p-2", "session.booked", "4"))).await;
    store(&conn, expecting(pain, fact("p-1", "alert.raised", "3"))).await;
    let never = append(&conn, expecting(99, fact("p-3", "session.booked", "5")))
        .await
        .expect("an answer");
    assert_eq!(
        never,
        Appended::Conflict,
        "a future that was never seen is no better"
    );
}

#[tokio::test]
async fn a_repetition_within_the_window_is_said_to_be_one() {
    let (_server, conn, _) = ready().await;
    let first = append(&conn, fact("p-1", "session.booked", "1"))
        .await
        .expect("stored");
    let again = append(&conn, fact("p-1", "session.booked", "1"))
        .await
        .expect("stored");
    assert_eq!(
        first,
        Appended::Stored {
            sequence: 1,
            duplicate: false
        }
    );
    assert_eq!(
        again,
        Appended::Stored {
            sequence: 1,
            duplicate: true
        }
    );
}

#[tokio::test]
async fn a_fact_that_is_too_large_is_refused_for_good() {
    let (_server, conn, _) = ready().await;
    let large = Append {
        payload: vec![b'x'; 64 * 1024 + 1].into(),
        ..fact("p-1", "session.booked", "1")
    };
    assert!(matches!(
        append(&conn, large).await,
        Err(BusError::Refused { .. })
    ));
    let huge = Append {
        payload: vec![b'x'; 4 << 20].into(),
        ..fact("p-1", "session.booked", "2")
    };
    assert!(matches!(append(&conn, huge).await, Err(BusError::Refused { .. })));
}

#[tokio::test]
async fn the_link_is_encrypted_and_the_server_known_or_there_is_none() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let dir = tempfile::tempdir().expect("a directory");
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).expect("a file");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    let tls = format!("tls {{\n  cert_file: {cert:?}\n  key_file: {key:?}\n}}");
    let server = NatsServer::start_with(&tls);
    let known = Settings {
        tls_root: Some(cert),
        ..Settings::new(server.url(), "test")
    };
    let conn = Connection::open(&known).await.expect("let in");
    add_org(&conn, &acme(), 1).await.expect("acme added");
    let stranger = Settings::new(server.url(), "test");
    assert!(matches!(
        Connection::open(&stranger).await,
        Err(BusError::Unreachable(_))
    ));
    let plain = NatsServer::start();
    let insisting = Settings {
        url: plain.url(),
        ..known
    };
    assert!(
        Connection::open(&insisting).await.is_err(),
        "no fallback to plain text"
    );
}

#[tokio::test]
async fn a_missing_permission_is_told_from_a_lost_answer() {
    let server = NatsServer::start_with(
        r#"authorization {
  users: [
    { user: admin, password: a }
    { user: clerk, password: b, permissions: { publish: ["$JS.API.STREAM.INFO.*"], subscribe: ["_INBOX.>"] } }
  ]
}"#,
    );
    let as_user = async |name: &str, password: &str| {
        let file = server.dir().join(name);
        std::fs::write(&file, format!("{name}\n{password}\n")).expect("a credential");
        let auth = bus::Auth::UserPassword(file);
        let settings = Settings {
            auth,
            timeout: Duration::from_secs(2),
            ..Settings::new(server.url(), name)
        };
        Connection::open(&settings).await
    };
    let admin = as_user("admin", "a").await.expect("let in");
    add_org(&admin, &acme(), 1).await.expect("acme added");
    assert!(matches!(
        as_user("admin", "wrong").await,
        Err(BusError::Refused { .. })
    ));
    let clerk = as_user("clerk", "b").await.expect("let in");
    let refused = append(&clerk, fact("p-1", "session.booked", "1")).await;
    assert!(matches!(refused, Err(BusError::Refused { .. })), "{refused:?}");
    let mut reader = Reader::open(&clerk, &acme(), 1).await.expect("may look");
    let refused = reader.next_batch(1).await;
    assert!(matches!(refused, Err(BusError::Refused { .. })), "{refused:?}");
}

#[tokio::test]
async fn reading_takes_what_is_there_and_goes_on_where_it_was_left() {
    let (_server, conn, org) = ready().await;
    fill(&conn, 1, 30).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    assert!(!reader.is_caught_up(), "it has not asked yet");
    let all = read_to(&mut reader, 30).await;
    assert_eq!(sequences(&all), (1..=30).collect::<Vec<_>>());
    assert!(
        all.iter()
            .all(|message| !message.gap_before && message.header("NATS-msg-id").is_some())
    );
    assert_eq!(reader.backlog(10).await.expect("no more"), None);
    assert!(reader.is_caught_up());

    let mut later = Reader::open(&conn, &org, 21).await.expect("a reader");
    let capped = later.next_batch(4).await.expect("a batch");
    assert!(
        (1..=4).contains(&capped.len()) && capped[0].sequence == 21,
        "{capped:?}"
    );
    fill(&conn, 31, 31).await;
    assert_eq!(sequences(&read_to(&mut reader, 31).await), [31]);
    let rest = read_to(&mut later, 31).await;
    assert_eq!(rest.len() + capped.len(), 11);
    assert_eq!((reader.reopened(), later.reopened()), (0, 0));
}

#[tokio::test]
async fn a_caller_who_waits_for_other_things_too_loses_nothing() {
    let (_server, conn, org) = ready().await;
    let mut reader = Reader::open(&conn, &org, 0).await.expect("a reader");
    let mut read = Vec::new();
    let mut written = 0;
    while read.len() < 40 {
        tokio::select! {
            batch = reader.next_batch(3) => read.extend(batch.expect("a batch")),
            () = tokio::time::sleep(Duration::from_micros(300)) => if written < 40 {
                written += 1;
                fill(&conn, written, written).await;
            },
        }
    }
    assert_eq!(sequences(&read), (1..=40).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_erasure_shows_as_a_gap() {
    let (server, conn, org) = ready().await;
    fill(&conn, 1, 3).await;
    store(&conn, fact("p-2", "session.booked", "x")).await;
    let erase = r#"{"filter":"care.acme.patient.p-1.>"}"#;
    administer(&server, "$JS.API.STREAM.PURGE.CARE_ACME", erase).await;
    fill(&conn, 5, 5).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let all = read_to(&mut reader, 5).await;
    let seen: Vec<_> = all
        .iter()
        .map(|message| (message.sequence, message.gap_before))
        .collect();
    assert_eq!(seen, [(4, true), (5, false)]);
}

#[tokio::test]
async fn a_message_no_client_can_parse_is_read_all_the_same() {
    let (server, conn, org) = ready().await;
    fill(&conn, 1, 1).await;
    let bad: [&[u8]; 6] = [
        b"NATS/1.0\r\nA: b\rc\r\n\r\n",
        b"NATS/1.0 409 Consumer Deleted\r\n\r\n",
        b"NATS/1.0 100 Idle Heartbeat\r\n\r\n",
        b"NATS/1.0\r\nno colon here\r\nNats-Msg-Id: a/b\r\n\r\n",
        b"garbage",
        b"NATS/1.0\r\nA: \xff\xfe\r\n\r\n",
    ];
    for headers in bad {
        let answer = raw(
            &server,
            "care.acme.patient.p-1.assessment.pain",
            headers,
            b"whole",
        )
        .await;
        assert!(answer.contains("\"seq\""), "{answer}");
    }
    fill(&conn, 8, 9).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let all = read_to(&mut reader, 9).await;
    assert_eq!(sequences(&all), (1..=9).collect::<Vec<_>>());
    assert!(
        all[1..7]
            .iter()
            .all(|message| &message.payload[..] == b"whole" && !message.gap_before)
    );
    assert_eq!(all[4].header("nats-msg-id"), Some("a/b"));
    assert_eq!(conn.losses(), 0, "the link that appends never saw it");
    // Live as well, with nothing after it.
    raw(
        &server,
        "care.acme.patient.p-1.assessment.pain",
        b"garbage",
        b"whole",
    )
    .await;
    assert_eq!(sequences(&read_to(&mut reader, 10).await), [10]);
}

#[tokio::test]
async fn a_killed_server_delays_the_reader_and_nothing_else() {
    let (mut server, conn, org) = ready().await;
    fill(&conn, 1, 5).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    read_to(&mut reader, 5).await;
    server.kill9();
    // While it is down: certainly not sent, or nobody knows; never "stored".
    let down = append(&conn, fact("p-1", "assessment.pain", "6")).await;
    assert!(
        matches!(down, Err(BusError::Unreachable(_)) | Ok(Appended::Ambiguous)),
        "{down:?}"
    );
    server.restart();
    // Seen as everybody sees it: by reading on.
    let sixth = expecting(5, fact("p-1", "assessment.pain", "6"));
    let mut resolved = false;
    for _ in 0..200 {
        match append(&conn, sixth.clone()).await {
            Ok(Appended::Stored { .. } | Appended::Conflict) => {
                resolved = true;
                break;
            }
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    assert!(resolved, "{}", server.log());
    let next = read_to(&mut reader, 6).await;
    assert_eq!(sequences(&next), [6]);
    assert!(reader.reopened() > 0);
    assert_eq!(
        head(&conn, &org).await.expect("a head").last_sequence,
        6,
        "appended once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn through_five_kills_every_fact_is_in_the_log_exactly_once() {
    let (mut server, conn, org) = ready().await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let killer = std::thread::spawn(move || {
        for _ in 0..5 {
            std::thread::sleep(Duration::from_millis(300));
            server.restart();
        }
        server
    });
    let (mut seen, mut afterwards, mut attempt) = (Vec::<Received>::new(), 0, 0);
    let payload = |n: u64| format!(r#"{{"id":"{n}"}}"#);
    while afterwards < 20 {
        // What is wanted is what the log does not show, decided on all that was seen of it. Each
        // attempt has a message id of its own: the server's dedupe window is to be of no help.
        let last = seen.last().map_or(0, |message| message.sequence);
        let wanted = seen.len() as u64 + 1;
        attempt += 1;
        let next = Append {
            payload: payload(wanted).into(),
            message_id: format!("{wanted}/{attempt}"),
            ..fact("p-1", "assessment.pain", "")
        };
        let outcome = append(&conn, expecting(last, next)).await;
        if !matches!(outcome, Ok(Appended::Stored { .. } | Appended::Conflict)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let Ok(head) = head(&conn, &org).await else {
                continue;
            };
            if head.last_sequence == last {
                continue;
            }
        }
        seen.extend(read_to(&mut reader, last + 1).await);
        afterwards += usize::from(killer.is_finished());
    }
    for (message, n) in seen.iter().zip(1..) {
        assert_eq!(message.payload, payload(n), "at {}", message.sequence);
    }
    assert!(reader.reopened() > 0 && conn.losses() > 0);
    drop(killer.join().expect("the killer"));
}

#[tokio::test]
async fn an_append_into_a_stopped_server_is_ambiguous_until_it_is_read() {
    let (server, conn, org) = ready().await;
    fill(&conn, 1, 1).await;
    let mut reader = Reader::open(&conn, &org, 2).await.expect("a reader");
    server.pause();
    let stopped = append(&conn, expecting(1, fact("p-1", "assessment.pain", "2"))).await;
    server.resume();
    assert!(matches!(stopped, Ok(Appended::Ambiguous)), "{stopped:?}");
    // It was in the server's socket all the time.
    assert_eq!(sequences(&read_to(&mut reader, 2).await), [2]);
    let again = append(&conn, expecting(1, fact("p-1", "alert.raised", "3")))
        .await
        .expect("an answer");
    assert_eq!(again, Appended::Conflict);
}

#[tokio::test]
async fn a_log_made_anew_is_found_out() {
    let (server, conn, org) = ready().await;
    fill(&conn, 1, 10).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let read = read_to(&mut reader, 10).await;
    let print = fingerprint::take(&conn, &org, 10)
        .await
        .expect("an answer")
        .expect("a message");
    assert_eq!(
        print,
        Fingerprint::of(reader.created(), &read[9]),
        "read and looked up alike"
    );
    let text = serde_json::to_string(&print).expect("json");
    assert_eq!(serde_json::from_str::<Fingerprint>(&text).expect("json"), print);
    assert_eq!(
        fingerprint::matches(&conn, &org, &print)
            .await
            .expect("an answer"),
        Fit::Fits
    );
    let beginning = fingerprint::take(&conn, &org, 0)
        .await
        .expect("an answer")
        .expect("always there");
    assert_eq!(
        fingerprint::matches(&conn, &org, &beginning)
            .await
            .expect("an answer"),
        Fit::Fits
    );

    administer(&server, "$JS.API.STREAM.DELETE.CARE_ACME", "").await;
    let gone = tokio::time::timeout(Duration::from_secs(60), reader.next_batch(10)).await;
    assert!(matches!(gone, Ok(Err(BusError::MissingOrg(_)))), "{gone:?}");
    add_org(&conn, &org, 1).await.expect("added again");
    fill_anew(&conn, 12).await;
    let changed = tokio::time::timeout(Duration::from_secs(60), reader.next_batch(10)).await;
    assert!(
        matches!(changed, Ok(Err(BusError::LogChanged { .. }))),
        "{changed:?}"
    );
    for print in [print, beginning] {
        assert_eq!(
            fingerprint::matches(&conn, &org, &print)
                .await
                .expect("an answer"),
            Fit::Recreated
        );
    }
}

async fn fill_anew(conn: &Connection, to: u64) {
    for n in 1..=to {
        store(conn, fact("p-9", "assessment.pain", &format!("anew-{n}"))).await;
    }
}

#[tokio::test]
async fn a_log_restored_from_a_backup_is_found_out() {
    let (mut server, conn, org) = ready().await;
    fill(&conn, 1, 5).await;
    let print = fingerprint::take(&conn, &org, 5)
        .await
        .expect("an answer")
        .expect("a message");
    let backup = server.dir().with_extension("backup");
    copy(server.dir(), &backup);
    fill(&conn, 6, 8).await;
    let later = fingerprint::take(&conn, &org, 8)
        .await
        .expect("an answer")
        .expect("a message");
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    read_to(&mut reader, 8).await;

    server.kill9();
    std::fs::remove_dir_all(server.dir().join("jetstream")).expect("the store removed");
    copy(&backup.join("jetstream"), &server.dir().join("jetstream"));
    std::fs::remove_dir_all(&backup).expect("tidied up");
    server.restart();
    let shorter = tokio::time::timeout(Duration::from_secs(60), reader.next_batch(10)).await;
    assert!(
        matches!(shorter, Ok(Err(BusError::LogChanged { .. }))),
        "{shorter:?}"
    );
    let conn = connect(&server).await;
    assert_eq!(
        fingerprint::matches(&conn, &org, &print)
            .await
            .expect("an answer"),
        Fit::Fits
    );
    assert_eq!(
        fingerprint::matches(&conn, &org, &later)
            .await
            .expect("an answer"),
        Fit::LogIsShorter
    );
    assert!(matches!(
        Reader::open(&conn, &org, 9).await,
        Err(BusError::LogChanged { .. })
    ));
    fill_anew(&conn, 4).await;
    assert_eq!(
        fingerprint::matches(&conn, &org, &later)
            .await
            .expect("an answer"),
        Fit::Differs
    );
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("a directory").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

#[tokio::test]
async fn quarantine_holds_a_message_once_and_whole() {
    let (_server, conn, org) = ready().await;
    let bytes: Vec<u8> = (0..=255).collect();
    store(
        &conn,
        Append {
            payload: bytes.clone().into(),
            ..fact("p-1", "session.booked", "1")
        },
    )
    .await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let message = read_to(&mut reader, 1).await.remove(0);

    let detail = "data.start: expected\nRFC 3339";
    assert!(
        quarantine::put(&conn, &org, "invalid-field", detail, &message)
            .await
            .expect("put")
    );
    assert!(
        !quarantine::put(&conn, &org, "invalid-field", detail, &message)
            .await
            .expect("put again")
    );
    let entries = quarantine::list(&conn, &org, 0, 10).await.expect("a list");
    let [entry] = &entries[..] else {
        panic!("{entries:?}")
    };
    assert_eq!(
        (entry.reason.as_str(), entry.source_sequence),
        ("invalid-field", 1)
    );
    assert_eq!(entry.detail, "data.start: expected RFC 3339");
    assert_eq!(
        (&entry.payload[..], &entry.source_subject),
        (&bytes[..], &message.subject)
    );
    assert_eq!(entry.headers, message.headers);
    let got = quarantine::get_entry(&conn, &org, entry.sequence)
        .await
        .expect("an answer");
    assert_eq!(got.as_ref(), Some(entry));

    assert!(
        quarantine::discard(&conn, &org, entry.sequence)
            .await
            .expect("discarded")
    );
    assert!(
        !quarantine::discard(&conn, &org, entry.sequence)
            .await
            .expect("was already")
    );
    assert_eq!(quarantine::list(&conn, &org, 0, 10).await.expect("a list"), []);
    assert_eq!(
        quarantine::get_entry(&conn, &org, entry.sequence)
            .await
            .expect("an answer"),
        None
    );
    let refolded = quarantine::put(&conn, &org, "invalid-field", detail, &message)
        .await
        .expect("put");
    assert!(!refolded, "a fold from nothing does not bring it back");
    assert_eq!(quarantine::list(&conn, &org, 0, 10).await.expect("a list"), []);
}

#[tokio::test]
async fn a_retried_message_comes_through_the_log_again() {
    let (_server, conn, org) = ready().await;
    store(&conn, expecting(0, fact("p-1", "session.booked", "1"))).await;
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let message = read_to(&mut reader, 1).await.remove(0);
    quarantine::put(&conn, &org, "unknown-type", "type", &message)
        .await
        .expect("put");
    let entry = quarantine::list(&conn, &org, 0, 1)
        .await
        .expect("a list")
        .remove(0);
    assert_eq!(
        quarantine::retry(&conn, &org, entry.sequence)
            .await
            .expect("retried"),
        Some(2)
    );
    assert_eq!(
        quarantine::retry(&conn, &org, entry.sequence)
            .await
            .expect("settled"),
        None
    );
    let again = read_to(&mut reader, 2).await.remove(0);
    assert_eq!(
        (&again.subject, &again.payload),
        (&message.subject, &message.payload)
    );
    assert_eq!(again.header("content-type"), message.header("content-type"));
    assert_eq!(quarantine::list(&conn, &org, 0, 10).await.expect("a list"), []);
}

#[tokio::test]
async fn the_largest_and_strangest_message_fits_into_quarantine() {
    let (server, conn, org) = ready().await;
    let mut headers = b"NATS/1.0\r\n".to_vec();
    while headers.len() < 60_000 {
        headers.extend(b"a:\x01\x01\x01\x01\x01\x01\x01\x01\r\n");
    }
    headers.extend(b"\r\n");
    let answer = raw(&server, "care.acme.patient.p-1.x.y", &headers, &[0; 5000]).await;
    assert!(answer.contains("\"seq\""), "{answer}");
    let mut reader = Reader::open(&conn, &org, 1).await.expect("a reader");
    let message = read_to(&mut reader, 1).await.remove(0);
    assert!(
        quarantine::put(&conn, &org, "not-json", &"x".repeat(9999), &message)
            .await
            .expect("put")
    );
    let entry = quarantine::list(&conn, &org, 0, 1)
        .await
        .expect("a list")
        .remove(0);
    assert_eq!((entry.headers, entry.payload), (message.headers, message.payload));
}

#[tokio::test]
async fn one_node_works_and_another_takes_over_when_it_is_silent() {
    let (_server, conn, org) = ready().await;
    let ttl = Duration::from_millis(500);
    let candidate = async |node: &str| {
        Candidate::open(&conn, &org, "scheduler", node, ttl)
            .await
            .expect("a candidate")
    };
    let (mut one, mut two) = (candidate("one").await, candidate("two").await);
    let mut held = one.acquire().await.expect("an answer").expect("free");
    assert!(two.acquire().await.expect("an answer").is_none());
    assert_eq!(two.holder().await.expect("an answer").as_deref(), Some("one"));
    // Renewed as it should be, it outlives its time to live many times over.
    for _ in 0..20 {
        tokio::time::sleep(ttl / 10).await;
        assert!(held.renew().await.expect("an answer"));
        assert!(two.acquire().await.expect("an answer").is_none());
    }
    // Silent now.
    let mut taken = None;
    for _ in 0..500 {
        taken = two.acquire().await.expect("an answer");
        if taken.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let taken = taken.expect("taken over");
    assert!(!held.holds(), "it knew before the other took it");
    assert!(!held.renew().await.expect("an answer"));
    // Given back, it is free at once.
    taken.release().await;
    let again = one.acquire().await.expect("an answer");
    assert!(again.is_some());
    // Restarted under the same name, a node need not wait for itself.
    assert!(
        candidate("one")
            .await
            .acquire()
            .await
            .expect("an answer")
            .is_some()
    );
    assert!(
        candidate("two")
            .await
            .acquire()
            .await
            .expect("an answer")
            .is_none()
    );
}

#[tokio::test]
async fn a_lease_is_per_organisation_and_worker() {
    let (_server, conn, org) = ready().await;
    let other = OrgId::new("other").expect("an organisation");
    for (org, worker) in [(&org, "scheduler"), (&org, "mailer"), (&other, "scheduler")] {
        let candidate = Candidate::open(&conn, org, worker, worker, bus::lease::TTL).await;
        let lease = candidate
            .expect("a candidate")
            .acquire()
            .await
            .expect("an answer");
        assert!(lease.is_some_and(|lease| lease.holds()), "{org} {worker}");
    }
}

#[tokio::test]
async fn the_clinic_feed_says_everything_once() {
    let (_server, conn, org) = ready().await;
    let clinic = ClinicId::new("eastside-pt").expect("a clinic");
    let say = async |session: &str, text: &'static str, revision: u64| {
        let session = SessionId::new(session).expect("a session");
        let fed = publish_feed(&conn, &org, &clinic, &session, text.into(), revision).await;
        fed.expect("an answer")
    };
    assert_eq!(say("s-1", "booked", 1).await, Fed::Published { sequence: 1 });
    assert_eq!(say("s-1", "booked", 1).await, Fed::Unchanged);
    assert_eq!(say("s-2", "booked", 1).await, Fed::Published { sequence: 2 });
    assert_eq!(say("s-1", "moved", 2).await, Fed::Published { sequence: 3 });
    assert_eq!(say("s-1", "booked", 1).await, Fed::Superseded);
    assert_eq!(say("s-1", "moved", 2).await, Fed::Unchanged);
}

#[tokio::test]
async fn an_export_ends_where_the_log_ended() {
    let (server, conn, org) = ready().await;
    let all = async |from, to| {
        let mut seen = Vec::new();
        let each = |message: Received| {
            seen.push(message.sequence);
            Ok::<(), BusError>(())
        };
        let count = export::export(&conn, &org, from, to, each)
            .await
            .expect("exported");
        assert_eq!(count, seen.len() as u64);
        seen
    };
    assert!(all(1, None).await.is_empty());
    fill(&conn, 1, 20).await;
    assert_eq!(all(0, None).await, (1..=20).collect::<Vec<_>>());
    assert_eq!(all(5, Some(7)).await, [5, 6, 7]);
    administer(&server, "$JS.API.STREAM.MSG.DELETE.CARE_ACME", r#"{"seq":20}"#).await;
    assert_eq!(all(18, None).await, [18, 19], "the last one was erased");
    let purge = r#"{"filter":"care.acme.patient.p-1.>"}"#;
    administer(&server, "$JS.API.STREAM.PURGE.CARE_ACME", purge).await;
    assert!(all(1, None).await.is_empty());
}

#[tokio::test]
async fn a_link_drained_is_closed_and_says_so() {
    let (_server, conn, org) = ready().await;
    let other = conn.clone();
    conn.drain().await;
    let mut closed = false;
    for _ in 0..500 {
        closed = matches!(
            append(&other, fact("p-1", "x.y", "1")).await,
            Err(_) | Ok(Appended::Ambiguous)
        );
        if closed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(closed);
    assert!(head(&other, &org).await.is_err());
}
