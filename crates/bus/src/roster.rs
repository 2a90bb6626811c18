//! Which nodes there are, by what each says of itself, and who holds which lease: what `carebus status` reads.
//!
//! A node's line is a key of its own beside the leases, `<org>.status.<role>.<node>`, where the role is the worker it
//! runs or `node` for one that runs several: so its credential can be kept to its own lines.

use std::collections::BTreeMap;

use async_nats::jetstream::kv::Store;
use bytes::Bytes;
use care::Worker;
use care::id::OrgId;
use jiff::Timestamp;
use serde::Deserialize;

use crate::streams::LEASES;
use crate::{BusError, Connection, Reader, api};

/// Role of a node that runs several workers.
pub const SEVERAL: &str = "node";
/// Lines read at once; there are a handful.
const AT_ONCE: usize = 1000;

/// One node's line, to write it.
#[derive(Debug, Clone)]
pub struct Place {
    conn: Connection,
    store: Store,
    key: String,
}

impl Place {
    /// The line of a node. `role` is a worker's name or [`SEVERAL`], `node` any name.
    ///
    /// # Errors
    /// `MissingOrg` when nobody made the bucket, `Unreachable`.
    pub async fn open(conn: &Connection, org: &OrgId, role: &str, node: &str) -> Result<Self, BusError> {
        crate::streams::require_leases(conn, org).await?;
        let store = conn.jetstream().get_key_value(LEASES).await;
        let store = store.map_err(|error| BusError::other(format!("bucket {LEASES}"), error))?;
        Ok(Self {
            conn: conn.clone(),
            store,
            key: format!("{org}.status.{role}.{}", token(node)),
        })
    }

    /// Writes the line anew.
    ///
    /// # Errors
    /// `Unreachable`, `Other`; write it again.
    pub async fn write(&self, line: Bytes) -> Result<(), BusError> {
        if !self.conn.is_connected() {
            // The client would keep it, and send it when it is no longer true.
            return Err(BusError::Unreachable("the link is down".to_owned()));
        }
        let written = self.store.put(&self.key, line).await;
        written
            .map(drop)
            .map_err(|error| BusError::other(format!("status {}", self.key), error))
    }

    /// Takes the line away: this node ends on purpose.
    pub async fn leave(self) {
        if !self.conn.is_connected() {
            return;
        }
        if let Err(error) = self.store.delete(&self.key).await {
            tracing::debug!(key = self.key, %error, "bus.line_not_removed");
        }
    }
}

/// What a node said of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// A worker's name, or [`SEVERAL`].
    pub role: String,
    /// Its words.
    pub line: Bytes,
    /// When it wrote them, by the server's clock.
    pub written: Timestamp,
}

/// Who holds a lease, by its last word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The node.
    pub node: String,
    /// When it took or renewed it, by the server's clock.
    pub renewed: Timestamp,
}

/// Everybody who works for an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Each line, in the order of their keys.
    pub lines: Vec<Line>,
    /// Each lease that somebody holds or held to the end, by worker.
    pub leases: BTreeMap<String, Held>,
    /// The server's clock.
    pub now: Timestamp,
}

/// Part of what the server says of a stream.
#[derive(Deserialize)]
struct Told {
    ts: Option<Timestamp>,
}

/// Reads the roster of an organisation.
///
/// # Errors
/// `MissingOrg`, `Unreachable`.
pub async fn read(conn: &Connection, org: &OrgId) -> Result<Roster, BusError> {
    let stream = format!("KV_{LEASES}");
    let mut reader = Reader::over(conn, org, stream.clone(), 1).await?;
    let prefix = format!("$KV.{LEASES}.{org}.");
    // The newest of each key: a renewal may come while we read.
    let mut newest = BTreeMap::new();
    while let Some(batch) = reader.backlog(AT_ONCE).await? {
        for received in batch {
            let Some(key) = received.subject.strip_prefix(&prefix) else {
                continue;
            };
            // A key that was deleted is a mark without a body.
            if received.header("KV-Operation").is_some() {
                newest.remove(key);
            } else {
                newest.insert(key.to_owned(), (received.payload.clone(), received.server_time));
            }
        }
    }
    let latest = newest.values().map(|(_, at)| *at).max();
    let question = format!("STREAM.INFO.{stream}");
    let told: Option<Told> = api::ask(conn, &question, &()).await?.ok();
    let now = told.and_then(|told| told.ts).max(latest);
    let mut roster = Roster {
        lines: Vec::new(),
        leases: BTreeMap::new(),
        now: now.unwrap_or(Timestamp::UNIX_EPOCH),
    };
    for (key, (payload, at)) in newest {
        if let Some((role, _)) = key.strip_prefix("status.").and_then(|rest| rest.split_once('.')) {
            roster.lines.push(Line {
                role: role.to_owned(),
                line: payload,
                written: at,
            });
        } else if Worker::ALL.map(Worker::name).contains(&key.as_str()) {
            let node = String::from_utf8_lossy(&payload).into_owned();
            roster.leases.insert(key, Held { node, renewed: at });
        }
    }
    Ok(roster)
}

/// Any name as one token of a key, no two alike: what a key may not hold is written as `=` and two hexadecimal digits.
fn token(name: &str) -> String {
    let mut token = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => token.push(char::from(byte)),
            other => token.push_str(&format!("={other:02X}")),
        }
    }
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_token_of_its_own() {
        assert_eq!(token("node-1_a"), "node-1_a");
        assert_eq!(token("node.1 é="), "node=2E1=20=C3=A9=3D");
        assert_eq!(token(">"), "=3E");
    }
}
