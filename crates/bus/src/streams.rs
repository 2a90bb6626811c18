//! The places of one organisation: what its streams are called, and that they are as they should be.

use async_nats::jetstream::errors::ErrorCode;
use async_nats::jetstream::kv;
use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType};
use care::id::OrgId;
use jiff::Timestamp;
use std::time::Duration;

use crate::message::timestamp;
use crate::{BusError, Connection, api};

/// The key-value bucket with the leases of all organisations.
pub(crate) const LEASES: &str = "carebus_leases";

/// The largest fact, headers included.
const LARGEST_FACT: i32 = 64 * 1024;
/// A refused message is kept whole: its body as it was, and its headers written as JSON, where one
/// byte becomes 6 at worst (`\u0001`): 6 × 64 KiB, and room for what we say about it.
const LARGEST_REFUSAL: i32 = 512 * 1024;

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
    /// When the stream was created: another time, another stream.
    pub created: Timestamp,
}

/// Creates what an organisation needs, or checks it where it exists. `replicas` is 1 or, in a
/// cluster, 3.
///
/// # Errors
/// `BadServer` names the first setting that is not as asked, which a server too old to know it
/// would otherwise ignore without a word.
pub async fn add_org(conn: &Connection, org: &OrgId, replicas: usize) -> Result<(), BusError> {
    for asked in [log(org, replicas), clinic(org, replicas), quarantine(org, replicas)] {
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
        info(conn, &stream).await?.ok_or_else(|| BusError::MissingOrg(org.clone()))?;
    }
    require_leases(conn, org).await?;
    head(conn, org).await
}

/// Where the log of an organisation begins and ends now.
///
/// # Errors
/// `MissingOrg`.
pub async fn head(conn: &Connection, org: &OrgId) -> Result<LogHead, BusError> {
    head_of(conn, &log_stream(org)).await?.ok_or_else(|| BusError::MissingOrg(org.clone()))
}

/// Where a stream begins and ends now.
pub(crate) async fn head_of(conn: &Connection, stream: &str) -> Result<Option<LogHead>, BusError> {
    Ok(info(conn, stream).await?.map(|info| LogHead {
        first_sequence: info.state.first_sequence,
        last_sequence: info.state.last_sequence,
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
    api::ask(conn, &question, asked).await?.map_err(|refusal| BusError::other(question, refusal))
}

async fn add_leases(conn: &Connection, replicas: usize) -> Result<(), BusError> {
    // One bucket for all organisations: the first decides about its replicas.
    if info(conn, &format!("KV_{LEASES}")).await?.is_some() {
        return Ok(());
    }
    let bucket = kv::Config { bucket: LEASES.to_owned(), history: 1, num_replicas: replicas, ..Default::default() };
    let created = conn.jetstream().create_key_value(bucket).await;
    created.map(drop).map_err(|error| BusError::other(format!("bucket {LEASES}"), error))
}

fn log(org: &OrgId, replicas: usize) -> Config {
    Config {
        name: log_stream(org),
        subjects: vec![format!("care.{org}.>")],
        description: Some("carebus: the record. Its facts are never changed.".to_owned()),
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        // Full means "no", never "forget the oldest".
        discard: DiscardPolicy::New,
        num_replicas: replicas,
        max_message_size: LARGEST_FACT,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_bytes: -1,
        max_consumers: -1,
        max_age: Duration::ZERO,
        // A convenience for publishers who repeat at once; nothing rests on it.
        duplicate_window: Duration::from_secs(120),
        allow_direct: true,
        allow_atomic_publish: true,
        ..Default::default()
    }
}

fn clinic(org: &OrgId, replicas: usize) -> Config {
    Config {
        name: clinic_stream(org),
        subjects: vec![format!("clinic.{org}.>")],
        description: Some("carebus: the current schedule of each clinic.".to_owned()),
        max_messages_per_subject: 1,
        ..log(org, replicas)
    }
}

fn quarantine(org: &OrgId, replicas: usize) -> Config {
    Config {
        name: quarantine_stream(org),
        subjects: vec![format!("quarantine.{org}.>")],
        description: Some("carebus: messages that were refused, whole, with the reason.".to_owned()),
        // What became of a refused message takes its place: see the quarantine module.
        max_messages_per_subject: 1,
        max_message_size: LARGEST_REFUSAL,
        ..log(org, replicas)
    }
}

/// The settings that carebus rests on, by the names the server gives them.
fn settings(config: &Config) -> [(&'static str, String); 13] {
    [
        ("subjects", config.subjects.join(", ")),
        ("storage", format!("{:?}", config.storage)),
        ("retention", format!("{:?}", config.retention)),
        ("discard", format!("{:?}", config.discard)),
        ("num_replicas", config.num_replicas.to_string()),
        ("max_msg_size", config.max_message_size.to_string()),
        ("max_msgs", config.max_messages.to_string()),
        ("max_msgs_per_subject", config.max_messages_per_subject.to_string()),
        ("max_age", config.max_age.as_secs().to_string()),
        ("sealed", config.sealed.to_string()),
        ("deny_purge", config.deny_purge.to_string()),
        ("allow_direct", config.allow_direct.to_string()),
        ("allow_atomic", config.allow_atomic_publish.to_string()),
    ]
}

fn verify(asked: &Config, found: &Config) -> Result<(), BusError> {
    for ((setting, asked_for), (_, found)) in settings(asked).into_iter().zip(settings(found)) {
        if asked_for != found {
            return Err(BusError::BadServer { stream: asked.name.clone(), setting, asked: asked_for, found });
        }
    }
    Ok(())
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

    #[test]
    fn a_setting_the_server_ignored_is_named() {
        let org = OrgId::new("acme").unwrap();
        let asked = log(&org, 1);
        let ignored = Config { allow_atomic_publish: false, ..asked.clone() };
        assert!(verify(&asked, &asked).is_ok());
        assert_eq!(
            verify(&asked, &ignored).unwrap_err().to_string(),
            "stream CARE_ACME: allow_atomic is false on the server, carebus needs true"
        );
    }
}
