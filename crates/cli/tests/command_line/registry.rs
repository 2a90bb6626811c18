//! `carebus outcomes`: one report in three forms, narrow enough to read, with nobody in it.

use crate::support::{Desk, fact};

/// Twelve patients with three sessions and two scores each; the first three respond.
fn cohort() -> String {
    let mut lines = Vec::new();
    for n in 1..=12 {
        let patient = format!("patient/p-{n}");
        let mut say = |name: &str, id: &str, time: &str, data: &str| {
            lines.push(fact("acme", &patient, name, &format!("{n}-{id}"), time, data));
        };
        let day = |d: u32| format!("2026-06-{d:02}T10:00:00Z");
        let plan =
            r#"{"plan_id":"cp-secret","revision":1,"timezone":"UTC","started_on":"2026-06-01","team":[]}"#;
        say("plan.activated", "plan", "2026-06-01T00:00:00Z", plan);
        for k in 1..=3 {
            let (id, at) = (format!("s-{k}"), day(2 * k));
            let done =
                format!(r#"{{"session_id":"ea-{n}-{k}","revision":1,"started_at":"{at}","modality":"ea"}}"#);
            say("session.completed", &id, &at, &done);
        }
        for (id, at, value) in [("b", day(1), 60), ("l", day(8), if n <= 3 { 20 } else { 59 })] {
            let score = format!(
                r#"{{"assessment_id":"a-{n}-{id}","performed_at":"{at}","by":{{"role":"patient"}},"scale":"vas","value":{value}}}"#
            );
            say("assessment.pain", id, &at, &score);
        }
    }
    lines.join("\n") + "\n"
}

const COMMAND: &str = "outcomes --file facts.jsonl --until 2026-12-31";

#[test]
fn the_three_forms_say_the_same() {
    let desk = Desk::new();
    desk.write("facts.jsonl", &cohort());
    let report = desk.run(&format!("{COMMAND} --json")).succeeds().json();
    assert_eq!(report["schema"], "carebus.outcomes.v1");
    let csv = desk.run(&format!("{COMMAND} --format csv")).succeeds().out;
    let mut rows = csv.lines();
    assert_eq!(rows.next(), Some("measure,group,statistic,value,n,suppressed"));
    for block in report["blocks"].as_array().unwrap() {
        for figure in block["figures"].as_array().unwrap() {
            let plain = |value: &serde_json::Value| value.to_string().replace("null", "").replace('"', "");
            let value = plain(&figure["value"]);
            let row = [
                plain(&block["measure"]),
                plain(&figure["group"]),
                plain(&figure["statistic"]),
                // JSON writes 3 as 3.0 where it is no count.
                value.strip_suffix(".0").unwrap_or(&value).to_owned(),
                plain(&figure["n"]),
                plain(&figure["suppressed"]),
            ];
            assert_eq!(rows.next(), Some(row.join(",").as_str()));
        }
    }
    assert_eq!(rows.next(), None);
}

#[test]
fn small_counts_are_hidden_unless_asked_for() {
    let desk = Desk::new();
    desk.write("facts.jsonl", &cohort());
    let csv = desk.run(&format!("{COMMAND} --format csv")).succeeds().out;
    assert!(
        csv.contains("reg-sessions-to-30,first_time,evaluable,12,,false"),
        "{csv}"
    );
    assert!(
        csv.contains("reg-sessions-to-30,first_time,responders,,,true"),
        "{csv}"
    );
    assert!(
        csv.contains("reg-sessions-to-30,first_time,mean_sessions,,,true"),
        "{csv}"
    );
    let csv = desk
        .run(&format!("{COMMAND} --format csv --min-cell 1"))
        .succeeds()
        .out;
    assert!(
        csv.contains("reg-sessions-to-30,first_time,responders,3,,false"),
        "{csv}"
    );
    assert!(
        csv.contains("reg-sessions-to-30,first_time,mean_sessions,3,3,false"),
        "{csv}"
    );
    // The period is that of the episodes' first days.
    let later = desk
        .run(&format!("{COMMAND} --from 2026-06-02 --format csv"))
        .succeeds()
        .out;
    assert!(later.contains("episodes,all,episodes,0,,false"), "{later}");
}

#[test]
fn the_page_is_narrow_and_names_nobody() {
    let desk = Desk::new();
    desk.write("facts.jsonl", &cohort());
    let page = desk.run(COMMAND).succeeds().out;
    let wide: Vec<&str> = page.lines().filter(|line| line.chars().count() > 110).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    for words in [
        "<5*",
        "Evidence: unverified.",
        "observational, confounded",
        "counts only",
    ] {
        assert!(page.contains(words), "no {words:?} in {page}");
    }
    for form in ["table", "csv", "json"] {
        let out = desk
            .run(&format!("{COMMAND} --min-cell 1 --format {form}"))
            .succeeds()
            .out;
        for name in ["p-1", "cp-secret", "ea-1", "a-1"] {
            assert!(!out.contains(name), "{name} in {out}");
        }
    }
}

#[test]
fn what_the_report_cannot_be_asked_is_said() {
    let desk = Desk::new();
    desk.run("outcomes --from yesterday")
        .fails(2, &["expected RFC 3339", "a date such as"]);
    desk.run("outcomes --min-cell 0").fails(2, &["1..=1000"]);
    desk.run("outcomes --format html")
        .fails(2, &["table", "json", "csv"]);
    desk.run("outcomes --perspective society").fails(2, &["payer"]);
    desk.run("outcomes --file gone.jsonl").fails(66, &["gone"]);
}
