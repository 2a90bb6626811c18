//! `policy try`: what another policy would have changed, from the record, with nothing published.

use crate::explaining::{completed, no_change, pain};
use crate::support::{Desk, fact, small_world};

/// A desk with `log.jsonl`: what the present policy made of a world.
fn desk(world: &str, until: &str) -> Desk {
    let desk = Desk::new();
    desk.write("world.jsonl", world);
    let log = desk
        .run(&format!("simulate world.jsonl --until {until} --all"))
        .succeeds()
        .out;
    desk.write("log.jsonl", &log);
    desk
}

#[test]
fn a_higher_limit_gains_an_alert_and_the_mails_about_it() {
    let mut world = no_change();
    world.pop();
    world.push(pain("pain-1", "2026-06-08T18:00:00Z", 60));
    let desk = desk(&world.join("\n"), "2026-06-20");
    desk.write("new.toml", "[rules]\nno_change_below_percent = 20\n");
    let line = "policy try new.toml --since 2026-06-08 --file log.jsonl";
    let told = desk.run(&format!("{line} --json --details")).succeeds().json();
    let rule = told["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["rule"] == "no-change-by-session-four");
    let rule = rule.unwrap();
    assert_eq!(
        (rule["present"].as_u64(), rule["new"].as_u64()),
        (Some(0), Some(1)),
        "{rule}"
    );
    assert_eq!(
        (rule["gained"].as_u64(), rule["lost"].as_u64()),
        (Some(1), Some(0))
    );
    let mail = told["mails"]
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["member_id"] == "m-phys")
        .unwrap();
    assert_eq!(
        (mail["week"].as_str(), mail["role"].as_str()),
        (Some("2026-W24"), Some("physiatrist"))
    );
    assert_eq!(
        (mail["present"].as_u64(), mail["new"].as_u64()),
        (Some(0), Some(1))
    );
    assert_eq!(told["agreement"]["only_recorded"], 0);
    assert_eq!(told["agreement"]["only_replayed"], 0);
    let gained = &told["details"][0];
    assert_eq!(
        (gained["what"].as_str(), gained["patient"].as_str()),
        (Some("alert_gained"), Some("p-1"))
    );
    assert_eq!(gained["at"], "2026-06-08T18:00:00Z");
    let printed = desk.run(line).succeeds();
    assert!(
        printed.out.contains("no-change-by-session-four") && printed.out.contains("+1"),
        "{}",
        printed.out
    );
    assert!(!printed.out.contains("team.example"));
    assert_eq!(printed.out, desk.run(line).out);
    // From after it on there is nothing to see.
    let later = desk
        .run("policy try new.toml --since 2026-06-09 --until 2026-06-20 --file log.jsonl --json")
        .succeeds()
        .json();
    assert_eq!(later["alerts"], serde_json::json!([]));
}

#[test]
fn another_lead_moves_the_ea_and_with_wider_spacing_one_prepares_both() {
    let mut world = small_world("acme", "p-1", ["2026-06-01", "2026-06-08"]);
    let second = r#"{"session_id":"pt-2","revision":1,"modality":"pt","start":"2026-06-10T15:00:00Z","end":"2026-06-10T16:00:00Z","clinic":"eastside-pt"}"#;
    world += &fact(
        "acme",
        "patient/p-1",
        "session.booked",
        "pt-2.1",
        "2026-06-01T12:00:00Z",
        second,
    );
    let desk = desk(&world, "2026-06-12");
    desk.write("lead.toml", "[scheduling]\nlead_hours = 60\n");
    let told = desk
        .run("policy try lead.toml --since 2026-06-01 --file log.jsonl --json --details")
        .succeeds()
        .json();
    assert_eq!(
        (told["ea"]["pt_sessions"].as_u64(), told["ea"]["earlier"].as_u64()),
        (Some(2), Some(2)),
        "{told}"
    );
    let moved = told["details"]
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["pt"] == "pt-1")
        .unwrap();
    assert_eq!(moved["present"], "2026-06-06T15:00:00Z");
    assert_eq!(moved["new"], "2026-06-06T03:00:00Z");
    desk.write("wide.toml", "[scheduling]\nspacing_hours = 160\n");
    let told = desk
        .run("policy try wide.toml --since 2026-06-01 --file log.jsonl --json")
        .succeeds()
        .json();
    // One EA between the two prepares both: the alert about the screening before the other is not raised.
    let of = |what: &str| told["ea"][what].as_u64();
    assert_eq!(
        (of("earlier"), of("later"), of("same")),
        (Some(1), Some(1), Some(0)),
        "{told}"
    );
    assert_eq!(told["alerts"][0]["lost"], 1);
    desk.write("same.toml", "");
    let same = desk
        .run("policy try same.toml --since 2026-06-01 --file log.jsonl --json")
        .succeeds();
    assert!(same.err.contains("the two policies say the same"));
    assert_eq!(same.json()["ea"]["same"], 2);
}

#[test]
fn what_is_recorded_and_would_not_be_again_is_counted() {
    let desk = desk(&no_change().join("\n"), "2026-06-20");
    // An alert that nobody's facts explain any more: the pain it rested on is not in this log.
    let log: String = desk
        .read("log.jsonl")
        .lines()
        .filter(|l| !l.contains("\"id\":\"pain-1\""))
        .map(|l| format!("{l}\n"))
        .collect();
    desk.write("log.jsonl", &log);
    desk.write("new.toml", "[rules]\nno_change_below_percent = 20\n");
    let tried = desk
        .run("policy try new.toml --since 2026-06-01 --file log.jsonl --json")
        .succeeds();
    assert_eq!(tried.json()["agreement"]["only_recorded"], 1);
    let said = desk
        .run("policy try new.toml --since 2026-06-01 --file log.jsonl")
        .succeeds()
        .err;
    assert!(said.contains("recorded alerts"), "{said}");
}

#[test]
fn wrong_input_is_told_all_at_once_and_before_the_log_is_read() {
    let desk = Desk::new();
    desk.write(
        "new.toml",
        "[rules]\nno_change_below_percent = \"ten\"\ncauda_equina_new_days = 3\n[x]\ny = 1\n",
    );
    desk.run("policy try new.toml --since 2026-06-01 --file none.jsonl")
        .fails(
            78,
            &[
                "3 mistake(s)",
                "rules.no_change_below_percent",
                "at least 14",
                "x: unknown section",
            ],
        );
    desk.write("new.toml", "");
    desk.run("policy try new.toml --since 2026-06-01 --file none.jsonl")
        .fails(66, &["none.jsonl"]);
    desk.run("policy try new.toml --since yesterday --file none.jsonl")
        .fails(2, &["expected RFC 3339"]);
    desk.run("policy try new.toml --since 2026-06-02 --until 2026-05-01 --file none.jsonl")
        .fails(2, &["--until is before --since"]);
    desk.write("log.jsonl", &completed(1, "2026-06-01T10:00:00Z"));
    desk.run("policy try new.toml --since 2026-07-01 --file log.jsonl")
        .fails(2, &["--since is after the last fact"]);
}
