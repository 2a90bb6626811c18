//! EA that is too near to be moved when its PT moves away: carebus leaves it where it is, and tells people.

use care::chart::{Session, Stamp};
use care::fact::ours::{Evidence, Severity};
use care::fact::session::Modality;
use care::id::SessionId;
use care::role::Role;
use care::time::{SignedDuration, Timestamp, hours};

use super::GROUP;
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo, ShowsAs};
use crate::words::listed;

pub(crate) const RULE: Rule = Rule::new(&GAP, left).waking(wake);

pub(crate) static GAP: RuleInfo = RuleInfo {
    id: "ea-pt-gap-out-of-window",
    name: "EA-to-PT gap outside tolerance",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::CareCoordinator],
    effect: "The EA follows its PT, as its own fact says. Too near to be moved, it stays where it is and prepares \
             nothing: that is an alert, because a person has to decide about it the same day.",
    dedupe: "one per EA and its start",
    rearm: "the EA moves, and its PT moves away again",
    evidence: Evidence::Assumption,
    evidence_note: "No source.",
    source: Origin::Assumption,
    shows_as: ShowsAs::Fact("session.moved"),
    condition: Condition::Standing,
    ends_as: "fits-again",
    ..RuleInfo::BASE
};

/// EA that carebus placed, that is ahead or over, and the PT sessions of which none is within the tolerance any more.
fn left(case: &Case<'_>) -> Vec<Finding> {
    case.ea()
        .into_iter()
        .filter_map(|(id, ea)| finding(case, id, ea))
        .collect()
}

fn finding(case: &Case<'_>, id: &SessionId, ea: &Session) -> Option<Finding> {
    if !is_alone(case, ea) {
        return None;
    }
    let (start, booked) = (ea.start()?, ea.booked_by()?);
    let truth = if start <= case.now || !Case::is_expected(ea) {
        // What is called off has an end of its own; nobody is told twice.
        Truth::Over {
            outcome: "session-over",
            by: ea.newest().map(|(version, _)| version.stamp.clone()),
        }
    } else if case.is_active() && frozen_from(case, start) <= case.now {
        Truth::Holds
    } else {
        Truth::Lasts
    };
    let pts: Vec<(&SessionId, &Session)> = ea
        .prepares()
        .iter()
        .filter_map(|pt| Some((pt, case.chart.sessions.get(pt)?)))
        .collect();
    let said: Vec<&Stamp> = pts
        .iter()
        .filter_map(|(_, pt)| pt.newest())
        .map(|(v, _)| &v.stamp)
        .collect();
    let since = said.iter().map(|s| s.time).max()?.max(booked.time);
    let starts = pts
        .iter()
        .filter(|(_, pt)| Case::is_expected(pt))
        .filter_map(|(_, pt)| pt.start());
    let scheduling = &case.policy.scheduling;
    let finding = Finding::new(&GAP, format!("{id}/{start}"), since, said.iter().max()?)
        .because(booked)
        .value("session", id)
        .value("start", start)
        .value("pt_sessions", listed(pts.iter().map(|(id, _)| id.as_str())))
        .value("pt_starts", listed(starts.map(|at| at.to_string())))
        .threshold("hours_before_pt_at_least", scheduling.acceptable_min_hours)
        .threshold("hours_before_pt_at_most", scheduling.acceptable_max_hours)
        .threshold("hours_ahead_to_be_moved", scheduling.freeze_hours)
        .task("decide-about-the-ea-today")
        .truth(truth);
    Some(said.into_iter().fold(finding, Finding::because))
}

/// Placed for PT of which some is left, while none that takes place is within the tolerance of it. EA of which no PT is
/// left the scheduler calls off, however near it is.
fn is_alone(case: &Case<'_>, ea: &Session) -> bool {
    let scheduling = &case.policy.scheduling;
    let window =
        hours(i64::from(scheduling.acceptable_min_hours))..=hours(i64::from(scheduling.acceptable_max_hours));
    let Some(start) = ea.start().filter(|_| ea.is_ours()) else {
        return false;
    };
    let sessions = || case.chart.sessions.values();
    let prepared = |pt: &Session| {
        let takes_place = Case::is_expected(pt) || pt.status() == care::chart::SessionStatus::Completed;
        pt.modality() == Some(Modality::Pt)
            && takes_place
            && pt
                .start()
                .is_some_and(|at| window.contains(&at.duration_since(start)))
    };
    let is_left = |pt: &SessionId| {
        case.chart
            .sessions
            .get(pt)
            .is_some_and(|pt| pt.status().occupies())
    };
    ea.prepares().iter().any(is_left) && !sessions().any(prepared)
}

/// At exactly that many hours ahead the scheduler still moves it.
fn frozen_from(case: &Case<'_>, start: Timestamp) -> Timestamp {
    let freeze = hours(i64::from(case.policy.scheduling.freeze_hours)) - SignedDuration::from_secs(1);
    start.saturating_sub(freeze).unwrap_or(Timestamp::MIN)
}

fn wake(case: &Case<'_>) -> Option<Timestamp> {
    let ahead = case.future_ea().into_iter().filter(|(_, ea)| is_alone(case, ea));
    let times = ahead
        .filter_map(|(_, ea)| ea.start())
        .flat_map(|start| [frozen_from(case, start), start]);
    times.filter(|at| *at > case.now).min()
}
