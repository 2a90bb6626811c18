//! The exact score, its percent as it is shown, and its band.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::items::{Item, SECTIONS};
use crate::measure::rounded;

/// An exact Oswestry score: `percent = 100 × sum / (5 × answered)`, kept as the two integers.
///
/// From ten items, `sum` is 0..=50 and `answered` the sections that hold an answer. From a percent `p` with one
/// decimal, `sum` is `10 × p` and `answered` 200, because `100 × 10p / (5 × 200) = p` exactly: 35.5 % is 355 of 200.
/// Source: eProvide's formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Parts")]
pub struct Score {
    /// Points, 0..=5 × answered.
    sum: u16,
    /// Answered sections, or 200 where only a percent is known.
    answered: u16,
}

/// What a score is read from, before it is checked.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "OswestryScore")]
struct Parts {
    /// Points, 0..=5 × answered.
    sum: u16,
    /// Answered sections, 1..=10, or 200 where only a percent is known.
    #[schemars(range(min = 1, max = 200))]
    answered: u16,
}

/// Two integers that are no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected answered 1..10 or 200, and sum 0..5 × answered")]
pub struct NotAScore {
    /// The points given.
    pub sum: u16,
    /// The sections given.
    pub answered: u16,
}

/// `answered` of a score that came as a percent.
const PERCENT_PARTS: u16 = 200;

impl Score {
    /// A score of `sum` points over `answered` sections.
    ///
    /// # Errors
    /// `answered` is neither 1..=10 nor 200, or `sum` above `5 × answered`.
    pub const fn new(sum: u16, answered: u16) -> Result<Self, NotAScore> {
        let counted = (answered >= 1 && answered as usize <= SECTIONS) || answered == PERCENT_PARTS;
        if counted && sum <= Item::MAX as u16 * answered {
            Ok(Self { sum, answered })
        } else {
            Err(NotAScore { sum, answered })
        }
    }

    /// Points, the numerator.
    #[must_use]
    pub const fn sum(self) -> u16 {
        self.sum
    }

    /// Answered sections, the denominator; 200 where only a percent is known.
    #[must_use]
    pub const fn answered(self) -> u16 {
        self.answered
    }

    /// Answered sections, 1..=10; `None` where only a percent is known.
    #[must_use]
    pub const fn sections(self) -> Option<u16> {
        if self.answered == PERCENT_PARTS {
            None
        } else {
            Some(self.answered)
        }
    }

    /// Tenths of a percent, 0..=1000, half up. To show, never to compare: the form itself prints 35.5 for 16 of 45,
    /// which is 35.555….
    #[must_use]
    pub const fn percent_x10(self) -> u16 {
        rounded(200 * self.sum as i64, self.answered as i64) as u16
    }

    /// [`Score::percent_x10`] as the type that is written and printed.
    #[must_use]
    pub const fn percent(self) -> Percent {
        Percent(self.percent_x10())
    }

    /// The band. 20, 40, 60 and 80 belong to the lower one: `20 × sum / answered ≤ 20 ⇔ sum ≤ answered`, and so on.
    /// Source: Fairbank's table as printed in ASIR 2013;7:12.
    #[must_use]
    pub const fn band(self) -> Band {
        match self.sum.div_ceil(self.answered) {
            0 | 1 => Band::Minimal,
            2 => Band::Moderate,
            3 => Band::Severe,
            4 => Band::Crippled,
            _ => Band::BedBound,
        }
    }
}

impl From<Percent> for Score {
    fn from(percent: Percent) -> Self {
        Self {
            sum: percent.0,
            answered: PERCENT_PARTS,
        }
    }
}

impl TryFrom<Parts> for Score {
    type Error = NotAScore;

    fn try_from(parts: Parts) -> Result<Self, NotAScore> {
        Self::new(parts.sum, parts.answered)
    }
}

/// A percent with one decimal, 0.0..=100.0, held as tenths; on the wire a JSON number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(transparent)]
pub struct Percent(#[schemars(with = "f64", range(min = 0.0, max = 100.0))] u16);

/// A number that is no percent with at most one decimal.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("expected a percent 0..100 with at most one decimal")]
pub struct NotAPercent(pub f64);

impl Percent {
    /// Tenths of a percent, 0..=1000.
    #[must_use]
    pub const fn x10(self) -> u16 {
        self.0
    }
}

impl TryFrom<f64> for Percent {
    type Error = NotAPercent;

    fn try_from(value: f64) -> Result<Self, NotAPercent> {
        let tenths = (value * 10.0).round();
        // Division is correctly rounded, so `tenths / 10` is the very number that the decimal text reads as.
        if (0.0..=1000.0).contains(&tenths) && tenths / 10.0 == value {
            Ok(Self(tenths as u16))
        } else {
            Err(NotAPercent(value))
        }
    }
}

impl fmt::Display for Percent {
    /// `35.6`, always with its decimal and without the sign.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 10.0)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(PercentVisitor)
    }
}

/// Reads a number, whole or with a decimal; a string or a boolean is not a percent.
struct PercentVisitor;

impl Visitor<'_> for PercentVisitor {
    type Value = Percent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a percent 0..100 with at most one decimal")
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Percent, E> {
        Percent::try_from(value).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Percent, E> {
        self.visit_f64(value as f64)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Percent, E> {
        self.visit_f64(value as f64)
    }
}

/// The five published bands. The codes keep the published names; people are shown [`Band::words`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// 0 to 20 %.
    Minimal,
    /// Above 20 to 40 %.
    Moderate,
    /// Above 40 to 60 %.
    Severe,
    /// Above 60 to 80 %.
    Crippled,
    /// Above 80 to 100 %.
    BedBound,
}

impl Band {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Moderate => "moderate",
            Self::Severe => "severe",
            Self::Crippled => "crippled",
            Self::BedBound => "bed_bound",
        }
    }

    /// Neutral words for people: the two worst published names should not reach a patient.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Moderate => "moderate",
            Self::Severe => "severe",
            Self::Crippled => "very severe",
            Self::BedBound => "extreme",
        }
    }
}
