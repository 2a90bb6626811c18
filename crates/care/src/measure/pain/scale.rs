//! The two pain scales and the questions that may be asked on them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which scale; the two are not interchangeable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Visual analogue scale, integer mm 0..=100.
    Vas,
    /// Numeric rating scale, integers 0..=10.
    Nrs,
}

impl Scale {
    /// The worst value.
    #[must_use]
    pub const fn top(self) -> u8 {
        match self {
            Self::Vas => 100,
            Self::Nrs => 10,
        }
    }

    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vas => "vas",
            Self::Nrs => "nrs",
        }
    }

    /// Minimal important change in low back pain: 15 mm, 2 points. Source: Ostelo 2008.
    #[must_use]
    pub const fn minimal_important_change(self) -> u8 {
        match self {
            Self::Vas => 15,
            Self::Nrs => 2,
        }
    }

    /// Below this baseline a change of 30 % is less than the minimal important change: 30 mm, 3 points. Assumption.
    #[must_use]
    pub const fn low_baseline_below(self) -> u8 {
        match self {
            Self::Vas => 30,
            Self::Nrs => 3,
        }
    }

    /// Points above the baseline that count as clearly worse: 20 mm, 2 points. Assumption.
    pub(super) const fn clearly_worse(self) -> u8 {
        match self {
            Self::Vas => 20,
            Self::Nrs => 2,
        }
    }
}

/// What was asked; different questions are never compared with one another.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// Pain at this moment.
    #[default]
    Now,
    /// Average of the last seven days.
    Avg7d,
    /// Worst of the last 24 hours.
    Worst24h,
    /// Just before a session.
    PreSession,
    /// Thirty minutes after insertion: for the registry, never a responder measurement.
    #[serde(rename = "post_30min")]
    Post30min,
}

impl Context {
    /// Whether responder status and change rules may rest on it.
    #[must_use]
    pub const fn counts_for_response(self) -> bool {
        !matches!(self, Self::Post30min)
    }
}
