//! A stolen key against a real server: the ways around a permission, each tried, and one shown to work where it may.

use bus::permissions::{CLINIC_API, Permission, table};
use serde_json::{Value, json};
use tests::wire::{Heard, Wire};

use super::permissions::{as_user, guarded};
use super::*;

/// A server with its users, organisation acme on it, a fact, a lease, and a schedule of each clinic.
struct Acme {
    server: NatsServer,
    rows: Vec<Permission>,
    administrator: Wire,
}

const STREAMS: [&str; 4] = ["CARE_ACME", "CLINIC_ACME", "QUARANTINE_ACME", "KV_carebus_leases"];
const WEST: &str = "clinic.acme.west.session.s-2";
const LEASE: &str = "$KV.carebus_leases.acme.scheduler";

impl Acme {
    async fn open() -> Self {
        let clinics = ["east", "west"].map(|c| ClinicId::new(c).expect("a clinic"));
        let rows = table(&acme(), &clinics);
        let server = guarded(&rows);
        let password = server.dir().join("password");
        std::fs::write(&password, "administrator\nadministrator\n").expect("written");
        let settings = Settings {
            auth: bus::Auth::UserPassword(password),
            inbox_prefix: Some("_INBOX_administrator".to_owned()),
            ..Settings::new(server.url(), "test")
        };
        let conn = Connection::open(&settings).await.expect("the administrator");
        add_org(&conn, &acme(), 1).await.expect("acme added");
        let mut administrator = as_user(&server, &rows[0]);
        for (subject, body) in [
            ("care.acme.patient.p-1.session.booked", "{}"),
            ("clinic.acme.east.session.s-1", r#"{"of":"east"}"#),
            (WEST, r#"{"of":"west"}"#),
            ("quarantine.acme.not-json.1.ab", "[]\nx"),
            (LEASE, "n-1"),
        ] {
            let stored = administrator.ask(subject, &[], body).expect("allowed").json();
            assert!(stored["seq"].is_u64(), "{subject}: {stored}");
        }
        Self {
            server,
            rows,
            administrator,
        }
    }

    fn wire(&self, user: &str) -> Wire {
        as_user(&self.server, self.row(user))
    }

    fn row(&self, user: &str) -> &Permission {
        self.rows.iter().find(|row| row.user == user).expect("a user")
    }

    /// Everything in every stream.
    fn contents(&mut self) -> Vec<(&'static str, Vec<Heard>)> {
        STREAMS
            .map(|stream| (stream, self.administrator.stream(stream)))
            .into()
    }

    /// The consumer `east` as the administrator sees it, and then no more.
    fn consumer(&mut self) -> Value {
        let info = self
            .administrator
            .ask("$JS.API.CONSUMER.INFO.CLINIC_ACME.east", &[], "");
        let info = info.expect("allowed").json();
        self.administrator
            .ask("$JS.API.CONSUMER.DELETE.CLINIC_ACME.east", &[], "")
            .expect("allowed");
        info
    }
}

/// Something of the kind that a pattern of the table allows.
fn example(pattern: &str) -> String {
    let tail = if pattern.starts_with("$JS.ACK") {
        "1.1.1.1.0"
    } else {
        "x-1"
    };
    pattern.replace('*', "x-1").replace('>', tail)
}

/// Where an answer would do harm.
fn harmful() -> Vec<String> {
    let mut all: Vec<String> = STREAMS
        .iter()
        .flat_map(|stream| ["DELETE", "PURGE"].map(|order| format!("$JS.API.STREAM.{order}.{stream}")))
        .collect();
    all.extend(
        [
            LEASE,
            WEST,
            "care.acme.patient.p-9.alert.raised",
            "quarantine.acme.not-json.1.ab",
            "_INBOX_node.x.1",
        ]
        .map(str::to_owned),
    );
    all
}

/// Asks everything a credential may ask, with the answers to where they would do harm.
fn misdirect(wire: &mut Wire, row: &Permission) {
    for subject in row.publish.iter().map(|pattern| example(pattern)) {
        for target in harmful() {
            for body in ["", "{}", r#"{"batch":1,"no_wait":true}"#] {
                wire.say(&subject, &target, &[], body.as_bytes());
            }
        }
    }
    assert_eq!(
        wire.flush(),
        Vec::<String>::new(),
        "{}: all of it is allowed",
        row.user
    );
}

#[tokio::test]
async fn an_answer_that_is_sent_where_it_does_harm_does_none_from_a_clinics_account() {
    let mut acme = Acme::open().await;
    let before = acme.contents();
    let mut east = acme.wire("clinic-east");
    misdirect(&mut east, acme.row("clinic-east"));
    // What was asked last is answered last.
    for subject in [
        "care.acme.patient.p-2.plan.held",
        "care.acme.patient.p-2.session.missed",
    ] {
        assert!(east.ask(subject, &[], "{}").expect("allowed").json()["seq"].is_u64());
    }
    for ((stream, before), (_, after)) in before.into_iter().zip(acme.contents()) {
        if stream == "CARE_ACME" {
            let grown: Vec<&Heard> = after
                .iter()
                .filter(|m| m.subject.contains(".alert.raised"))
                .collect();
            assert!(grown.is_empty(), "{grown:?}");
            assert_eq!(after[..before.len()], before[..], "nothing is gone");
        } else {
            assert_eq!(after, before, "{stream}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_sent_where_it_does_harm_destroys_nothing_whoever_asks() {
    let mut acme = Acme::open().await;
    let staff = acme.rows[1..]
        .iter()
        .filter(|row| row.account == acme.rows[0].account);
    let names: Vec<String> = staff.map(|row| row.user.clone()).collect();
    for user in names {
        // Who may publish on a subject may change what stands there; erasing is another matter.
        let before = acme.administrator.stream("CARE_ACME");
        let mut wire = acme.wire(&user);
        misdirect(&mut wire, acme.row(&user));
        let question = r#"{"seq":1}"#;
        wire.ask("$JS.API.STREAM.MSG.GET.CARE_ACME", &[], question).ok();
        for (stream, now) in acme.contents() {
            assert!(!now.is_empty(), "{user} emptied {stream}");
        }
        let after = acme.administrator.stream("CARE_ACME");
        assert_eq!(after[..before.len()], before[..], "{user}");
    }
    // And this is how it is done, by one who may, so that we know what we were looking for.
    acme.administrator.say(
        "$JS.API.DIRECT.GET.CLINIC_ACME.clinic.acme.east.session.none",
        "$JS.API.STREAM.DELETE.CARE_ACME",
        &[],
        b"",
    );
    for _ in 0..600 {
        let info = acme.administrator.ask("$JS.API.STREAM.INFO.CARE_ACME", &[], "");
        if info.expect("allowed").json()["error"]["err_code"] == 10059 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the server judges answers by now: the clinics may live in the account of the streams again");
}

#[tokio::test]
async fn a_clinic_reads_its_own_schedule_by_every_way_and_no_other_by_any() {
    let mut acme = Acme::open().await;
    let mut east = acme.wire("clinic-east");
    let create = format!("{CLINIC_API}.CONSUMER.CREATE.CLINIC_ACME.east.clinic.acme.east.>");
    let plain = json!({"name": "east", "ack_policy": "explicit", "filter_subject": "clinic.acme.east.>", "deliver_policy": "all"});
    let tricks: [(&str, Value); 7] = [
        ("filter_subjects", json!(["clinic.acme.west.>"])),
        ("filter_subject", json!("clinic.acme.west.>")),
        ("filter_subject", json!("clinic.acme.>")),
        ("filter_subject", json!(">")),
        ("filter_subject", Value::Null),
        ("name", json!("west")),
        ("durable_name", json!("west")),
    ];
    for (field, value) in tricks {
        for drop_filter in [false, true] {
            let mut config = plain.clone();
            if drop_filter {
                config["filter_subject"] = Value::Null;
            }
            config[field] = value.clone();
            let body = json!({"stream_name": "CLINIC_ACME", "config": config}).to_string();
            let answer = east.ask(&create, &[], &body).expect("may be asked").json();
            // The name in the subject counts, whatever the body says; the filter must be the same in both.
            let own = answer["name"] == "east" && answer["config"]["filter_subject"] == "clinic.acme.east.>";
            assert!(answer["error"].is_object() || own, "{field} = {value}: {answer}");
            acme.consumer();
        }
    }
    // Another stream's name in the body.
    let body = json!({"stream_name": "CARE_ACME", "config": plain}).to_string();
    assert!(east.ask(&create, &[], &body).expect("may be asked").json()["error"].is_object());

    let body = json!({"stream_name": "CLINIC_ACME", "config": plain}).to_string();
    let made = east.ask(&create, &[], &body).expect("allowed").json();
    assert_eq!(made["config"]["filter_subject"], "clinic.acme.east.>", "{made}");
    let next = format!("{CLINIC_API}.CONSUMER.MSG.NEXT.CLINIC_ACME.east");
    let first = east
        .ask(&next, &[], r#"{"batch":1,"expires":5000000000}"#)
        .expect("allowed");
    assert_eq!(
        (first.subject.as_str(), first.json()["of"].as_str()),
        ("clinic.acme.east.session.s-1", Some("east"))
    );
    east.say(&first.reply, "", &[], b"+ACK");
    assert!(east.flush().is_empty());
    // It stays, and hears what changes.
    acme.administrator
        .ask("clinic.acme.east.session.s-3", &[], r#"{"of":"east","new":1}"#)
        .expect("stored");
    acme.administrator
        .ask(WEST, &[], r#"{"of":"west","new":1}"#)
        .expect("stored");
    let second = east
        .ask(&next, &[], r#"{"batch":1,"expires":5000000000}"#)
        .expect("allowed");
    assert_eq!(second.json()["new"], 1, "{second:?}");
    let empty = east
        .ask(&next, &[], r#"{"batch":1,"no_wait":true}"#)
        .expect("allowed");
    assert!(empty.head.contains("404"), "{empty:?}");
    assert_eq!(
        acme.consumer()["ack_floor"]["stream_seq"],
        1,
        "its own word was taken"
    );

    let direct = |subject: &str| format!("{CLINIC_API}.DIRECT.GET.CLINIC_ACME.{subject}");
    let own = east.ask(&direct("clinic.acme.east.>"), &[], "").expect("allowed");
    assert_eq!(own.json()["of"], "east");
    for body in [
        r#"{"last_by_subj":"clinic.acme.west.session.s-2"}"#,
        r#"{"multi_last":["clinic.acme.>"]}"#,
        r#"{"seq":1,"next_by_subj":">","batch":9}"#,
    ] {
        let answer = east
            .ask(&direct("clinic.acme.east.session.s-1"), &[], body)
            .expect("allowed");
        assert!(
            !String::from_utf8_lossy(&answer.body).contains("west"),
            "{answer:?}"
        );
    }
    for subject in [
        "clinic.acme.*.session.s-2",
        "clinic.acme.>",
        ">",
        "clinic.acme.west.session.s-2",
    ] {
        assert!(east.ask(&direct(subject), &[], "").is_err(), "{subject}");
    }
}

#[tokio::test]
async fn a_schedule_that_is_pushed_to_a_forbidden_subject_does_not_arrive() {
    let mut acme = Acme::open().await;
    let mut east = acme.wire("clinic-east");
    let create = format!("{CLINIC_API}.CONSUMER.CREATE.CLINIC_ACME.east.clinic.acme.east.>");
    let before = acme.contents();
    for target in harmful() {
        let config = json!({"name": "east", "ack_policy": "none", "filter_subject": "clinic.acme.east.>", "deliver_subject": target, "headers_only": true});
        let body = json!({"stream_name": "CLINIC_ACME", "config": config}).to_string();
        let answer = east.ask(&create, &[], &body).expect("may be asked").json();
        // Nobody listens there, and the server pushes only to where somebody does; or it sees the circle.
        let refused = answer["error"].is_object();
        let info = acme.consumer();
        assert!(
            refused || info["delivered"]["consumer_seq"] == 0,
            "{target}: {info}"
        );
    }
    assert_eq!(acme.contents(), before);
}

#[tokio::test]
async fn headers_that_erase_expire_or_redirect_are_refused_by_every_stream() {
    let mut acme = Acme::open().await;
    let before = acme.contents();
    let subjects = [
        "care.acme.patient.p-1.session.booked",
        WEST,
        "quarantine.acme.not-json.1.ab",
        LEASE,
    ];
    for (name, value) in [
        ("Nats-Rollup", "all"),
        ("Nats-Rollup", "sub"),
        ("Nats-TTL", "1s"),
        ("Nats-Schedule", "@at 2030-01-01T00:00:00Z"),
        ("Nats-Incr", "1"),
        ("Nats-Expected-Stream", "OTHER"),
    ] {
        for subject in subjects {
            let target = ("Nats-Schedule-Target", "care.acme.patient.p-9.alert.raised");
            let headers = if name == "Nats-Schedule" {
                vec![(name, value), target]
            } else {
                vec![(name, value)]
            };
            let answer = acme
                .administrator
                .ask(subject, &headers, "x")
                .expect("may be asked")
                .json();
            assert!(answer["error"].is_object(), "{name} on {subject}: {answer}");
        }
    }
    assert_eq!(acme.contents(), before);
}

#[tokio::test]
async fn a_message_id_that_somebody_else_used_keeps_nothing_of_ours_out() {
    let mut acme = Acme::open().await;
    let mut east = acme.wire("clinic-east");
    let id = "urn:carebus:acme:triggers/8c1f";
    let squatted = east
        .ask("care.acme.patient.p-5.plan.held", &[("Nats-Msg-Id", id)], "{}")
        .expect("allowed");
    let taken = squatted.json()["seq"].as_u64().expect("stored");

    let seed = acme.server.dir().join("node");
    std::fs::write(&seed, "node\nnode\n").expect("written");
    let settings = Settings {
        auth: bus::Auth::UserPassword(seed),
        inbox_prefix: Some("_INBOX_node".to_owned()),
        ..Settings::new(acme.server.url(), "test")
    };
    let node = Connection::open(&settings).await.expect("the node");
    let raised = Append {
        message_id: id.to_owned(),
        ..fact("p-1", "alert.raised", "8c1f")
    };
    let first = append(&node, expecting(1, raised.clone()))
        .await
        .expect("appended");
    assert_eq!(
        first,
        Appended::Stored {
            sequence: taken + 1,
            duplicate: false
        }
    );
    // Said again it is there already: the condition says so.
    assert_eq!(
        append(&node, expecting(1, raised)).await.expect("answered"),
        Appended::Conflict
    );
    assert_eq!(acme.administrator.stream("CARE_ACME").len(), 3);
}
