//! A chart as it is shown: a plain value, the same in JSON and on a page.

use care::chart::PlanStatus;
use care::id::{ClinicId, MemberId, PatientId, PractitionerId};
use care::role::Role;
use care::time::{Date, Timestamp};
use care::{Chart, Policy};
use serde::Serialize;

use super::told::{Told, told};
use crate::commands::alerts;
use crate::prepared;

/// A chart as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct View {
    pub(super) patient: PatientId,
    pub(super) timezone: Option<String>,
    pub(super) plan: Option<Plan>,
    pub(super) team: Vec<Member>,
    pub(super) sessions: Vec<prepared::Row>,
    pub(super) oswestry: Vec<Score>,
    pub(super) pain: Vec<Score>,
    pub(super) alerts: Vec<alerts::Line>,
    pub(super) notices: Vec<Told>,
    /// Facts that said something else under an identity already seen.
    pub(super) conflicts: u32,
}

#[derive(Debug, Serialize)]
pub(super) struct Plan {
    pub(super) plan_id: String,
    pub(super) status: &'static str,
    pub(super) started_on: Option<Date>,
    pub(super) holds: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Member {
    pub(super) role: Role,
    pub(super) member_id: MemberId,
    pub(super) practitioner: Option<PractitionerId>,
    pub(super) clinic: Option<ClinicId>,
}

#[derive(Debug, Serialize)]
pub(super) struct Score {
    pub(super) at: Timestamp,
    /// Percent, mm or points; none where it cannot be used.
    pub(super) value: Option<f64>,
    pub(super) says: String,
}

/// Builds it.
pub(super) fn view(chart: &Chart, policy: &Policy) -> View {
    let record = chart.plan();
    let plan = record.and_then(|r| r.plan());
    let member = |m: &care::fact::plan::Member| Member {
        role: m.role,
        member_id: m.member_id.clone(),
        practitioner: m.practitioner.clone(),
        clinic: m.clinic.clone(),
    };
    let mut notices: Vec<Told> = chart
        .notices
        .iter()
        .map(|(id, record)| told(chart, id, record))
        .collect();
    notices.sort_by(|a, b| (a.at, &a.notice_id).cmp(&(b.at, &b.notice_id)));
    View {
        patient: chart.patient.clone(),
        timezone: plan.map(|p| p.timezone.as_str().to_owned()),
        plan: record
            .zip(chart.plans.iter().find(|(_, r)| Some(*r) == record))
            .map(|(record, (id, _))| Plan {
                plan_id: id.to_string(),
                status: status(record.status()),
                started_on: plan.map(|p| p.started_on),
                holds: chart
                    .holds()
                    .into_iter()
                    .map(|hold| hold.rule.to_string())
                    .collect(),
            }),
        team: plan.map_or_else(Vec::new, |p| p.team.iter().map(member).collect()),
        sessions: prepared::rows(chart),
        oswestry: oswestry(chart, policy),
        pain: pain(chart),
        alerts: alerts::of(chart, policy),
        notices,
        conflicts: chart.conflicts,
    }
}

const fn status(status: PlanStatus) -> &'static str {
    match status {
        PlanStatus::Active => "active",
        PlanStatus::Held => "held",
        PlanStatus::Completed => "completed",
        PlanStatus::Revoked => "revoked",
    }
}

fn oswestry(chart: &Chart, policy: &Policy) -> Vec<Score> {
    let score = |reading: care::chart::OswestryReading| {
        let usable = reading.usable().map(|s| s.score);
        let says = match (usable, &reading.superseded_by) {
            (Some(score), _) => format!("{} % ({})", score.percent(), score.band().words()),
            (None, Some(_)) => "replaced by a later one of the day".to_owned(),
            (None, None) => "not valid: too few answers".to_owned(),
        };
        Score {
            at: reading.at,
            value: usable.map(|s| f64::from(s.percent_x10()) / 10.0),
            says,
        }
    };
    chart
        .oswestries(policy.oswestry.max_missing)
        .into_iter()
        .map(score)
        .collect()
}

fn pain(chart: &Chart) -> Vec<Score> {
    let score = |reading: care::chart::PainReading| Score {
        at: reading.at,
        value: Some(f64::from(reading.pain.value())),
        says: format!("{} ({})", reading.pain.value(), reading.pain.scale().code()),
    };
    chart.pains().into_iter().map(score).collect()
}
