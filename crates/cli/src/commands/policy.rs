//! `carebus policy try`: the recorded facts played under two policies, and what differs. Nothing is published.

mod compare;
mod ea;
mod replay;
mod show;

use std::process::ExitCode;

use care::time::Timestamp;

use crate::args::Try;
use crate::config::{Config, read_policy};
use crate::exit::{Exit, Failure};
use crate::fold;
use crate::output::Output;
use compare::{Comparison, Window};

pub(crate) async fn run(args: &Try, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    // The file first: its mistakes are told before a log is read.
    let new = read_policy(&args.new)?;
    let stop = args.until.unwrap_or(Timestamp::MAX);
    if stop < args.since {
        return Err(Failure::new(Exit::Usage, "--until is before --since"));
    }
    let folded = fold::view_at(&args.view, stop, config).await?;
    let last = folded.events.iter().map(|event| event.time).max();
    let until = match (args.until, &args.view.file, last) {
        (Some(until), _, _) => until,
        (None, Some(_), Some(last)) => last,
        // Late entries of a clinic's clock never stop the present.
        (None, None, Some(last)) => node::Clock::real().now().max(last),
        (None, _, None) => {
            return Err(Failure::new(Exit::NoInput, "the log holds no facts to play"));
        }
    };
    if until < args.since {
        return Err(Failure::new(
            Exit::Usage,
            format!("--since is after the last fact, {until}"),
        ));
    }
    if new == *config.policy() {
        output.note("the two policies say the same: nothing can differ");
    }
    let window = Window {
        since: args.since,
        until,
    };
    let org = &folded.engine.settings().org;
    let present = replay::play(org, config.policy(), &folded.events, until)?;
    let other = replay::play(org, &new, &folded.events, until)?;
    let comparison = Comparison::of(&window, &folded.events, &present, &other, args.details);
    if output.json() {
        output.value(&comparison)?;
    } else {
        show::tables(&comparison, output)?;
    }
    Ok(ExitCode::SUCCESS)
}
