//! `simulate`: the same bytes on every run, and an end that nobody minds when its reader leaves.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use crate::support::{Desk, fact, small_world};

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write(
        "world.jsonl",
        &small_world("acme", "p-1", ["2026-06-01", "2026-06-04"]),
    );
    desk
}

#[test]
fn a_pt_session_gets_its_ea_48_hours_before_and_the_same_bytes_every_time() {
    let desk = desk();
    let first = desk
        .run("simulate world.jsonl --until 2026-06-02 --out a")
        .succeeds();
    let again = desk
        .run("simulate world.jsonl --until 2026-06-02 --out b --json")
        .succeeds();
    assert_eq!(first.out, again.out);
    assert_eq!(desk.read("a/facts.jsonl"), desk.read("b/facts.jsonl"));
    let booked = first
        .out
        .lines()
        .find(|line| line.contains("session.booked"))
        .unwrap();
    let booked: serde_json::Value = serde_json::from_str(booked).unwrap();
    assert_eq!(booked["data"]["start"], "2026-06-02T15:00:00Z");
    assert_eq!(booked["data"]["prepares"][0], "pt-1");
    assert_eq!(booked["time"], "2026-06-01T12:00:00Z");

    let mails = |folder: &str| -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir(desk.path(folder))
            .unwrap()
            .map(|e| e.unwrap().path());
        let mut mails: Vec<_> = entries
            .map(|p| {
                (
                    p.file_name().unwrap().to_str().unwrap().to_owned(),
                    std::fs::read(&p).unwrap(),
                )
            })
            .collect();
        mails.sort();
        mails
    };
    let (a, b) = (mails("a/mail"), mails("b/mail"));
    assert!(
        !a.is_empty() && a[0].0.starts_with("0001-") && a[0].0.ends_with(".eml"),
        "{:?}",
        a.iter().map(|m| &m.0).collect::<Vec<_>>()
    );
    assert!(a == b, "mails differ");
}

#[test]
fn all_prints_the_input_too_and_the_output_reads_back() {
    let desk = desk();
    let ours = desk.run("simulate world.jsonl --until 2026-06-02").succeeds().out;
    let all = desk
        .run("simulate world.jsonl --until 2026-06-02 --all")
        .succeeds()
        .out;
    assert_eq!(all.lines().count(), ours.lines().count() + 3);
    desk.write("log.jsonl", &all);
    let chart = desk.run("chart p-1 --file log.jsonl --json").succeeds().json();
    assert_eq!(chart["sessions"][0]["gap_min"], 48 * 60);
    assert_eq!(chart["sessions"][0]["ea"]["status"], "booked");
    // No names, no addresses: who reads over a shoulder learns ids.
    let printed = desk.run("chart p-1 --file log.jsonl").succeeds().out;
    assert!(
        printed.contains("48 h") && !printed.contains("team.example"),
        "{printed}"
    );
    assert!(!chart.to_string().contains("team.example"));
    let ahead = desk
        .run("agenda --file log.jsonl --at 2026-06-01 --json")
        .succeeds()
        .json();
    assert!(
        ahead
            .as_array()
            .unwrap()
            .iter()
            .any(|i| i["what"].as_str().unwrap().starts_with("EA ")),
        "{ahead}"
    );
    let ea = chart["sessions"][0]["ea"]["session_id"].as_str().unwrap();
    let why = desk.run(&format!("explain {ea} --file log.jsonl")).succeeds().out;
    assert!(
        why.contains("it prepares PT pt-1, 48 h later") && why.contains("→"),
        "{why}"
    );
    assert_eq!(why, desk.run(&format!("explain {ea} --file log.jsonl")).out);
}

#[test]
fn an_alert_is_listed_and_explained() {
    let desk = desk();
    let flag = r#"{"assessment_id":"f-1","performed_at":"2026-06-01T13:00:00Z","by":{"role":"pcp","member_id":"m-pcp"},"items":["bladder_change"]}"#;
    let flag = fact(
        "acme",
        "patient/p-1",
        "assessment.red_flag",
        "flag-1",
        "2026-06-01T13:00:00Z",
        flag,
    );
    desk.write("world.jsonl", &(desk.read("world.jsonl") + &flag));
    let log = desk
        .run("simulate world.jsonl --until 2026-06-01T13:00:00Z --all")
        .succeeds()
        .out;
    desk.write("log.jsonl", &log);
    let alerts = desk.run("alerts --file log.jsonl --json").succeeds().json();
    let alert = alerts
        .as_array()
        .unwrap()
        .iter()
        .find(|a| a["rule"] == "red-flag-bowel-bladder")
        .unwrap();
    assert_eq!(
        (alert["severity"].as_str(), alert["state"].as_str()),
        (Some("emergency"), Some("open"))
    );
    let id = alert["alert_id"].as_str().unwrap();
    let why = desk
        .run(&format!("explain {id} --file log.jsonl --json"))
        .succeeds()
        .json();
    assert_eq!(why["kind"], "alert");
    assert_eq!(why["because"][0]["id"], "flag-1");
    assert!(why["rule"]["evidence"].as_str().unwrap().starts_with("supported"));
    assert!(
        desk.run("chart p-1 --file log.jsonl")
            .succeeds()
            .out
            .contains("EA held by red-flag-bowel-bladder")
    );
}

#[test]
fn what_nobody_took_on_stands_in_the_list_until_somebody_does() {
    let desk = desk();
    let flag = r#"{"assessment_id":"f-1","performed_at":"2026-06-01T13:00:00Z","by":{"role":"pcp","member_id":"m-pcp"},"items":["bladder_change"]}"#;
    let told = "2026-06-01T13:00:00Z";
    let flag = fact("acme", "patient/p-1", "assessment.red_flag", "flag-1", told, flag);
    desk.write("world.jsonl", &(desk.read("world.jsonl") + &flag));
    for (until, again, stands) in [
        ("2026-06-01T14:59:59Z", 7, false),
        ("2026-06-01T15:00:01Z", 8, true),
    ] {
        let log = desk
            .run(&format!("simulate world.jsonl --until {until} --all"))
            .succeeds()
            .out;
        desk.write("log.jsonl", &log);
        let alerts = desk.run("alerts --file log.jsonl --json").succeeds().json();
        let all = alerts.as_array().unwrap();
        let alert = all
            .iter()
            .find(|a| a["rule"] == "red-flag-bowel-bladder")
            .unwrap();
        assert_eq!(alert["told_again"], again, "{until}");
        assert_eq!(alert["nobody_took_it_on"], stands, "{until}");
        let out = desk.run("alerts --file log.jsonl").succeeds().out;
        assert_eq!(
            out.contains("was told again to the last, and nobody has answered"),
            stands,
            "{out}"
        );
    }
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let desk = desk();
    std::fs::create_dir(desk.path("mine")).unwrap();
    desk.write("mine/thesis.txt", "years of work");
    desk.run("simulate world.jsonl --until 2026-06-02 --out mine")
        .fails(2, &["holds other files"]);
    desk.run("demo --out mine --nats-server /bin/true")
        .fails(2, &["holds other files"]);
    assert_eq!(desk.read("mine/thesis.txt"), "years of work");
    desk.run("simulate world.jsonl --until 2026-06-02 --out world.jsonl")
        .fails(66, &["world.jsonl"]);
}

#[test]
fn a_policy_says_all_its_mistakes() {
    let desk = desk();
    desk.write(
        "policy.toml",
        "[scheduling]\nlead_hours = \"two days\"\nlaed_mode = \"elapsed\"\n[mial]\nfrom = \"x\"\n\
         [rules]\nenabled = [\"caution-epilepsie\"]\n",
    );
    let says = [
        "4 mistake(s)",
        "rules.enabled: `caution-epilepsie` is no rule",
        "scheduling.lead_hours",
        "scheduling.laed_mode: unknown key",
        "mial: unknown section",
    ];
    desk.run("simulate world.jsonl --until 2026-06-02 --policy policy.toml")
        .fails(78, &says);
    desk.write("policy.toml", "[scheduling]\nlead_hours = 24\n");
    let out = desk
        .run("simulate world.jsonl --until 2026-06-02 --policy policy.toml")
        .succeeds()
        .out;
    assert!(out.contains("2026-06-03T15:00:00Z"), "{out}");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let desk = desk();
    // More than a pipe holds.
    let many: String = (0..2000)
        .map(|n| {
            fact(
                "acme",
                "patient/p-1",
                "plan.resumed",
                &format!("e-{n}"),
                "2026-06-01T12:00:00Z",
                r#"{"plan_id":"cp-1"}"#,
            ) + "\n"
        })
        .collect();
    desk.write("many.jsonl", &many);
    let mut command = desk.command("simulate many.jsonl --until 2026-06-02 --all");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    // Read one line, then go away.
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
    assert!(first.contains("e-0"));
}
