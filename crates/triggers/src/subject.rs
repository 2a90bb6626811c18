//! Whom alerts are about, with the alerts there are: what raising, telling again and resolving need to know.

use std::collections::BTreeMap;

use care::about::About;
use care::chart::Alert;
use care::id::AlertId;
use care::time::{TimeZone, Timestamp};
use care::{Chart, Policy};

/// A patient or a practitioner at one instant, as their alerts see them.
pub(crate) struct Subject<'a> {
    pub(crate) about: About,
    pub(crate) alerts: &'a BTreeMap<AlertId, Alert>,
    pub(crate) policy: &'a Policy,
    pub(crate) now: Timestamp,
    /// Clinic hours are those of this zone.
    pub(crate) zone: TimeZone,
}

impl<'a> Subject<'a> {
    pub(crate) fn patient(chart: &'a Chart, policy: &'a Policy, now: Timestamp) -> Self {
        Self {
            about: About::Patient(chart.patient.clone()),
            alerts: &chart.alerts,
            policy,
            now,
            zone: chart.zone(),
        }
    }
}
