//! How many blanks a result may have, and what it is worth then.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many blank sections a score may have and still be used: 0..=2, by default 1, the only limit with a
/// citable source (AO program after Fairbank & Pynsent 2000). A clinic may set 2, never more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
#[schemars(extend("maximum" = 2))]
pub struct MaxMissing(u8);

/// A limit on blank sections that nobody may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 0, 1 or 2 blank sections")]
pub struct MaxMissingOutOfRange(pub u8);

impl MaxMissing {
    /// The limit, 0..=2.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for MaxMissing {
    fn default() -> Self {
        Self(1)
    }
}

impl TryFrom<u8> for MaxMissing {
    type Error = MaxMissingOutOfRange;

    fn try_from(value: u8) -> Result<Self, MaxMissingOutOfRange> {
        if value <= 2 {
            Ok(Self(value))
        } else {
            Err(MaxMissingOutOfRange(value))
        }
    }
}

impl From<MaxMissing> for u8 {
    fn from(limit: MaxMissing) -> Self {
        limit.0
    }
}

/// Whether a result may be used: more blanks than allowed are stored, but give no score and answer no due date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// Few enough blanks.
    Valid,
    /// Some answers, but more blanks than the limit.
    TooManyMissing,
    /// Ten blanks.
    NoAnswers,
}

impl Validity {
    /// True for [`Validity::Valid`] only.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        matches!(self, Self::Valid)
    }
}
