//! One pull consumer on one link, read until anything at all is wrong with it.
//!
//! Pulled by hand and not with the client's streams, for three reasons that were seen. A stored
//! message may carry a status line (`NATS/1.0 409 Consumer Deleted`), which the client's stream
//! believes; here only what comes on the inbox itself is a status. A stored message may carry
//! headers the client's parser gives up the connection over, or panics on; here that costs this
//! link and no append in flight. And its ordered consumer was seen to lose events without an error.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::stream::ConsumerErrorKind;
use async_nats::{Message, Subject, Subscriber, jetstream};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use crate::link::Link;
use crate::message::{Received, pairs, timestamp};
use crate::{BusError, Connection};

/// How many messages one request asks for. With those asked for ahead, at 64 KiB each the worst
/// case is 96 MiB waiting; at the usual 1 KiB it is 1.5 MiB.
const BATCH: usize = 1024;
/// So few to come, while more are in the stream: the next request goes out before they are read, so
/// that the server is never without one.
const ASK_AHEAD: usize = BATCH / 2;
const EXPIRES: Duration = Duration::from_secs(30);
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Two heartbeats and a bit: then nobody is there.
const SILENCE: Duration = Duration::from_secs(5);

/// Why a consumer is of no use any more.
#[derive(Debug)]
pub(crate) struct Broken(pub(crate) &'static str);

pub(crate) struct Pull {
    link: Link,
    messages: Subscriber,
    /// Where the client reads a message's place; made once, because making one clones half the client.
    frame: jetstream::Message,
    inbox: String,
    request: String,
    body: Bytes,
    /// Messages still to come for the requests under way; 0 asks for more.
    outstanding: usize,
    /// The consumer's own count of what it sent: a hole in it was lost on the way.
    delivered: u64,
    /// How many messages of the stream follow what was handed out.
    pub(crate) pending: u64,
    /// When the server was last heard.
    heard: Instant,
    /// The server was heard to say that all is well and there is nothing to send.
    pub(crate) healthy: bool,
}

impl Pull {
    /// A new link and a new consumer on it that starts at `from`.
    pub(crate) async fn open(conn: &Connection, stream: &str, from: u64) -> Result<Self, BusError> {
        let link = conn.dial().await?;
        let inbox = link.client.new_inbox();
        let messages = link.client.subscribe(inbox.clone()).await;
        let messages = messages.map_err(|error| BusError::other("subscribe", error))?;
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: from.max(1),
            },
            ack_policy: AckPolicy::None,
            max_deliver: 1,
            inactive_threshold: Duration::from_secs(30),
            num_replicas: 1,
            memory_storage: true,
            ..Default::default()
        };
        let consumer = link.jetstream.create_consumer_on_stream(config, stream).await;
        let consumer = consumer.map_err(|error| match error.kind() {
            ConsumerErrorKind::TimedOut => link.silence(&format!("$JS.API.CONSUMER.CREATE.{stream}")),
            _ => BusError::other(format!("consumer on {stream}"), error),
        })?;
        let info = consumer.cached_info();
        let body = json!({
            "batch": BATCH,
            "expires": EXPIRES.as_nanos() as u64,
            "idle_heartbeat": HEARTBEAT.as_nanos() as u64,
        });
        Ok(Self {
            request: format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{}", info.name),
            pending: info.num_pending,
            body: body.to_string().into(),
            frame: jetstream::Message {
                message: nothing(),
                context: link.jetstream.clone(),
            },
            link,
            messages,
            inbox,
            outstanding: 0,
            delivered: 0,
            heard: Instant::now(),
            healthy: false,
        })
    }

    /// Whether the link was lost and nobody has taken note of it yet.
    pub(crate) fn is_lost(&self) -> bool {
        self.link.losses.has_changed().unwrap_or(true)
    }

    /// Waits for the next message. May be dropped while it waits; nothing is lost by that.
    pub(crate) async fn next(&mut self) -> Result<Received, Broken> {
        loop {
            if self.outstanding == 0 || self.wants_ahead() {
                self.ask().await?;
            }
            let silent = self.heard + SILENCE;
            let message = tokio::select! {
                biased;
                message = timeout_at(silent, self.messages.next()) => message,
                _ = self.link.losses.changed() => return Err(Broken("the link was lost")),
            };
            let message = message
                .map_err(|_| Broken("no heartbeat"))?
                .ok_or(Broken("the link is closed"))?;
            if let Some(received) = self.sort(message)? {
                return Ok(received);
            }
        }
    }

    /// More is in the stream than was asked for, and what was asked for comes to an end.
    fn wants_ahead(&self) -> bool {
        self.outstanding <= ASK_AHEAD && self.pending > self.outstanding as u64
    }

    async fn ask(&mut self) -> Result<(), Broken> {
        let (request, inbox) = (self.request.clone(), self.inbox.clone());
        let asked = self
            .link
            .client
            .publish_with_reply(request, inbox, self.body.clone());
        asked.await.map_err(|_| Broken("the link is closed"))?;
        self.outstanding += BATCH;
        self.heard = Instant::now();
        Ok(())
    }

    /// The next message if it is here already.
    pub(crate) fn ready(&mut self) -> Option<Result<Received, Broken>> {
        if self.wants_ahead() {
            // There is room for a request almost always; if not, or if the link is closed, the next wait sees to it.
            let _ = self.ask().now_or_never();
        }
        loop {
            // Unconstrained, because tokio's budget would end each batch at 128 messages.
            match tokio::task::unconstrained(self.messages.next()).now_or_never()? {
                None => return Some(Err(Broken("the link is closed"))),
                Some(message) => match self.sort(message) {
                    Ok(None) => {}
                    Ok(Some(received)) => return Some(Ok(received)),
                    Err(broken) => return Some(Err(broken)),
                },
            }
        }
    }

    /// A message of the stream, or a word of the server about our request.
    fn sort(&mut self, message: Message) -> Result<Option<Received>, Broken> {
        self.heard = Instant::now();
        if message.subject.as_str() == self.inbox {
            return match message.status.map(|status| status.as_u16()) {
                Some(100) => {
                    self.healthy = true;
                    Ok(None)
                }
                // A request has run its time, or found nothing. What it did not bring will not come; should
                // another be under way still, it is asked once more than needed.
                Some(404 | 408) => {
                    self.outstanding = 0;
                    Ok(None)
                }
                Some(409) => Err(Broken("the consumer is gone")),
                Some(503) => Err(Broken("the stream is gone")),
                _ => Err(Broken("an answer we do not know")),
            };
        }
        self.frame.message = message;
        let info = self.frame.info();
        let info = info.map_err(|_| Broken("a message without a place"))?;
        if info.consumer_sequence != self.delivered + 1 {
            return Err(Broken("a message was lost on the way"));
        }
        let (sequence, pending, published) = (
            info.stream_sequence,
            info.pending,
            info.published.unix_timestamp_nanos(),
        );
        self.delivered += 1;
        self.pending = pending;
        self.outstanding = self.outstanding.saturating_sub(1);
        let message = std::mem::replace(&mut self.frame.message, nothing());
        Ok(Some(Received {
            sequence,
            headers: pairs(message.headers.as_ref()),
            subject: message.subject.into_string(),
            payload: message.payload,
            server_time: timestamp(published),
            gap_before: false,
        }))
    }
}

/// What is in the frame between two messages; costs no allocation.
fn nothing() -> Message {
    Message {
        subject: Subject::from_static(""),
        reply: None,
        payload: Bytes::new(),
        headers: None,
        status: None,
        description: None,
        length: 0,
    }
}
