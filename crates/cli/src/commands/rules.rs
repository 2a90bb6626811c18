//! `carebus rules`: the catalogue as a reader needs it.

use std::process::ExitCode;

use care::fact::ours::{Evidence, Severity};
use triggers::{RuleInfo, ShowsAs};

use crate::args::Rules;
use crate::exit::{Exit, Failure};
use crate::output::{Output, Tone, Value};

pub(crate) fn run(args: &Rules, output: &Output) -> Result<ExitCode, Failure> {
    if args.markdown {
        output.line(triggers::markdown().trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(id) = &args.id {
        return one(id, output);
    }
    let rules = if args.operations {
        triggers::operations().collect()
    } else {
        of_group(args.group.as_deref())?
    };
    if output.json() {
        output.value(&rules)?;
        return Ok(ExitCode::SUCCESS);
    }
    let row = |rule: &&RuleInfo| {
        let evidence = match rule.evidence {
            Evidence::Contradicted => Value::toned(rule.evidence.label(), Tone::Warn),
            other => other.label().into(),
        };
        let roles: Vec<&str> = rule.roles.iter().map(|r| r.code()).collect();
        let name = if rule.default_on {
            rule.name.to_owned()
        } else {
            format!("{} (off by default)", rule.name)
        };
        vec![
            rule.id.into(),
            name.into(),
            severity(rule.severity),
            evidence,
            shows_as(rule).into(),
            roles.join(", ").into(),
        ]
    };
    let header = ["rule", "name", "severity", "evidence", "shows as", "tells"];
    output.table(&header, rules.iter().map(row).collect())?;
    output.note(format!(
        "{} rules; `carebus rules RULE` shows one whole",
        rules.len()
    ));
    Ok(ExitCode::SUCCESS)
}

fn of_group(group: Option<&str>) -> Result<Vec<&'static RuleInfo>, Failure> {
    let mut rules: Vec<&'static RuleInfo> = triggers::catalogue().collect();
    let Some(group) = group else { return Ok(rules) };
    let mut groups: Vec<&str> = rules.iter().map(|rule| rule.group).collect();
    groups.dedup();
    rules.retain(|rule| rule.group.eq_ignore_ascii_case(group));
    if rules.is_empty() {
        return Err(
            Failure::new(Exit::NoInput, format!("no rule belongs to a group {group}"))
                .help(format!("the groups: {}", groups.join(", "))),
        );
    }
    Ok(rules)
}

/// One rule, whole.
fn one(id: &str, output: &Output) -> Result<ExitCode, Failure> {
    let Some(info) = triggers::rule(id) else {
        let near: Vec<&str> = triggers::catalogue()
            .map(|info| info.id)
            .filter(|known| {
                known
                    .split('-')
                    .any(|word| id.split('-').any(|asked| asked == word))
            })
            .collect();
        let help = if near.is_empty() {
            "`carebus rules` lists every rule".to_owned()
        } else {
            format!("perhaps one of {}; `carebus rules` lists all", near.join(", "))
        };
        return Err(Failure::new(Exit::NoInput, format!("there is no rule {id}")).help(help));
    };
    if output.json() {
        output.value(info)?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(format!("{} ({}, version {})", info.name, info.id, info.version))?;
    for (name, value) in triggers::lines(info) {
        output.line(format!("  {name:<10} {value}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A severity in its colour.
pub(super) fn severity(severity: Severity) -> Value {
    let tone = match severity {
        Severity::Emergency => Tone::Bad,
        Severity::Urgent => Tone::Warn,
        Severity::Advisory | Severity::Info => Tone::Plain,
    };
    Value::toned(severity.code(), tone)
}

fn shows_as(rule: &RuleInfo) -> String {
    match rule.shows_as {
        ShowsAs::Alert => "alert".to_owned(),
        ShowsAs::Fact(name) => name.to_owned(),
        ShowsAs::Part(of) => format!("part of {of}"),
        ShowsAs::Registry => "carebus outcomes".to_owned(),
        ShowsAs::BuildTest => "test".to_owned(),
    }
}
