//! Measures: the Oswestry index and the pain scales as exact integers, rounded only to be shown; and what a session
//! falls short of.

pub mod fidelity;
pub mod odi;
pub mod pain;

/// `numerator / denominator` to the nearest integer, halves away from zero: an improvement and
/// the same worsening show the same digits. `denominator` is positive.
pub(crate) const fn rounded(numerator: i64, denominator: i64) -> i64 {
    let doubled = 2 * numerator.abs() + denominator;
    numerator.signum() * (doubled / (2 * denominator))
}
