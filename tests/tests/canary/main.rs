//! Unique names, addresses, references and words, planted in a whole course of the real command, and looked for in every
//! byte that leaves it or reaches a disk outside the log.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod course;
mod desk;
mod places;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mail_parser::MessageParser;
use serde_json::Value;
use tests::clinic::mailbox::PASSWORD;
use tests::wire::{Who, Wire};

use course::{PLANTED, course, line, plan, refused, session};
use desk::{Desk, Evidence, letters, listen};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_says_who_somebody_is_leaves_by_another_way_than_the_log_and_letters() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(home.path()).await;
    let mut ear = listen(&desk.server);
    let mut wire = Wire::open(&desk.server, Who::User("", ""), "_INBOX_raw").unwrap();
    assert!(desk.run("org add acme").status.success());
    let alert = with_a_mail_server(&mut desk, &mut wire, home.path()).await;
    let folder = with_a_folder(&mut desk, home.path()).await;
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
    places::look(&mut desk, &mut ear, &mut wire, &mail);
    let all = std::mem::take(&mut desk.evidence);
    let shown = shown(&all, &mail);
    assert!(shown.is_empty(), "{} of {}: {shown:#?}", shown.len(), all.len());
}

/// The course, with what is refused, on a node that logs lines of text; gives an alert that was taken on.
async fn with_a_mail_server(desk: &mut Desk, wire: &mut Wire, home: &Path) -> String {
    let facts = course();
    // The others stand in what is refused, and in a note on the command line.
    for planted in PLANTED
        .iter()
        .filter(|p| !["CanaryRefused", "CanaryBroken", "CanaryNote"].contains(p))
    {
        let word = planted.trim_end_matches('-');
        assert!(
            facts.iter().any(|fact| fact.contains(word)),
            "{planted} is planted nowhere"
        );
    }
    fs::write(home.join("facts.jsonl"), facts.join("\n")).unwrap();
    let node = desk.up("smtp.toml");
    assert!(desk.run("publish facts.jsonl").status.success());
    let told = |mail: &tests::clinic::mailbox::Taken| mail.to.iter().any(|to| to.starts_with("canary-pcp"));
    desk.until("mail", || desk.mailbox.taken().iter().any(told)).await;
    for (n, (subject, body)) in refused().iter().enumerate() {
        wire.ask(subject, &[("Nats-Msg-Id", &format!("refused-{n}"))], body)
            .unwrap();
    }
    let lines: Vec<String> = refused().into_iter().map(|(_, body)| body).collect();
    fs::write(home.join("bad.jsonl"), lines.join("\n")).unwrap();
    for line in [
        "publish bad.jsonl",
        "--json publish bad.jsonl",
        "simulate bad.jsonl --until 2030-01-01",
        "chart p-1 --file bad.jsonl",
    ] {
        assert!(!desk.run(line).status.success(), "{line}");
    }
    let listed =
        |line: &str| String::from_utf8(desk.command("smtp.toml", line).output().unwrap().stdout).unwrap();
    let waiting = || listed("--json quarantine list").matches("\"reason\"").count();
    desk.until("entries in quarantine", || waiting() >= refused().len())
        .await;
    let alerts = || serde_json::from_str::<Value>(&listed("--json alerts")).ok();
    desk.until("an alert", || {
        alerts().and_then(|alerts| find(&alerts, "alert_id")).is_some()
    })
    .await;
    let alert = alerts().and_then(|alerts| find(&alerts, "alert_id")).unwrap();
    let mut ack = desk.command("smtp.toml", &format!("ack {alert} --by pcp:m-1 --note"));
    let acked = ack.arg("CanaryNote fell on ice").output().unwrap();
    assert!(acked.status.success(), "{acked:?}");
    desk.keep("stdout and stderr of ack", [acked.stdout, acked.stderr].concat());
    desk.down(node, "smtp.toml");
    alert
}

/// Another patient, on a node that reads everything again, logs JSON and writes its mail into a folder.
async fn with_a_folder(desk: &mut Desk, home: &Path) -> PathBuf {
    fs::remove_dir_all(home.join("state")).unwrap();
    let node = desk.up("folder.toml");
    let another = [
        line("plan-2", "plan.activated", "patient/p-2", &plan("cp-2")),
        line("pt-5", "session.booked", "patient/p-2", &session("pt-5", 12)),
    ];
    fs::write(home.join("more.jsonl"), another.join("\n")).unwrap();
    assert!(desk.run("publish more.jsonl").status.success());
    let folder = home.join("mail");
    let invites = |mail: &Vec<u8>| String::from_utf8_lossy(mail).contains("text/calendar");
    desk.until("an invitation", || letters(desk, &folder).iter().any(invites))
        .await;
    desk.down(node, "folder.toml");
    folder
}

/// What was found where it must not be.
fn shown(all: &[Evidence], mail: &[Vec<u8>]) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    let sentences: BTreeSet<String> = mail.iter().flat_map(|m| sentences(m)).collect();
    for Evidence { place, bytes } in all {
        let text = String::from_utf8_lossy(bytes);
        for planted in PLANTED.iter().map(|p| p.trim_end_matches('-')).chain([PASSWORD]) {
            let mut found = text.match_indices(planted).map(|(at, _)| at);
            if let Some(at) = found.find(|at| !inside_a_number(&text, *at, planted)) {
                let from = text[..at].char_indices().rev().nth(120).map_or(0, |(at, _)| at);
                let around: String = text[from..].chars().take(240).collect();
                shown.insert(format!("{planted} in {place}: …{around}…"));
            }
        }
        // A sentence of a letter is nobody's name, and still nobody else's business.
        for sentence in sentences.iter().filter(|sentence| text.contains(*sentence)) {
            shown.insert(format!("{sentence:?} of a letter in {place}"));
        }
    }
    shown
}
/// A year is four digits, and so is the middle of a time in nanoseconds.
fn inside_a_number(text: &str, at: usize, planted: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || c == '.');
    planted.bytes().all(|b| b.is_ascii_digit())
        && (digit(text[..at].chars().next_back()) || digit(text[at + planted.len()..].chars().next()))
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
