//! The link itself: encrypted or not at all, and a missing permission told from a lost answer.

use super::*;

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
