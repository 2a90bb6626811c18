//! Late mail that waits for a person: a burst after an outage, on a real server, and letting it go.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::{Desk, Server, wait_until};

/// Plans of an organisation that began three days ago with nobody but a coordinator: an advisory each, long overdue.
fn plans(org: &str, patients: usize) -> String {
    let out = Command::new("date").args(["-u", "+%F"]).output().unwrap();
    let today: care::time::Date = String::from_utf8(out.stdout).unwrap().trim().parse().unwrap();
    let day = today.checked_sub(care::time::Span::new().days(3)).unwrap();
    let began = format!("{day}T12:00:00Z");
    let one = |number: usize| {
        let coordinator =
            json!({"role": "care_coordinator", "member_id": "m-5", "email": "desk@hub.example"});
        let acupuncturist =
            json!({"role": "acupuncturist", "member_id": "m-3", "email": "acu@needles.example"});
        let physiatrist = json!({"role": "physiatrist", "member_id": "m-2", "email": "phys@hub.example"});
        let line = json!({
            "specversion": "1.0", "id": format!("plan-{number}"), "source": format!("urn:carebus:{org}:hub"),
            "type": "carebus.plan.activated.v1", "subject": format!("{org}/patient/p-{number}"), "time": began,
            "data": {"plan_id": format!("cp-{number}"), "revision": 1, "timezone": "UTC", "started_on": day.to_string(),
                "team": [coordinator, acupuncturist, physiatrist]},
        });
        format!("{line}\n")
    };
    (1..=patients).map(one).collect()
}

fn waiting(desk: &Desk) -> serde_json::Value {
    desk.run("mail release --json").succeeds().json()
}

#[test]
fn a_burst_of_late_mail_waits_until_a_person_lets_it_go() {
    let server = Server::start();
    let desk = server
        .desk("acme")
        .with("CAREBUS_POLICY", "policy.toml")
        .with("CAREBUS_MAIL__TRANSPORT", "memory");
    desk.write(
        "policy.toml",
        "[mail]\nburst_floor = 1\nquiet_from = \"00:00\"\nquiet_to = \"00:00\"\n",
    );
    desk.write("plans.jsonl", &plans("acme", 4));
    desk.run("org add acme").succeeds();
    desk.run("publish plans.jsonl").succeeds();
    let mut node = desk
        .command("up")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until(|| waiting(&desk)[0]["waiting"] == 3);
    let waits = waiting(&desk);
    assert_eq!(waits[0]["member_id"], "m-5");
    assert_eq!(waits[0]["released"], false);
    desk.run("mail release --all").fails(2, &["--by"]);
    desk.run("mail release --member m-9 --by care_coordinator:m-5")
        .fails(66, &["nothing waits for m-9"]);
    let let_go = desk
        .run("mail release --member m-5 --by care_coordinator:m-5 --json")
        .succeeds()
        .json();
    assert_eq!(let_go[0]["released"], true);
    assert!(
        desk.run("export")
            .succeeds()
            .out
            .contains("carebus.notice.released.v1")
    );
    // What was let go keeps its distance, and waits for nobody any more.
    wait_until(|| waiting(&desk).as_array().is_some_and(Vec::is_empty));
    node.kill().unwrap();
    node.wait().unwrap();
}
