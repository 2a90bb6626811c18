//! `explain`: why an alert was raised, to whom it went and when, and how little would have had to be otherwise.

use crate::support::{Desk, Server, fact, small_world};

const PATIENT: &str = "patient/p-1";

pub(crate) fn pain(id: &str, time: &str, value: u8) -> String {
    let data = format!(
        r#"{{"assessment_id":"{id}","performed_at":"{time}","by":{{"role":"patient"}},"scale":"vas","value":{value}}}"#
    );
    fact("acme", PATIENT, "assessment.pain", id, time, &data)
}

pub(crate) fn completed(n: u8, time: &str) -> String {
    let end = time.replace("T10:00", "T10:45");
    let data = format!(
        r#"{{"session_id":"ea-{n}","modality":"ea","started_at":"{time}","ended_at":"{end}","revision":1}}"#
    );
    fact(
        "acme",
        PATIENT,
        "session.completed",
        &format!("done-{n}"),
        time,
        &data,
    )
}

/// Four sessions and a pain that hardly moves, told half a day after it was measured.
pub(crate) fn no_change() -> Vec<String> {
    let mut lines: Vec<String> = small_world("acme", "p-1", ["2026-06-01", "2026-07-04"])
        .lines()
        .map(str::to_owned)
        .collect();
    lines.push(pain("pain-0", "2026-06-01T12:00:00Z", 70));
    for (n, day) in [(1, 2), (2, 4), (3, 6), (4, 8)] {
        lines.push(completed(n, &format!("2026-06-{day:02}T10:00:00Z")));
    }
    lines.push(pain("pain-1", "2026-06-08T18:00:00Z", 66));
    lines
}

/// A desk with `log.jsonl`, and the id of the first alert of a rule in it.
fn played(world: &[String], rule: &str) -> (Desk, String) {
    let desk = Desk::new();
    desk.write("world.jsonl", &world.join("\n"));
    let log = desk
        .run("simulate world.jsonl --until 2026-06-20 --all")
        .succeeds()
        .out;
    desk.write("log.jsonl", &log);
    let alerts = desk.run("alerts --all --file log.jsonl --json").succeeds().json();
    let alert = alerts
        .as_array()
        .unwrap()
        .iter()
        .find(|a| a["rule"] == rule)
        .unwrap();
    let id = alert["alert_id"].as_str().unwrap().to_owned();
    (desk, id)
}

#[test]
fn an_alert_says_its_facts_its_limits_its_people_and_its_nearest_counterfactual() {
    let (desk, id) = played(&no_change(), "no-change-by-session-four");
    let why = desk.run(&format!("explain {id} --file log.jsonl")).succeeds().out;
    for words in [
        "version 2, policy ",
        "rules.no_change_below_percent = 10",
        "evidence     team policy",
        "pain of Mon 06-08 18:00: 66 mm  [pain-1]",
        "pain of Mon 06-08 18:00: at 63 mm or less (it was 66 mm)",
        "session completed ea-1",
        "it was raised at once, Mon 06-08 18:00",
        "physiatrist m-phys: mail claimed Mon 06-08 18:00; taken by the mail server (250)",
    ] {
        assert!(why.contains(words), "no {words:?} in {why}");
    }
    assert!(!why.contains("team.example"), "{why}");
    let json = desk
        .run(&format!("explain {id} --file log.jsonl --json"))
        .succeeds()
        .json();
    assert_eq!(json["because"][0]["id"], "pain-0");
    let inputs = json["inputs"].as_array().unwrap();
    let of = |id: &str| inputs.iter().find(|i| i["id"] == id).unwrap();
    assert_eq!(of("pain-1")["is_because"], true);
    assert_eq!(of("pain-1")["otherwise"][0]["to"], 63);
    assert_eq!(of("done-1")["is_because"], false);
    assert_eq!(of("done-1")["without"], "it would not have been raised");
}

#[test]
fn it_would_not_have_been_raised_at_the_value_that_is_named_and_is_at_the_one_before() {
    for (value, is_raised) in [(63, false), (64, true)] {
        let mut world = no_change();
        world.pop();
        world.push(pain("pain-1", "2026-06-08T18:00:00Z", value));
        let desk = Desk::new();
        desk.write("world.jsonl", &world.join("\n"));
        let log = desk.run("simulate world.jsonl --until 2026-06-20").succeeds().out;
        assert_eq!(log.contains("no-change-by-session-four"), is_raised, "{value}");
    }
}

#[test]
fn a_fact_that_came_late_and_a_role_that_nobody_holds_are_said() {
    let mut world = no_change();
    // Nobody is a physiatrist, and a later fact stands in the log before the pain that decides.
    world[1] = world[1].replace("\"physiatrist\"", "\"physical_therapist\"");
    let last = world.len() - 1;
    world.insert(last, completed(5, "2026-06-10T10:00:00Z"));
    let (desk, id) = played(&world, "no-change-by-session-four");
    let why = desk.run(&format!("explain {id} --file log.jsonl")).succeeds().out;
    for words in [
        "that fact came late: what was told Wed 06-10 10:00 stands in the log before it",
        "it was raised when that was known, Wed 06-10 10:00",
        "care_coordinator m-coord, in place of physiatrist",
    ] {
        assert!(why.contains(words), "no {words:?} in {why}");
    }
}

#[test]
fn another_policy_is_said_to_be_another() {
    let (desk, id) = played(&no_change(), "no-change-by-session-four");
    desk.write("new.toml", "[rules]\nno_change_below_percent = 20\n");
    let why = desk
        .run(&format!("explain {id} --file log.jsonl --policy new.toml"))
        .succeeds()
        .out;
    assert!(
        why.contains("the policy given is") && why.contains("at 56 mm or less"),
        "{why}"
    );
    desk.write("new.toml", "[rules]\nno_change_below_percent = 5\n");
    let why = desk
        .run(&format!("explain {id} --file log.jsonl --policy new.toml"))
        .succeeds()
        .out;
    assert!(
        why.contains("with this version and policy it would not be raised"),
        "{why}"
    );
    desk.run(&format!("explain {id} --file log.jsonl --policy none.toml"))
        .fails(66, &["none.toml"]);
    desk.run("explain nobody --file log.jsonl")
        .fails(66, &["nothing in the log is called nobody"]);
}

#[test]
fn the_answer_has_the_same_bytes_each_time_and_after_the_log_went_through_a_server() {
    let (desk, id) = played(&no_change(), "no-change-by-session-four");
    let ask = |desk: &Desk, json: &str| {
        desk.run(&format!("explain {id} --file log.jsonl{json}"))
            .succeeds()
            .out
    };
    let first = [ask(&desk, ""), ask(&desk, " --json")];
    assert_eq!(first, [ask(&desk, ""), ask(&desk, " --json")]);
    let server = Server::start();
    let other = server.desk("acme");
    other.run("org add acme").succeeds();
    other.write("sent.jsonl", &desk.read("log.jsonl"));
    other.run("publish sent.jsonl").succeeds();
    other.run("export --out log.jsonl").succeeds();
    assert_eq!(first, [ask(&other, ""), ask(&other, " --json")]);
    assert_eq!(
        first[0],
        other.run(&format!("explain {id}")).succeeds().out,
        "from the log itself"
    );
}
