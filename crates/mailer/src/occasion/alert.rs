//! What there is to tell of alerts: raised, told again, ended.

use care::Chart;
use care::chart::{Alert, NoticeRecord, PlanStatus};
use care::fact::ours::{AlertRaised, Severity};
use care::id::MemberId;

use super::{Audience, Matter, Occasion};
use crate::case::Case;

/// Outcome of an alert about a session that is over by now.
const IDLE: &str = "session-over";

/// Info waits for the weekly digest, unless it asks somebody to do something the same day.
pub(crate) fn is_for_the_digest(severity: Severity, raised: &AlertRaised) -> bool {
    severity == Severity::Info && !raised.actions.iter().any(|a| a.what.ends_with("-today"))
}

pub(crate) fn has_open_emergency(chart: &Chart) -> bool {
    chart
        .alerts
        .values()
        .any(|a| a.is_open() && a.severity() == Some(Severity::Emergency))
}

fn has_ended(chart: &Chart) -> bool {
    chart
        .plan()
        .is_some_and(|p| matches!(p.status(), PlanStatus::Completed | PlanStatus::Revoked))
}

/// What ought to be told of alerts now, apart from what waits for the digest.
pub(super) fn alerts<'a>(case: &Case<'a>) -> Vec<Occasion<'a>> {
    let (chart, now) = (case.chart, case.now);
    let (emergency, ended) = (has_open_emergency(chart), has_ended(chart));
    let mut all = Vec::new();
    for alert in chart.alerts.values() {
        let Some((_, raised)) = &alert.raised else {
            continue;
        };
        let severity = alert.severity().unwrap_or(raised.severity);
        if alert.resolved.is_some() {
            all.extend(resolved(case, alert, raised));
            continue;
        }
        // An acknowledged alert is in somebody's hands; info waits for a digest; after its time nobody can act on it.
        let over = raised.actionable_until.is_some_and(|until| until < now);
        let silenced = !severity.is_immediate() && (emergency || ended || over);
        if alert.acknowledged.is_some() || is_for_the_digest(severity, raised) || silenced {
            continue;
        }
        all.extend(begun(alert));
        for (step, (stamp, escalated)) in &alert.escalated {
            all.push(Occasion {
                key: format!("{}/{step}", raised.alert_id),
                severity: escalated.severity,
                to: Audience::Roles(escalated.roles.clone()),
                stamp,
                matter: Matter::Escalated(alert, raised, *step),
            });
        }
    }
    all
}

/// That an alert was raised.
fn begun(alert: &Alert) -> Option<Occasion<'_>> {
    let (stamp, raised) = alert.raised.as_ref()?;
    Some(Occasion {
        key: raised.alert_id.to_string(),
        severity: alert.severity().unwrap_or(raised.severity),
        to: Audience::Roles(raised.roles.clone()),
        stamp,
        matter: Matter::Raised(raised),
    })
}

/// That an alert ended, for those who know of it.
fn resolved<'a>(case: &Case<'a>, alert: &'a Alert, raised: &'a AlertRaised) -> Option<Occasion<'a>> {
    // Time made it idle: there is nothing to do about it and nothing to take back.
    let (stamp, _) = alert.resolved.as_ref().filter(|(_, how)| how.outcome != IDLE)?;
    let mut told = told_of(case.chart, raised.alert_id.as_str());
    if raised.severity > Severity::Info {
        told.extend(told_in_a_digest(case, raised.alert_id.as_str()));
    }
    told.sort();
    told.dedup();
    Some(Occasion {
        key: format!("{}/resolved", raised.alert_id),
        severity: Severity::Advisory,
        to: Audience::Members(told),
        stamp,
        matter: Matter::Resolved(alert, raised),
    })
}

/// People to whom a mail about this went out, or may have.
pub(crate) fn told_of(chart: &Chart, key: &str) -> Vec<MemberId> {
    let about = |n: &&NoticeRecord| n.notice.about.iter().any(|a| a == key);
    let mut told: Vec<MemberId> = chart
        .notices
        .values()
        .filter(about)
        .filter(|n| n.may_have_arrived())
        .map(|n| n.notice.member_id.clone())
        .collect();
    told.sort();
    told.dedup();
    told
}

/// People of the team to whom a digest with this went out, or may have.
fn told_in_a_digest<'a>(case: &Case<'a>, key: &str) -> impl Iterator<Item = MemberId> {
    let team = case.chart.plan().and_then(|p| p.plan()).into_iter();
    let read = |id: &MemberId| case.desk.postboxes.get(id).is_some_and(|p| p.has_reached(key));
    team.flat_map(|p| &p.team)
        .map(|m| m.member_id.clone())
        .filter(move |id| read(id))
}

/// Alerts a digest may tell of: open, in nobody's hands, not urgent, of a patient whose plan goes on and who has no
/// open emergency.
pub(crate) fn still_open(chart: &Chart) -> Vec<Occasion<'_>> {
    if has_open_emergency(chart) || has_ended(chart) {
        return Vec::new();
    }
    let open = |a: &&Alert| a.is_open() && a.acknowledged.is_none();
    let mut all: Vec<Occasion<'_>> = chart
        .alerts
        .values()
        .filter(open)
        .filter_map(begun)
        .filter(|o| !o.severity.is_immediate())
        .collect();
    all.sort_by(|a, b| (a.stamp, &a.key).cmp(&(b.stamp, &b.key)));
    all
}
