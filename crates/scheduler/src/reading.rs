//! From chart and policy to what the scheduler works with: cases and rules.

use care::Chart;
use care::chart::{PlanRecord, PlanStatus, Session, SessionStatus, Step as ChartStep};
use care::fact::assessment::{Body, CourseDecision};
use care::fact::session::Modality;
use care::fact::value::{PointCode, Zone};
use care::id::SessionId;
use care::policy::{Confirm as PolicyConfirm, LeadMode as PolicyLead, Policy};
use care::role::Actor;
use care::time::{Timestamp, hours, minutes};

use crate::case::{Case, Ea, EaStatus, Hold, Needling, PlanState, Pt, Zones};
use crate::rules::{Confirm, LeadMode, Rules};

/// The policy's numbers.
pub(crate) fn rules(policy: &Policy) -> Rules {
    let s = &policy.scheduling;
    let h = |n: u16| hours(i64::from(n));
    Rules {
        lead_mode: match s.lead_mode {
            PolicyLead::Elapsed => LeadMode::Elapsed,
            PolicyLead::WallClock => LeadMode::WallClock,
        },
        lead_hours: s.lead_hours,
        tolerance: h(s.on_target_hours),
        least_gap: h(s.acceptable_min_hours),
        greatest_gap: h(s.acceptable_max_hours),
        spacing: h(s.spacing_hours),
        weekly_cap: s.weekly_cap,
        course: (s.course_sessions, s.course_grace_sessions),
        notice: h(s.notice_hours),
        freeze: h(s.freeze_hours),
        horizon: hours(24 * i64::from(s.horizon_days)),
        duration_min: s.duration_min,
        confirm: match s.confirm {
            PolicyConfirm::Book => Confirm::Book,
            PolicyConfirm::Ask => Confirm::Ask,
        },
    }
}

/// One patient.
pub(crate) fn case(chart: &Chart, rules: &Rules, now: Timestamp) -> Case {
    let record = chart.plan();
    let plan = record.and_then(PlanRecord::plan);
    let ea = plan.map(|p| &p.ea);
    let (attended, stopped) = course(chart);
    let length = ea
        .and_then(|e| e.duration_min)
        .filter(|n| *n > 0)
        .unwrap_or(rules.duration_min);
    Case {
        patient: chart.patient.clone(),
        zone: chart.zone(),
        plan: match record.map(PlanRecord::status) {
            _ if plan.is_none() => PlanState::Absent,
            None => PlanState::Absent,
            Some(PlanStatus::Active) => PlanState::Active,
            Some(PlanStatus::Held) => PlanState::Held,
            Some(PlanStatus::Completed | PlanStatus::Revoked) => PlanState::Ended,
        },
        practitioner: record.and_then(PlanRecord::practitioner).cloned(),
        lead_hours: ea.and_then(|e| e.lead_hours),
        length: minutes(i64::from(length)),
        needling: Needling {
            zones: zones_of(ea.map(|e| e.points.as_slice())),
            electro: true,
        },
        holds: chart.holds().iter().map(hold).collect(),
        attended,
        stopped,
        pts: pts(chart, now),
        eas: chart.sessions.iter().filter_map(|(id, s)| ea_of(id, s)).collect(),
        elsewhere: elsewhere(chart),
    }
}

fn hold(hold: &care::chart::Hold) -> Hold {
    match (hold.electro_only, hold.zones.as_slice()) {
        (true, _) => Hold::Electro,
        (false, []) => Hold::All,
        (false, zones) => Hold::Zones(Zones(zones.iter().fold(0, |bits, z| bits | bit(*z)))),
    }
}

const fn bit(zone: Zone) -> u8 {
    match zone {
        Zone::Lumbar => 1,
        Zone::Popliteal => 2,
        Zone::LowerLeg => 4,
        Zone::Foot => 8,
        Zone::Other => 16,
    }
}

/// Points nobody named, or that lie where the catalogue knows no zone: everywhere, or elsewhere.
fn zones_of(points: Option<&[PointCode]>) -> Zones {
    match points {
        None | Some([]) => Zones::EVERYWHERE,
        Some(points) => Zones(
            points
                .iter()
                .fold(0, |bits, p| bits | bit(p.zone().unwrap_or(Zone::Other))),
        ),
    }
}

/// EA attended since the last review, and whether that review said stop.
fn course(chart: &Chart) -> (u32, bool) {
    let from = chart.episode_start();
    let mut reviews = chart
        .taken()
        .into_iter()
        .filter_map(|t| match &t.assessment.body {
            Body::CourseReview(review) => Some((t.assessment.head.performed_at, review.decision)),
            _ => None,
        });
    let last = reviews.rfind(|(at, _)| from.is_none_or(|f| *at >= f));
    let since = |s: &Session| last.is_none_or(|(at, _)| s.start().is_some_and(|start| start > at));
    let attended = chart.attended_ea().into_iter().filter(|(_, s)| since(s)).count();
    (
        u32::try_from(attended).unwrap_or(u32::MAX),
        last.is_some_and(|(_, d)| d == CourseDecision::Stop),
    )
}

fn pts(chart: &Chart, now: Timestamp) -> Vec<Pt> {
    let asked_since = asked_since(chart);
    let mut pts: Vec<Pt> = chart
        .sessions
        .iter()
        .filter(|(_, s)| s.modality() == Some(Modality::Pt) && s.status().occupies())
        .filter_map(|(id, s)| {
            let start = s.start().filter(|start| *start > now)?;
            Some(Pt {
                id: id.clone(),
                revision: s.revision(),
                start,
                end: s.end()?,
                practitioner: s.practitioner().cloned(),
                booked: s.status() == SessionStatus::Booked,
                ask: asked_since.is_some_and(|at| s.booked_by().is_some_and(|b| b.time < at)),
            })
        })
        .collect();
    pts.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    pts
}

/// When a hold or a pause last ended: what was booked before is proposed again, and a person confirms.
fn asked_since(chart: &Chart) -> Option<Timestamp> {
    let was_hold = |a: &&care::chart::Alert| {
        a.raised
            .as_ref()
            .is_some_and(|(_, r)| r.actions.iter().any(care::fact::ours::Action::is_hold))
    };
    let freed = chart
        .alerts
        .values()
        .filter(was_hold)
        .filter_map(|a| a.truth_gone.as_ref().map(|s| s.time))
        .max();
    let resumed = chart.plan().and_then(|p| {
        let since = p.status_since().filter(|_| p.status() == PlanStatus::Active)?;
        (p.activated.as_ref() != Some(since)).then_some(since.time)
    });
    freed.max(resumed)
}

fn ea_of(id: &SessionId, s: &Session) -> Option<Ea> {
    if s.modality() != Some(Modality::Ea) {
        return None;
    }
    let status = match (s.status(), s.newest()) {
        (SessionStatus::Proposed, _) => EaStatus::Proposed,
        (SessionStatus::Booked, _) => EaStatus::Booked,
        (SessionStatus::Held, Some((_, ChartStep::Held(mark)))) => EaStatus::Held {
            by_us: mark.by.as_ref().is_some_and(|by| by.role == Actor::Carebus),
        },
        (SessionStatus::Held, _) => EaStatus::Held { by_us: false },
        (SessionStatus::Completed, _) => EaStatus::Completed,
        (SessionStatus::Missed, _) => EaStatus::Missed,
        (SessionStatus::Cancelled, _) => EaStatus::Cancelled,
        (SessionStatus::Declined, _) => EaStatus::Declined,
    };
    Some(Ea {
        id: id.clone(),
        revision: s.revision(),
        start: s.start()?,
        end: s.end()?,
        status,
        placed_by_us: s.is_ours(),
        prepares: s.prepares().to_vec(),
        practitioner: s.practitioner().cloned(),
        needling: Needling {
            zones: zones_of(s.booking().and_then(|b| b.points.as_deref())),
            electro: true,
        },
        order: s.order(),
    })
}

/// Sessions that are neither PT to come nor EA, and take the patient's time.
fn elsewhere(chart: &Chart) -> Vec<(Timestamp, Timestamp)> {
    let other = |s: &&Session| s.modality() == Some(Modality::Acupuncture) && s.status().is_expected();
    chart
        .sessions
        .values()
        .filter(other)
        .filter_map(|s| Some((s.start()?, s.end()?)))
        .collect()
}
