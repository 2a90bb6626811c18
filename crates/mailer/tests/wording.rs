//! An organisation's own words and templates: what they change, and what is told of everything that is wrong in them.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;

use care::time::Timestamp;
use care::{Chart, Event, Policy};
use mailer::wording::{FILES, Files};
use mailer::{Desk, Mail, Wording};
use serde_json::{Value, json};

const TEXT: &str = include_str!("../templates/letter.txt");
const MJML: &str = include_str!("../templates/letter.mjml");
const EXAMPLE: &str = include_str!("../../../deploy/templates/words.toml");

fn files(text: Option<&str>, mjml: Option<&str>, words: Option<&str>) -> Files {
    Files {
        text: text.map(str::to_owned),
        mjml: mjml.map(str::to_owned),
        words: words.map(str::to_owned),
    }
}

fn read(files: &Files) -> Result<Wording, Vec<String>> {
    let rules = ["odi-due", "odi-worse", "no-change-by-session-four"];
    Wording::read(files, |id| rules.contains(&id))
}

fn mistakes(files: &Files) -> Vec<String> {
    read(files).expect_err("a mistake")
}

fn has(told: &[String], expected: &str) {
    assert!(
        told.iter().any(|t| t.contains(expected)),
        "{expected} is not in {told:#?}"
    );
}

/// The first mail about an alert that was raised.
fn mail(wording: &Wording) -> Mail {
    let event = |id: &str, name: &str, data: Value| {
        let line = json!({"specversion": "1.0", "id": id, "source": "urn:test:clinic",
            "type": format!("carebus.{name}.v1"), "subject": "acme/patient/p-1", "time": "2026-06-01T14:00:00Z",
            "datacontenttype": "application/json", "data": data});
        Event::decode_line(&line.to_string()).unwrap()
    };
    let mut chart = Chart::new(care::id::PatientId::new("p-1").unwrap());
    chart.apply(&event(
        "1",
        "plan.activated",
        json!({"plan_id": "cp-1", "timezone": "America/Toronto", "started_on": "2026-06-01",
            "team": [{"role": "pcp", "member_id": "m-1", "email": "lee@pcp.example"}]}),
    ));
    chart.apply(&event(
        "2",
        "alert.raised",
        json!({"alert_id": "al-1", "rule": "odi-worse", "title": "Oswestry worse", "key": "k", "policy": "p",
            "severity": "urgent", "because": [], "evidence": "assumption", "roles": ["pcp"], "actions": []}),
    ));
    let (postboxes, traffic, lanes) = Default::default();
    let desk = Desk {
        sending: BTreeSet::default(),
        resend_is_harmless: false,
        lanes: &lanes,
        is_in_doubt: false,
        postboxes: &postboxes,
        traffic: &traffic,
        wording,
    };
    let now: Timestamp = "2026-06-01T14:00:00Z".parse().unwrap();
    let round = mailer::react(&chart, &Policy::default(), &desk, now);
    round.mails.into_iter().next().expect("a mail")
}

#[test]
fn the_example_changes_nothing_until_it_is_filled_in() {
    let as_built_in = mail(&Wording::default());
    let example = read(&files(None, None, Some(EXAMPLE))).unwrap();
    assert_eq!(mail(&example).text, as_built_in.text);
    let filled: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") || rest.starts_with('[') => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let mail = mail(&read(&files(None, None, Some(&filled))).unwrap());
    for part in [mail.text.expose(), mail.html.expose()] {
        for line in [
            "Eastside Care via carebus",
            "From the team that looks after",
            "Open Monday to Friday, 8 to 18 h",
            "+1 416 555 0100",
        ] {
            let part = part.replace("</bdi>", "").replace("<bdi>", "");
            let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(part.contains(line), "{line} is not in:\n{part}");
        }
    }
}

#[test]
fn advice_stands_in_the_letters_of_its_rule_only() {
    let advice = |rule: &str| format!("[rules.{rule}]\nadvice = \"Ask Dr. Day.\"\n");
    let mine = mail(&read(&files(None, None, Some(&advice("odi-worse")))).unwrap());
    assert!(
        mine.text
            .expose()
            .contains("What your organisation advises\n  Ask Dr. Day.")
    );
    let other = mail(&read(&files(None, None, Some(&advice("odi-due")))).unwrap());
    assert!(!other.text.expose().contains("Ask Dr. Day."));
}

#[test]
fn the_embedded_templates_pass_as_an_organisations_own() {
    let own = read(&files(Some(TEXT), Some(MJML), None)).unwrap();
    assert_eq!(mail(&own), mail(&Wording::default()));
    let changed = TEXT.replace("via carebus", "by carebus");
    assert!(
        mail(&read(&files(Some(&changed), None, None)).unwrap())
            .text
            .expose()
            .contains("by carebus")
    );
}

#[test]
fn every_mistake_is_told_at_once_with_its_file() {
    let words = "organization = \"x\"\nfooter = \"one\"\nemergency_phone = \"ask Bob\"\ngreeting = \"a\\nb\"\n\
        [rules.odi-wrose]\nadvice = \"x\"\n[rules.odi-due]\nadvise = \"x\"\n";
    let mut own = files(
        Some("{{ page.subject }} {% if %}"),
        Some("{% for x in %}"),
        Some(words),
    );
    let told = mistakes(&own);
    for expected in [
        "letter.txt: line 1: ",
        "letter.mjml: line 1: ",
        "words.toml: organization: unknown key",
        "words.toml: footer: expected a list",
        "words.toml: emergency_phone: expected a telephone number",
        "words.toml: greeting: expected one line",
        "words.toml: rules.odi-wrose: there is no such rule",
        "words.toml: rules.odi-due.advise: unknown key",
    ] {
        has(&told, expected);
    }
    assert_eq!(told.len(), 8, "{told:#?}");
    own.words = Some("organisation = ".to_owned());
    has(&mistakes(&own), "words.toml: not TOML: ");
}

#[test]
fn a_template_that_leaves_out_what_matters_is_refused() {
    let silent = TEXT.replace("{{ item.action | wrap(2) }}", "");
    has(
        &mistakes(&files(Some(&silent), None, None)),
        "letter.txt: it does not say \"Do the one",
    );
    let nameless = MJML.replace("{{ about() }}", "");
    has(
        &mistakes(&files(None, Some(&nameless), None)),
        "letter.mjml: it does not say \"p-0\"",
    );
    let unknown = TEXT.replace("page.organisation", "page.organization");
    has(
        &mistakes(&files(Some(&unknown), None, None)),
        "letter.txt: line 13: undefined value (in a letter about an alert)",
    );
    let no_series = TEXT.replace("columns(block.body.head, block.body.rows)", "\"\"");
    has(
        &mistakes(&files(Some(&no_series), None, None)),
        "letter.txt: it does not say \"40.4 %\"",
    );
    let broken = MJML.replace("<mj-body", "<mj-bdy");
    has(&mistakes(&files(None, Some(&broken), None)), "letter.mjml");
}

#[test]
fn a_template_that_loads_something_is_refused() {
    for foreign in [
        "<mj-image src=\"https://track.example/p.png\" />",
        "<mj-text><img src=\"http://track.example/p.png\"></mj-text>",
        "<mj-text><p style=\"background:url(https://x.example/p)\">x</p></mj-text>",
    ] {
        let own = MJML.replacen("<mj-column>", &format!("<mj-column>{foreign}"), 1);
        has(&mistakes(&files(None, Some(&own), None)), "loaded");
    }
}

#[test]
fn a_claim_that_must_not_be_made_is_refused_wherever_it_stands() {
    let promise = ["We", "cure", "backs."].join(" ");
    let words = format!("greeting = \"{promise}\"\n");
    has(
        &mistakes(&files(None, None, Some(&words))),
        "words.toml: promises a cure",
    );
    let own = format!("{TEXT}\n{promise}\n");
    has(
        &mistakes(&files(Some(&own), None, None)),
        "letter.txt: promises a cure",
    );
}

#[test]
fn the_files_have_names() {
    assert_eq!(FILES, ["letter.txt", "letter.mjml", "words.toml"]);
}
