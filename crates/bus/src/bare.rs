//! The client library's own ordered consumer, read and thrown away: what `carebus bench` compares our reading with.

use async_nats::jetstream::consumer::{DeliverPolicy, OrderedPullConsumer, pull};
use care::id::OrgId;
use futures_util::StreamExt;

use crate::streams::log_stream;
use crate::{BusError, Connection};

/// Reads the first `count` messages of an organisation's log with the library's defaults; returns their bytes.
///
/// # Errors
/// Whatever goes wrong; nothing is tried again.
pub async fn read(conn: &Connection, org: &OrgId, count: u64) -> Result<u64, BusError> {
    let stream = log_stream(org);
    let failed =
        |error: Box<dyn std::error::Error + Send + Sync>| BusError::other("an ordered consumer", error);
    // A link of its own, as our reader has.
    let link = conn.dial().await?;
    let config = pull::OrderedConfig {
        deliver_policy: DeliverPolicy::All,
        ..Default::default()
    };
    let consumer = link.jetstream.create_consumer_on_stream(config, stream).await;
    let consumer: OrderedPullConsumer = consumer.map_err(|error| failed(error.into()))?;
    let mut messages = consumer.messages().await.map_err(|error| failed(error.into()))?;
    let mut bytes = 0;
    for _ in 0..count {
        let message = messages.next().await.ok_or_else(|| failed("it ended".into()))?;
        bytes += message.map_err(|error| failed(error.into()))?.payload.len() as u64;
    }
    Ok(bytes)
}
