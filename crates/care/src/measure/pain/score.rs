//! One pain score, checked against its scale.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Scale};

/// One pain score, checked against its scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "PainParts", into = "PainParts")]
pub struct Pain {
    scale: Scale,
    value: u8,
    context: Context,
}

/// What [`Pain`] is read from, before it is checked. The value is wide, so that 300 is told its range too.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Pain")]
struct PainParts {
    /// `vas` or `nrs`.
    scale: Scale,
    /// An integer, 0..=100 mm on `vas`, 0..=10 on `nrs`.
    #[schemars(range(min = 0, max = 100))]
    value: i64,
    /// What was asked.
    #[serde(default)]
    context: Context,
}

/// A value that its scale does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("value: expected an integer 0..{} on scale {}", scale.top(), scale.code())]
pub struct OutOfRange {
    /// The scale.
    pub scale: Scale,
    /// The value given.
    pub value: i64,
}

impl Pain {
    /// A score on a scale.
    ///
    /// # Errors
    /// `value` is above [`Scale::top`] or below zero.
    pub fn new(scale: Scale, value: impl Into<i64>, context: Context) -> Result<Self, OutOfRange> {
        let value = value.into();
        match u8::try_from(value) {
            Ok(value) if value <= scale.top() => Ok(Self {
                scale,
                value,
                context,
            }),
            _ => Err(OutOfRange { scale, value }),
        }
    }

    /// The scale.
    #[must_use]
    pub const fn scale(self) -> Scale {
        self.scale
    }

    /// 0..=100 mm on `vas`, 0..=10 on `nrs`.
    #[must_use]
    pub const fn value(self) -> u8 {
        self.value
    }

    /// What was asked.
    #[must_use]
    pub const fn context(self) -> Context {
        self.context
    }
}

impl From<Pain> for PainParts {
    fn from(pain: Pain) -> Self {
        Self {
            scale: pain.scale,
            value: pain.value.into(),
            context: pain.context,
        }
    }
}

impl TryFrom<PainParts> for Pain {
    type Error = OutOfRange;

    fn try_from(parts: PainParts) -> Result<Self, OutOfRange> {
        Self::new(parts.scale, parts.value, parts.context)
    }
}
