//! `carebus mail`: which letters went out, what they said, how they look, and whether one would arrive.

mod about;
mod list;
mod preview;
mod release;
mod sample;
mod send_test;
mod show;

use std::process::ExitCode;

use crate::args::Mail;
use crate::config::Config;
use crate::exit::Failure;
use crate::output::Output;

pub(crate) async fn run(args: &Mail, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    match args {
        Mail::List(args) => list::run(args, config, output).await,
        Mail::Show(args) => show::run(args, config, output).await,
        Mail::Preview(args) => preview::run(args, config, output),
        Mail::Release(args) => release::run(args, config, output).await,
        Mail::SendTest { address } => send_test::run(address, config, output).await,
    }
}
