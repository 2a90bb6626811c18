//! `mail`: the list, a letter once more, samples of every kind, and one that is really sent.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use crate::explaining::no_change;
use crate::support::{Desk, fact};

/// A desk with `log.jsonl` and, in `out/mail`, every mail that went out as it went out.
fn desk() -> Desk {
    let desk = Desk::new();
    let flag = r#"{"assessment_id":"f-1","performed_at":"2026-06-09T13:00:00Z","by":{"role":"pcp","member_id":"m-pcp"},"items":["bladder_change"]}"#;
    let mut world = no_change();
    world.push(fact(
        "acme",
        "patient/p-1",
        "assessment.red_flag",
        "flag-1",
        "2026-06-09T13:00:00Z",
        flag,
    ));
    desk.write("world.jsonl", &world.join("\n"));
    let log = desk
        .run("simulate world.jsonl --until 2026-06-10 --all --out out")
        .succeeds()
        .out;
    desk.write("log.jsonl", &log);
    desk
}

#[test]
fn the_list_says_who_what_and_how_it_ended_and_no_address() {
    let desk = desk();
    let list = desk.run("mail list --file log.jsonl").succeeds();
    for words in [
        "physiatrist m-phys",
        "sent",
        "250",
        "alert no-change-by-session-four",
        "alert red-flag-bowel-bladder",
    ] {
        assert!(list.out.contains(words), "no {words:?} in {}", list.out);
    }
    assert!(!list.out.contains('@'), "{}", list.out);
    assert!(list.err.contains("sent"), "{}", list.err);
    let json = desk.run("mail list --file log.jsonl --json").succeeds().json();
    assert!(json.as_array().unwrap().len() > 5 && !json.to_string().contains("team.example"));
    assert_eq!(
        desk.run("mail list --file log.jsonl --state deferred --json")
            .succeeds()
            .json(),
        serde_json::json!([])
    );
    assert_eq!(
        desk.run("mail list --file log.jsonl --patient p-2 --json")
            .succeeds()
            .json(),
        serde_json::json!([])
    );
    desk.run("mail list --state lost").fails(2, &["possible values"]);
}

#[test]
fn every_letter_is_written_once_more_to_the_byte() {
    let desk = desk();
    let mails: BTreeMap<String, String> = std::fs::read_dir(desk.path("out/mail"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| (name[5..].trim_end_matches(".eml").to_owned(), name))
        .collect();
    assert!(mails.len() > 5);
    for (notice, file) in mails {
        desk.run(&format!("mail show {notice} --file log.jsonl --eml again.eml"))
            .succeeds();
        assert_eq!(
            desk.read("again.eml"),
            desk.read(&format!("out/mail/{file}")),
            "{notice}"
        );
    }
}

#[test]
fn a_letter_is_shown_as_text_and_says_whether_it_still_holds() {
    let desk = desk();
    let list = desk.run("mail list --file log.jsonl --json").succeeds().json();
    let of = |tells: &str| {
        let one = list
            .as_array()
            .unwrap()
            .iter()
            .find(|n| n["member_id"] == "m-phys" && n["tells"][0] == tells);
        one.unwrap()["notice_id"].as_str().unwrap().to_owned()
    };
    let open = of("alert red-flag-bowel-bladder");
    let shown = desk.run(&format!("mail show {open} --file log.jsonl")).succeeds();
    assert!(
        shown.out.starts_with("To:      physiatrist m-phys\n") && shown.out.contains("Subject: "),
        "{}",
        shown.out
    );
    assert!(!shown.out.contains("m-phys@team.example"), "{}", shown.out);
    assert!(shown.err.contains("it would say the same"), "{}", shown.err);
    let html = desk
        .run(&format!("mail show {open} --file log.jsonl --html"))
        .succeeds()
        .out;
    assert!(html.contains("<html"), "{html}");
    // While an emergency is open, what can wait is not told.
    let silenced = of("alert no-change-by-session-four");
    let shown = desk
        .run(&format!("mail show {silenced} --file log.jsonl --json"))
        .succeeds()
        .json();
    assert_eq!(shown["today"], "nothing");
    assert_eq!(shown["claimed_at"], "2026-06-08T18:00:00Z");
    assert!(
        shown["text"]
            .as_str()
            .unwrap()
            .contains("No change by session four")
    );
    desk.run("mail show nobody --file log.jsonl")
        .fails(66, &["no notice in the log is called nobody", "mail list"]);
}

#[test]
fn every_kind_of_letter_is_previewed_with_the_configured_look() {
    let desk = Desk::new();
    desk.write(
        "policy.toml",
        "[mail]\nfrom_name = \"Harbour Clinic\"\nconsent = \"required\"\n",
    );
    desk.write("carebus.toml", "policy = \"policy.toml\"\n");
    let line = "mail preview --config carebus.toml --out letters";
    let printed = desk.run(&format!("{line} --json")).succeeds().json();
    let kinds: Vec<&str> = printed
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["kind"].as_str().unwrap())
        .collect();
    for kind in [
        "alert-emergency",
        "alert-urgent",
        "alert-advisory",
        "alert-again",
        "alert-ended",
        "oswestry-due",
        "oswestry-overdue",
        "session-booked",
        "session-moved",
        "session-cancelled",
        "session-held",
        "session-released",
        "unprepared",
        "digest",
        "report-progress",
        "report-outcome",
        "report-closing",
    ] {
        assert!(kinds.contains(&kind), "no {kind} in {kinds:?}");
        for end in ["txt", "html", "eml"] {
            assert!(
                desk.path(&format!("letters/{kind}.{end}")).is_file(),
                "{kind}.{end}"
            );
        }
    }
    assert!(!kinds.contains(&"other"), "{kinds:?}");
    assert!(desk.read("letters/oswestry-due.txt").contains("Harbour Clinic"));
    assert!(desk.read("letters/session-booked.eml").contains("method=REQUEST"));
    let before = desk.read("letters/alert-urgent.eml");
    desk.run(line).succeeds();
    assert_eq!(
        before,
        desk.read("letters/alert-urgent.eml"),
        "the same each time"
    );
    let some = desk.run("mail preview --kind oswestry --out some").succeeds().out;
    assert!(some.contains("oswestry-due") && !some.contains("alert"));
    desk.run("mail preview --kind sonnet")
        .fails(2, &["begins with sonnet", "alert-emergency"]);
    std::fs::create_dir(desk.path("mine")).unwrap();
    desk.write("mine/thesis.txt", "years of work");
    desk.run("mail preview --out mine")
        .fails(2, &["holds other files"]);
}

/// A mail server for one conversation: it answers RCPT with a code, and gives back what it was told.
fn mail_server(rcpt: &'static str) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(socket.try_clone().unwrap());
        let mut heard = String::new();
        let mut in_data = false;
        socket.write_all(b"220 test ESMTP\r\n").unwrap();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return heard;
            }
            heard += &line;
            let answer = match line.trim_end() {
                "." if in_data => {
                    in_data = false;
                    "250 taken"
                }
                _ if in_data => continue,
                "DATA" => {
                    in_data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                said if said.starts_with("RCPT") => rcpt,
                _ => "250 ok",
            };
            if socket.write_all(format!("{answer}\r\n").as_bytes()).is_err() {
                return heard;
            }
        }
    });
    (port, thread)
}

fn smtp(desk: &Desk, port: u16) {
    desk.write(
        "carebus.toml",
        &format!(
            "[mail]\ntransport = \"smtp\"\n[smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n"
        ),
    );
}

#[test]
fn a_test_letter_goes_out_and_the_servers_answer_is_told() {
    let desk = Desk::new();
    let (port, server) = mail_server("250 ok");
    smtp(&desk, port);
    let sent = desk
        .run("mail send-test me@example.org --config carebus.toml")
        .succeeds();
    assert_eq!(sent.out, format!("127.0.0.1:{port} took it: 250\n"));
    let heard = server.join().unwrap();
    assert!(
        heard.contains("RCPT TO:<me@example.org>") && heard.contains("Subject: Test letter: "),
        "{heard}"
    );
    let (port, server) = mail_server("550 no such user");
    smtp(&desk, port);
    desk.run("mail send-test me@example.org --config carebus.toml")
        .fails(65, &["refused for good: the server said 550"]);
    server.join().unwrap();
    // Nobody listens any more.
    desk.run("mail send-test me@example.org --config carebus.toml")
        .fails(75, &["not now"]);
}

#[test]
fn a_test_letter_needs_a_way_out_and_an_address() {
    let desk = Desk::new();
    desk.write("carebus.toml", "[mail]\ntransport = \"memory\"\n");
    desk.run("mail send-test me@example.org --config carebus.toml")
        .fails(78, &["no mail leaves", "mail.transport = \"smtp\""]);
    desk.run("mail send-test nobody").fails(2, &["name@domain"]);
    desk.write("carebus.toml", "[mail]\ndirectory = \"sent\"\n");
    let written = desk
        .run("mail send-test me@example.org --config carebus.toml")
        .succeeds();
    assert!(
        written.out.contains("no mail server was asked"),
        "{}",
        written.out
    );
    assert_eq!(std::fs::read_dir(desk.path("sent")).unwrap().count(), 1);
}
