//! `carebus chart`: one patient's shared care plan, without names.

use std::process::ExitCode;

use care::chart::{NoticeRecord, PlanStatus, TryState};
use care::id::{ClinicId, MemberId, NoticeId, PatientId, PractitionerId};
use care::role::Role;
use care::sentence::moment;
use care::time::{Date, TimeZone, Timestamp};
use care::{Chart, Policy};
use serde::Serialize;

use super::alerts;
use crate::args::Chart as Args;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::output::{Output, Tone, Value};
use crate::{fold, prepared};

/// A chart as it is shown.
#[derive(Debug, Serialize)]
struct View {
    patient: PatientId,
    timezone: Option<String>,
    plan: Option<Plan>,
    team: Vec<Member>,
    sessions: Vec<prepared::Row>,
    oswestry: Vec<Score>,
    pain: Vec<Score>,
    alerts: Vec<alerts::Line>,
    notices: Vec<Told>,
    /// Facts that said something else under an identity already seen.
    conflicts: u32,
}

#[derive(Debug, Serialize)]
struct Plan {
    plan_id: String,
    status: &'static str,
    started_on: Option<Date>,
    holds: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Member {
    role: Role,
    member_id: MemberId,
    practitioner: Option<PractitionerId>,
    clinic: Option<ClinicId>,
}

#[derive(Debug, Serialize)]
struct Score {
    at: Timestamp,
    /// Percent, mm or points; none where it cannot be used.
    value: Option<f64>,
    says: String,
}

/// One notice as lists show it.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    pub(crate) notice_id: NoticeId,
    pub(crate) member_id: MemberId,
    pub(crate) role: Option<Role>,
    pub(crate) state: &'static str,
    pub(crate) tries: usize,
    pub(crate) at: Option<Timestamp>,
    pub(crate) reply: Option<u16>,
    about: Vec<String>,
}

pub(crate) async fn run(args: &Args, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let folded = fold::view(&args.view, config).await?;
    let chart = folded.engine.chart(&args.patient).ok_or_else(|| {
        Failure::new(
            Exit::NoInput,
            format!("nothing is known of patient {}", args.patient),
        )
        .help("`carebus agenda` lists patients with something ahead; ids are exact")
    })?;
    let view = view(chart, folded.policy());
    if output.json() {
        output.value(&view)?;
    } else {
        print(&view, &chart.zone(), output)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn view(chart: &Chart, policy: &Policy) -> View {
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
        alerts: alerts::of(chart),
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

/// A notice with the role of whom it was for.
pub(crate) fn told(chart: &Chart, id: &NoticeId, record: &NoticeRecord) -> Told {
    let last = record.last().map(|(_, last)| last);
    let state = match last.map(|l| l.state) {
        _ if record.is_sent() => "sent",
        Some(TryState::Attempted) => "going out",
        Some(TryState::Deferred) => "deferred",
        Some(TryState::Unknown) => "unknown",
        Some(TryState::Rejected) => "rejected",
        Some(TryState::Abandoned) => "abandoned",
        Some(TryState::Sent) | None => "sent",
    };
    Told {
        notice_id: id.clone(),
        member_id: record.notice.member_id.clone(),
        role: role_of(chart, &record.notice.member_id),
        state,
        tries: record.tries.len(),
        at: last.map(|l| l.stamp.time),
        reply: last.and_then(|l| l.reply),
        about: record.notice.about.clone(),
    }
}

fn role_of(chart: &Chart, member: &MemberId) -> Option<Role> {
    let teams = chart
        .plans
        .values()
        .filter_map(|r| r.plan())
        .flat_map(|p| &p.team);
    teams.into_iter().find(|m| m.member_id == *member).map(|m| m.role)
}

fn print(view: &View, zone: &TimeZone, output: &Output) -> Result<(), Failure> {
    let in_zone = view.timezone.as_deref().unwrap_or("UTC");
    let plan = view.plan.as_ref().map_or_else(
        || "no plan yet".to_owned(),
        |p| {
            let since = p
                .started_on
                .map_or_else(String::new, |day| format!(", begun {day}"));
            let holds = if p.holds.is_empty() {
                String::new()
            } else {
                format!(", EA held by {}", p.holds.join(", "))
            };
            format!("plan {} ({}{since}{holds})", p.plan_id, p.status)
        },
    );
    output.line(format!("patient {}, {plan}; times in {in_zone}", view.patient))?;
    let team: Vec<String> = view
        .team
        .iter()
        .map(|m| format!("{} {}", m.role, m.member_id))
        .collect();
    if !team.is_empty() {
        output.line(format!("team: {}", team.join(", ")))?;
    }
    section(
        "Sessions",
        &prepared::HEADER,
        view.sessions.iter().map(|r| r.cells(zone)).collect(),
        output,
    )?;
    let scores = |scores: &[Score]| {
        scores
            .iter()
            .map(|s| vec![moment(s.at, zone).into(), s.says.as_str().into()])
            .collect()
    };
    section(
        "Oswestry",
        &["filled in", "score"],
        scores(&view.oswestry),
        output,
    )?;
    section("Pain", &["felt", "score"], scores(&view.pain), output)?;
    section(
        "Alerts",
        &alerts::HEADER,
        view.alerts.iter().map(|a| a.cells(zone)).collect(),
        output,
    )?;
    section(
        "Notices",
        &["last", "to", "state", "tries", "id"],
        view.notices.iter().map(|n| n.cells(zone)).collect(),
        output,
    )?;
    if view.conflicts > 0 {
        output.note(format!(
            "{} facts say something else under an identity already seen: not counted",
            view.conflicts
        ));
    }
    Ok(())
}

fn section(title: &str, header: &[&str], rows: Vec<Vec<Value>>, output: &Output) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    output.heading(title)?;
    output.table(header, rows)
}

impl Told {
    fn cells(&self, zone: &TimeZone) -> Vec<Value> {
        let tone = if self.state == "sent" {
            Tone::Good
        } else {
            Tone::Warn
        };
        vec![
            self.at.map_or_else(String::new, |at| moment(at, zone)).into(),
            self.role
                .map_or_else(
                    || self.member_id.to_string(),
                    |r| format!("{r} {}", self.member_id),
                )
                .into(),
            Value::toned(self.state, tone),
            self.tries.to_string().into(),
            self.notice_id.as_str().into(),
        ]
    }
}
