//! One file per command.

mod ack;
mod agenda;
pub(crate) mod alerts;
mod answer;
mod backup;
pub(crate) mod chart;
mod completions;
mod config;
mod demo;
mod doctor;
mod explain;
mod export;
mod mail;
mod nats_config;
mod org;
mod outcomes;
mod patient;
mod policy;
mod publish;
mod quarantine;
mod restore;
mod rules;
mod services;
mod simulate;
mod status;
mod up;

use std::process::ExitCode;

use crate::args::{Cli, Command, Policy};
use crate::bench;
use crate::config::Config;
use crate::exit::Failure;
use crate::logging;
use crate::output::Output;

/// What a command says unless asked for more.
const QUIET: &str = "warn";

/// Does what the command line says.
pub(crate) async fn run(cli: Cli, output: &Output) -> Result<ExitCode, Failure> {
    let Cli { global, command } = cli;
    // These need no configuration, so that none can be in their way.
    match &command {
        Command::Completions { shell } => return completions::run(*shell, output),
        Command::Rules(args) => return rules::run(args, output),
        Command::NatsConfig(args) => return nats_config::run(args, &global.org, output),
        Command::Simulate(args) => return simulate::run(args, global.org.first(), output),
        Command::Demo(args) => {
            let _spans = logging::start(QUIET, false, global.verbose, None)?;
            return Box::pin(demo::run(args, output)).await;
        }
        Command::Bench(args) => {
            let _spans = logging::start(QUIET, false, global.verbose, None)?;
            return Box::pin(bench::run(args, output)).await;
        }
        _ => {}
    }
    let config = Config::load(&global)?;
    for warning in &config.warnings {
        output.note(format!("warning: {warning}"));
    }
    // Only `up` decides in earnest; what others work out is not said a second time.
    let (level, otlp) = if matches!(command, Command::Up(_)) {
        (config.log_level.as_str(), config.otlp.as_deref())
    } else {
        (QUIET, None)
    };
    let _spans = logging::start(level, config.log_json, global.verbose, otlp)?;
    match command {
        Command::Up(args) => Box::pin(up::run(&args, &config, output)).await,
        Command::Org(args) => org::run(&args, &config, output).await,
        Command::Publish(args) => publish::run(&args, &config, output).await,
        Command::Chart(args) => chart::run(&args, &config, output).await,
        Command::Agenda(args) => agenda::run(&args, &config, output).await,
        Command::Alerts(args) => alerts::run(&args, &config, output).await,
        Command::Outcomes(args) => outcomes::run(&args, &config, output).await,
        Command::Ack(args) => ack::run(args, &config, output).await,
        Command::Confirm(args) => answer::run(args, answer::Say::Confirm, &config, output).await,
        Command::Decline(args) => answer::run(args, answer::Say::Decline, &config, output).await,
        Command::Explain(args) => explain::run(&args, &config, output).await,
        Command::Mail(args) => mail::run(&args, &config, output).await,
        Command::Policy(Policy::Try(args)) => policy::run(&args, &config, output).await,
        Command::Quarantine(args) => quarantine::run(&args, &config, output).await,
        Command::Export(args) => export::run(&args, &config, output).await,
        Command::Backup(args) => backup::run(&args, &config, output).await,
        Command::Restore(args) => restore::run(&args, &config, output).await,
        Command::Patient(args) => patient::run(&args, &config, output).await,
        Command::Config(args) => config::run(&args, &config, output),
        Command::Status(args) => status::run(&args, &config, output).await,
        Command::Doctor(args) => doctor::run(&args, &config, output).await,
        Command::Completions { .. }
        | Command::Rules(_)
        | Command::NatsConfig(_)
        | Command::Simulate(_)
        | Command::Demo(_)
        | Command::Bench(_) => Ok(ExitCode::SUCCESS),
    }
}
