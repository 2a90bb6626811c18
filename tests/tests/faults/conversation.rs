//! The node killed before and after each step of an SMTP conversation with a real mail server.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use care::time::minutes;
use serde_json::json;
use tests::aloud;
use tests::clinic::facts::{Fact, calendar, plan, red_flag};
use tests::clinic::letters::{python, tool};
use tests::clinic::process::{NodeProcess, signal};
use tests::clinic::{Clinic, instant};

use crate::FIRST;

const NOW: &str = "2026-06-01T14:00:00Z";
/// Who is told of a bladder change.
const TEAM: [&str; 5] = ["m-1", "m-2", "m-3", "m-4", "m-5"];

/// Where a conversation can be cut: `<` before the line has reached the other side, `>` after.
const STEPS: [&str; 15] = [
    "<220", ">220", "<EHLO", ">EHLO", "<MAIL", ">MAIL", "<RCPT", ">RCPT", "<DATA", ">DATA", ">half", "<dot",
    ">dot", "<250", ">250",
];

/// smtp_server.py, in clear; it ends when this is dropped.
pub(crate) struct MailServer {
    child: Child,
    pub(crate) port: u16,
    store: tempfile::TempDir,
}

impl MailServer {
    pub(crate) fn start() -> Self {
        let store = tempfile::tempdir().unwrap();
        let mut command = Command::new(python());
        command
            .arg(tool("smtp_server.py"))
            .arg("--store")
            .arg(store.path());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let port = line.trim().strip_prefix("PORT ").unwrap().parse().unwrap();
        Self { child, port, store }
    }

    /// How many mails it took with this Message-ID.
    pub(crate) fn copies(&self, message_id: &str) -> usize {
        let header = format!("Message-ID: <{message_id}>");
        let mails = std::fs::read_dir(self.store.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mails = mails.filter(|path| path.extension().is_some_and(|end| end == "eml"));
        mails
            .filter(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).contains(&header))
            .count()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Who is to die, and where.
type Armed = Arc<Mutex<Option<(&'static str, u32)>>>;

/// Stands between node and mail server, passes on line by line, and kills the node at the step it is armed with.
struct Between {
    port: u16,
    armed: Armed,
}

impl Between {
    fn start(to: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let armed = Armed::default();
        let seen = Arc::clone(&armed);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let armed = Arc::clone(&seen);
                // A conversation that was cut ends here, and the mail server hears that by the end of its socket.
                std::thread::spawn(move || converse(&client, to, &armed));
            }
        });
        Self { port, armed }
    }

    fn arm(&self, step: &'static str, node: &NodeProcess) {
        *self.armed.lock().unwrap() = Some((step, node.id()));
    }

    fn is_armed(&self) -> bool {
        self.armed.lock().unwrap().is_some()
    }
}

/// One conversation, to its end or to the end of the node.
fn converse(client: &TcpStream, to: u16, armed: &Armed) -> Option<()> {
    let server = TcpStream::connect(("127.0.0.1", to)).ok()?;
    let (mut from_client, mut from_server) = (BufReader::new(client), BufReader::new(&server));
    pass_reply(&mut from_server, client, armed, "220")?;
    loop {
        let line = line(&mut from_client)?;
        let verb = String::from_utf8_lossy(&line[..line.len().min(4)]).to_uppercase();
        pass(&line, &server, armed, &verb)?;
        let code = pass_reply(&mut from_server, client, armed, "")?;
        if verb == "DATA" && code == "354" {
            pass_message(&mut from_client, &server, armed)?;
            pass_reply(&mut from_server, client, armed, "250")?;
        }
        if verb == "QUIT" {
            return None;
        }
    }
}

/// The message up to its final dot.
fn pass_message(from: &mut impl BufRead, mut to: &TcpStream, armed: &Armed) -> Option<()> {
    for n in 0.. {
        let line = line(from)?;
        if line == b".\r\n" {
            return pass(&line, to, armed, "dot");
        }
        to.write_all(&line).ok()?;
        if n == 20 {
            dies(armed, ">half")?;
        }
    }
    None
}

/// A reply of one or more lines; its code. `step` names it if it can be died at.
fn pass_reply(from: &mut impl BufRead, mut to: &TcpStream, armed: &Armed, step: &str) -> Option<String> {
    loop {
        let line = line(from)?;
        let is_last = line.get(3) != Some(&b'-');
        let code = String::from_utf8_lossy(&line[..line.len().min(3)]).into_owned();
        if is_last && !step.is_empty() {
            pass(&line, to, armed, step)?;
        } else {
            to.write_all(&line).ok()?;
        }
        if is_last {
            return Some(code);
        }
    }
}

fn pass(line: &[u8], mut to: &TcpStream, armed: &Armed, step: &str) -> Option<()> {
    dies(armed, &format!("<{step}"))?;
    to.write_all(line).ok()?;
    dies(armed, &format!(">{step}"))
}

/// Kills the node if this is the step; then there is nobody to go on with.
fn dies(armed: &Armed, step: &str) -> Option<()> {
    let mut armed = armed.lock().unwrap();
    match *armed {
        Some((at, node)) if at == step => {
            signal(node, "-KILL");
            *armed = None;
            None
        }
        _ => Some(()),
    }
}

fn line(from: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let read = from.read_until(b'\n', &mut line).ok()?;
    (read > 0 && line.ends_with(b"\n")).then_some(line)
}

/// Waits until every member of the team was told of a patient's red flag; the alert.
pub(crate) async fn until_all_told(clinic: &mut Clinic, patient: &str, after: &str) -> String {
    clinic
        .until_logged(&format!("everybody told after {after}"), |record| {
            let chart = record.chart(patient);
            let mut alerts = chart.alerts.iter();
            let (alert, _) = alerts.find(|(_, a)| a.severity().is_some_and(|s| s.is_immediate()))?;
            let sent = record.notices("sent").into_iter();
            let told = sent.filter(|n| n.about.iter().any(|about| *about == alert.to_string()));
            let told: BTreeSet<String> = told.map(|n| n.member_id.to_string()).collect();
            TEAM.iter()
                .all(|member| told.contains(*member))
                .then(|| alert.to_string())
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_killed_at_each_step_of_handing_over_a_mail_tells_everybody_and_nobody_without_need_twice() {
    let mail = MailServer::start();
    let between = Between::start(mail.port);
    let mut clinic = Clinic::open(NOW).await;
    let mut now = instant(NOW);
    let mut node = NodeProcess::start_as(&clinic, FIRST, NOW, &json!({"smtp": between.port}));
    clinic.publish([calendar("acu-1", NOW)]).await;
    for (n, step) in STEPS.into_iter().enumerate() {
        let (patient, at) = (format!("p-{n}"), now.to_string());
        // Anew, because it keeps connections open and would greet nobody.
        node.stop();
        node = NodeProcess::start_as(&clinic, FIRST, &at, &json!({"smtp": between.port}));
        between.arm(step, &node);
        clinic
            .publish([
                plan(&patient, "acu-1", &at),
                red_flag(&patient, "bladder_change", &at),
            ])
            .await;
        for _ in 0..1200 {
            if !between.is_armed() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(!between.is_armed(), "nobody gets to {step}\n{}", clinic.said());
        node.kill9();
        // Long enough for a mail whose end is unknown to be tried again.
        now = now.saturating_add(minutes(10)).unwrap();
        node = NodeProcess::start_as(&clinic, FIRST, &now.to_string(), &json!({"smtp": between.port}));
        let alert = until_all_told(&mut clinic, &patient, &format!("a death at {step}")).await;
        let id = format!("ack-{n}");
        let by = json!({"alert_id": alert, "by": {"role": "care_coordinator", "member_id": "m-5"}});
        let about = format!("patient/{patient}");
        clinic
            .publish([Fact::new(
                &id,
                "alert.acknowledged",
                &about,
                &now.to_string(),
                &by,
            )])
            .await;
    }
    node.stop();

    let record = clinic.record().await;
    record.assert_nothing_doubled();
    let (mut twice, mut unknown) = (0, 0);
    let claimed: BTreeSet<(String, String)> = record
        .notices("attempted")
        .iter()
        .map(|n| (n.notice_id.to_string(), n.message_id.to_string()))
        .collect();
    for (notice, message) in claimed {
        let copies = mail.copies(&message);
        let unknowns = record
            .notices("unknown")
            .iter()
            .filter(|n| n.notice_id.as_str() == notice)
            .count();
        assert!(
            copies <= 1 + unknowns,
            "{notice} reached the server {copies} times, {unknowns} times its end was unknown"
        );
        twice += copies.saturating_sub(1);
        unknown += unknowns;
    }
    // Not more than were under way when it died.
    assert!(unknown <= STEPS.len() * TEAM.len(), "{unknown}");
    assert!(
        twice > 0,
        "between the final dot and its answer a mail must have gone twice: what else was tested?"
    );
    aloud::say(&format!(
        "{} deaths in SMTP conversations: everybody told; {unknown} outcomes unknown, {twice} mails there twice",
        STEPS.len()
    ));
}
