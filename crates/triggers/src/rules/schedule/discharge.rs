//! The plan has ended: what people booked by hand is still there, and only they can call it off.

use care::chart::{PlanStatus, Session};
use care::fact::ours::{Evidence, Severity};
use care::id::SessionId;
use care::role::Role;
use care::time::Timestamp;

use super::GROUP;
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{AfterPlan, Condition, Origin, Rule, RuleInfo, ShowsAs};
use crate::words::listed;

pub(crate) const RULE: Rule = Rule::new(&CLOSES, left).waking(wake);

pub(crate) static CLOSES: RuleInfo = RuleInfo {
    id: "discharge-closes",
    name: "Patient discharged",
    group: GROUP,
    severity: Severity::Advisory,
    // Of the alert; the closing report goes to PCP, physiatrist, acupuncturist and physical therapist.
    roles: &[Role::CareCoordinator],
    effect: "EA that carebus placed is called off, reminders stop, one closing report is written. EA that people \
             booked by hand is theirs: what is still ahead is told to the coordinator. Later facts are kept, and only \
             safety rules speak, to PCP and coordinator.",
    dedupe: "one closing report and one alert per end of a plan; EA booked later is told again",
    rearm: "a new plan, and its end",
    evidence: Evidence::Assumption,
    evidence_note: "No source.",
    source: Origin::Assumption,
    shows_as: ShowsAs::Fact("report.outcome"),
    condition: Condition::Standing,
    after_plan: AfterPlan::Speaks,
    ends_as: "session-over",
    ..RuleInfo::BASE
};

/// EA ahead that was booked by hand, once the plan has ended.
fn by_hand<'a>(case: &Case<'a>) -> Vec<(&'a SessionId, &'a Session)> {
    let is_theirs = |ea: &Session| ea.booking().is_some() && !ea.is_ours();
    let ahead = case.future_ea().into_iter().filter(|_| case.ended().is_some());
    ahead.filter(|(_, ea)| is_theirs(ea)).collect()
}

fn left(case: &Case<'_>) -> Vec<Finding> {
    finding(case).into_iter().collect()
}

fn finding(case: &Case<'_>) -> Option<Finding> {
    let (ended, eas) = (case.ended()?, by_hand(case));
    let newest = eas
        .iter()
        .filter_map(|(_, ea)| ea.booked_by())
        .map(|by| by.time)
        .max()?;
    let how = match case.record?.status() {
        PlanStatus::Revoked => "revoked",
        _ => "completed",
    };
    let starts = eas.iter().filter_map(|(_, ea)| ea.start());
    let key = format!("{}/{}", case.plan_key(), ended.id);
    let mut finding = Finding::new(&CLOSES, key, ended.time.max(newest), ended)
        .value("plan", how)
        .value("bookings", listed(eas.iter().map(|(id, _)| id.as_str())))
        .value("booking_starts", listed(starts.map(|at| at.to_string())))
        .task("call-off-or-keep-ea-booked-by-hand");
    finding.items = eas.iter().map(|(id, _)| id.to_string()).collect();
    let booked = eas.iter().filter_map(|(_, ea)| ea.booked_by()).take(500);
    Some(booked.fold(finding, Finding::because))
}

/// What begins is no longer ahead.
fn wake(case: &Case<'_>) -> Option<Timestamp> {
    by_hand(case).into_iter().filter_map(|(_, ea)| ea.start()).min()
}
