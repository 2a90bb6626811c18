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
