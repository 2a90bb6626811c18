//! What took place of what was planned, and what is open.

use std::collections::{BTreeMap, BTreeSet};

use care::Draft;
use care::chart::{Alert, Session, SessionStatus};
use care::fact::Fact;
use care::fact::assessment::Body;
use care::fact::ours::{AlertRaised, ReportAlert, Severity};
use care::fact::session::Modality;
use care::id::AlertId;
use care::time::Timestamp;

use super::content::of_plan;
use crate::case::Case;

/// A length as a count of a report.
pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Sessions and adverse events of the current plan.
///
/// `ea_planned` and `pt_planned` are what was to begin by now and was not called off, attended or missed;
/// `ea_ahead` and `pt_ahead` are still to come.
pub(super) fn of(case: &Case<'_>) -> BTreeMap<String, u32> {
    let from = case.chart.episode_start().unwrap_or(Timestamp::MIN);
    let prepared = case.chart.preparation(case.policy, from, Timestamp::MAX);
    // One event may be told of several times.
    let adverse: BTreeSet<&str> = of_plan(case)
        .filter_map(|t| match t.body() {
            Body::AdverseEvent(event) => Some(event.event_id.as_str()),
            _ => None,
        })
        .collect();
    let mut counts = BTreeMap::from([
        ("pt_prepared_acceptable", prepared.acceptable),
        ("pt_prepared_on_target", prepared.on_target),
        ("adverse_events", count(adverse.len())),
    ]);
    counts.extend(
        ["ea_attended", "ea_planned", "ea_ahead"]
            .into_iter()
            .zip(sessions(case, Modality::Ea)),
    );
    counts.extend(
        ["pt_attended", "pt_planned", "pt_ahead"]
            .into_iter()
            .zip(sessions(case, Modality::Pt)),
    );
    counts.into_iter().map(|(name, n)| (name.to_owned(), n)).collect()
}

/// Attended, planned until now, ahead.
fn sessions(case: &Case<'_>, modality: Modality) -> [u32; 3] {
    let from = case.chart.episode_start();
    let all = case
        .chart
        .sessions
        .values()
        .filter(|s| s.modality() == Some(modality));
    let of_plan: Vec<(&Session, Timestamp)> = all
        .filter_map(|s| Some((s, s.start()?)))
        .filter(|(_, start)| from.is_none_or(|from| *start >= from))
        .collect();
    let number = |fits: &dyn Fn(&Session, Timestamp) -> bool| {
        count(of_plan.iter().filter(|(s, start)| fits(s, *start)).count())
    };
    let took_place = |s: &Session| s.status() == SessionStatus::Completed;
    let stood = |s: &Session| s.status().occupies() || s.status() == SessionStatus::Missed;
    [
        number(&|s, _| took_place(s)),
        number(&|s, start| took_place(s) || (stood(s) && start <= case.now)),
        number(&|s, start| s.status().occupies() && start > case.now),
    ]
}

/// Open alerts, advisory and above, the gravest first, as they stand once `said` is in the log.
pub(super) fn open_alerts(case: &Case<'_>, said: &[Draft]) -> Vec<ReportAlert> {
    let mut open: BTreeMap<&AlertId, (&AlertRaised, Severity)> = BTreeMap::new();
    for (id, alert) in &case.chart.alerts {
        if let (true, Some((_, raised))) = (Alert::is_open(alert), &alert.raised) {
            open.insert(id, (raised, alert.severity().unwrap_or(raised.severity)));
        }
    }
    for draft in said {
        match &draft.fact {
            Fact::AlertRaised(raised) => drop(open.insert(&raised.alert_id, (raised, raised.severity))),
            Fact::AlertResolved(resolved) => drop(open.remove(&resolved.alert_id)),
            _ => {}
        }
    }
    let mut open: Vec<ReportAlert> = open
        .into_iter()
        .filter(|(_, (_, severity))| *severity >= Severity::Advisory)
        .map(|(id, (raised, severity))| ReportAlert {
            alert_id: id.clone(),
            title: raised.title.clone(),
            severity,
        })
        .collect();
    open.sort_by(|a, b| (b.severity, &a.title, &a.alert_id).cmp(&(a.severity, &b.title, &b.alert_id)));
    open.truncate(200);
    open
}
