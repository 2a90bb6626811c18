//! Unique names, addresses, references and words, planted in a whole course of the real command, and looked for in every
//! byte that leaves it or reaches a disk outside the log.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use care::time::Timestamp;
use mail_parser::{MessageParser, MimeHeaders as _};
use serde_json::{Value, json};
use tests::clinic::mailbox::{Mailbox, PASSWORD};
use tests::clinic::process::carebus;
use tests::nats::NatsServer;
use tests::wire::{Who, Wire};

/// What must not be found: each stands in at least one fact of the course.
const PLANTED: [&str; 19] = [
    "Quistgaard",
    "Zebulonia",
    "Ottoline",
    "Marmaduke",
    "canary-pcp",
    "canary-physiatrist",
    "canary-acupuncturist",
    "canary-therapist",
    "canary-coordinator",
    "CanaryReference",
    "CanaryReason",
    "CanaryClosure",
    "CanaryNote",
    "CanaryLicence",
    "CanaryDevice",
    "CanaryRetracted",
    // In what is refused: an id, a type, a field, a broken line.
    "CanaryRefused",
    "CanaryBroken",
    // Nobody else is born in that year, and no number of a test comes near it.
    "1903-",
];

/// Something that was said or written, and where.
struct Evidence {
    place: String,
    bytes: Vec<u8>,
}

/// The command at its desk.
struct Desk {
    home: PathBuf,
    server: NatsServer,
    mailbox: Mailbox,
    evidence: Vec<Evidence>,
}

fn now() -> Timestamp {
    node::Clock::real().now()
}

fn day(offset: i64) -> String {
    let at = now()
        .saturating_add(care::time::hours(24 * offset))
        .unwrap_or(now());
    format!("{}T15:00:00Z", &at.to_string()[..10])
}

fn line(id: &str, name: &str, about: &str, data: &Value) -> String {
    json!({"specversion": "1.0", "id": id, "source": "urn:carebus:acme:eastside-pt", "type": format!("carebus.{name}.v1"),
           "subject": format!("acme/{about}"), "time": now().to_string(), "data": data})
    .to_string()
}

fn by(role: &str) -> Value {
    json!({"role": role, "member_id": "m-1"})
}

fn plan(id: &str) -> Value {
    let team = json!([
        {"role": "pcp", "member_id": "m-1", "name": "Zebulonia Quistgaard", "email": "canary-pcp@lee.example", "patient_ref": "CanaryReference-1"},
        {"role": "physiatrist", "member_id": "m-2", "name": "Ottoline Q", "email": "canary-physiatrist@lee.example"},
        {"role": "acupuncturist", "member_id": "m-3", "name": "Marmaduke Q", "email": "canary-acupuncturist@lee.example", "practitioner": "acu-1", "patient_ref": "CanaryReference-3"},
        {"role": "physical_therapist", "member_id": "m-4", "email": "canary-therapist@lee.example", "clinic": "eastside-pt"},
        {"role": "care_coordinator", "member_id": "m-5", "email": "canary-coordinator@lee.example"},
    ]);
    json!({"plan_id": id, "revision": 1, "timezone": "America/Toronto", "started_on": &day(-20)[..10],
        "patient": {"birth_year": 1903, "osteoporosis": "unknown"}, "team": team,
        "ea": {"duration_min": 45, "points": ["BL23", "BL25", "GB34", "ST36"]}, "oswestry": {"baseline_on": &day(-20)[..10]}})
}

fn session(id: &str, on: i64) -> Value {
    let end = day(on).replace("T15", "T16");
    json!({"session_id": id, "revision": 1, "modality": "pt", "start": day(on), "end": end, "clinic": "eastside-pt"})
}

/// A course with every kind of thing that says who somebody is.
fn course() -> Vec<String> {
    let week: Vec<Value> = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .map(|d| json!({"day": d, "from": "00:00", "to": "24:00"}))
        .into();
    let calendar = json!({"revision": 1, "timezone": "UTC", "weekly": week,
        "closures": [{"from": day(40), "to": day(41), "reason": "CanaryClosure"}]});
    let licence = json!({"revision": 1, "kind": "licence", "licence_no": "CanaryLicence-1", "board": "B", "jurisdiction": "Ontario",
        "verified_at": day(-30), "expires_on": &day(300)[..10], "training_hours": 2400});
    let assessed = |id: &str, extra: Value| {
        let mut data = json!({"assessment_id": id, "performed_at": now().to_string(), "by": by("pcp")});
        data.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        data
    };
    let mut all = vec![
        line(
            "calendar-1",
            "calendar.published",
            "practitioner/acu-1",
            &calendar,
        ),
        line(
            "licence-1",
            "credentials.published",
            "practitioner/acu-1",
            &licence,
        ),
        line("plan-1", "plan.activated", "patient/p-1", &plan("cp-1")),
        line("pt-1", "session.booked", "patient/p-1", &session("pt-1", 6)),
        line("pt-2", "session.booked", "patient/p-1", &session("pt-2", 9)),
    ];
    let cancelled = json!({"session_id": "pt-2", "revision": 2, "reason": "CanaryReason", "by": by("physical_therapist")});
    all.extend([
        line("pt-2c", "session.cancelled", "patient/p-1", &cancelled),
        line("pain-1", "assessment.pain", "patient/p-1", &assessed("a-1", json!({"scale": "vas", "value": 70}))),
        line("odi-1", "assessment.oswestry", "patient/p-1", &assessed("a-2", json!({"instrument_version": "2.1a", "items": [3, 3, 3, 3, 3, 3, 3, 3, 3, 3]}))),
        line("device-1", "assessment.screening", "patient/p-1", &assessed("a-3", json!({"item": "implanted_device", "value": "yes", "device_kind": "pacemaker", "device_id": "CanaryDevice"}))),
        line("flag-1", "assessment.red_flag", "patient/p-1", &assessed("a-4", json!({"items": ["saddle_sensory_change", "bladder_change"], "onset_at": now().to_string()}))),
        line("taken-back", "assessment.retracted", "patient/p-1", &json!({"assessment_id": "a-1", "reason": "CanaryRetracted"})),
    ]);
    all
}

/// What no reader can take, with something personal in each place.
fn refused() -> Vec<(&'static str, String)> {
    let subject = "care.acme.patient.p-1.assessment.pain";
    let good = line(
        "x",
        "assessment.pain",
        "patient/p-1",
        &json!({"assessment_id": "a-9", "performed_at": now().to_string(), "by": by("pcp"), "scale": "vas", "value": 7}),
    );
    let with = |pointer: &str, value: Value| {
        let mut bad: Value = serde_json::from_str(&good).unwrap();
        *bad.pointer_mut(pointer).unwrap() = value;
        bad.to_string()
    };
    vec![
        (subject, with("/id", "CanaryRefused Quistgaard".into())),
        (subject, with("/source", "CanaryRefused é".into())),
        (subject, with("/type", "carebus.CanaryRefused.v1".into())),
        (
            subject,
            with("/subject", "acme/patient/CanaryRefused, born 1903".into()),
        ),
        (subject, with("/time", "CanaryRefused".into())),
        (subject, with("/data/scale", "CanaryRefused".into())),
        (subject, with("/data/by", json!({"role": "CanaryRefused"}))),
        (subject, with("/data/performed_at", "CanaryRefused".into())),
        (subject, with("/data", json!({"CanaryRefused": "Quistgaard"}))),
        (subject, with("/data", json!("CanaryRefused"))),
        (subject, format!("{}CanaryBroken", &good[..60])),
        (subject, good.replace("\"data\":", "\"CanaryBroken")),
        (subject, "CanaryBroken".to_owned()),
    ]
}

impl Desk {
    async fn open(home: &Path) -> Self {
        let desk = Self {
            home: home.to_owned(),
            server: NatsServer::start(),
            mailbox: Mailbox::start(),
            evidence: Vec::new(),
        };
        fs::write(
            home.join("policy.toml"),
            "[mail]\nquiet_from = \"00:00\"\nquiet_to = \"00:00\"\n",
        )
        .unwrap();
        let common = format!(
            "org = \"acme\"\npolicy = \"policy.toml\"\nstate = {:?}\n[nats]\nurl = {:?}\n",
            home.join("state"),
            desk.server.url()
        );
        // Trace of everything, the libraries too, in both forms.
        let log = |format: &str| {
            format!(
                "[log]\nlevel = \"trace,async_nats=trace,sled=trace,rustls=trace\"\nformat = \"{format}\"\n"
            )
        };
        fs::write(
            home.join("smtp.toml"),
            format!("{common}{}{}", log("text"), desk.mailbox.configuration()),
        )
        .unwrap();
        fs::write(
            home.join("folder.toml"),
            format!(
                "{common}{}[mail]\ndirectory = {:?}\n",
                log("json"),
                home.join("mail")
            ),
        )
        .unwrap();
        desk
    }

    fn command(&self, config: &str, line: &str) -> Command {
        let mut command = Command::new(carebus());
        command
            .arg("--config")
            .arg(self.home.join(config))
            .args(line.split_whitespace())
            .env_clear()
            .env("HOME", &self.home)
            .current_dir(&self.home)
            .stdin(Stdio::null());
        command
    }

    fn keep(&mut self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.evidence.push(Evidence {
            place: place.into(),
            bytes: bytes.into(),
        });
    }

    /// Runs a command whose output names nobody, and keeps what it said.
    fn run(&mut self, line: &str) -> Output {
        let output = self
            .command("smtp.toml", line)
            .env("RUST_LOG", "trace")
            .output()
            .unwrap();
        self.keep(format!("stdout of {line}"), output.stdout.clone());
        self.keep(format!("stderr of {line}"), output.stderr.clone());
        output
    }

    /// Runs one that shows somebody to somebody who asked: only its stderr has to name nobody.
    fn run_showing(&mut self, line: &str) -> Output {
        let output = self
            .command("smtp.toml", line)
            .env("RUST_LOG", "trace")
            .output()
            .unwrap();
        self.keep(format!("stderr of {line}"), output.stderr.clone());
        output
    }

    fn up(&self, config: &str) -> Child {
        let log = fs::File::create(self.home.join(format!("log-of-{config}"))).unwrap();
        self.command(config, "up")
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    fn down(&mut self, mut node: Child, config: &str) {
        assert!(
            Command::new("kill")
                .arg(node.id().to_string())
                .status()
                .unwrap()
                .success()
        );
        let ended = node.wait().unwrap();
        let log = fs::read(self.home.join(format!("log-of-{config}"))).unwrap();
        assert!(ended.success(), "{ended}: {}", String::from_utf8_lossy(&log));
        assert!(log.len() > 1000, "at trace level it says a lot");
        self.keep(format!("the log of {config}"), log);
    }

    async fn until(&self, what: &str, mut seen: impl FnMut() -> bool) {
        for _ in 0..1200 {
            if seen() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no {what} after a minute\n{}", self.server.log());
    }
}

/// Names of everything below a folder; what the files hold, charts, is theirs to hold.
fn names(folder: &Path) -> String {
    let Ok(entries) = fs::read_dir(folder) else {
        return String::new();
    };
    let mut all = String::new();
    for entry in entries.flatten() {
        all += &format!("{}\n", entry.path().display());
        all += &names(&entry.path());
    }
    all
}

/// Subjects and headers of everything that ever passes the server.
fn listen(server: &NatsServer) -> Wire {
    let mut wire = Wire::open(server, Who::User("", ""), "_INBOX_canary").unwrap();
    wire.listen(">");
    wire.flush();
    wire
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_says_who_somebody_is_leaves_by_another_way_than_the_log_and_letters() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(home.path()).await;
    let mut ear = listen(&desk.server);
    assert!(desk.run("org add acme").status.success());
    let facts = course();
    for planted in PLANTED
        .iter()
        .filter(|p| !p.starts_with("CanaryRef") && !p.starts_with("CanaryB") && **p != "CanaryNote")
    {
        let word = planted.trim_end_matches('-');
        assert!(
            facts.iter().any(|fact| fact.contains(word)),
            "{planted} is planted nowhere"
        );
    }
    fs::write(home.path().join("facts.jsonl"), facts.join("\n")).unwrap();
    // With SMTP first.
    let node = desk.up("smtp.toml");
    assert!(desk.run("publish facts.jsonl").status.success());
    desk.until("mail", || {
        desk.mailbox
            .taken()
            .iter()
            .any(|mail| mail.to.iter().any(|to| to.starts_with("canary-pcp")))
    })
    .await;
    let mut wire = Wire::open(&desk.server, Who::User("", ""), "_INBOX_raw").unwrap();
    for (n, (subject, body)) in refused().iter().enumerate() {
        wire.ask(subject, &[("Nats-Msg-Id", &format!("refused-{n}"))], body)
            .unwrap();
    }
    let lines: Vec<String> = refused().into_iter().map(|(_, body)| body).collect();
    fs::write(home.path().join("bad.jsonl"), lines.join("\n")).unwrap();
    for line in [
        "publish bad.jsonl",
        "--json publish bad.jsonl",
        "simulate bad.jsonl --until 2030-01-01",
        "chart p-1 --file bad.jsonl",
    ] {
        assert!(!desk.run(line).status.success(), "{line}");
    }
    desk.until("entries in quarantine", || {
        let listed = desk
            .command("smtp.toml", "--json quarantine list")
            .output()
            .unwrap();
        String::from_utf8_lossy(&listed.stdout)
            .matches("\"reason\"")
            .count()
            >= refused().len()
    })
    .await;
    let alerts: Value = serde_json::from_slice(&desk.run("--json alerts").stdout).unwrap();
    let alert = find(&alerts, "alert_id").expect("an alert");
    let mut ack = desk.command("smtp.toml", &format!("ack {alert} --by pcp:m-1 --note"));
    let acked = ack.arg("CanaryNote fell on ice").output().unwrap();
    assert!(acked.status.success(), "{acked:?}");
    desk.keep("stdout and stderr of ack", [acked.stdout, acked.stderr].concat());
    desk.down(node, "smtp.toml");
    // Then with a folder, by a node that reads everything again.
    fs::remove_dir_all(home.path().join("state")).unwrap();
    let node = desk.up("folder.toml");
    let another = [
        line("plan-2", "plan.activated", "patient/p-2", &plan("cp-2")),
        line("pt-5", "session.booked", "patient/p-2", &session("pt-5", 12)),
    ];
    fs::write(home.path().join("more.jsonl"), another.join("\n")).unwrap();
    assert!(desk.run("publish more.jsonl").status.success());
    let folder = home.path().join("mail");
    desk.until("letters in a folder", || names(&folder).contains(".eml"))
        .await;
    desk.down(node, "folder.toml");

    for line in [
        "chart p-1",
        "--json chart p-1",
        "agenda",
        "--json agenda",
        "alerts --all",
        "--json alerts --all",
        "mail list",
        "--json mail list",
        "doctor",
        "--json doctor",
        "quarantine list",
        "--json quarantine list",
        "outcomes",
        "config show",
        "--json config show",
        "explain nothing",
        "rules",
    ] {
        desk.run(line);
    }
    desk.run_showing(&format!("explain {alert}"));
    desk.run_showing("export");
    desk.run_showing("quarantine show 1");

    let mail = letters(&desk, &folder);
    assert!(mail.len() > 3, "{} letters", mail.len());
    look(&mut desk, &mut ear, &mut wire, &mail);
    let all = std::mem::take(&mut desk.evidence);
    let mut shown = BTreeSet::new();
    for Evidence { place, bytes } in &all {
        let text = String::from_utf8_lossy(bytes);
        for planted in PLANTED.iter().map(|p| p.trim_end_matches('-')).chain([PASSWORD]) {
            if let Some(at) = text
                .find(planted)
                .filter(|at| !inside_a_number(&text, *at, planted))
            {
                let from = text[..at].char_indices().rev().nth(120).map_or(0, |(at, _)| at);
                shown.insert(format!(
                    "{planted} in {place}: …{}…",
                    text[from..].chars().take(240).collect::<String>()
                ));
            }
        }
        // A sentence of a letter is nobody's name, and still nobody else's business.
        for sentence in mail.iter().flat_map(|m| sentences(m)) {
            if !place.starts_with("the rules") && text.contains(&sentence) {
                shown.insert(format!("{sentence:?} of a letter in {place}"));
            }
        }
    }
    assert!(shown.is_empty(), "{} of {}: {shown:#?}", shown.len(), all.len());
}

/// A year is four digits, and so is the middle of a time in nanoseconds.
fn inside_a_number(text: &str, at: usize, planted: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || c == '.');
    planted.bytes().all(|b| b.is_ascii_digit())
        && (digit(text[..at].chars().next_back()) || digit(text[at + planted.len()..].chars().next()))
}

/// Everything that is not a command's output: one line for each new place.
fn look(desk: &mut Desk, ear: &mut Wire, wire: &mut Wire, mail: &[Vec<u8>]) {
    let heard = ear.take();
    assert!(heard.len() > 50, "{} messages passed", heard.len());
    let passed: String = heard
        .iter()
        .map(|m| format!("{} {}\n{}\n", m.subject, m.reply, m.head))
        .collect();
    desk.keep("subjects and headers that passed", passed);
    for stream in ["CARE_ACME", "CLINIC_ACME", "QUARANTINE_ACME", "KV_carebus_leases"] {
        let stored = wire.stream(stream);
        assert!(!stored.is_empty(), "{stream}");
        let heads: String = stored
            .iter()
            .map(|m| format!("{}\n{}\n", m.subject, m.head))
            .collect();
        desk.keep(format!("subjects and headers of {stream}"), heads);
        if !matches!(stream, "CARE_ACME" | "QUARANTINE_ACME") {
            desk.keep(
                format!("bodies of {stream}"),
                stored.into_iter().flat_map(|m| m.body).collect::<Vec<u8>>(),
            );
        }
    }
    desk.keep("the server's log", desk.server.log());
    desk.keep("file names", names(&desk.home.clone()));
    let mut invitations = 0;
    for (n, bytes) in mail.iter().enumerate() {
        let message = MessageParser::default().parse(bytes).unwrap();
        // The To line names who is told, as it must.
        let others = message
            .headers()
            .iter()
            .filter(|h| !["To", "to"].contains(&h.name.as_str()));
        let heads: String = others
            .map(|h| {
                format!(
                    "{}: {}\n",
                    h.name.as_str(),
                    &String::from_utf8_lossy(&bytes[h.offset_start as usize..h.offset_end as usize])
                )
            })
            .collect();
        desk.keep(format!("headers of letter {n}"), heads);
        for part in &message.parts {
            if part
                .content_type()
                .is_some_and(|kind| kind.subtype() == Some("calendar"))
            {
                invitations += 1;
                let unfolded = part.text_contents().unwrap_or_default().replace("\r\n ", "");
                let of = |line: &&str| {
                    ["SUMMARY", "LOCATION", "DESCRIPTION", "UID", "X-"]
                        .iter()
                        .any(|name| line.starts_with(name))
                };
                let lines: Vec<&str> = unfolded.lines().filter(of).collect();
                let lower = lines.join("\n").to_lowercase();
                for word in ["back", "pain", "oswestry", "red flag", "lumbar", "bladder"] {
                    assert!(!lower.contains(word), "{word} in {lower}");
                }
                desk.keep(format!("calendar lines of letter {n}"), lines.join("\n"));
            }
        }
    }
    assert!(invitations > 0, "some letters invite");
    // The page of metrics, once there is one: desk.keep("metrics", get(...));
}

/// Every letter, from the mail server and from the folder.
fn letters(desk: &Desk, folder: &Path) -> Vec<Vec<u8>> {
    let taken = desk
        .mailbox
        .taken()
        .into_iter()
        .map(|mail| mail.text.into_bytes());
    let files = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path());
    let written = files
        .filter(|path| path.extension().is_some_and(|end| end == "eml"))
        .map(|path| fs::read(path).unwrap());
    taken.chain(written).collect()
}

/// Its long lines: what no log says by chance.
fn sentences(mail: &[u8]) -> Vec<String> {
    let message = MessageParser::default().parse(mail).unwrap();
    let text = message.body_text(0).unwrap_or_default().into_owned();
    text.lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| line.len() > 40)
        .collect()
}

/// The first value of a key, wherever it stands.
fn find(value: &Value, key: &str) -> Option<String> {
    match value {
        Value::Object(fields) => fields
            .get(key)
            .and_then(|v| v.as_str().map(str::to_owned))
            .or_else(|| fields.values().find_map(|v| find(v, key))),
        Value::Array(items) => items.iter().find_map(|v| find(v, key)),
        _ => None,
    }
}
