//! Time as the whole bus means it: one tz database, instants for hours, civil dates for days.

pub use jiff::civil::{Date, DateTime, Time, Weekday};
pub use jiff::tz::TimeZone;
pub use jiff::{SignedDuration, Span, Timestamp, ToSpan, Zoned};

/// Hours as an exact duration.
#[must_use]
pub const fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

/// Minutes as an exact duration.
#[must_use]
pub const fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

/// 1900-01-01, the first instant a fact may name: arithmetic on any time of a fact stays inside the calendar.
pub(crate) const EARLIEST: Timestamp = Timestamp::constant(-2_208_988_800, 0);
/// 2200-01-01, the first instant a fact may not name.
pub(crate) const LATEST: Timestamp = Timestamp::constant(7_258_118_400, 0);
