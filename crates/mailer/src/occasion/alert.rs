//! What there is to tell of alerts: raised, told again, ended.

use care::Chart;
use care::chart::{Alert, NoticeRecord, PlanStatus, Stamp};
use care::fact::ours::{AlertEscalated, AlertRaised, Severity};
use care::id::MemberId;
use care::role::Role;

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

/// Whether the plan ended after something was said. What was said after the end knows of it, and is meant to be told.
fn has_ended_since(chart: &Chart, said: &Stamp) -> bool {
    let plan = chart
        .plan()
        .filter(|p| matches!(p.status(), PlanStatus::Completed | PlanStatus::Revoked));
    plan.and_then(|p| p.status_since())
        .is_some_and(|ended| said.time < ended.time)
}

/// What ought to be told of alerts now, apart from what waits for the digest.
pub(super) fn alerts<'a>(case: &Case<'a>) -> Vec<Occasion<'a>> {
    let (chart, now) = (case.chart, case.now);
    let emergency = has_open_emergency(chart);
    let mut all = Vec::new();
    for alert in chart.alerts.values() {
        let Some((stamp, raised)) = &alert.raised else {
            continue;
        };
        let severity = alert.severity().unwrap_or(raised.severity);
        if alert.resolved.is_some() {
            all.extend(resolved(case, alert, raised));
            continue;
        }
        // Info waits for a digest; after its time nobody can act on it.
        let over = raised.actionable_until.is_some_and(|until| until < now);
        let silenced = !severity.is_immediate() && (emergency || has_ended_since(chart, stamp) || over);
        if is_for_the_digest(severity, raised) || silenced {
            continue;
        }
        // An acknowledged alert is in somebody's hands.
        if alert.acknowledged.is_none() {
            all.extend(begun(alert));
        }
        for (step, (stamp, escalated)) in &alert.escalated {
            if is_worth_telling(alert, *step) {
                all.push(Occasion {
                    key: format!("{}/{step}", raised.alert_id),
                    severity: escalated.severity,
                    to: Audience::Roles(escalated.roles.clone()),
                    stamp,
                    matter: Matter::Escalated(alert, raised, *step),
                });
            }
        }
    }
    all
}

/// Whether a step of an alert is still news. Nobody is told of silence that was broken, nor of an earlier step of it
/// than the last. A new item is news until it is taken on, to those who had taken the alert on before it too.
fn is_worth_telling(alert: &Alert, step: u16) -> bool {
    const SILENCE: &str = "unacknowledged";
    let Some((stamp, told)) = alert.escalated.get(&step) else {
        return false;
    };
    let later = |(n, (_, e)): (&u16, &(Stamp, AlertEscalated))| *n > step && e.reason == SILENCE;
    match told.reason.as_str() {
        "new-item" => alert.heard.as_ref().is_none_or(|heard| heard.time <= stamp.time),
        SILENCE => alert.acknowledged.is_none() && !alert.escalated.iter().any(later),
        _ => alert.acknowledged.is_none(),
    }
}

/// That an alert was raised. Who is told for the first time when it is told again reads all of it, not only that
/// nobody answered.
fn begun(alert: &Alert) -> Option<Occasion<'_>> {
    let (stamp, raised) = alert.raised.as_ref()?;
    let again = alert.escalated.values().flat_map(|(_, told)| &told.roles);
    let mut roles: Vec<Role> = raised.roles.iter().chain(again).copied().collect();
    roles.sort_unstable();
    roles.dedup();
    Some(Occasion {
        key: raised.alert_id.to_string(),
        severity: alert.severity().unwrap_or(raised.severity),
        to: Audience::Roles(roles),
        stamp,
        matter: Matter::Raised(raised),
    })
}

/// That an alert ended, for those who know of it.
fn resolved<'a>(case: &Case<'a>, alert: &'a Alert, raised: &'a AlertRaised) -> Option<Occasion<'a>> {
    // Time made it idle: there is nothing to do about it and nothing to take back.
    let (stamp, _) = alert.resolved.as_ref().filter(|(_, how)| how.outcome != IDLE)?;
    let mut told = told_of_alert(case.chart, raised.alert_id.as_str());
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

/// People to whom a mail about an alert went out, or may have: when it was raised or at any step.
fn told_of_alert(chart: &Chart, id: &str) -> Vec<MemberId> {
    told_where(chart, |about| {
        let rest = about.strip_prefix(id);
        rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && rest != "/resolved"))
    })
}

/// People to whom a mail about this went out, or may have.
pub(crate) fn told_of(chart: &Chart, key: &str) -> Vec<MemberId> {
    told_where(chart, |about| about == key)
}

fn told_where(chart: &Chart, is_it: impl Fn(&str) -> bool) -> Vec<MemberId> {
    let about = |n: &&NoticeRecord| n.notice.about.iter().any(|a| is_it(a));
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

/// Alerts a digest may tell of: open, in nobody's hands, not urgent, of a patient who has no open emergency, and not
/// from before the end of the plan.
pub(crate) fn still_open(chart: &Chart) -> Vec<Occasion<'_>> {
    if has_open_emergency(chart) {
        return Vec::new();
    }
    let open = |a: &&Alert| a.is_open() && a.acknowledged.is_none();
    let mut all: Vec<Occasion<'_>> = chart
        .alerts
        .values()
        .filter(open)
        .filter_map(begun)
        .filter(|o| !o.severity.is_immediate() && !has_ended_since(chart, o.stamp))
        .collect();
    all.sort_by(|a, b| (a.stamp, &a.key).cmp(&(b.stamp, &b.key)));
    all
}
