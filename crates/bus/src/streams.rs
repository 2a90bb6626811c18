//! The streams of one organisation: what they are called, whether they are there, where they end.

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::stream::{Config, Info};
use care::id::OrgId;
use jiff::Timestamp;

use crate::message::timestamp;
use crate::places::{LARGEST_REFUSAL, clinic, leases, log, quarantine, verify, verify_leases};
use crate::{BusError, Connection, api};

/// The key-value bucket with the leases of all organisations.
pub(crate) const LEASES: &str = "carebus_leases";

/// The stream that is the record.
#[must_use]
pub fn log_stream(org: &OrgId) -> String {
    named("CARE", org)
}

/// The stream with the clinics' current schedules.
#[must_use]
pub fn clinic_stream(org: &OrgId) -> String {
    named("CLINIC", org)
}

/// The stream with the messages that were refused.
#[must_use]
pub fn quarantine_stream(org: &OrgId) -> String {
    named("QUARANTINE", org)
}

fn named(what: &str, org: &OrgId) -> String {
    format!("{what}_{}", org.as_str().to_ascii_uppercase().replace('-', "_"))
}

/// Where a stream begins and ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// The oldest sequence still there; one past the last in an empty stream.
    pub first_sequence: u64,
    /// The newest sequence ever given; 0 in a new stream.
    pub last_sequence: u64,
    /// How many messages there are.
    pub messages: u64,
    /// When the stream was created: another time, another stream.
    pub created: Timestamp,
}

impl LogHead {
    /// How many sequences were given and have no message any more.
    #[must_use]
    pub const fn gone(&self) -> u64 {
        self.last_sequence.saturating_sub(self.messages)
    }
}

/// Creates what an organisation needs, or checks it where it exists. `replicas` is 1 or, in a
/// cluster, 3.
///
/// # Errors
/// `BadServer` names the first setting that is not as asked, which a server too old to know it
/// would otherwise ignore without a word.
pub async fn add_org(conn: &Connection, org: &OrgId, replicas: usize) -> Result<(), BusError> {
    let room = conn.client().max_payload();
    if room < LARGEST_REFUSAL as usize {
        return Err(BusError::BadServer {
            stream: quarantine_stream(org),
            setting: "max_payload",
            asked: format!("at least {LARGEST_REFUSAL}"),
            found: room.to_string(),
        });
    }
    for asked in [
        log(org, replicas),
        clinic(org, replicas),
        quarantine(org, replicas),
    ] {
        let found = match info(conn, &asked.name).await? {
            Some(info) => info.config,
            None => create(conn, &asked).await?.config,
        };
        verify(&asked, &found)?;
    }
    add_leases(conn, replicas).await
}

/// Where the log of an organisation ends, after checking that all its places exist. Workers call
/// this and never `add_org`: to create a stream would hide that one was lost.
///
/// # Errors
/// `MissingOrg`.
pub async fn require_org(conn: &Connection, org: &OrgId) -> Result<LogHead, BusError> {
    for stream in [clinic_stream(org), quarantine_stream(org)] {
        info(conn, &stream)
            .await?
            .ok_or_else(|| BusError::MissingOrg(org.clone()))?;
    }
    require_leases(conn, org).await?;
    head(conn, org).await
}

/// [`require_org`], and that every stream is as carebus needs it. Nothing is changed.
///
/// # Errors
/// `MissingOrg`; `BadServer` names the first setting that is not as asked.
pub async fn check_org(conn: &Connection, org: &OrgId) -> Result<LogHead, BusError> {
    for asked in [log(org, 1), clinic(org, 1), quarantine(org, 1)] {
        if let Some(info) = info(conn, &asked.name).await? {
            // How many copies there are is the operator's choice.
            let num_replicas = info.config.num_replicas;
            verify(
                &Config {
                    num_replicas,
                    ..asked
                },
                &info.config,
            )?;
        }
    }
    require_org(conn, org).await
}

/// Where the log of an organisation begins and ends now.
///
/// # Errors
/// `MissingOrg`.
pub async fn head(conn: &Connection, org: &OrgId) -> Result<LogHead, BusError> {
    head_of(conn, &log_stream(org))
        .await?
        .ok_or_else(|| BusError::MissingOrg(org.clone()))
}

/// What time the server has; none from a server that does not say.
///
/// # Errors
/// `MissingOrg`, `Unreachable`.
pub async fn server_time(conn: &Connection, org: &OrgId) -> Result<Option<Timestamp>, BusError> {
    /// The field of the answer that the client library leaves out.
    #[derive(serde::Deserialize)]
    struct Answered {
        ts: Option<Timestamp>,
    }
    let question = format!("STREAM.INFO.{}", log_stream(org));
    match api::ask::<Answered>(conn, &question, &()).await? {
        Ok(answered) => Ok(answered.ts),
        Err(refusal) if refusal.error_code() == ErrorCode::STREAM_NOT_FOUND => {
            Err(BusError::MissingOrg(org.clone()))
        }
        Err(refusal) => Err(BusError::other(question, refusal)),
    }
}

/// When the stream of the clinics' feeds was created; `None` if there is none.
///
/// # Errors
/// `Unreachable`.
pub async fn feed_created(conn: &Connection, org: &OrgId) -> Result<Option<Timestamp>, BusError> {
    Ok(head_of(conn, &clinic_stream(org)).await?.map(|head| head.created))
}

/// Where any stream of an organisation begins and ends now; `None` if there is none.
///
/// # Errors
/// `Unreachable`.
pub async fn find(conn: &Connection, stream: &str) -> Result<Option<LogHead>, BusError> {
    head_of(conn, stream).await
}

/// Removes a stream that holds nothing, so that a backup can take its place.
///
/// # Errors
/// `Refused`, `Unreachable`; `Other` if it holds something by now.
pub async fn remove_empty(conn: &Connection, stream: &str) -> Result<(), BusError> {
    let question = format!("STREAM.DELETE.{stream}");
    if head_of(conn, stream).await?.is_some_and(|head| head.messages > 0) {
        return Err(BusError::other(question, "it is not empty"));
    }
    match api::ask::<serde_json::Value>(conn, &question, &()).await? {
        Ok(_) => Ok(()),
        Err(refusal) => Err(BusError::other(question, refusal)),
    }
}

/// Where a stream begins and ends now.
pub(crate) async fn head_of(conn: &Connection, stream: &str) -> Result<Option<LogHead>, BusError> {
    Ok(info(conn, stream).await?.map(|info| LogHead {
        first_sequence: info.state.first_sequence,
        last_sequence: info.state.last_sequence,
        messages: info.state.messages,
        created: timestamp(info.created.unix_timestamp_nanos()),
    }))
}

/// That somebody made the bucket of the leases.
pub(crate) async fn require_leases(conn: &Connection, org: &OrgId) -> Result<(), BusError> {
    let bucket = info(conn, &format!("KV_{LEASES}")).await?;
    bucket.map(drop).ok_or_else(|| BusError::MissingOrg(org.clone()))
}

async fn info(conn: &Connection, stream: &str) -> Result<Option<Info>, BusError> {
    let question = format!("STREAM.INFO.{stream}");
    match api::ask(conn, &question, &()).await? {
        Ok(info) => Ok(Some(info)),
        Err(refusal) if refusal.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
        Err(refusal) => Err(BusError::other(question, refusal)),
    }
}

async fn create(conn: &Connection, asked: &Config) -> Result<Info, BusError> {
    let question = format!("STREAM.CREATE.{}", asked.name);
    api::ask(conn, &question, asked)
        .await?
        .map_err(|refusal| BusError::other(question, refusal))
}

async fn add_leases(conn: &Connection, replicas: usize) -> Result<(), BusError> {
    let asked = leases(replicas);
    let found = match info(conn, &asked.name).await? {
        // One bucket for all organisations: the first decides about its replicas.
        Some(info) => {
            let num_replicas = info.config.num_replicas;
            update_leases(
                conn,
                Config {
                    num_replicas,
                    ..asked.clone()
                },
                info.config,
            )
            .await?
        }
        None => create(conn, &asked).await?.config,
    };
    verify_leases(&found)
}

/// A bucket of before 2026-11-29 lets its writers erase each other's leases.
async fn update_leases(conn: &Connection, asked: Config, found: Config) -> Result<Config, BusError> {
    if verify_leases(&found).is_ok() {
        return Ok(found);
    }
    let question = format!("STREAM.UPDATE.{}", asked.name);
    let updated: Result<Info, _> = api::ask(conn, &question, &asked).await?;
    updated
        .map(|info| info.config)
        .map_err(|refusal| BusError::other(question, refusal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_named_after_the_organisation() {
        let org = OrgId::new("north-side-2").unwrap();
        assert_eq!(log_stream(&org), "CARE_NORTH_SIDE_2");
        assert_eq!(clinic_stream(&org), "CLINIC_NORTH_SIDE_2");
        assert_eq!(quarantine_stream(&org), "QUARANTINE_NORTH_SIDE_2");
    }
}
