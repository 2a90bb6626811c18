//! Notices: each try to tell one thing to one person.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::bound::{Any, Bound, Instant, Int, Key, List, Name, Object, Opt, Text};
use crate::id::{MemberId, NoticeId};
use crate::role::By;
use crate::time::Timestamp;

/// Why a notice is not tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WhyAbandoned {
    /// Every retry failed, and there is still something to tell.
    GivenUp,
    /// There is nothing to tell any more.
    NoLongerTrue,
}

/// How a notice travels: what may wait and what may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Urgent and emergency: now, whatever else waits.
    Urgent,
    /// In time.
    Routine,
    /// Long after it could have gone out: one of a backlog.
    Late,
    /// Late, and a person let it go.
    Released,
}

/// `notice.attempted`, `.sent`, `.deferred`, `.rejected`, `.unknown`, `.abandoned`: never an address, never the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// The notice.
    pub notice_id: NoticeId,
    /// To whom.
    pub member_id: MemberId,
    /// How; `mail`.
    #[serde(with = "Key")]
    pub channel: String,
    /// What it tells about: ids of alerts, sessions, facts.
    #[serde(with = "List::<Name, 1000>")]
    pub about: Vec<String>,
    /// `Message-ID` without angle brackets.
    #[serde(with = "Text::<1, 998>")]
    pub message_id: String,
    /// Which try, from 1.
    #[serde(with = "Int::<0, 1_000_000>")]
    pub attempt: u32,
    /// SMTP reply code.
    #[serde(default, with = "Opt::<Int<0, 999>>")]
    pub reply: Option<u16>,
    /// When the next try may be.
    #[serde(default, with = "Opt::<Instant>")]
    pub next_attempt_at: Option<Timestamp>,
    /// Why it is not tried again; of `notice.abandoned` only.
    #[serde(default, with = "Opt::<Any<WhyAbandoned>>")]
    pub reason: Option<WhyAbandoned>,
    /// How it travels; absent on notices of earlier versions, which were all in time.
    pub lane: Option<Lane>,
}

/// `notice.released`, by people: late mail to the member that waits for a person may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Released {
    /// Everything that waited before this instant.
    #[serde(with = "Instant")]
    pub before: Timestamp,
    /// Who decided it.
    #[serde(with = "Object::<By>")]
    pub by: By,
}
