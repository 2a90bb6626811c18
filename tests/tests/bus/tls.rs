//! TLS and credentials as an operator has them: an authority of one's own, and a `.creds` file of an operator's server.

use bus::Auth;
use bus::permissions::{Permission, table};
use nkeys::KeyPair;
use serde_json::json;

use super::*;

/// An authority, which signs certificates for servers.
struct Authority {
    pem: String,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = rcgen::CertificateParams::new(Vec::<String>::new()).expect("parameters");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self {
            pem,
            issuer: rcgen::Issuer::new(params, key),
        }
    }

    /// A server with a certificate for `host`, good until the year `until`.
    fn server(&self, host: &str, until: i32) -> NatsServer {
        let mut params = rcgen::CertificateParams::new(vec![host.to_owned()]).expect("parameters");
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = rcgen::KeyPair::generate().expect("a key");
        let cert = params.signed_by(&key, &self.issuer).expect("a certificate");
        let dir = tempfile::tempdir().expect("a directory").keep();
        let (cert_file, key_file) = (dir.join("cert.pem"), dir.join("key.pem"));
        std::fs::write(&cert_file, cert.pem()).expect("a file");
        std::fs::write(&key_file, key.serialize_pem()).expect("a file");
        let tls = format!("tls {{\n  cert_file: {cert_file:?}\n  key_file: {key_file:?}\n}}");
        let server = NatsServer::start_with(&tls);
        std::fs::remove_dir_all(dir).ok();
        server
    }
}

async fn trusting(authority: &str, url: &str) -> Result<Connection, BusError> {
    let dir = tempfile::tempdir().expect("a directory");
    let root = dir.path().join("ca.pem");
    std::fs::write(&root, authority).expect("a file");
    let settings = Settings {
        tls_root: Some(root),
        ..Settings::new(url, "test")
    };
    Connection::open(&settings).await
}

#[tokio::test]
async fn a_server_is_believed_for_its_own_name_by_its_own_authority_and_in_time() {
    let ours = Authority::new();
    let server = ours.server("127.0.0.1", 2100);
    trusting(&ours.pem, &server.url()).await.expect("let in");
    let other = Authority::new();
    let refused = trusting(&other.pem, &server.url()).await;
    assert!(matches!(refused, Err(BusError::Unreachable(_))), "{refused:?}");
    let nothing = trusting("", &server.url()).await;
    assert!(nothing.is_err(), "an empty file is trust in nobody");
    for (what, server) in [
        ("another name", ours.server("nats.example", 2100)),
        ("another address", ours.server("127.0.0.2", 2100)),
        ("out of date", ours.server("127.0.0.1", 2021)),
    ] {
        let refused = trusting(&ours.pem, &server.url()).await;
        assert!(
            matches!(refused, Err(BusError::Unreachable(_))),
            "{what}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn an_address_that_asks_for_tls_gets_it_or_nothing() {
    let plain = NatsServer::start();
    let asking = Settings::new(plain.url().replace("nats://", "tls://"), "test");
    assert!(
        Connection::open(&asking).await.is_err(),
        "no fallback to plain text"
    );
}

/// `<header>.<claims>.<signature>`, as nsc writes it.
fn token(claims: &serde_json::Value, signer: &KeyPair) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let body = format!(
        "{}.{}",
        part(&json!({"typ": "JWT", "alg": "ed25519-nkey"})),
        part(claims)
    );
    let signature = signer.sign(body.as_bytes()).expect("signed");
    format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// An operator with one account, and the `.creds` of a user with the rights of a row of the table.
fn operator(row: &Permission) -> (String, String) {
    let (operator, user) = (KeyPair::new_operator(), KeyPair::new_user());
    let (account, system) = (KeyPair::new_account(), KeyPair::new_account());
    let claims = |issuer: &KeyPair, subject: &KeyPair, name: &str, nats: serde_json::Value| {
        let claims = json!({"jti": name, "iat": 1_700_000_000, "iss": issuer.public_key(), "sub": subject.public_key(), "name": name, "nats": nats});
        token(&claims, issuer)
    };
    let ours = claims(
        &operator,
        &operator,
        "operator",
        json!({"type": "operator", "version": 2}),
    );
    let limits = json!({"subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1});
    let mut stored = limits.clone();
    for limit in ["mem_storage", "disk_storage", "streams", "consumer"] {
        stored[limit] = (-1).into();
    }
    let hold = |keys: &KeyPair, name: &str, limits: serde_json::Value| {
        claims(
            &operator,
            keys,
            name,
            json!({"limits": limits, "type": "account", "version": 2}),
        )
    };
    let (held, above) = (hold(&account, &row.account, stored), hold(&system, "SYS", limits));
    let rights = json!({"pub": {"allow": row.publish}, "sub": {"allow": row.subscribe}, "subs": -1, "data": -1, "payload": -1, "type": "user", "version": 2});
    let worn = claims(&account, &user, &row.user, rights);
    let (account, system) = (account.public_key(), system.public_key());
    let config = format!(
        "operator: {ours}\nsystem_account: {system}\nresolver: MEMORY\nresolver_preload: {{\n  {account}: {held}\n  {system}: {above}\n}}\n"
    );
    let seed = user.seed().expect("a seed");
    let creds = format!(
        "-----BEGIN NATS USER JWT-----\n{worn}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    );
    (config, creds)
}

#[tokio::test]
async fn a_creds_file_of_an_operators_server_lets_in_and_no_further() {
    let rows = table(&acme(), &[]);
    let (config, creds) = operator(&rows[0]);
    let server = NatsServer::start_with(&config);
    let file = server.dir().join("administrator.creds");
    std::fs::write(&file, &creds).expect("written");
    let settings = Settings {
        auth: Auth::Creds(file.clone()),
        inbox_prefix: Some(rows[0].inbox()),
        timeout: Duration::from_secs(3),
        ..Settings::new(server.url(), "test")
    };
    let conn = Connection::open(&settings).await.expect("let in");
    add_org(&conn, &acme(), 1).await.expect("acme added");
    let elsewhere = Append {
        subject: "care.other.patient.p-1.plan.held".to_owned(),
        ..fact("p-1", "plan.held", "e-1")
    };
    let refused = append(&conn, elsewhere).await;
    assert!(matches!(refused, Err(BusError::Refused { .. })), "{refused:?}");
    // Another operator's word is nobody's.
    let (_, others) = operator(&rows[0]);
    std::fs::write(&file, others).expect("written");
    let refused = Connection::open(&settings).await;
    assert!(matches!(refused, Err(BusError::Refused { .. })), "{refused:?}");
    std::fs::write(&file, "no creds").expect("written");
    let broken = Connection::open(&settings)
        .await
        .expect_err("no creds")
        .to_string();
    assert!(
        broken.contains("administrator.creds") && !broken.contains("no creds"),
        "{broken}"
    );
}
