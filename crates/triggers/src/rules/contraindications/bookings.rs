//! What a hold does to EA that is booked, and the word that it ended.

use std::collections::BTreeMap;

use care::chart::{Session, Stamp};
use care::fact::ours::{Evidence, Severity};
use care::id::SessionId;
use care::role::Role;
use care::time::Timestamp;

use super::{GROUP, holds, touches, zones_of};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::identity::base;
use crate::rule::{AfterPlan, Condition, Origin, Rule, RuleInfo};
use crate::words::listed;

pub(crate) const AFTER_BOOKING_RULE: Rule = Rule::new(&AFTER_BOOKING, after_booking);
pub(crate) const CLEARED_RULE: Rule = Rule::new(&CLEARED, cleared);

pub(crate) static AFTER_BOOKING: RuleInfo = RuleInfo {
    id: "contra-after-booking",
    name: "Contraindication recorded after EA was booked",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[Role::Acupuncturist, Role::Physiatrist, Role::CareCoordinator],
    effect: "Lists the bookings that become held; their PT stays booked, nothing is booked anew by itself.",
    dedupe: "one per contraindication rule and episode, listing every booking",
    rearm: "the next episode; EA booked while the hold stands is held without a word here",
    evidence: Evidence::Assumption,
    evidence_note: "A safety default.",
    source: Origin::Assumption,
    condition: Condition::Standing,
    safety: true,
    ends_as: "cleared",
    ..RuleInfo::BASE
};

pub(crate) static CLEARED: RuleInfo = RuleInfo {
    id: "contra-cleared",
    name: "Contraindication cleared",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::CareCoordinator, Role::Acupuncturist],
    effect: "Held EA that still fits waits for a person; nothing past is made up for.",
    dedupe: "one per hold, when no other contraindication holds",
    rearm: "the next hold",
    evidence: Evidence::Assumption,
    evidence_note: "No source.",
    source: Origin::Assumption,
    condition: Condition::Event,
    after_plan: AfterPlan::AsSafety,
    ..RuleInfo::BASE
};

fn after_booking(case: &Case<'_>) -> Vec<Finding> {
    // Several zones of one rule are one message.
    let mut by_episode: BTreeMap<(&str, usize), Vec<Finding>> = BTreeMap::new();
    for held in holds(case) {
        by_episode
            .entry((held.finding.rule.id, held.number))
            .or_default()
            .push(held.finding);
    }
    by_episode
        .into_iter()
        .filter_map(|((rule, number), holds)| of_episode(case, rule, number, holds))
        .collect()
}

fn of_episode(case: &Case<'_>, rule: &str, number: usize, mut holds: Vec<Finding>) -> Option<Finding> {
    holds.sort_by(|a, b| (a.since, &a.decisive).cmp(&(b.since, &b.decisive)));
    let (over, open): (Vec<Finding>, Vec<Finding>) = holds.into_iter().partition(Finding::is_over);
    let key = format!("{rule}/{number}");
    let Some(first) = open.first() else {
        let last = over.last()?;
        return Some(Finding::new(&AFTER_BOOKING, key, last.since, &last.decisive).truth(last.truth.clone()));
    };
    let affected = affected(case, &open);
    // Bookings whose time has come, and EA cancelled since, take nothing back that was said.
    let truth = if affected.is_empty() {
        Truth::Lasts
    } else {
        Truth::Holds
    };
    let starts = listed(
        affected
            .iter()
            .filter_map(|(_, s)| s.start())
            .map(|at| at.to_string()),
    );
    let finding = Finding::new(&AFTER_BOOKING, key, first.since, &first.decisive)
        .value("contraindication", rule)
        .value("bookings", listed(affected.iter().map(|(id, _)| id.as_str())))
        .value("booking_starts", starts)
        .truth(truth);
    Some(
        affected
            .iter()
            .filter_map(|(_, s)| s.booked_by())
            .fold(finding, Finding::because),
    )
}

/// EA ahead that was booked when the hold was recorded, and that it touches.
fn affected<'a>(case: &Case<'a>, holds: &[Finding]) -> Vec<(&'a SessionId, &'a Session)> {
    let touched = |session: &Session, hold: &Finding| {
        let points = session
            .booking()
            .and_then(|b| b.points.as_deref())
            .unwrap_or_default();
        let zones = hold
            .actions
            .iter()
            .find(|a| a.is_hold())
            .map(|a| a.zones.as_slice())
            .unwrap_or_default();
        let earlier = first_booked(session).is_some_and(|booked| booked.time <= hold.decisive.time);
        earlier && touches(zones, zones_of(points).as_ref())
    };
    case.future_ea()
        .into_iter()
        .filter(|(_, s)| holds.iter().any(|hold| touched(s, hold)))
        .collect()
}

fn first_booked(session: &Session) -> Option<&Stamp> {
    session
        .history()
        .find(|(_, step)| step.booking().is_some())
        .map(|(version, _)| &version.stamp)
}

fn cleared(case: &Case<'_>) -> Vec<Finding> {
    let holds: Vec<Finding> = holds(case).into_iter().map(|h| h.finding).collect();
    // What touches nothing that is planned holds nothing.
    let firing = holds
        .iter()
        .filter(|hold| hold.truth == Truth::Holds || was_raised(case, hold));
    let spans: Vec<(Timestamp, Option<Timestamp>)> =
        firing.map(|f| (f.since, end(f).map(|s| s.time))).collect();
    let stood = |at: Timestamp| {
        spans
            .iter()
            .any(|(since, end)| *since <= at && end.is_none_or(|end| at < end))
    };
    // One answer may end several holds; that is one word.
    let mut ended: BTreeMap<&Stamp, Vec<&Finding>> = BTreeMap::new();
    for hold in holds.iter().filter(|hold| was_raised(case, hold)) {
        if let Some(by) = end(hold).filter(|by| !stood(by.time)) {
            ended.entry(by).or_default().push(hold);
        }
    }
    let finding = |(by, holds): (&Stamp, Vec<&Finding>)| {
        let first = holds.first()?;
        let rules = listed(holds.iter().map(|h| h.rule.id));
        let key = format!("{}/{}", first.rule.id, first.key);
        Some(
            Finding::new(&CLEARED, key, by.time, by)
                .value("contraindications", rules)
                .task("confirm-new-ea-proposals"),
        )
    };
    ended.into_iter().filter_map(finding).collect()
}

fn end(hold: &Finding) -> Option<&Stamp> {
    match &hold.truth {
        Truth::Over { by, .. } => by.as_ref(),
        _ => None,
    }
}

/// Nobody is told of the end of what nobody was told.
fn was_raised(case: &Case<'_>, hold: &Finding) -> bool {
    let raised = case.chart.alerts.values().filter_map(|a| a.raised.as_ref());
    raised
        .into_iter()
        .any(|(_, r)| r.rule.as_str() == hold.rule.id && base(&r.key) == hold.key)
}
