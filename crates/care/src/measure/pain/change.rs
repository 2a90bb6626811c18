//! Change between two pain scores of one scale and one question, exact.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Pain, Scale};
use crate::measure::rounded;

/// Two scores that must not be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotComparable {
    /// Another scale: the wire calls it `scale_mismatch`.
    #[error("scales differ: {} and {}", baseline.code(), now.code())]
    Scales {
        /// Scale of the baseline.
        baseline: Scale,
        /// Scale of the later score.
        now: Scale,
    },
    /// Another question.
    #[error("contexts differ: {baseline:?} and {now:?}")]
    Contexts {
        /// Context of the baseline.
        baseline: Context,
        /// Context of the later score.
        now: Context,
    },
}

/// The change from `baseline` to `now`.
///
/// # Errors
/// Scale or context differ.
pub fn compare(baseline: &Pain, now: &Pain) -> Result<Change, NotComparable> {
    if baseline.scale() != now.scale() {
        return Err(NotComparable::Scales {
            baseline: baseline.scale(),
            now: now.scale(),
        });
    }
    if baseline.context() != now.context() {
        return Err(NotComparable::Contexts {
            baseline: baseline.context(),
            now: now.context(),
        });
    }
    Ok(Change {
        scale: now.scale(),
        from: baseline.value(),
        to: now.value(),
    })
}

/// [`compare`] and [`Change::reduction`] in one: `Ok(None)` is a baseline of zero, not evaluable.
///
/// # Errors
/// Scale or context differ.
pub fn reduction(baseline: &Pain, now: &Pain) -> Result<Option<Reduction>, NotComparable> {
    compare(baseline, now).map(Change::reduction)
}

/// Two scores that may be compared, in points of their scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    scale: Scale,
    from: u8,
    to: u8,
}

impl Change {
    /// Points of the scale, positive for better.
    #[must_use]
    pub fn points(self) -> i16 {
        i16::from(self.from) - i16::from(self.to)
    }

    /// A fall of at least the minimal important change (15 mm, 2 points).
    #[must_use]
    pub fn reaches_minimal_important_change(self) -> bool {
        self.points() >= self.scale.minimal_important_change().into()
    }

    /// Clearly worse: a rise of [`Change::clear_rise`].
    #[must_use]
    pub fn clearly_worse(self) -> bool {
        -self.points() >= self.clear_rise().into()
    }

    /// The least rise that is clearly worse: 20 mm or 2 points; from a baseline of zero, 30 mm or 3 points.
    /// Assumption, above the minimal important change, which is known for improvement only.
    #[must_use]
    pub const fn clear_rise(self) -> u8 {
        if self.from == 0 {
            self.scale.low_baseline_below()
        } else {
            self.scale.clearly_worse()
        }
    }

    /// The baseline is below 30 mm or 3 points: a percentage then says little; keep it and footnote it.
    #[must_use]
    pub const fn low_baseline(self) -> bool {
        self.from < self.scale.low_baseline_below()
    }

    /// The relative change; `None` from a baseline of zero, where it is not evaluable: never 0 %, 100 % or infinity,
    /// and out of numerator and denominator of every rate.
    #[must_use]
    pub fn reduction(self) -> Option<Reduction> {
        (self.from > 0).then_some(Reduction {
            from: self.from.into(),
            fall: self.points().into(),
        })
    }
}

/// `100 × (b − p) / b`, kept as the two integers; negative for worse, never clamped. Responder limits: IMMPACT
/// (Dworkin 2008), both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// `b`, at least 1.
    from: i64,
    /// `b − p`.
    fall: i64,
}

impl Reduction {
    /// Moderate response: `10(b − p) ≥ 3b`.
    #[must_use]
    pub const fn at_least_30(self) -> bool {
        10 * self.fall >= 3 * self.from
    }

    /// Substantial response: `2(b − p) ≥ b`.
    #[must_use]
    pub const fn at_least_50(self) -> bool {
        2 * self.fall >= self.from
    }

    /// No change: below 10 %, a worsening included; 10 % exactly is a change.
    #[must_use]
    pub const fn no_change(self) -> bool {
        10 * self.fall < self.from
    }

    /// The early expectation after session 3: 15 to 25 %, both edges as expected. Unverified trajectory, no promise.
    #[must_use]
    pub const fn session_three(self) -> Expectation {
        if 20 * self.fall < 3 * self.from {
            Expectation::Below
        } else if 4 * self.fall <= self.from {
            Expectation::AsExpected
        } else {
            Expectation::Above
        }
    }

    /// Tenths of a percent, to show.
    #[must_use]
    pub const fn percent_x10(self) -> i64 {
        rounded(1000 * self.fall, self.from)
    }
}

/// Where a reduction lies against what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// Less than expected.
    Below,
    /// Within what was expected.
    AsExpected,
    /// More than expected.
    Above,
}
