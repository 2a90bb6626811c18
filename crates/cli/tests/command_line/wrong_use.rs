//! Everything a person can get wrong without a server: each ends with its own code and says what to do.

use crate::support::{Desk, NOBODY, fact, small_world};

#[test]
fn words_that_are_none_are_answered_with_what_was_expected() {
    let desk = Desk::new();
    desk.run("").fails(2, &["Usage: carebus", "carebus demo"]);
    desk.run("fly").fails(2, &["unrecognized subcommand 'fly'"]);
    desk.run("chart").fails(2, &["<PATIENT>"]);
    desk.run("chart p-1 --frobnicate").fails(2, &["--frobnicate"]);
    desk.run("chart p.1").fails(2, &["1 to 64 characters"]);
    desk.run("chart p-1 --org ACME")
        .fails(2, &["1 to 32 characters of a-z"]);
    desk.run("up --org acme --only scheduler,pilot")
        .fails(2, &["oswestry, triggers, scheduler, mailer"]);
    desk.run("simulate f.jsonl --until tomorrow")
        .fails(2, &["expected RFC 3339", "a date such as"]);
    desk.run("simulate f.jsonl --until 2026-02-30")
        .fails(2, &["expected RFC 3339"]);
    desk.run("ack a-1 --by janitor").fails(2, &["care_coordinator"]);
    desk.run("ack a-1 --by pcp:Dr.Lee")
        .fails(2, &["member: expected"]);
    desk.run("agenda --days 0").fails(2, &["1..=366"]);
    desk.run("quarantine show first").fails(2, &["invalid digit"]);
    desk.run("completions tcsh").fails(2, &["bash"]);
    desk.run("org add acme --replicas 2").fails(2, &["1, 3"]);
    desk.run("backup").fails(2, &["Usage: carebus backup"]);
    desk.run("backup --out a verify b")
        .fails(2, &["cannot be used with"]);
    desk.run("patient erase p-1 --yes --dry-run")
        .fails(2, &["cannot be used with"]);
}

#[test]
fn files_that_are_not_there_are_named() {
    let desk = Desk::new();
    for line in [
        "simulate gone.jsonl --until 2026-09-01",
        "publish gone.jsonl",
        "chart p-1 --file gone.jsonl",
        "config show --config gone.toml",
        "simulate /dev/null --until 2026-09-01 --policy gone.toml",
        "demo --nats-server gone",
        "backup verify gone",
        "restore gone",
    ] {
        desk.run(line).fails(66, &["gone"]);
    }
    desk.run("demo").fails(66, &["no nats-server", "make demo"]);
}

#[test]
fn every_bad_line_is_named_and_none_is_acted_on() {
    let desk = Desk::new();
    let good = fact(
        "acme",
        "patient/p-1",
        "plan.resumed",
        "a",
        "2026-06-01T00:00:00Z",
        r#"{"plan_id":"cp"}"#,
    );
    let lines = [
        good.as_str(),
        "{",
        "",
        "[]",
        &good.replace("plan.resumed", "plan.eaten"),
        &good.replace(".v1", ".v9"),
        &good.replace("acme/patient", "patient"),
        &good.replace(r#""plan_id":"cp""#, r#""plan_id":7"#),
        &good.replace("T00:00:00Z", ""),
    ];
    desk.write("bad.jsonl", &lines.join("\n"));
    let says = [
        "7 of 8 lines",
        "line 2: not-json",
        "line 4: not-cloudevent",
        "line 5: unknown-type",
        "line 6: unknown-version",
        "line 7: invalid-field: subject",
        "line 8: invalid-field: data.plan_id",
        "line 9: invalid-field: time",
        "help: each line is one CloudEvents",
    ];
    for line in [
        "simulate bad.jsonl --until 2026-09-01",
        &format!("publish bad.jsonl --nats {NOBODY}"),
    ] {
        let ended = desk.run(line);
        ended.fails(65, &says);
        assert_eq!(ended.out, "");
        assert!(!ended.err.contains("line 1:") && !ended.err.contains("line 3:"));
    }
    let ended = desk.run("simulate bad.jsonl --until 2026-09-01 --json");
    let error: serde_json::Value = serde_json::from_str(&ended.err).unwrap();
    assert_eq!((ended.code, error["code"].as_i64()), (65, Some(65)));
    assert_eq!(error["mistakes"][0]["line"], 2);
    assert_eq!(error["mistakes"][5]["reason"], "invalid-field");
    assert_eq!(error["mistakes"].as_array().unwrap().len(), 7);
}

#[test]
fn a_file_may_come_from_a_pipe_and_begin_with_a_byte_order_mark() {
    let desk = Desk::new();
    let world = format!(
        "\u{feff}{}",
        small_world("acme", "p-1", ["2026-06-01", "2026-06-04"]).replace('\n', "\r\n")
    );
    let ended = desk.run_with("simulate - --until 2026-06-02", &world).succeeds();
    assert!(ended.out.contains("carebus.session.booked.v1"), "{ended:?}");
    desk.run_with("simulate - --until 2026-06-02", "")
        .fails(65, &["no facts"]);
}

#[test]
fn a_server_that_is_not_there_is_unreachable() {
    let desk = Desk::new().with("NATS_URL", NOBODY).with("CAREBUS_ORG", "acme");
    desk.write(
        "world.jsonl",
        &small_world("acme", "p-1", ["2026-06-01", "2026-06-04"]),
    );
    for line in [
        "org add acme",
        "publish world.jsonl",
        "chart p-1",
        "agenda",
        "alerts",
        "ack a-1 --by pcp",
        "explain a-1",
        "quarantine list",
        "export",
        "backup --out b",
        "patient erase p-1 --yes",
        "doctor",
    ] {
        let ended = desk.run(line);
        assert_eq!(ended.code, 69, "{line}: {ended:?}");
        let said = format!("{}{}", ended.out, ended.err);
        assert!(
            said.contains("cannot reach NATS") && said.contains("--nats"),
            "{line}: {said}"
        );
    }
}

#[test]
fn an_organisation_must_be_named() {
    let desk = Desk::new().with("NATS_URL", NOBODY);
    for line in [
        "up",
        "chart p-1",
        "agenda",
        "alerts",
        "ack a-1 --by pcp",
        "explain a-1",
        "quarantine list",
        "export",
    ] {
        desk.run(line)
            .fails(2, &["no organisation is named", "--org acme"]);
    }
    desk.run("chart p-1 --org a --org b")
        .fails(2, &["one organisation"]);
}

#[test]
fn what_nobody_knows_is_said_to_be_unknown() {
    let desk = Desk::new();
    desk.write(
        "world.jsonl",
        &small_world("acme", "p-1", ["2026-06-01", "2026-06-04"]),
    );
    desk.run("chart p-9 --file world.jsonl")
        .fails(66, &["nothing is known of patient p-9"]);
    desk.run("explain e-9 --file world.jsonl")
        .fails(66, &["nothing in the log is called e-9"]);
    desk.run("chart p-1 --file world.jsonl --org beta")
        .fails(2, &["speaks of: acme"]);
    let two = desk.read("world.jsonl") + &small_world("acme", "p-2", ["2026-06-01", "2026-06-04"]);
    desk.write("two.jsonl", &two);
    desk.run("explain pt-1 --file two.jsonl")
        .fails(2, &["several patients: p-1, p-2", "--patient p-1"]);
    desk.run("explain pt-1 --file two.jsonl --patient p-2").succeeds();
    desk.write(
        "orgs.jsonl",
        &(two + &small_world("beta", "p-1", ["2026-06-01", "2026-06-04"])),
    );
    desk.run("simulate orgs.jsonl --until 2026-06-02")
        .fails(2, &["speaks of: acme, beta", "--org"]);
}

#[test]
fn shells_get_their_completions() {
    let desk = Desk::new();
    for (shell, word) in [
        ("bash", "_carebus()"),
        ("zsh", "#compdef carebus"),
        ("fish", "complete -c carebus"),
    ] {
        let script = desk.run(&format!("completions {shell}")).succeeds().out;
        assert!(script.contains(word) && script.contains("simulate"), "{shell}");
    }
}

#[test]
fn help_has_examples_and_rules_have_evidence() {
    let desk = Desk::new();
    assert!(desk.run("--help").succeeds().out.contains("carebus org add acme"));
    assert!(
        desk.run("simulate --help")
            .succeeds()
            .out
            .contains("--until 2026-09-01")
    );
    let rules = desk.run("rules --json").succeeds().json();
    let rules = rules.as_array().unwrap();
    assert!(rules.len() > 20);
    assert!(
        rules
            .iter()
            .all(|r| r["evidence"].is_string() && r["evidence_note"].is_string() && r["id"].is_string())
    );
    let operations = desk.run("rules --operations --json").succeeds().json();
    assert_eq!(operations[0]["id"], "notice-not-out");
    assert!(
        desk.run("rules")
            .succeeds()
            .out
            .contains("red-flag-bowel-bladder")
    );
}
