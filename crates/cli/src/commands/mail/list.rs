//! `mail list`: every notice with the state of its newest try. Members and roles, never addresses.

use std::borrow::Cow;
use std::process::ExitCode;

use care::Chart;
use care::chart::NoticeRecord;
use care::id::PatientId;
use care::sentence::moment;
use care::time::{TimeZone, Timestamp};
use serde::Serialize;

use super::about::{known, words};
use crate::args::MailList;
use crate::commands::chart::{Told, told, told_of_nobody};
use crate::config::Config;
use crate::exit::Failure;
use crate::fold;
use crate::output::{Output, Tone, Value};

/// One notice.
#[derive(Debug, Serialize)]
struct Line {
    /// None for what is about no single patient, such as a digest.
    patient: Option<PatientId>,
    #[serde(flatten)]
    told: Told,
    /// What it tells, in words.
    tells: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Timestamp>,
}

pub(super) async fn run(args: &MailList, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let folded = fold::view(&args.view, config).await?;
    let mut lines: Vec<(Line, TimeZone)> = Vec::new();
    for chart in folded.engine.charts() {
        if args.patient.as_ref().is_none_or(|asked| *asked == chart.patient) {
            lines.extend(
                chart
                    .notices
                    .values()
                    .map(|record| (line(&chart, record), chart.zone())),
            );
        }
    }
    if args.patient.is_none() {
        let charts = folded.engine.charts();
        let others = folded.engine.other_notices();
        lines.extend(others.map(|(_, record)| (other(&charts, record), TimeZone::UTC)));
    }
    let state = args.state.as_deref().map(|state| state.replace('-', " "));
    lines.retain(|(line, _)| state.as_deref().is_none_or(|asked| asked == line.told.state));
    lines.sort_by(|(a, _), (b, _)| {
        let key = |line: &Line| (line.told.at, line.patient.clone(), line.told.notice_id.clone());
        key(a).cmp(&key(b))
    });
    if output.json() {
        output.value(&lines.iter().map(|(line, _)| line).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let header = [
        "at", "patient", "to", "state", "try", "reply", "next", "about", "id",
    ];
    output.table(
        &header,
        lines.iter().map(|(line, zone)| line.cells(zone)).collect(),
    )?;
    output.note(counted(&lines));
    Ok(ExitCode::SUCCESS)
}

fn line(chart: &Chart, record: &NoticeRecord) -> Line {
    let next = record.last().and_then(|(_, last)| last.next_attempt_at);
    Line {
        patient: Some(chart.patient.clone()),
        told: told(chart, &record.notice.notice_id, record),
        tells: words(chart, &record.notice.about),
        next_attempt_at: next.filter(|_| !record.is_sent()),
    }
}

/// A notice about no single patient.
fn other(charts: &[Cow<'_, Chart>], record: &NoticeRecord) -> Line {
    let next = record.last().and_then(|(_, last)| last.next_attempt_at);
    let says = |key: &String| charts.iter().find_map(|chart| known(chart, key));
    Line {
        patient: None,
        told: told_of_nobody(&record.notice.notice_id, record),
        tells: record.notice.about.iter().filter_map(says).collect(),
        next_attempt_at: next.filter(|_| !record.is_sent()),
    }
}

/// `12 notices: 10 sent, 2 deferred`.
fn counted(lines: &[(Line, TimeZone)]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for (line, _) in lines {
        match counts.iter_mut().find(|(state, _)| *state == line.told.state) {
            Some((_, count)) => *count += 1,
            None => counts.push((line.told.state, 1)),
        }
    }
    counts.sort_unstable();
    let counts: Vec<String> = counts
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    let of = if counts.is_empty() {
        String::new()
    } else {
        format!(": {}", counts.join(", "))
    };
    format!("{} notices{of}; carebus mail show ID", lines.len())
}

impl Line {
    fn cells(&self, zone: &TimeZone) -> Vec<Value> {
        let at = |at: Option<Timestamp>| at.map_or_else(String::new, |at| moment(at, zone));
        let tone = match self.told.state {
            "sent" => Tone::Good,
            "rejected" | "abandoned" => Tone::Bad,
            _ => Tone::Warn,
        };
        let role = self.told.role.map_or_else(String::new, |role| format!("{role} "));
        vec![
            at(self.told.at).into(),
            self.patient.as_ref().map_or("–", |p| p.as_str()).into(),
            format!("{role}{}", self.told.member_id).into(),
            Value::toned(self.told.state, tone),
            self.told.tries.to_string().into(),
            self.told
                .reply
                .map_or_else(String::new, |code| code.to_string())
                .into(),
            at(self.next_attempt_at).into(),
            self.tells.join(", ").into(),
            self.told.notice_id.as_str().into(),
        ]
    }
}
