//! Arithmetic on instants that saturates: a hostile year 9999 in a fact must not stop a worker.

use care::time::{SignedDuration, Timestamp};

/// `at + by`, or the end of time.
pub(crate) fn shifted(at: Timestamp, by: SignedDuration) -> Timestamp {
    if by.is_zero() {
        return at;
    }
    at.checked_add(by).unwrap_or(if by.is_negative() {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// `at − by`, or the beginning of time.
pub(crate) fn before(at: Timestamp, by: SignedDuration) -> Timestamp {
    if by.is_zero() {
        return at;
    }
    at.checked_sub(by).unwrap_or(if by.is_negative() {
        Timestamp::MAX
    } else {
        Timestamp::MIN
    })
}

/// Whether two half-open stretches share an instant.
pub(crate) fn overlap(a: (Timestamp, Timestamp), b: (Timestamp, Timestamp)) -> bool {
    a.0 < b.1 && b.0 < a.1
}

/// Distance between two instants, never negative.
pub(crate) fn distance(a: Timestamp, b: Timestamp) -> SignedDuration {
    a.duration_since(b).abs()
}

/// Hours with one decimal, as people read them: `26.5`.
pub(crate) fn in_hours(length: SignedDuration) -> String {
    let tenths = (length.as_secs() + if length.is_negative() { -180 } else { 180 }) / 360;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use care::time::{hours, minutes};

    #[test]
    fn the_ends_of_time_hold() {
        assert_eq!(shifted(Timestamp::MAX, hours(1)), Timestamp::MAX);
        assert_eq!(before(Timestamp::MIN, hours(1)), Timestamp::MIN);
    }

    #[test]
    fn hours_are_rounded_to_a_tenth() {
        assert_eq!(in_hours(minutes(26 * 60 + 30)), "26.5");
        assert_eq!(in_hours(minutes(-20)), "-0.3");
        assert_eq!(in_hours(hours(48)), "48.0");
    }
}
