//! Facts that carebus publishes (and the two about alerts that people publish).

mod alert;
mod notice;
mod report;

pub use alert::{Action, AlertAcknowledged, AlertEscalated, AlertRaised, AlertResolved, Evidence, Severity};
pub use notice::{Lane, Notice, Released, WhyAbandoned};
pub use report::{
    OswestryReminder, OswestryScored, Report, ReportAlert, ReportChange, ReportPoint, ReportStep,
};
