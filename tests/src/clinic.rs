//! A clinic on a real broker: an organisation of its own, facts published to it, and nodes that work for it.

pub mod command;
pub mod course;
pub mod facts;
pub mod feed;
pub mod leases;
pub mod letters;
pub mod mailbox;
pub mod process;
pub mod record;
pub mod sink;
pub mod tap;
pub mod whole;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bus::append::{Append, Appended, append};
use bus::{BusError, Connection};
use care::Policy;
use care::id::OrgId;
use care::time::Timestamp;
use engine::Settings;
use node::{Clock, Node, NodeError, Options};
use post::{DirectoryCarrier, Post};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::nats::NatsServer;
use facts::Fact;
use feed::FeedItem;
use letters::Letter;
use record::Record;

/// How often something is looked for before the test gives up, and how long it waits between: 60 s in all.
const LOOKS: usize = 1200;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// The organisation of every clinic.
///
/// # Panics
/// Never.
#[must_use]
pub fn acme() -> OrgId {
    OrgId::new("acme").expect("an id")
}

/// A nats-server with organisation acme, a virtual clock, and folders for checkpoints and mail.
#[derive(Debug)]
pub struct Clinic {
    /// Its server.
    pub server: NatsServer,
    /// A link to it.
    pub conn: Connection,
    /// The clock of its nodes.
    pub clock: Clock,
    /// What its nodes go by.
    pub policy: Policy,
    home: TempDir,
    /// Where the checkpoints are.
    states: PathBuf,
    record: Record,
}

impl Clinic {
    /// Opens one; the clock stands at `now`.
    ///
    /// # Panics
    /// When there is no nats-server.
    pub async fn open(now: &str) -> Self {
        Self::open_on(NatsServer::start(), now).await
    }

    /// Opens one on a server.
    ///
    /// # Panics
    /// When the server does not do.
    pub async fn open_on(server: NatsServer, now: &str) -> Self {
        let conn = connect(&server.url()).await;
        bus::streams::add_org(&conn, &acme(), 1)
            .await
            .expect("the streams of acme");
        let home = tempfile::tempdir().expect("a temporary directory");
        Self {
            server,
            conn,
            clock: Clock::at(instant(now)),
            states: home.path().join("state"),
            policy: Policy::default(),
            home,
            record: Record::new(),
        }
    }

    /// Goes on with another server, and knows nothing of what the one before had; no stream is made.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn go_on_with(&mut self, server: NatsServer) {
        self.conn = connect(&server.url()).await;
        self.server = server;
        self.record = Record::new();
    }

    /// Makes the server forget message ids after a tenth of a second, the least it allows: nothing may rest on its two
    /// minutes, and with them a test would not notice.
    ///
    /// # Panics
    /// When the server will not.
    pub fn forget_message_ids(&self) {
        let answer = self.server.ask("$JS.API.STREAM.INFO.CARE_ACME", "");
        let mut info: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        let config = &mut info["config"];
        config["duplicate_window"] = 100_000_000.into();
        let answer = self
            .server
            .ask("$JS.API.STREAM.UPDATE.CARE_ACME", &config.to_string());
        assert!(answer.contains(r#""duplicate_window":100000000"#), "{answer}");
    }

    /// Keeps checkpoints in another place from now on.
    pub fn keep_states_in(&mut self, dir: &Path) {
        dir.clone_into(&mut self.states);
    }

    /// Directory of a node's checkpoint.
    #[must_use]
    pub fn state(&self, name: &str) -> PathBuf {
        self.states.join(name)
    }

    /// Folder of the mails that a node wrote.
    #[must_use]
    pub fn mail(&self, name: &str) -> PathBuf {
        self.home.path().join("mail").join(name)
    }

    /// What the processes of this clinic said.
    #[must_use]
    pub fn diary(&self) -> PathBuf {
        self.home.path().join("diary")
    }

    /// Moves the clock of the nodes in this process on.
    pub fn at(&self, now: &str) {
        self.clock.set(instant(now));
    }

    /// Opens a node that writes its mail into a folder; it decides nothing yet.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn node(&self, name: &str) -> Node {
        self.node_with(name, Post::Directory(DirectoryCarrier::new(self.mail(name))))
            .await
    }

    /// Opens a node with a way for its mail; it decides nothing yet.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn node_with(&self, name: &str, post: Post) -> Node {
        let options = Options {
            settings: Settings::new(acme(), self.policy.clone()),
            state: self.state(name),
            post,
            clock: self.clock.clone(),
            name: name.to_owned(),
        };
        let opened = Node::open(self.conn.clone(), options).await;
        opened.unwrap_or_else(|error| panic!("the node does not open: {error}\n{}", self.server.log()))
    }

    /// Sets a node to work in this process.
    pub async fn start(&self, name: &str) -> Running {
        Running::new(self.node(name).await)
    }

    /// Sets a node to work in this process, with a way for its mail.
    pub async fn start_with(&self, name: &str, post: Post) -> Running {
        Running::new(self.node_with(name, post).await)
    }

    /// Publishes facts, one after the other, as any program would: again until the server says that it has them.
    ///
    /// # Panics
    /// When the server has not taken one within a minute.
    pub async fn publish(&self, facts: impl IntoIterator<Item = Fact>) {
        for fact in facts {
            let event = fact.event();
            let (subject, id) = (event.subject().to_string(), event.message_id());
            let mut sent = self.send(&subject, &id, fact.line().as_bytes()).await;
            for _ in 0..LOOKS {
                let again = match &sent {
                    Ok(appended) => matches!(appended, Appended::Ambiguous),
                    Err(error) => error.is_passing(),
                };
                if !again {
                    break;
                }
                tokio::time::sleep(BETWEEN_LOOKS).await;
                sent = self.send(&subject, &id, fact.line().as_bytes()).await;
            }
            assert!(
                matches!(sent, Ok(Appended::Stored { .. })),
                "{}: {sent:?}\n{}",
                event.id,
                self.server.log()
            );
        }
    }

    /// Publishes any bytes on any subject.
    ///
    /// # Errors
    /// What the bus says.
    pub async fn send(&self, subject: &str, message_id: &str, payload: &[u8]) -> Result<Appended, BusError> {
        let message = Append {
            subject: subject.to_owned(),
            headers: vec![(
                "content-type".to_owned(),
                "application/cloudevents+json".to_owned(),
            )],
            payload: payload.to_vec().into(),
            message_id: message_id.to_owned(),
            expect: None,
        };
        append(&self.conn, message).await
    }

    /// The log as it is now.
    pub async fn record(&mut self) -> &Record {
        self.record.read_on(&self.conn).await;
        &self.record
    }

    /// Waits until the link to a server that was started again is back.
    ///
    /// # Panics
    /// After a minute in vain.
    pub async fn until_linked(&self) {
        for _ in 0..LOOKS {
            if bus::streams::require_org(&self.conn, &acme()).await.is_ok() {
                return;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        panic!("the link does not come back\n{}", self.said());
    }

    /// Forgets what was read of the log: it may be another one by now.
    pub fn forget_record(&mut self) {
        self.record = Record::new();
    }

    /// Waits until the log shows something.
    ///
    /// # Panics
    /// After a minute in vain, with the log and what the server said.
    pub async fn until_logged<T>(&mut self, what: &str, probe: impl Fn(&Record) -> Option<T>) -> T {
        for _ in 0..LOOKS {
            if let Some(found) = probe(self.record().await) {
                return found;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        panic!(
            "the log never shows {what}; it says\n{}\n{}",
            self.record.told(),
            self.said()
        );
    }

    /// Waits until the clinic's feed, read from its start, shows something.
    ///
    /// # Panics
    /// After a minute in vain, with the feed and what the server said.
    pub async fn until_fed<T>(&self, what: &str, probe: impl Fn(&[FeedItem]) -> Option<T>) -> T {
        let mut feed = Vec::new();
        for _ in 0..LOOKS {
            feed = self.feed();
            if let Some(found) = probe(&feed) {
                return found;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        panic!("the feed never shows {what}; it holds {feed:#?}\n{}", self.said());
    }

    /// The clinics' feeds from their start.
    #[must_use]
    pub fn feed(&self) -> Vec<FeedItem> {
        feed::read(&self.server)
    }

    /// The mails a node wrote.
    #[must_use]
    pub fn letters(&self, name: &str) -> Vec<Letter> {
        letters::read(&self.mail(name))
    }

    /// What the server and the processes said, for the message of a test that fails.
    #[must_use]
    pub fn said(&self) -> String {
        let diary = std::fs::read_to_string(self.diary()).unwrap_or_default();
        format!(
            "the nodes said:\n{diary}\nthe server said:\n{}",
            self.server.log()
        )
    }
}

/// A node at work in this process; it stops with the test.
#[derive(Debug)]
pub struct Running {
    stop: CancellationToken,
    task: JoinSet<Result<(), NodeError>>,
}

impl Running {
    /// Sets an open node to work.
    #[must_use]
    pub fn new(node: Node) -> Self {
        let stop = CancellationToken::new();
        let mut task = JoinSet::new();
        let until = stop.clone();
        task.spawn(async move { Box::pin(node.run(until)).await });
        Self { stop, task }
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Panics
    /// When it had failed, or does not stop.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(Duration::from_secs(60), self.task.join_next()).await;
        let ended = ended.expect("the node stops within a minute").expect("one task");
        ended
            .expect("no panic")
            .expect("the node works until it is stopped");
    }

    /// Ends it where it stands, as far as a task can be: no outcome is recorded, no checkpoint saved, no lease given back.
    pub async fn abort(mut self) {
        self.task.shutdown().await;
    }
}

/// A link to a server.
///
/// # Panics
/// When it does not answer.
pub async fn connect(url: &str) -> Connection {
    let mut settings = bus::Settings::new(url, "test");
    settings.first_attempts = 20;
    Connection::open(&settings)
        .await
        .unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// An instant as text.
///
/// # Panics
/// When it is none.
#[must_use]
pub fn instant(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Now, on the clock of this machine: for the command, which has no other.
#[must_use]
pub fn now() -> String {
    Clock::real().now().to_string()
}

/// A full hour some days from now, in UTC.
///
/// # Panics
/// Never before the year 9999.
#[must_use]
pub fn in_days(days: i64, hour: i8) -> String {
    use care::time::{TimeZone, ToSpan};
    let today = Clock::real().now().to_zoned(TimeZone::UTC).date();
    let day = today.checked_add(days.days()).expect("a date");
    let at = day.at(hour, 0, 0, 0).to_zoned(TimeZone::UTC).expect("an instant");
    at.timestamp().to_string()
}
