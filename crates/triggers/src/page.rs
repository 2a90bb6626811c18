//! The reference page of the rules, in Markdown, made from the catalogue so that it cannot say anything else.

use std::fmt::Write as _;

use crate::rule::{Condition, Origin, RuleInfo, ShowsAs};
use crate::rules::catalogue;
use crate::tuning::policy_keys;

/// What stands above the list.
const TOP: &str = "\
# The rules

carebus coordinates care. It does not diagnose, and it decides no treatment: a rule notices something in the record and
tells the people who decide. It is not a medical device.

This page is made from the catalogue of the program (`carebus rules --markdown`); a test holds it to that. `carebus
rules` shows the same as a table, `carebus explain ALERT` why one alert was raised.

How to read a row:

- *Evidence* says what independent sources say about the ground a rule stands on: supported, partly supported,
  unverified, contradicted by independent sources, team policy, or assumption. The label travels with each alert.
- *Source* says where the rule comes from: the text that the clinics started from, an addition from the literature, or
  an assumption that a running system needs. That a text states something does not make it true.
- A *safety* rule may be made stricter by a policy, never switched off; nothing but what its text names ends it.
- *Shows as* says what stands in the log: an alert, another fact that speaks for itself, a part of another rule, a
  number of the registry report, or a test of what is shipped.
";

/// The page.
#[must_use]
pub fn markdown() -> String {
    let mut page = TOP.to_owned();
    let mut groups: Vec<&str> = Vec::new();
    for info in catalogue() {
        if !groups.contains(&info.group) {
            groups.push(info.group);
        }
    }
    for group in groups {
        let rules = || catalogue().filter(|info| info.group == group);
        let _ = write!(page, "\n## {}\n\n{}\n", titled(group), overview(rules()));
        for info in rules() {
            let _ = write!(page, "\n{}", rule_markdown(info));
        }
    }
    page
}

/// One rule whole, as the page shows it.
#[must_use]
pub fn rule_markdown(info: &RuleInfo) -> String {
    let mut text = format!("### {}\n\n`{}`, version {}\n\n", info.name, info.id, info.version);
    for (name, value) in lines(info) {
        let _ = writeln!(text, "- **{name}:** {value}");
    }
    text
}

/// What there is to say about a rule, name and words.
#[must_use]
pub fn lines(info: &RuleInfo) -> Vec<(&'static str, String)> {
    let roles: Vec<&str> = info.roles.iter().map(|role| role.code()).collect();
    let keys = policy_keys(info.id);
    let mut lines = vec![
        ("Effect", info.effect.to_owned()),
        ("Severity", info.severity.code().to_owned()),
        (
            "Tells",
            if roles.is_empty() {
                "nobody".to_owned()
            } else {
                roles.join(", ")
            },
        ),
        ("Shows as", shows_as(info.shows_as)),
        ("Same truth", info.dedupe.to_owned()),
        ("Anew", info.rearm.to_owned()),
        ("Stands", stands(info.condition).to_owned()),
        (
            "Evidence",
            format!("{}. {}", info.evidence.label(), info.evidence_note),
        ),
        ("Source", source(info.source).to_owned()),
        ("Default", default(info)),
    ];
    if info.safety {
        lines.push(("Safety", "yes: never switched off, only made stricter".to_owned()));
    }
    if !keys.is_empty() {
        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        lines.push(("Policy", keys.join(", ")));
    }
    lines
}

fn overview<'a>(rules: impl Iterator<Item = &'a RuleInfo>) -> String {
    let mut table = "| rule | severity | evidence | shows as |\n|---|---|---|---|".to_owned();
    for info in rules {
        let _ = write!(
            table,
            "\n| {} | {} | {} | {} |",
            info.name,
            info.severity.code(),
            info.evidence.label(),
            shows_as(info.shows_as)
        );
    }
    table
}

fn shows_as(shows_as: ShowsAs) -> String {
    match shows_as {
        ShowsAs::Alert => "an alert".to_owned(),
        ShowsAs::Fact(name) => format!("`{name}`"),
        ShowsAs::Part(of) => format!("a part of `{of}`"),
        ShowsAs::Registry => "a number of the registry report".to_owned(),
        ShowsAs::BuildTest => "a test of what is shipped".to_owned(),
    }
}

const fn stands(condition: Condition) -> &'static str {
    match condition {
        Condition::Standing => "until something ends it",
        Condition::Event => "it happened; only taking back a fact it rests on undoes it",
    }
}

const fn source(origin: Origin) -> &'static str {
    match origin {
        Origin::SourceText => "the text the clinics started from",
        Origin::Addition => "an addition from the literature",
        Origin::Assumption => "an assumption a running system needs",
    }
}

fn default(info: &RuleInfo) -> String {
    if info.default_on {
        "on".to_owned()
    } else {
        "off, until `rules.enabled` of the policy names it".to_owned()
    }
}

/// `red flags` as a heading.
fn titled(group: &str) -> String {
    let mut letters = group.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}
