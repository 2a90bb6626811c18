//! Change between two scores of one instrument version, in exact integer inequalities.

use serde::{Deserialize, Serialize};

use super::Score;
use crate::measure::rounded;

/// A score and the version of the instrument that gave it; only equal versions are ever compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scored {
    /// The exact score.
    pub score: Score,
    /// `instrument_version` as the clinic sent it, such as `2.1a`.
    pub version: String,
}

/// Two results that must not be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotComparable {
    /// Variants differ in their sections and their scoring: a difference across them is no number.
    #[error("instrument versions `{baseline}` and `{now}` are not comparable")]
    Versions {
        /// Version of the earlier result.
        baseline: String,
        /// Version of the later result.
        now: String,
    },
}

/// The change from `baseline` to `now`.
///
/// # Errors
/// The instrument versions differ.
pub fn compare(baseline: &Scored, now: &Scored) -> Result<Change, NotComparable> {
    if baseline.version == now.version {
        Ok(Change {
            from: baseline.score,
            to: now.score,
        })
    } else {
        Err(NotComparable::Versions {
            baseline: baseline.version.clone(),
            now: now.version.clone(),
        })
    }
}

/// Two scores that may be compared; an improvement is a fall of the score and counts as positive.
///
/// With `s` the sum and `n` the answered sections of each, all tests are on `s0·n1 − s1·n0`, so that
/// no rounding ever decides. Thresholds: Ostelo 2008 (10 points or 30 % of baseline).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    from: Score,
    to: Score,
}

impl Change {
    /// At least 10 points better: `2(s0·n1 − s1·n0) ≥ n0·n1`.
    #[must_use]
    pub fn improved_10_points(self) -> bool {
        2 * self.fall() >= self.whole()
    }

    /// At least 30 % of the baseline better: `10(s0·n1 − s1·n0) ≥ 3·s0·n1`; never from a baseline of zero.
    #[must_use]
    pub fn improved_30_percent(self) -> bool {
        self.baseline() > 0 && 10 * self.fall() >= 3 * self.baseline()
    }

    /// A meaningful improvement: 10 points or 30 %.
    #[must_use]
    pub fn improved(self) -> bool {
        self.improved_10_points() || self.improved_30_percent()
    }

    /// At least 10 points worse. All published thresholds are for improvement: the mirror image rests on the
    /// minimal detectable change of 10 points printed on the form.
    #[must_use]
    pub fn worse_10_points(self) -> bool {
        -2 * self.fall() >= self.whole()
    }

    /// Tenths of a point, positive for better, to show.
    #[must_use]
    pub fn points_x10(self) -> i64 {
        rounded(200 * self.fall(), self.whole())
    }

    /// Tenths of a percent of the baseline, positive for better, to show; `None` from a baseline of zero.
    #[must_use]
    pub fn relative_x10(self) -> Option<i64> {
        (self.baseline() > 0).then(|| rounded(1000 * self.fall(), self.baseline()))
    }

    /// `s0·n1 − s1·n0`. A sum is at most 1000 and a count at most 200: nothing here comes near `i64`.
    fn fall(self) -> i64 {
        self.baseline() - i64::from(self.to.sum()) * i64::from(self.from.answered())
    }

    /// `s0·n1`.
    fn baseline(self) -> i64 {
        i64::from(self.from.sum()) * i64::from(self.to.answered())
    }

    /// `n0·n1`.
    fn whole(self) -> i64 {
        i64::from(self.from.answered()) * i64::from(self.to.answered())
    }
}
