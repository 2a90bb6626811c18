//! Facts that carebus publishes (and the few that people publish with it).

mod alert;
mod notice;
mod record;
mod report;

pub use alert::{Action, AlertAcknowledged, AlertEscalated, AlertRaised, AlertResolved, Evidence, Severity};
pub use notice::{Lane, Notice, Released, WhyAbandoned};
pub use record::{Erased, LogChanged, LogFound};
pub use report::{
    OswestryReminder, OswestryScored, Report, ReportAlert, ReportChange, ReportPoint, ReportStep,
};
