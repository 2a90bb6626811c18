//! `carebus rules`: the catalogue as a reader needs it.

use std::process::ExitCode;

use care::fact::ours::{Evidence, Severity};
use triggers::{RuleInfo, ShowsAs};

use crate::args::Rules;
use crate::exit::Failure;
use crate::output::{Output, Tone, Value};

pub(crate) fn run(args: &Rules, output: &Output) -> Result<ExitCode, Failure> {
    let rules: Vec<&'static RuleInfo> = if args.operations {
        triggers::operations().collect()
    } else {
        triggers::catalogue().collect()
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
        "{} rules; `carebus rules --json` says what each rests on, does, and how it begins anew",
        rules.len()
    ));
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
