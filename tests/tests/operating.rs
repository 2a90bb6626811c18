//! Operating the real command: its pages, its metrics, its status, its notices to systemd, under real conditions.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::sync::mpsc;

use node::Clock;
use serde_json::{Value, json};
use tests::clinic::command::UpCommand;
use tests::clinic::facts::{Fact, calendar_of_every_day, plan, red_flag};
use tests::clinic::letters::{python_with, tool};
use tests::clinic::{Clinic, instant};

/// Mail in memory: composed and forgotten.
const MAIL: &str = "[mail]\ntransport = \"memory\"\n";

fn now() -> String {
    Clock::real().now().to_string()
}

fn ready(up: &UpCommand) -> Option<()> {
    (up.page("/readyz")?.0 == 200).then_some(())
}

fn not_ready(up: &UpCommand, why: &str) -> Option<()> {
    let (status, page) = up.page("/readyz")?;
    (status == 503 && page.contains(why)).then_some(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_is_ready_when_it_has_read_the_log_and_while_nats_is_there() {
    let mut clinic = Clinic::open(&now()).await;
    clinic.server.kill9();
    let mut up = UpCommand::start(&clinic, "n-1", MAIL, &[]);
    up.until("not ready without a server", |up| {
        not_ready(up, "acme: loop: opening")
    });
    assert_eq!(up.page("/livez").unwrap().0, 200, "and alive");
    clinic.server.restart();
    up.until("ready with one", ready);

    clinic.server.kill9();
    up.until("not ready when it is gone", |up| {
        not_ready(up, "acme: nats: not connected")
    });
    assert_eq!(up.page("/livez").unwrap().0, 200, "and alive");
    clinic.server.restart();
    up.until("ready again", ready);
    assert_eq!(up.stop(), Some(0), "{}", up.said());
}

/// The metrics as a stranger reads them: value by name and labels.
fn metrics(up: &UpCommand) -> BTreeMap<String, f64> {
    let (status, page) = up.page("/metrics").unwrap();
    assert_eq!(status, 200);
    let mut python = Command::new(python_with("prometheus_client"))
        .arg(tool("check_metrics.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let done = python.wait_with_output().unwrap();
    assert!(done.status.success(), "{page}");
    let families: Value = serde_json::from_slice(&done.stdout).unwrap();
    let samples = families
        .as_object()
        .unwrap()
        .values()
        .flat_map(|family| family["samples"].as_array().unwrap());
    let named = samples.map(|sample| {
        let mut name = sample[0].as_str().unwrap().to_owned();
        for (label, value) in sample[1].as_object().unwrap() {
            if label != "org" && label != "version" {
                name.push_str(&format!(" {}", value.as_str().unwrap()));
            }
        }
        (name, sample[2].as_f64().unwrap())
    });
    named.collect()
}

fn plan_with_names(patient: &str, at: &str) -> Fact {
    let team = json!([
        {"role": "pcp", "member_id": "m-1", "name": "Dr Zanzibarius", "email": "zanzibarius@pcp.example"},
        {"role": "care_coordinator", "member_id": "m-5", "email": "quetzalcoatl@care.example"},
    ]);
    let data = json!({
        "plan_id": "cp-1", "revision": 1, "timezone": "America/Toronto", "started_on": &at[..10],
        "patient": {"name": "Xenophilia Wyverncraft"}, "team": team,
    });
    Fact::new(
        "plan-names",
        "plan.activated",
        &format!("patient/{patient}"),
        at,
        &data,
    )
}

/// What must not leave the process: names, addresses; and beside the log, who it is about.
const NAMES: [&str; 5] = [
    "Zanzibarius",
    "zanzibarius",
    "quetzalcoatl",
    "Xenophilia",
    "Wyverncraft",
];
const PATIENT: &str = "p-canary-77";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_move_with_facts_and_name_nobody_and_mail_that_is_away_is_no_reason_to_stop() {
    let at = now();
    let clinic = Clinic::open(&at).await;
    // Nobody listens on the first port of all.
    let settings = "[mail]\ntransport = \"smtp\"\n[smtp]\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\n\
                    [log]\nlevel = \"debug,async_nats=warn\"\nformat = \"json\"\n";
    let mut up = UpCommand::start(&clinic, "n-1", settings, &[]);
    up.until("ready", ready);
    let before = metrics(&up);
    assert_eq!(before["carebus_facts_total"], 0.0);
    assert_eq!(before["carebus_alerts_open emergency"], 0.0);

    clinic
        .publish([
            calendar_of_every_day("acu-1", &at),
            plan_with_names(PATIENT, &at),
            red_flag(PATIENT, "bladder_change", &at),
        ])
        .await;
    // Another plan under the same identity, and what is no fact.
    let contradiction = plan("p-other", "acu-1", &at)
        .line()
        .replace("plan-p-other", "plan-names");
    let contradiction = contradiction.replace("p-other", PATIENT);
    let subject = format!("care.acme.patient.{PATIENT}.plan.activated");
    clinic
        .send(&subject, "twice", contradiction.as_bytes())
        .await
        .unwrap();
    clinic
        .send(&subject, "bad", b"Xenophilia is no JSON")
        .await
        .unwrap();

    let is_there = |up: &UpCommand, name: &str, least: f64| (metrics(up)[name] >= least).then_some(());
    up.until("the alert", |up| {
        is_there(up, "carebus_alerts_open emergency", 1.0)
    });
    up.until("mail put off", |up| is_there(up, "carebus_notices deferred", 1.0));
    up.until("the quarantine", |up| {
        is_there(up, "carebus_quarantined_total", 1.0)
    });
    let after = up.until("caught up", |_| {
        let found = metrics(&up);
        (found["carebus_log_lag_messages"] == 0.0).then_some(found)
    });
    assert_eq!(after["carebus_contradictions"], 1.0);
    assert_eq!(after["carebus_patients"], 1.0);
    assert!(after["carebus_appends_total stored"] >= 1.0);
    assert!(after["carebus_facts_total"] >= 4.0 + after["carebus_appends_total stored"]);
    assert!(after["carebus_alert_unacknowledged_seconds emergency"] > 0.0);
    assert!(after["carebus_emergency_untold_seconds"] > 0.0);
    assert!(after["carebus_checkpoint_size_bytes"] > 0.0);
    let (status, page) = up.page("/readyz?verbose").unwrap();
    let page: Value = serde_json::from_str(&page).unwrap();
    assert_eq!(
        (status, &page["ready"], &page["degraded"]),
        (200, &true.into(), &true.into()),
        "{page}"
    );

    for path in ["/metrics", "/readyz?verbose", "/readyz", "/livez", "/version"] {
        let (_, text) = up.page(path).unwrap();
        for word in NAMES.iter().chain([&PATIENT, &"m-1", &"acu-1"]) {
            assert!(!text.contains(word), "{path} says {word}: {text}");
        }
    }
    let status = up.run(&["status", "--json"]);
    let status = String::from_utf8(status.stdout).unwrap();
    assert!(!status.contains(PATIENT) && status.contains("n-1"), "{status}");
    assert_eq!(up.stop(), Some(0));
    decisions_have_one_span_each(&up.said());
}

/// The log at debug, as JSON: a line per decision with who decided about whom, and no name anywhere.
fn decisions_have_one_span_each(said: &str) {
    for word in NAMES {
        assert!(!said.contains(word), "the log says {word}");
    }
    let lines = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let decisions: Vec<Value> = lines
        .filter(|line| line["fields"]["message"] == "decision.carried_out")
        .collect();
    assert!(!decisions.is_empty(), "{said}");
    // One that met something newer was made again.
    let taken = |line: &&Value| line["fields"]["complete"] == true;
    let by = |worker: &str| {
        let mut taken = decisions.iter().filter(taken);
        taken.find(|line| line["span"]["worker.name"] == worker)
    };
    let triggers = by("triggers").unwrap_or_else(|| panic!("{decisions:#?}"));
    assert_eq!(triggers["level"], "DEBUG");
    assert_eq!(triggers["span"]["name"], "decision");
    assert_eq!(triggers["span"]["patient.ref"], PATIENT);
    assert!(triggers["span"]["facts"].as_u64().unwrap() >= 1);
    assert!(triggers["fields"]["duration_ms"].as_f64().unwrap() > 0.0);
    assert!(triggers["fields"]["sequence"].as_u64().unwrap() > 0);
    let mailer = by("mailer").unwrap_or_else(|| panic!("{decisions:#?}"));
    assert_eq!(mailer["span"]["delivery.attempt"], 1);
    assert!(
        decisions
            .iter()
            .all(|line| line["spans"].as_array().unwrap().len() == 1)
    );
}

/// Who leads, by worker.
fn leaders(status: &Value) -> Vec<Option<&str>> {
    status["leads"]
        .as_object()
        .unwrap()
        .values()
        .map(Value::as_str)
        .collect()
}

fn line_of<'a>(status: &'a Value, name: &str) -> Option<&'a Value> {
    status["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["name"] == name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_shows_who_leads_and_who_took_over() {
    let at = now();
    let clinic = Clinic::open(&at).await;
    let status = |up: &UpCommand| up.ask(&["status", "--json"]);
    let mut first = UpCommand::start(&clinic, "n-1", MAIL, &[]);
    first.until("the first leads", |up| {
        (leaders(&status(up)) == [Some("n-1"); 4]).then_some(())
    });
    let mut second = UpCommand::start(&clinic, "n-2", MAIL, &[]);
    clinic
        .publish([calendar_of_every_day("acu-1", &at), plan("p-1", "acu-1", &at)])
        .await;
    let both = second.until("two nodes that have read everything", |up| {
        let said = status(up);
        let head = said["head"].as_u64()?;
        let is_there =
            |name: &str| line_of(&said, name).is_some_and(|l| l["position"] == head && l["lag"] == 0);
        (head > 0 && is_there("n-1") && is_there("n-2")).then_some(said)
    });
    assert_eq!(leaders(&both), [Some("n-1"); 4]);
    let (one, two) = (line_of(&both, "n-1").unwrap(), line_of(&both, "n-2").unwrap());
    assert_eq!(one["leads"].as_array().unwrap().len(), 4);
    assert_eq!(two["leads"], json!([]));
    for line in [one, two] {
        assert_eq!(
            (&line["phase"], &line["is_stale"]),
            (&"working".into(), &false.into())
        );
        assert_eq!(line["version"], env!("CARGO_PKG_VERSION"));
        assert!(line["checkpoint_bytes"].as_u64().unwrap() > 0, "{line}");
        assert!(instant(line["since"].as_str().unwrap()) >= instant(&at));
    }
    let table = String::from_utf8(second.run(&["status"]).stdout).unwrap();
    assert!(
        table.contains("standing by") && table.contains("mailer     n-1"),
        "{table}"
    );

    first.kill9();
    second.until("the second takes over", |up| {
        (leaders(&status(up)) == [Some("n-2"); 4]).then_some(())
    });
    let silent = second.until("the first is silent", |up| {
        let said = status(up);
        line_of(&said, "n-1")
            .is_some_and(|line| line["is_stale"] == true)
            .then_some(said)
    });
    assert_eq!(line_of(&silent, "n-2").unwrap()["is_stale"], false);
    let table = String::from_utf8(second.run(&["status"]).stdout).unwrap();
    assert!(table.contains("silent for"), "{table}");

    assert_eq!(second.stop(), Some(0), "{}", second.said());
    let ended = status(&second);
    assert_eq!(leaders(&ended), [None; 4]);
    assert!(
        line_of(&ended, "n-2").is_none(),
        "who ends on purpose takes the line along: {ended}"
    );
    assert!(
        line_of(&ended, "n-1").is_some(),
        "who was killed does not: {ended}"
    );
}

/// Hears requests to a port, each by its first line.
fn listening() -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, heard) = mpsc::channel();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let mut line = String::new();
            std::io::BufRead::read_line(&mut std::io::BufReader::new(&socket), &mut line).ok();
            socket
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .ok();
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    (port, heard)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn systemd_is_told_and_the_heart_beats() {
    let clinic = Clinic::open(&now()).await;
    let path = clinic.diary().with_extension("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let minute = std::time::Duration::from_secs(60);
    socket.set_read_timeout(Some(minute)).unwrap();
    let (port, heard) = listening();
    let settings =
        format!("{MAIL}[heartbeat]\nurl = \"http://127.0.0.1:{port}/ping/s3cret\"\nevery_seconds = 1\n");
    let environment = [
        ("NOTIFY_SOCKET", path.to_str().unwrap()),
        ("WATCHDOG_USEC", "1000000"),
    ];
    let mut up = UpCommand::start(&clinic, "n-1", &settings, &environment);
    let hear = |wanted: &str| -> Vec<String> {
        let mut all = Vec::new();
        let mut datagram = [0; 4096];
        while !all.iter().any(|said: &String| said.starts_with(wanted)) {
            let length = socket
                .recv(&mut datagram)
                .unwrap_or_else(|e| panic!("no {wanted} in a minute ({e}): {all:?}"));
            all.push(String::from_utf8_lossy(&datagram[..length]).trim().to_owned());
        }
        all
    };
    let start = hear("READY=1");
    assert!(
        start.iter().any(|said| said.starts_with("STATUS=acme: ")),
        "{start:?}"
    );
    assert!(
        start.iter().any(|said| said.starts_with("EXTEND_TIMEOUT_USEC=")),
        "{start:?}"
    );
    hear("STATUS=acme: leads scheduler, oswestry, triggers, mailer");
    hear("WATCHDOG=1");
    hear("WATCHDOG=1");
    assert_eq!(
        heard.recv_timeout(minute).unwrap(),
        "GET /ping/s3cret HTTP/1.1\r\n"
    );
    let shown = String::from_utf8(up.run(&["config", "show"]).stdout).unwrap();
    assert!(shown.contains("/***") && !shown.contains("s3cret"), "{shown}");
    assert_eq!(up.stop(), Some(0), "{}", up.said());
    hear("STOPPING=1");
    assert!(
        up.said().contains("heartbeat.sent") && !up.said().contains("s3cret"),
        "{}",
        up.said()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_and_settings_that_cannot_be_are_told_before_anything_begins() {
    let clinic = Clinic::open(&now()).await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut up = UpCommand::start(&clinic, "n-1", MAIL, &[("CAREBUS_HEALTH__LISTEN", &address)]);
    assert_eq!(up.end(), Some(75));
    assert!(
        up.said().contains(&address) && up.said().contains("CAREBUS_HEALTH__LISTEN="),
        "{}",
        up.said()
    );
    let wrong = [
        ("CAREBUS_HEALTH__LISTEN", "9464"),
        ("CAREBUS_HEARTBEAT__URL", "ping.example"),
    ];
    let mut up = UpCommand::start(&clinic, "n-2", MAIL, &wrong);
    assert_eq!(up.end(), Some(78));
    for words in [
        "2 mistake(s)",
        "expected an IP address and a port",
        "expected http://host/path",
    ] {
        assert!(up.said().contains(words), "no {words} in {}", up.said());
    }
}
