//! The three forms in which a result may arrive: ten items, a percent, or points of a maximum.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Item, Items, MaxMissing, Percent, SECTIONS, Score, Validity};

/// An Oswestry result as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// The ten sections.
    Items(Items),
    /// A percent that somebody else computed: the blanks behind it are unknown, so it counts as valid.
    Percent(Percent),
    /// Points of a maximum that somebody else added up.
    Raw(Raw),
}

/// Points of a maximum of 5, 10, … 50: five for each answered section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawParts")]
pub struct Raw {
    /// Points, 0..=max.
    raw: u16,
    /// 5 × answered sections.
    max: u16,
}

/// What [`Raw`] is read from, before it is checked.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "OswestryRaw")]
struct RawParts {
    /// Points, 0..=max.
    raw: u16,
    /// 5 × answered sections.
    #[schemars(range(min = 5, max = 50))]
    max: u16,
}

/// A result whose form carebus refuses to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GivenError {
    /// None of the three forms, or more than one.
    #[error("expected exactly one of items, percent with unit \"%\", raw with max")]
    NotOneForm,
    /// A percent without its unit, or with another.
    #[error("unit: expected \"%\" beside percent; a bare number is refused")]
    Unit,
    /// Points without a maximum, or a maximum without points.
    #[error("expected raw and max together; a bare number is refused")]
    Bare,
    /// A maximum that is not five for each of one to ten sections.
    #[error("max: expected 5 × answered sections, a multiple of 5 from 5 to 50")]
    Max(u16),
    /// More points than the maximum.
    #[error("raw: expected at most max")]
    Raw {
        /// The points given.
        raw: u16,
        /// The maximum given.
        max: u16,
    },
}

impl Given {
    /// Chooses the form from the optional fields of the wire.
    ///
    /// # Errors
    /// Anything but exactly one complete form; see [`GivenError`].
    pub fn from_fields(
        items: Option<Items>,
        percent: Option<Percent>,
        unit: Option<&str>,
        raw: Option<u16>,
        max: Option<u16>,
    ) -> Result<Self, GivenError> {
        match (items, percent, raw, max) {
            (Some(items), None, None, None) => Ok(Self::Items(items)),
            (None, Some(percent), None, None) if unit == Some("%") => Ok(Self::Percent(percent)),
            (None, Some(_), None, None) => Err(GivenError::Unit),
            (None, None, Some(raw), Some(max)) => Raw::new(raw, max).map(Self::Raw),
            (None, None, Some(_), None) | (None, None, None, Some(_)) => Err(GivenError::Bare),
            _ => Err(GivenError::NotOneForm),
        }
    }

    /// The exact score, valid or not; `None` when all ten sections are blank.
    #[must_use]
    pub fn score(&self) -> Option<Score> {
        match self {
            Self::Items(items) => items.score(),
            Self::Percent(percent) => Some(Score::from(*percent)),
            Self::Raw(raw) => Score::new(raw.raw, raw.max / u16::from(Item::MAX)).ok(),
        }
    }

    /// Blank sections, 0..=10; `None` for a percent, which does not say.
    #[must_use]
    pub fn missing(&self) -> Option<u8> {
        match self {
            Self::Items(items) => Some(items.missing()),
            Self::Percent(_) => None,
            Self::Raw(raw) => Some(raw.missing()),
        }
    }

    /// Whether the score may be used.
    #[must_use]
    pub fn validity(&self, limit: MaxMissing) -> Validity {
        match self {
            Self::Items(items) => items.validity(limit),
            Self::Percent(_) => Validity::Valid,
            Self::Raw(raw) if raw.missing() <= limit.get() => Validity::Valid,
            Self::Raw(_) => Validity::TooManyMissing,
        }
    }
}

impl Raw {
    /// Points of a maximum.
    ///
    /// # Errors
    /// `max` is not a multiple of 5 in 5..=50, or `raw` is above it.
    pub fn new(raw: u16, max: u16) -> Result<Self, GivenError> {
        let each = u16::from(Item::MAX);
        if max == 0 || !max.is_multiple_of(each) || usize::from(max / each) > SECTIONS {
            return Err(GivenError::Max(max));
        }
        if raw > max {
            return Err(GivenError::Raw { raw, max });
        }
        Ok(Self { raw, max })
    }

    /// Points.
    #[must_use]
    pub const fn points(self) -> u16 {
        self.raw
    }

    /// The greatest sum possible.
    #[must_use]
    pub const fn max(self) -> u16 {
        self.max
    }

    /// Sections that the maximum leaves out.
    fn missing(self) -> u8 {
        (1..=10).filter(|section| self.max < 5 * section).map(|_| 1).sum()
    }
}

impl TryFrom<RawParts> for Raw {
    type Error = GivenError;

    fn try_from(parts: RawParts) -> Result<Self, GivenError> {
        Self::new(parts.raw, parts.max)
    }
}
