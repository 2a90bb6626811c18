//! Facts about the record itself: that it is not the one that was read, and that a patient was taken out of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::bound::{Any, Bound, Instant, Revision};
use crate::time::Timestamp;

/// How a log showed that it is not the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LogFound {
    /// It ended before what was read: truncated, or an older copy put back.
    Shorter,
    /// Another message stood where the last one was read, or none: restored and appended to, or taken out.
    AnotherMessage,
    /// The stream was created anew, restored from a backup as well.
    Recreated,
    /// Messages were missing in the middle that no erasure explains.
    Hole,
    /// The stream was not there for a while, and came back as it was.
    Missing,
}

/// `log.changed`: carebus set its checkpoint aside and read everything anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogChanged {
    /// How it showed.
    #[serde(with = "Any::<LogFound>")]
    pub found: LogFound,
    /// When the stream that was read had been created.
    #[serde(with = "Instant")]
    pub known_created: Timestamp,
    /// How far it had been read.
    #[serde(with = "Revision")]
    pub known_position: u64,
    /// When the stream that is there now was created.
    #[serde(with = "Instant")]
    pub created: Timestamp,
    /// Where it ended when that was found.
    #[serde(with = "Revision")]
    pub last_position: u64,
}

/// `patient.erased`: what the log said of a patient was removed; this fact stands in its place, and nothing about
/// them is a fact any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Erased {
    /// How many messages of the log were removed: all about the patient before this one.
    #[serde(with = "Revision")]
    pub removed: u64,
}
