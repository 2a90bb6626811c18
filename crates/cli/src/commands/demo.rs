//! `carebus demo`: a clinic in a terminal, through a real server and the real node.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use bus::{Connection, Settings as Nats};
use care::id::OrgId;
use care::time::Timestamp;
use care::{Event, Policy};
use engine::{Engine, Settings};
use node::{Clock, Node, Options};
use post::{DirectoryCarrier, Post};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::Demo;
use crate::demo::server::{self, CONFIGURATION, Server};
use crate::demo::{clinic, course, facts, report};
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// Days of one line of progress.
const WEEK: i64 = 7;

pub(crate) async fn run(args: &Demo, output: &Output) -> Result<ExitCode, Failure> {
    let listen = |e| Failure::new(Exit::Other, format!("cannot listen for signals: {e}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(listen)?;
    // Dropping the play on the way kills its server.
    tokio::select! {
        done = play(args, output) => done,
        _ = tokio::signal::ctrl_c() => Err(Failure::new(Exit::Interrupted, "the demo was interrupted")),
        _ = terminate.recv() => Err(Failure::new(Exit::Terminated, "the demo was stopped")),
    }
}

async fn play(args: &Demo, output: &Output) -> Result<ExitCode, Failure> {
    let began = tokio::time::Instant::now();
    let program = server::find(args.nats_server.as_deref())?;
    let folders = Folders::prepare(&args.out)?;
    let server = Server::start(&program, &folders.nats).await?;
    output.note(format!(
        "nats-server at {}, its files in {}",
        server.url,
        folders.nats.display()
    ));
    let org = OrgId::new(facts::ORG).map_err(|e| Failure::new(Exit::Bug, e.to_string()))?;
    let conn = Connection::open(&Nats::new(&server.url, "carebus demo")).await?;
    bus::streams::add_org(&conn, &org, 1).await?;

    let policy = Policy::parse_for(POLICY, &triggers::off_by_default())
        .map_err(|bad| Failure::policy(&folders.policy, bad))?;
    write(&folders.policy, POLICY)?;
    let clock = Clock::at(course::beginning());
    let options = Options {
        settings: Settings::new(org.clone(), policy),
        state: folders.state.clone(),
        post: Post::Directory(DirectoryCarrier::new(&folders.mail)),
        clock: clock.clone(),
        name: "demo".to_owned(),
    };
    let mut node = Box::pin(Node::open(conn.clone(), options)).await?;
    let inputs = play_course(&mut node, clock, output).await?;
    let took = began.elapsed();

    write_facts(&folders, &inputs, &conn, &org).await?;
    let scene = report::Scene {
        out: &args.out,
        inputs: inputs.len(),
        facts: node.engine().position(),
        refused: node.quarantined(),
        took: took.max(Duration::from_millis(1)),
        server: args
            .keep
            .then(|| (server.url.clone(), server.monitor.clone(), server.pid())),
    };
    report::print(node.engine(), &scene, output)?;
    drop(node);
    conn.drain().await;
    if args.keep {
        write(&folders.pid, &server.pid().to_string())?;
        server.let_go();
    }
    Ok(ExitCode::SUCCESS)
}

/// What differs from the default policy: a sender, and somebody on call.
const POLICY: &str = r#"# Written by carebus demo; what is left out has its default.
[mail]
from = "carebus@carehub.example"
from_name = "carebus demo"
domain = "carehub.example"
on_call = "oncall@carehub.example"
"#;

/// Plays the course; what goes wrong in an answer of the clinic comes out at the end.
async fn play_course(node: &mut Node, clock: Clock, output: &Output) -> Result<Vec<Event>, Failure> {
    let mut wrong: Option<Failure> = None;
    let mut week = -1;
    let world = |engine: &Engine| {
        let now = clock.now();
        if weeks(now) > week {
            week = weeks(now);
            output.note(format!(
                "week {:>2}, {}: {} facts in the log",
                week + 1,
                now.strftime("%Y-%m-%d"),
                engine.position()
            ));
        }
        clinic::answers(engine).unwrap_or_else(|failure| {
            wrong.get_or_insert(failure);
            Vec::new()
        })
    };
    let played = Box::pin(node::play(node, course::events()?, course::end(), world)).await?;
    wrong.map_or(Ok(played), Err)
}

fn weeks(now: Timestamp) -> i64 {
    now.duration_since(course::beginning()).as_hours() / (24 * WEEK)
}

/// Where everything goes.
struct Folders {
    nats: PathBuf,
    state: PathBuf,
    mail: PathBuf,
    inputs: PathBuf,
    facts: PathBuf,
    policy: PathBuf,
    pid: PathBuf,
}

impl Folders {
    /// Makes the folder anew. One that the demo did not make is left alone, and so is one whose server still runs.
    fn prepare(out: &Path) -> Result<Self, Failure> {
        let nats = out.join("nats");
        let folders = Self {
            state: out.join("state"),
            mail: out.join("mail"),
            inputs: out.join("inputs.jsonl"),
            facts: out.join("facts.jsonl"),
            policy: out.join("policy.toml"),
            pid: nats.join("kept.pid"),
            nats,
        };
        let is_empty = fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
        if !is_empty && !folders.nats.join(CONFIGURATION).is_file() {
            return Err(
                Failure::new(Exit::Usage, format!("{} holds other files", out.display()))
                    .help("name a new folder: carebus demo --out DIR"),
            );
        }
        if let Some(pid) = fs::read_to_string(&folders.pid)
            .ok()
            .filter(|pid| is_our_server(pid, &folders.nats))
        {
            return Err(Failure::new(
                Exit::TryAgain,
                format!("the server of an earlier demo still runs in {}", out.display()),
            )
            .help(format!(
                "stop it: kill {}; or name another folder with --out",
                pid.trim()
            )));
        }
        for folder in [&folders.nats, &folders.state, &folders.mail] {
            match fs::remove_dir_all(folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Failure::file(folder, &error));
                }
                _ => {}
            }
        }
        fs::create_dir_all(&folders.nats).map_err(|e| Failure::file(&folders.nats, &e))?;
        // At once, so that the folder is known for ours whatever happens next.
        write(&folders.nats.join(CONFIGURATION), "")?;
        Ok(folders)
    }
}

/// Whether a process of this id is there and was started with the configuration in this folder.
fn is_our_server(pid: &str, nats: &Path) -> bool {
    let command = fs::read(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
    let nats = std::path::absolute(nats).unwrap_or_default();
    String::from_utf8_lossy(&command).contains(&*nats.to_string_lossy())
}

/// What people published, and the whole log, as files that every command reads.
async fn write_facts(
    folders: &Folders,
    inputs: &[Event],
    conn: &Connection,
    org: &OrgId,
) -> Result<(), Failure> {
    let text: String = inputs.iter().map(|event| event.encode() + "\n").collect();
    write(&folders.inputs, &text)?;
    let mut facts = String::new();
    bus::export::export::<Failure>(conn, org, 1, None, |received| {
        facts += &String::from_utf8_lossy(&received.payload);
        facts.push('\n');
        Ok(())
    })
    .await?;
    write(&folders.facts, &facts)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|e| Failure::file(path, &e))
}
