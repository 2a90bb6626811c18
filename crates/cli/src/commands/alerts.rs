//! `carebus alerts`: who waits for an answer.

use std::process::ExitCode;

use std::collections::BTreeMap;

use care::chart::Alert;
use care::diary::Practitioner;
use care::fact::ours::Severity;
use care::id::{AlertId, PatientId, PractitionerId};
use care::role::By;
use care::sentence::moment;
use care::time::{TimeZone, Timestamp};
use care::{About, Chart, Diary, Policy};
use serde::Serialize;

use super::rules;
use crate::args::Alerts;
use crate::config::Config;
use crate::exit::Failure;
use crate::fold;
use crate::output::{Output, Tone, Value};

/// One alert as lists show it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<PatientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    practitioner: Option<PractitionerId>,
    pub(crate) alert_id: AlertId,
    pub(crate) rule: String,
    pub(crate) severity: Severity,
    pub(crate) state: State,
    /// It was told again as often as it is, and still nobody took it on: it stands here until somebody does.
    pub(crate) nobody_took_it_on: bool,
    /// How often it was told again.
    told_again: usize,
    pub(crate) raised_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged_by: Option<By>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
    roles: Vec<care::role::Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actionable_until: Option<Timestamp>,
}

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Nobody took it on.
    Open,
    /// Somebody did.
    Acknowledged,
    /// It ended.
    Resolved,
}

/// Names of the columns of [`Line::cells`].
pub(crate) const HEADER: [&str; 6] = ["raised", "patient", "severity", "rule", "state", "id"];

pub(crate) async fn run(args: &Alerts, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let folded = fold::view(&args.view, config).await?;
    let charts = folded.engine.charts();
    let policy = &folded.engine.settings().policy;
    let mut found: Vec<(Line, TimeZone)> = charts
        .iter()
        .flat_map(|chart| of(chart, policy).into_iter().map(|line| (line, chart.zone())))
        .collect();
    found.extend(of_practitioners(folded.engine.diary(), policy));
    found.retain(|(line, _)| args.all || line.state != State::Resolved);
    // The worst first, then the oldest.
    found.sort_by(|(a, _), (b, _)| {
        (b.severity, a.raised_at, &a.alert_id).cmp(&(a.severity, b.raised_at, &b.alert_id))
    });
    if output.json() {
        output.value(&found.iter().map(|(line, _)| line).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let standing = found.iter().filter(|(line, _)| line.nobody_took_it_on).count();
    if standing > 0 {
        let what = if standing == 1 {
            "1 alert was".to_owned()
        } else {
            format!("{standing} alerts were")
        };
        let says =
            format!("{what} told again to the last, and nobody has answered: carebus ack ID --by ROLE");
        output.line(output.painted(&says, Tone::Bad))?;
    }
    output.table(
        &HEADER,
        found.iter().map(|(line, zone)| line.cells(zone)).collect(),
    )?;
    let waits = |line: &Line| line.state == State::Open && line.severity != Severity::Info;
    let waiting = found.iter().filter(|(line, _)| waits(line)).count();
    output.note(format!(
        "{} alerts, {waiting} of them wait for an answer: carebus ack ID --by ROLE",
        found.len()
    ));
    Ok(ExitCode::SUCCESS)
}

/// The alerts of a chart, oldest first.
pub(crate) fn of(chart: &Chart, policy: &Policy) -> Vec<Line> {
    let about = About::Patient(chart.patient.clone());
    lines(&about, &chart.alerts, policy, &chart.zone())
}

/// The alerts about practitioners, with the zone of their calendars.
fn of_practitioners(diary: &Diary, policy: &Policy) -> Vec<(Line, TimeZone)> {
    let with_zone = |(id, known): (&PractitionerId, &Practitioner)| {
        let calendar = known.calendar.as_ref();
        let zone = calendar.map_or(TimeZone::UTC, |c| c.value.timezone.zone());
        let about = About::Practitioner(id.clone());
        let lines = lines(&about, &known.alerts, policy, &zone);
        lines.into_iter().map(move |line| (line, zone.clone()))
    };
    diary.practitioners().flat_map(with_zone).collect()
}

fn lines(about: &About, alerts: &BTreeMap<AlertId, Alert>, policy: &Policy, zone: &TimeZone) -> Vec<Line> {
    let mut lines: Vec<Line> = alerts
        .values()
        .filter_map(|alert| line(about, policy, zone, alert))
        .collect();
    lines.sort_by(|a, b| (a.raised_at, &a.alert_id).cmp(&(b.raised_at, &b.alert_id)));
    lines
}

fn line(about: &About, policy: &Policy, zone: &TimeZone, alert: &Alert) -> Option<Line> {
    let (stamp, raised) = alert.raised.as_ref()?;
    let state = match (&alert.resolved, &alert.acknowledged) {
        (Some(_), _) => State::Resolved,
        (None, Some(_)) => State::Acknowledged,
        (None, None) => State::Open,
    };
    Some(Line {
        patient: match about {
            About::Patient(id) => Some(id.clone()),
            About::Practitioner(_) | About::Member(_) => None,
        },
        practitioner: match about {
            About::Practitioner(id) => Some(id.clone()),
            About::Patient(_) | About::Member(_) => None,
        },
        alert_id: raised.alert_id.clone(),
        rule: raised.rule.to_string(),
        severity: alert.severity().unwrap_or(raised.severity),
        state,
        nobody_took_it_on: triggers::nobody_took_it_on(alert, &policy.alerts, zone),
        told_again: alert.escalated.len(),
        raised_at: stamp.time,
        acknowledged_by: alert.acknowledged.as_ref().map(|(_, a)| a.by.clone()),
        outcome: alert.resolved.as_ref().map(|(_, r)| r.outcome.clone()),
        roles: raised.roles.clone(),
        actionable_until: raised.actionable_until,
    })
}

impl Line {
    /// A patient by id; a practitioner is said to be one.
    fn whom(&self) -> String {
        match (&self.patient, &self.practitioner) {
            (Some(patient), _) => patient.to_string(),
            (None, Some(practitioner)) => format!("practitioner {practitioner}"),
            (None, None) => String::new(),
        }
    }

    /// As a row of a table, times in `zone`.
    pub(crate) fn cells(&self, zone: &TimeZone) -> Vec<Value> {
        let state = match self.state {
            State::Open if self.nobody_took_it_on => Value::toned("nobody took it on", Tone::Bad),
            State::Open if self.severity.is_immediate() => Value::toned("open", Tone::Bad),
            State::Open => Value::toned("open", Tone::Warn),
            State::Acknowledged => "acknowledged".into(),
            State::Resolved => Value::toned(
                format!("resolved: {}", self.outcome.as_deref().unwrap_or("ended")),
                Tone::Good,
            ),
        };
        vec![
            moment(self.raised_at, zone).into(),
            self.whom().into(),
            rules::severity(self.severity),
            self.rule.as_str().into(),
            state,
            self.alert_id.as_str().into(),
        ]
    }
}
