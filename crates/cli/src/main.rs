//! The `carebus` command.

mod args;
mod bench;
mod commands;
mod config;
mod demo;
mod exit;
mod fold;
mod lines;
mod link;
mod logging;
mod monitor;
mod output;
mod prepared;
mod spans;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::exit::{Exit, Failure};
use crate::output::Output;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    logging::keep_panics_discreet();
    let cli = Cli::parse();
    // One provider of cryptography for NATS and SMTP; a second call would find it there, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let output = Output::new(cli.global.json);
    let done = catch_unwind(AssertUnwindSafe(|| run(cli, &output)));
    let defect = || {
        Failure::new(Exit::Bug, "a defect of carebus stopped this command")
            .help("please report it with the lines above; the log is untouched by it")
    };
    let result = done.unwrap_or_else(|_| Err(defect()));
    match result.and_then(|code| output.flush().map(|()| code)) {
        Ok(code) => code,
        Err(failure) => failure.code().map_or(ExitCode::SUCCESS, |code| {
            output.note(failure.render(output.json()));
            ExitCode::from(code)
        }),
    }
}

fn run(cli: Cli, output: &Output) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(Exit::Other, format!("cannot start the runtime: {error}")))?;
    let result = runtime.block_on(commands::run(cli, output));
    // A read of standard input that nobody waits for any more must not hold up the end.
    runtime.shutdown_background();
    result
}
