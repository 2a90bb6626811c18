//! The ground a measurement stands on: a nats-server of its own that syncs what it acknowledges, and a log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bus::append::{Append, Tally, import};
use bus::{Connection, Settings as Nats};
use care::id::OrgId;
use care::time::Timestamp;
use care::{Event, Policy, Worker};
use engine::Settings;
use node::{Clock, Node, NodeError, Options};
use post::{DirectoryCarrier, Post};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::bench::facts;
use crate::demo::server::Server;
use crate::exit::{Exit, Failure};

/// A server with an empty log. What it wrote goes when it is dropped.
pub(crate) struct Ground {
    pub(crate) org: OrgId,
    pub(crate) conn: Connection,
    server: Server,
    folder: Folder,
}

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is in the system's folder for what may be removed.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Ground {
    /// Starts the server.
    pub(crate) async fn prepare(program: &Path, name: &str) -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("carebus-bench-{}-{name}", std::process::id()));
        let folder = Folder(folder);
        std::fs::create_dir_all(&folder.0).map_err(|e| Failure::file(&folder.0, &e))?;
        let server = Server::start(program, &folder.0.join("nats")).await?;
        let conn = Connection::open(&Nats::new(&server.url, "carebus bench")).await?;
        let org = facts::org()?;
        bus::streams::add_org(&conn, &org, 1).await?;
        Ok(Self {
            org,
            conn,
            server,
            folder,
        })
    }

    /// A folder of that name, new.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.folder.0.join(name)
    }

    /// Where the server listens.
    pub(crate) fn url(&self) -> &str {
        &self.server.url
    }

    /// Puts facts into the log, in atomic batches.
    pub(crate) async fn fill(&self, events: impl IntoIterator<Item = Event>) -> Result<usize, Failure> {
        let mut tally = Tally::default();
        let messages = events.into_iter().map(|event| Append::fact(&event, None));
        if import(&self.conn, messages, &mut tally).await? {
            Ok(tally.done())
        } else {
            Err(Failure::new(
                Exit::TryAgain,
                "the benchmark's server did not answer in time",
            ))
        }
    }

    /// Where the log ends.
    pub(crate) async fn head(&self) -> Result<u64, Failure> {
        Ok(bus::streams::head(&self.conn, &self.org).await?.last_sequence)
    }

    /// How a node of the benchmark is set up, with its checkpoint in that folder and its clock at an instant.
    fn options(&self, state: &str, workers: &[Worker], now: Timestamp) -> Options {
        let mut settings = Settings::new(self.org.clone(), Policy::default());
        settings.workers = workers.iter().copied().collect();
        Options {
            settings,
            state: self.folder(state),
            post: Post::Directory(DirectoryCarrier::new(self.folder("mail"))),
            clock: Clock::at(now),
            name: "bench".to_owned(),
        }
    }

    /// Reads to the head of the log with the checkpoint in that folder, if there is one; it is [`facts::NOW`].
    pub(crate) async fn open(&self, state: &str, workers: &[Worker]) -> Result<Node, Failure> {
        self.open_at(state, workers, facts::now()).await
    }

    /// The same at another time.
    pub(crate) async fn open_at(
        &self,
        state: &str,
        workers: &[Worker],
        now: Timestamp,
    ) -> Result<Node, Failure> {
        let options = self.options(state, workers, now);
        Ok(Box::pin(Node::open(self.conn.clone(), options)).await?)
    }

    /// Stops a node as a signal would: it saves what it knows.
    pub(crate) async fn stop(node: Node) -> Result<(), Failure> {
        let stop = CancellationToken::new();
        stop.cancel();
        Ok(Box::pin(node.run(stop)).await?)
    }
}

/// A node at work in a task of its own, as in a process of its own.
pub(crate) struct Working {
    stop: CancellationToken,
    task: JoinSet<Result<(), NodeError>>,
}

impl Working {
    /// Starts it, and gives it the time to take its leases: that is nobody's measurement.
    pub(crate) async fn start(node: Node) -> Self {
        let stop = CancellationToken::new();
        let mut task = JoinSet::new();
        let until = stop.clone();
        task.spawn(async move { Box::pin(node.run(until)).await });
        tokio::time::sleep(Duration::from_millis(500)).await;
        Self { stop, task }
    }

    /// Stops it, and says how it ended.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        self.stop.cancel();
        while let Some(ended) = self.task.join_next().await {
            ended.map_err(|e| Failure::new(Exit::Bug, format!("a node stopped: {e}")))??;
        }
        Ok(())
    }
}
