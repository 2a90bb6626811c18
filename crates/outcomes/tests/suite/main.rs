//! The registry report piece by piece: small cells, intervals, survival, and episodes read off charts.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod cells;
mod reports;
mod statistics;
mod story;
