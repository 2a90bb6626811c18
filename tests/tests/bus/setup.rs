//! Making the places of an organisation, and servers that will not do.

use super::*;

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
