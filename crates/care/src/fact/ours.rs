//! Facts that carebus publishes (and the two about alerts that people publish).

mod alert;
mod notice;
mod report;

pub use alert::{Action, AlertAcknowledged, AlertEscalated, AlertRaised, AlertResolved, Evidence, Severity};
pub use notice::{Lane, Notice, Released};
pub use report::{OswestryReminder, OswestryScored, Report, ReportPoint};
