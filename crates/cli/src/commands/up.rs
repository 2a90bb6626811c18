//! `carebus up`: the workers, on real time, until somebody stops them.

use std::collections::BTreeSet;
use std::process::ExitCode;

use care::Worker;
use care::id::OrgId;
use engine::Settings;
use health::Watched;
use node::{Board, Clock, Node, Options};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::services::Services;
use crate::args::Up;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::link;
use crate::output::Output;

pub(crate) async fn run(args: &Up, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    if config.orgs.is_empty() {
        config.org()?;
    }
    let workers: BTreeSet<Worker> = if args.only.is_empty() {
        Worker::ALL.into()
    } else {
        args.only.iter().copied().collect()
    };
    // Before anything slow, so that stopping works from the first moment, and somebody can watch the start.
    let mut signals = Signals::listen()?;
    let stop = CancellationToken::new();
    let clock = Clock::real();
    let name = name(config, &workers);
    let boards: Vec<Board> = config
        .orgs
        .iter()
        .map(|org| Board::new(org, &name, &workers, clock.now()))
        .collect();
    let watched = Watched::new(boards.iter().map(Board::watch).collect());
    let services = Services::start(&config.health, watched, &stop, output).await?;
    let mut nodes: JoinSet<Result<(), Failure>> = JoinSet::new();
    let opened = tokio::select! {
        opened = open_all(config, &workers, boards, output, &stop, &mut nodes) => opened,
        code = signals.next() => Err(Failure::new(code, "stopped before it was ready")),
    };
    let ended = match opened {
        Err(failure) => Err(failure),
        Ok(()) => tokio::select! {
            ended = first_end(&mut nodes) => ended,
            _ = signals.next() => Ok(()),
        },
    };
    stop.cancel();
    let stopped = async {
        while let Some(joined) = nodes.join_next().await {
            joined.map_err(|e| Failure::new(Exit::Bug, format!("a node stopped: {e}")))??;
        }
        services.end().await;
        Ok(())
    };
    tokio::select! {
        stopped = stopped => ended.and(stopped).map(|()| ExitCode::SUCCESS),
        code = signals.next() => Err(Failure::new(code, "stopped before everything was saved")
            .help("nothing is lost: the next start reads on from the log")),
    }
}

/// Opens a node per organisation, one after the other, and sets it going.
async fn open_all(
    config: &Config,
    workers: &BTreeSet<Worker>,
    boards: Vec<Board>,
    output: &Output,
    stop: &CancellationToken,
    nodes: &mut JoinSet<Result<(), Failure>>,
) -> Result<(), Failure> {
    let conn = link::connect_patiently(config, output).await?;
    super::doctor::require_sync(config, output).await?;
    for (org, board) in config.orgs.iter().zip(boards) {
        let options = options(config, org, workers)?;
        let node = Box::pin(Node::open_watched(conn.clone(), options, board)).await?;
        output.note(format!(
            "ready: org {org}, log position {}",
            node.engine().position()
        ));
        let stop = stop.clone();
        nodes.spawn(async move { Ok(Box::pin(node.run(stop)).await?) });
    }
    Ok(())
}

/// Processes that share the work must differ in name, and each keeps a checkpoint of its own.
fn name(config: &Config, workers: &BTreeSet<Worker>) -> String {
    if workers.len() == Worker::ALL.len() {
        config.name.clone()
    } else {
        let parts: Vec<&str> = workers.iter().map(|w| w.name()).collect();
        format!("{}-{}", config.name, parts.join("-"))
    }
}

fn options(config: &Config, org: &OrgId, workers: &BTreeSet<Worker>) -> Result<Options, Failure> {
    let mut settings = Settings::new(org.clone(), config.policy().clone());
    settings.workers.clone_from(workers);
    settings.wording = std::sync::Arc::clone(&config.wording);
    let name = name(config, workers);
    let state = config.state.join(org.as_str()).join(&name);
    Ok(Options {
        settings,
        state,
        post: config.post()?,
        clock: Clock::real(),
        name,
    })
}

/// The first node that ends by itself; none does unless something is wrong.
async fn first_end(nodes: &mut JoinSet<Result<(), Failure>>) -> Result<(), Failure> {
    match nodes.join_next().await {
        Some(Ok(result)) => result,
        Some(Err(error)) => Err(Failure::new(Exit::Bug, format!("a node stopped: {error}"))),
        None => Ok(()),
    }
}

/// SIGINT and SIGTERM.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|e| Failure::new(Exit::Other, format!("cannot listen for signals: {e}")))
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// The next signal, as the exit code it has when work is left undone.
    async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
        }
    }
}
