//! The permission table on a real server: every forbidden operation tried with every credential, and the allowed ones done.

use std::collections::BTreeMap;

use bus::Auth;
use bus::permissions::{Holder, Permission, new_key, server_config, table};
use bus::roster::{Place, SEVERAL};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::*;

/// The operations, and the holders that may do each; everybody else is refused.
const OPERATIONS: [(&str, &[&str]); 45] = [
    // Facts of the world.
    (
        "care.acme.patient.p-1.session.booked",
        &["node", "scheduler", "clinic-east", "clinic-west"],
    ),
    (
        "care.acme.patient.p-1.plan.activated",
        &["node", "clinic-east", "clinic-west"],
    ),
    (
        "care.acme.patient.p-1.assessment.pain",
        &["node", "clinic-east", "clinic-west"],
    ),
    (
        "care.acme.practitioner.acu-1.calendar.published",
        &["node", "clinic-east", "clinic-west"],
    ),
    (
        "care.acme.patient.p-1.alert.acknowledged",
        &["node", "triggers", "clinic-east", "clinic-west"],
    ),
    // Facts of carebus.
    ("care.acme.patient.p-1.alert.raised", &["node", "triggers"]),
    ("care.acme.patient.p-1.report.progress", &["node", "triggers"]),
    ("care.acme.patient.p-1.oswestry.scored", &["node", "oswestry"]),
    ("care.acme.patient.p-1.notice.attempted", &["node", "mailer"]),
    ("care.acme.member.m-1.notice.sent", &["node", "mailer"]),
    ("care.acme.member.on-call.log.changed", &["node", "mailer"]),
    ("care.acme.member.m-1.notice.released", &["node", "mailer"]),
    ("care.acme.practitioner.acu-1.alert.raised", &["node", "triggers"]),
    // Somebody else's organisation.
    ("care.other.patient.p-1.session.booked", &[]),
    ("clinic.other.east.session.pt-1", &[]),
    ("quarantine.other.x", &[]),
    // The feeds and the quarantine.
    ("clinic.acme.east.session.pt-1", &["node", "scheduler"]),
    (
        "quarantine.acme.not-json",
        &["node", "scheduler", "oswestry", "triggers", "mailer"],
    ),
    // Leases.
    ("$KV.carebus_leases.acme.scheduler", &["node", "scheduler"]),
    ("$KV.carebus_leases.acme.mailer", &["node", "mailer"]),
    ("$KV.carebus_leases.other.mailer", &[]),
    // What a node says of itself: lines of its own role, and nobody else's.
    ("$KV.carebus_leases.acme.status.node.n-1", &["node"]),
    (
        "$KV.carebus_leases.acme.status.scheduler.n-1",
        &["node", "scheduler"],
    ),
    ("$KV.carebus_leases.acme.status.mailer.n-1", &["node", "mailer"]),
    ("$KV.carebus_leases.acme.status.n-1", &[]),
    ("$KV.carebus_leases.acme.status.node.n-1.x", &[]),
    ("$KV.carebus_leases.other.status.node.n-1", &[]),
    // Reading.
    ("$JS.API.STREAM.MSG.GET.CARE_ACME", READERS),
    ("$JS.API.CONSUMER.CREATE.CARE_ACME.x", READERS),
    ("$JS.API.DIRECT.GET.QUARANTINE_ACME", READERS),
    ("$JS.API.CONSUMER.CREATE.CLINIC_ACME.x", READERS),
    (
        "$JS.API.CONSUMER.CREATE.CLINIC_ACME.east.clinic.acme.east.>",
        &[
            "viewer",
            "node",
            "scheduler",
            "oswestry",
            "triggers",
            "mailer",
            "clinic-east",
        ],
    ),
    (
        "$JS.API.CONSUMER.MSG.NEXT.CLINIC_ACME.east",
        &[
            "viewer",
            "node",
            "scheduler",
            "oswestry",
            "triggers",
            "mailer",
            "clinic-east",
        ],
    ),
    (
        "$JS.API.DIRECT.GET.CLINIC_ACME.clinic.acme.east.session.pt-1",
        &[
            "viewer",
            "node",
            "scheduler",
            "oswestry",
            "triggers",
            "mailer",
            "clinic-east",
        ],
    ),
    ("$JS.API.CONSUMER.CREATE.CARE_OTHER.x", &[]),
    // What only the administrator may.
    ("$JS.API.STREAM.CREATE.CARE_ACME", &[]),
    ("$JS.API.STREAM.UPDATE.CARE_ACME", &[]),
    ("$JS.API.STREAM.PURGE.CARE_ACME", &[]),
    ("$JS.API.STREAM.DELETE.CARE_ACME", &[]),
    ("$JS.API.STREAM.MSG.DELETE.CARE_ACME", &[]),
    ("$JS.API.CONSUMER.DELETE.CARE_ACME.x", &[]),
    ("$JS.API.STREAM.SNAPSHOT.CARE_ACME", &[]),
    ("$JS.API.STREAM.RESTORE.CARE_ACME", &[]),
    ("$JS.SNAPSHOT.ACK.CARE_ACME.x", &[]),
    ("care.acme.patient.p-1.patient.erased", &[]),
];

const READERS: &[&str] = &["viewer", "node", "scheduler", "oswestry", "triggers", "mailer"];

/// What may be listened to, and by whom beside the administrator.
const LISTENING: [(&str, &[&str]); 6] = [
    (">", &[]),
    ("care.acme.>", &[]),
    ("clinic.acme.east.>", &["clinic-east"]),
    ("clinic.acme.>", &[]),
    ("_INBOX.>", &[]),
    ("_INBOX_node.>", &["node"]),
];

fn rows() -> Vec<Permission> {
    let clinics = ["east", "west"].map(|c| ClinicId::new(c).expect("a clinic"));
    table(&acme(), &clinics)
}

/// One raw conversation: no library that could think better of it.
async fn refused(server: &NatsServer, user: &str, line: &str) -> bool {
    let stream = TcpStream::connect(("127.0.0.1", server.port()))
        .await
        .expect("a server");
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let hello = format!(
        "CONNECT {{\"verbose\":false,\"pedantic\":false,\"user\":\"{user}\",\"pass\":\"{user}\"}}\r\nPING\r\n{line}PING\r\n"
    );
    write.write_all(hello.as_bytes()).await.expect("said");
    let mut pongs = 0;
    while let Ok(Some(answer)) = lines.next_line().await {
        assert!(!answer.contains("Authorization"), "{user}: {answer}");
        if answer.contains("Permissions Violation") {
            return true;
        }
        pongs += usize::from(answer.starts_with("PONG"));
        if pongs == 2 {
            return false;
        }
    }
    panic!("{user}: the server hung up on {line}")
}

#[tokio::test]
async fn every_forbidden_operation_is_refused_to_every_credential() {
    let rows = rows();
    let identity = |row: &Permission| format!("user: \"{0}\", password: \"{0}\"", row.user);
    let server = NatsServer::start_with(&server_config(&rows, identity));
    for row in rows.iter().filter(|r| r.holder != Holder::Administrator) {
        for (subject, may) in OPERATIONS {
            let is_refused = refused(&server, &row.user, &format!("PUB {subject} 2\r\n{{}}\r\n")).await;
            assert_eq!(
                is_refused,
                !may.contains(&row.user.as_str()),
                "{} → {subject}",
                row.user
            );
        }
        for (subject, may) in LISTENING {
            let is_refused = refused(&server, &row.user, &format!("SUB {subject} 1\r\n")).await;
            assert_eq!(
                is_refused,
                !may.contains(&row.user.as_str()),
                "{} ← {subject}",
                row.user
            );
        }
    }
    assert!(!refused(&server, "administrator", "PUB $JS.API.STREAM.NAMES 2\r\n{}\r\n").await);
    assert!(
        refused(
            &server,
            "administrator",
            "PUB care.other.patient.p-1.session.booked 2\r\n{}\r\n"
        )
        .await
    );
}

#[tokio::test]
async fn each_credential_does_its_work_with_its_key_and_no_more() {
    let rows = rows();
    let keys: BTreeMap<String, (String, String)> = rows
        .iter()
        .map(|row| (row.user.clone(), new_key().expect("a key")))
        .collect();
    let server = NatsServer::start_with(&server_config(&rows, |row| {
        format!("nkey: {}", keys[&row.user].0)
    }));
    let dir = tempfile::tempdir().expect("a directory");
    let open = async |user: &str| {
        let seed = dir.path().join(user);
        std::fs::write(&seed, &keys[user].1).expect("written");
        let settings = Settings {
            auth: Auth::NkeySeed(seed),
            inbox_prefix: Some(format!("_INBOX_{user}")),
            timeout: Duration::from_secs(3),
            ..Settings::new(server.url(), user)
        };
        Connection::open(&settings).await.expect("connected")
    };
    let org = acme();
    let (admin, node) = (open("administrator").await, open("node").await);
    assert!(matches!(
        add_org(&node, &org, 1).await,
        Err(BusError::Refused { .. })
    ));
    add_org(&admin, &org, 1).await.expect("acme added");

    let clinic = open("clinic-east").await;
    let booked = append(&clinic, fact("p-1", "session.booked", "e-1"))
        .await
        .expect("appended");
    assert!(
        matches!(booked, Appended::Stored { sequence: 1, .. }),
        "{booked:?}"
    );
    let forged = append(&clinic, fact("p-1", "alert.raised", "e-2")).await;
    assert!(matches!(forged, Err(BusError::Refused { .. })), "{forged:?}");
    assert!(
        Reader::open(&clinic, &org, 1).await.is_err(),
        "a clinic reads no facts"
    );

    let mut reader = Reader::open(&node, &org, 1).await.expect("the node reads");
    assert_eq!(reader.next_batch(10).await.expect("facts").len(), 1);
    let said = append(&node, expecting(1, fact("p-1", "session.booked", "e-3")))
        .await
        .expect("appended");
    assert!(matches!(said, Appended::Stored { sequence: 2, .. }), "{said:?}");
    let mut candidate = Candidate::open(&node, &org, "scheduler", "n-1", Duration::from_secs(5))
        .await
        .expect("the bucket");
    assert!(
        candidate.acquire().await.expect("an answer").is_some(),
        "the node leads"
    );

    let mailer = open("mailer").await;
    let place = async |conn: &Connection, role: &str| {
        let place = Place::open(conn, &org, role, "n-1").await.expect("a place");
        place.write("here".into()).await
    };
    place(&node, SEVERAL).await.expect("the node says how it is");
    place(&mailer, "mailer").await.expect("and so does the mailer");
    assert!(place(&mailer, SEVERAL).await.is_err(), "in nobody else's name");

    let viewer = open("viewer").await;
    let roster = bus::roster::read(&viewer, &org)
        .await
        .expect("the viewer reads who is there");
    assert_eq!((roster.lines.len(), roster.leases.len()), (2, 1));
    let mut seen = Reader::open(&viewer, &org, 1).await.expect("the viewer reads");
    assert_eq!(seen.next_batch(10).await.expect("facts").len(), 2);
    let meddled = append(&viewer, fact("p-1", "session.booked", "e-4")).await;
    assert!(matches!(meddled, Err(BusError::Refused { .. })), "{meddled:?}");
}
