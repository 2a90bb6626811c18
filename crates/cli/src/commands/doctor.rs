//! `carebus doctor`: one line per thing that can be wrong, with what to do about it.

mod checks;

use std::process::ExitCode;

use serde::Serialize;

use crate::args::Doctor;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::link;
use crate::output::{Output, Tone};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    Problem,
    /// Nobody could look.
    Unknown,
}

/// One line of the report.
#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    state: State,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip)]
    exit: Exit,
}

impl Check {
    fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self {
            check,
            state: State::Ok,
            says: says.into(),
            help: None,
            exit: Exit::Other,
        }
    }

    fn problem(check: &'static str, exit: Exit, says: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            check,
            state: State::Problem,
            says: says.into(),
            help: Some(help.into()),
            exit,
        }
    }

    fn unknown(check: &'static str, says: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            check,
            state: State::Unknown,
            says: says.into(),
            help: Some(help.into()),
            exit: Exit::Other,
        }
    }

    fn failed(check: &'static str, failure: &Failure) -> Self {
        let help = failure.help_text().unwrap_or("see above").to_owned();
        Self::problem(check, failure.exit(), failure.message(), help)
    }
}

pub(crate) async fn run(args: &Doctor, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    // A wrong configuration or policy would not have come this far.
    let mut report = vec![
        Check::ok("configuration", "as it should be"),
        Check::ok("policy", config.policy().hash()),
    ];
    report.push(checks::state(config));
    report.push(checks::mail(config).await);
    match link::connect(config).await {
        Ok(conn) => {
            report.push(Check::ok(
                "server",
                format!("{}, nats-server {}", config.nats.url, conn.server_version()),
            ));
            report.extend(checks::streams(&conn, config).await);
            report.extend(checks::record(&conn, config).await);
            conn.drain().await;
        }
        Err(failure) => report.push(Check::failed("server", &failure)),
    }
    let monitor = args.monitor.as_ref().or(config.monitor.as_ref());
    report.extend(checks::monitoring(monitor.map(String::as_str)).await);
    print(&report, output)?;
    // The first problem names the exit code, as the command it stands in the way of would.
    let problem = report.iter().find(|check| check.state == State::Problem);
    Ok(problem.map_or(ExitCode::SUCCESS, |check| ExitCode::from(check.exit as u8)))
}

/// For a service in production: refuses a server that would lose acknowledged facts in a power cut. Only its monitoring
/// page says so; where nobody can look, that is said, because a page that is down loses nothing.
pub(crate) async fn require_sync(config: &Config, output: &Output) -> Result<(), Failure> {
    if !config.production {
        return Ok(());
    }
    for check in checks::monitoring(config.monitor.as_deref()).await {
        let help = check.help.unwrap_or_default();
        match (check.check, check.state) {
            ("sync_interval", State::Problem) => {
                return Err(
                    Failure::new(check.exit, format!("sync_interval of the server: {}", check.says))
                        .help(help),
                );
            }
            ("sync_interval", State::Unknown) | ("monitoring", _) => {
                output.note(format!("sync_interval was not checked: {}; {help}", check.says));
            }
            _ => {}
        }
    }
    Ok(())
}

fn print(report: &[Check], output: &Output) -> Result<(), Failure> {
    if output.json() {
        return output.value(&report);
    }
    for check in report {
        let (state, tone) = match check.state {
            State::Ok => ("ok", Tone::Good),
            State::Problem => ("problem", Tone::Bad),
            State::Unknown => ("unknown", Tone::Warn),
        };
        output.line(format!(
            "{} {:<13} {}",
            output.painted(&format!("{state:<8}"), tone),
            check.check,
            check.says
        ))?;
        if let Some(help) = &check.help {
            output.line(format!("{:<22} {help}", ""))?;
        }
    }
    Ok(())
}
