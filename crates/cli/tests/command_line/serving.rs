//! Commands against a real server: organisations, publishing, the node, acknowledgements, quarantine, the demo.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::{Child, Command, Stdio};

use bus::append::{Append, append};
use bus::{Connection, Settings};

use crate::support::{Desk, Server, fact, program, small_world, wait_until};

/// Three days apart, around now as the machine has it: a node on real time acts on the future only.
fn days() -> [String; 2] {
    let out = Command::new("date").args(["-u", "+%F"]).output().unwrap();
    let today: care::time::Date = String::from_utf8(out.stdout).unwrap().trim().parse().unwrap();
    let later = today.checked_add(care::time::Span::new().days(5)).unwrap();
    // Midday of yesterday is past wherever the clock stands.
    [today.yesterday().unwrap().to_string(), later.to_string()]
}

fn world(org: &str) -> String {
    let days = days();
    small_world(org, "p-1", [&days[0], &days[1]])
}

fn up(desk: &Desk, line: &str) -> Child {
    desk.command(line)
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// What a node says up to the moment when it is ready, however long a loaded machine takes to get there.
fn until_ready(node: &mut Child) -> String {
    let stderr = node.stderr.as_mut().unwrap();
    let mut said = Vec::new();
    // Byte by byte: what follows is for `stop` to read.
    let mut byte = [0];
    while !(said.ends_with(b"\n") && String::from_utf8_lossy(&said).contains("ready: org")) {
        stderr.read_exact(&mut byte).unwrap();
        said.push(byte[0]);
    }
    String::from_utf8(said).unwrap()
}

/// Stops a node as an operator would; its code and what it said.
fn stop(mut node: Child, signal: &str) -> (Option<i32>, String) {
    assert!(
        Command::new("kill")
            .args([signal, &node.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let code = node.wait().unwrap().code();
    let mut said = String::new();
    node.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (code, said)
}

#[test]
fn a_published_pt_session_is_prepared_by_a_node_that_stops_and_starts_again() {
    let server = Server::start();
    let desk = server.desk("acme");
    desk.write("world.jsonl", &world("acme"));
    desk.run("publish world.jsonl")
        .fails(78, &["organisation acme has no streams", "carebus org add acme"]);
    desk.run("up").fails(78, &["carebus org add acme"]);
    assert!(desk.run("org add acme").succeeds().out.contains("CARE_ACME"));
    assert_eq!(desk.run("org add acme --json").succeeds().json()["facts"], 0);

    assert_eq!(
        desk.run("publish world.jsonl --dry-run").succeeds().out,
        "3 facts would be sent\n"
    );
    assert_eq!(desk.run("export").succeeds().out, "");
    let bad = desk.read("world.jsonl") + "{}\n";
    desk.run_with("publish -", &bad).fails(65, &["line 4"]);
    assert_eq!(desk.run("export").succeeds().out, "");
    assert_eq!(
        desk.run("publish world.jsonl --json").succeeds().json()["stored"],
        3
    );
    assert_eq!(
        desk.run("publish world.jsonl --json").succeeds().json()["known"],
        3
    );

    let node = up(&desk, "up");
    let chart = || desk.run("chart p-1 --json").succeeds().json();
    wait_until(|| chart()["notices"][0]["state"] == "sent");
    assert_eq!(chart()["sessions"][0]["gap_min"], 48 * 60);
    desk.run("up")
        .fails(75, &["in use by another process", "CAREBUS_NAME"]);
    let (code, said) = stop(node, "-TERM");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("ready: org acme, log position 3\n"), "{said}");

    let exported = desk.run("export --out log.jsonl").succeeds();
    assert!(exported.err.contains("facts exported") && exported.out.is_empty());
    let facts = desk.read("log.jsonl").lines().count();
    let mut node = up(&desk, "up --only scheduler,oswestry");
    let ready = until_ready(&mut node);
    wait_until(|| {
        desk.run("status --json").succeeds().json()["leads"]["oswestry"] != serde_json::Value::Null
    });
    let (code, said) = stop(node, "-INT");
    assert_eq!(code, Some(0), "{ready}{said}");
    assert!(
        ready.contains(&format!("ready: org acme, log position {facts}\n")),
        "{said}"
    );
    assert_eq!(
        desk.run("export").succeeds().out.lines().count(),
        facts,
        "a second start says nothing twice"
    );
    assert_eq!(
        desk.run(&format!("export --from {facts}"))
            .succeeds()
            .out
            .lines()
            .count(),
        1
    );
    let doctor = desk
        .run(&format!("doctor --monitor {}", server.monitor))
        .succeeds();
    assert!(doctor.out.contains("ok       sync_interval always"), "{doctor:?}");
    desk.run("doctor --org ghost").fails(78, &[]);
}

#[test]
fn a_node_that_waits_for_its_server_can_be_stopped() {
    let desk = Desk::new().with("NATS_URL", crate::support::NOBODY);
    let node = up(&desk, "up --org acme");
    std::thread::sleep(std::time::Duration::from_millis(500));
    let (code, said) = stop(node, "-TERM");
    assert_eq!(code, Some(143), "{said}");
    assert!(
        said.contains("trying again for half a minute") && said.contains("before it was ready"),
        "{said}"
    );
}

#[test]
fn an_alert_is_taken_on_once() {
    let server = Server::start();
    let desk = server.desk("acme");
    desk.run("org add acme").succeeds();
    let at = format!("{}T12:00:00Z", days()[0]);
    let flag = format!(
        r#"{{"assessment_id":"f-1","performed_at":"{at}","by":{{"role":"pcp","member_id":"m-pcp"}},"items":["bladder_change"]}}"#
    );
    let flag = fact("acme", "patient/p-1", "assessment.red_flag", "flag-1", &at, &flag);
    desk.run_with("publish -", &(world("acme") + &flag)).succeeds();
    let node = up(&desk, "up");
    let alerts = || desk.run("alerts --json").succeeds().json();
    wait_until(|| alerts()[0]["rule"] == "red-flag-bowel-bladder");
    let id = alerts()[0]["alert_id"].as_str().unwrap().to_owned();
    desk.run("ack nobody --by pcp")
        .fails(66, &["there is no alert nobody"]);
    let acked = desk
        .run(&format!("ack {id} --by physiatrist:m-phys --note seen"))
        .succeeds();
    assert!(acked.out.contains("of patient p-1 is acknowledged"));
    let again = desk.run(&format!("ack {id} --by pcp")).succeeds();
    assert!(
        again.out.is_empty() && again.err.contains("acknowledged at"),
        "{again:?}"
    );
    assert_eq!(alerts()[0]["state"], "acknowledged");
    assert_eq!(alerts()[0]["acknowledged_by"]["member_id"], "m-phys");
    stop(node, "-TERM");
}

#[test]
fn what_is_refused_can_be_looked_at_retried_and_dropped() {
    let server = Server::start();
    let desk = server.desk("acme");
    desk.run("org add acme").succeeds();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let conn = Connection::open(&Settings::new(&server.url, "test"))
            .await
            .unwrap();
        for (id, body) in [("a", "no \u{1b}[31mJSON"), ("b", "{}")] {
            let subject = "care.acme.patient.p-1.session.booked".to_owned();
            let payload = bytes::Bytes::from(body.to_owned());
            append(
                &conn,
                Append {
                    subject,
                    headers: Vec::new(),
                    payload,
                    message_id: id.to_owned(),
                    expect: None,
                },
            )
            .await
            .unwrap();
        }
    });
    let node = up(&desk, "up");
    let list = || desk.run("quarantine list --json").succeeds().json();
    wait_until(|| list().as_array().unwrap().len() == 2);
    assert_eq!(list()[0]["reason"], "not-json");
    assert_eq!(list()[1]["reason"], "not-cloudevent");
    let shown = desk.run("quarantine show 1").succeeds().out;
    assert!(
        shown.contains("care.acme.patient.p-1.session.booked") && !shown.contains('\u{1b}'),
        "{shown}"
    );
    assert!(
        desk.run("quarantine show 1 --json").succeeds().json()["body"]
            .as_str()
            .unwrap()
            .contains("JSON")
    );
    desk.run("quarantine drop 1").succeeds();
    desk.run("quarantine drop 1").fails(66, &["no entry 1"]);
    desk.run("quarantine retry 2").succeeds();
    // Still unreadable, so it is refused again, at its new place.
    wait_until(|| list().as_array().unwrap().len() == 1 && list()[0]["sequence"] == 3);
    let exported = desk.run("export --all").succeeds();
    assert!(
        exported.out.is_empty() && exported.err.contains("refused: sequence 1"),
        "{exported:?}"
    );
    stop(node, "-TERM");
}

#[test]
fn the_demo_says_through_a_real_server_what_a_simulation_says() {
    let desk = Desk::new();
    let ended = desk
        .run(&format!("demo --out out --nats-server {}", program().display()))
        .succeeds();
    for words in [
        "p-maria",
        "48 h",
        "unprepared: closure",
        "red-flag-bowel-bladder",
        "no-change-by-session-four",
        "acupuncturist",
        "Try next",
    ] {
        assert!(ended.out.contains(words), "no {words} in {}", ended.out);
    }
    let line = "simulate out/inputs.jsonl --policy out/policy.toml --until 2026-08-31 --all";
    let simulated = desk.run(line).succeeds().out;
    let set = |text: &str| -> BTreeSet<String> { text.lines().map(str::to_owned).collect() };
    let (real, virtual_) = (set(&desk.read("out/facts.jsonl")), set(&simulated));
    let differ: Vec<&String> = real.symmetric_difference(&virtual_).take(4).collect();
    assert!(differ.is_empty(), "{differ:#?}");
    let mails = std::fs::read_dir(desk.path("out/mail")).unwrap().count();
    let sent = real
        .iter()
        .filter(|fact| fact.contains("carebus.notice.sent.v1"))
        .count();
    assert_eq!(mails, sent);
}

#[test]
fn a_declined_session_is_placed_anew_and_only_a_proposal_can_be_confirmed() {
    let server = Server::start();
    let desk = server.desk("acme");
    desk.run("org add acme").succeeds();
    desk.run_with("publish -", &world("acme")).succeeds();
    let node = up(&desk, "up");
    let booked = || -> Vec<String> {
        let log = desk.run("export").succeeds().out;
        let facts = log
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let ea = facts.filter(|f| f["type"] == "carebus.session.booked.v1" && f["data"]["modality"] == "ea");
        ea.map(|f| f["data"]["session_id"].as_str().unwrap().to_owned())
            .collect()
    };
    wait_until(|| booked().len() == 1);
    let first = booked().remove(0);
    desk.run("confirm nobody --by acupuncturist:m-3")
        .fails(66, &["there is no session nobody"]);
    desk.run(&format!("confirm {first} --by acupuncturist:m-3"))
        .fails(65, &["expected proposed"]);
    let declined = desk
        .run(&format!("decline {first} --by acupuncturist:m-3 --reason away"))
        .succeeds();
    assert!(declined.out.contains("session.declined"), "{declined:?}");
    wait_until(|| booked().iter().any(|ea| *ea != first));
    desk.run(&format!("decline {first} --by acupuncturist:m-3"))
        .fails(65, &["the session is declined"]);
    stop(node, "-TERM");
}
