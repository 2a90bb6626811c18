//! What each stream of an organisation must be like, and the check that the server made it so.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use care::id::OrgId;

use crate::BusError;
use crate::streams::{LEASES, clinic_stream, log_stream, quarantine_stream};

/// The largest fact, headers included.
const LARGEST_FACT: i32 = care::envelope::MAX_BYTES as i32;
/// A refused message is kept whole: its body as it was, and its headers written as JSON, where one
/// byte becomes 6 at worst (`\u0001`): 6 × 64 KiB, and room for what we say about it.
pub(crate) const LARGEST_REFUSAL: i32 = 512 * 1024;

/// The record.
pub(crate) fn log(org: &OrgId, replicas: usize) -> Config {
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

/// The clinics' feeds.
pub(crate) fn clinic(org: &OrgId, replicas: usize) -> Config {
    Config {
        name: clinic_stream(org),
        subjects: vec![format!("clinic.{org}.>")],
        description: Some("carebus: the current schedule of each clinic.".to_owned()),
        max_messages_per_subject: 1,
        ..log(org, replicas)
    }
}

/// What was refused.
pub(crate) fn quarantine(org: &OrgId, replicas: usize) -> Config {
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

/// The key-value bucket of the leases, with less than a bucket usually allows. No rollup: who may write one key could
/// erase all others with it. No direct get: its empty answers can be sent where an empty message is an order.
pub(crate) fn leases(replicas: usize) -> Config {
    Config {
        name: format!("KV_{LEASES}"),
        subjects: vec![format!("$KV.{LEASES}.>")],
        description: Some("carebus: who leads.".to_owned()),
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        num_replicas: replicas,
        max_messages: -1,
        max_messages_per_subject: 1,
        max_bytes: -1,
        max_message_size: -1,
        max_consumers: -1,
        duplicate_window: Duration::from_secs(120),
        allow_rollup: false,
        allow_direct: false,
        deny_delete: true,
        ..Default::default()
    }
}

/// That the bucket of the leases allows no more than it has to.
pub(crate) fn verify_leases(found: &Config) -> Result<(), BusError> {
    let settings = [
        ("allow_rollup_hdrs", found.allow_rollup),
        ("allow_direct", found.allow_direct),
    ];
    match settings.into_iter().find(|(_, is_on)| *is_on) {
        None => Ok(()),
        Some((setting, _)) => Err(BusError::BadServer {
            stream: found.name.clone(),
            setting,
            asked: "false".to_owned(),
            found: "true".to_owned(),
        }),
    }
}

/// The settings that carebus rests on, by the names the server gives them.
fn settings(config: &Config) -> [(&'static str, String); 19] {
    [
        ("subjects", config.subjects.join(", ")),
        ("storage", format!("{:?}", config.storage)),
        ("retention", format!("{:?}", config.retention)),
        ("discard", format!("{:?}", config.discard)),
        ("num_replicas", config.num_replicas.to_string()),
        ("max_msg_size", config.max_message_size.to_string()),
        ("max_msgs", config.max_messages.to_string()),
        (
            "max_msgs_per_subject",
            config.max_messages_per_subject.to_string(),
        ),
        ("max_age", config.max_age.as_secs().to_string()),
        ("sealed", config.sealed.to_string()),
        ("deny_purge", config.deny_purge.to_string()),
        ("allow_direct", config.allow_direct.to_string()),
        ("allow_atomic", config.allow_atomic_publish.to_string()),
        // Headers by which a publisher could erase, outlive or redirect what others said.
        ("allow_rollup_hdrs", config.allow_rollup.to_string()),
        ("allow_msg_ttl", config.allow_message_ttl.to_string()),
        ("allow_msg_schedules", config.allow_message_schedules.to_string()),
        ("allow_msg_counter", config.allow_message_counter.to_string()),
        ("republish", config.republish.is_some().to_string()),
        (
            "mirror, sources or subject_transform",
            (config.mirror.is_some() || config.sources.is_some() || config.subject_transform.is_some())
                .to_string(),
        ),
    ]
}

/// Names the first setting that is not as asked.
pub(crate) fn verify(asked: &Config, found: &Config) -> Result<(), BusError> {
    for ((setting, asked_for), (_, found)) in settings(asked).into_iter().zip(settings(found)) {
        if asked_for != found {
            return Err(BusError::BadServer {
                stream: asked.name.clone(),
                setting,
                asked: asked_for,
                found,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_the_server_ignored_is_named() {
        let org = OrgId::new("acme").unwrap();
        let asked = log(&org, 1);
        let ignored = Config {
            allow_atomic_publish: false,
            ..asked.clone()
        };
        assert!(verify(&asked, &asked).is_ok());
        assert_eq!(
            verify(&asked, &ignored).unwrap_err().to_string(),
            "stream CARE_ACME: allow_atomic is false on the server, carebus needs true"
        );
    }
}
