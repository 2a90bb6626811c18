//! What is told to those who run it, over real HTTP on loopback: never more, never less, and never when it is not so.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod beating;
mod documents;
mod judging;
mod serving;

use std::time::Duration;

use care::Worker;
use care::id::OrgId;
use care::time::Timestamp;
use health::{Server, Watched};
use node::vitals::Phase;
use node::{Board, Vitals};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A node that is well.
pub(crate) fn well(org: &str) -> Vitals {
    let org = OrgId::new(org).unwrap();
    let now: Timestamp = "2026-06-01T14:00:00Z".parse().unwrap();
    let board = Board::new(&org, "n-1", &Worker::ALL.into(), now);
    let mut vitals = board.watch().borrow().clone();
    vitals.phase = Phase::Working;
    vitals.leads = Worker::ALL.into();
    vitals.connected = true;
    vitals.server = "2.15.1".to_owned();
    vitals.behind_since = None;
    (vitals.position, vitals.head) = (12, Some(12));
    vitals.saved.works = true;
    vitals.saved.current_at = Some(Instant::now());
    vitals
}

/// A node that can be made ill.
pub(crate) fn patient(org: &str) -> (watch::Sender<Vitals>, Watched) {
    let sender = watch::Sender::new(well(org));
    let watched = Watched::new(vec![sender.subscribe()]);
    (sender, watched)
}

/// A server with pages, ended with the test.
pub(crate) struct Pages {
    port: u16,
    _task: JoinSet<()>,
}

impl Pages {
    pub(crate) async fn of(watched: Watched) -> Self {
        let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let port = server.address().unwrap().port();
        let mut task = JoinSet::new();
        task.spawn(async move { server.serve(watched, CancellationToken::new()).await.unwrap() });
        Self { port, _task: task }
    }

    /// Status code, head and body.
    pub(crate) async fn ask(&self, line: &str) -> (u16, String, String) {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let question = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        socket.write_all(question.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_owned(), body.to_owned())
    }

    pub(crate) async fn get(&self, page: &str) -> (u16, String) {
        let (status, _, body) = self.ask(&format!("GET {page}")).await;
        (status, body)
    }
}
