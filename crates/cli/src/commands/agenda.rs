//! `carebus agenda`: what is due over all patients, earliest first.

use std::process::ExitCode;

use care::fact::assessment::Body;
use care::fact::ours::Severity;
use care::id::PatientId;
use care::sentence::{modality, moment};
use care::time::{Span, TimeZone, Timestamp, hours};
use care::{Chart, Policy};
use oswestry::State;
use serde::Serialize;

use super::alerts;
use crate::args::Agenda;
use crate::config::Config;
use crate::exit::Failure;
use crate::fold;
use crate::output::{Output, Tone, Value};

/// One thing ahead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Item {
    at: Timestamp,
    patient: PatientId,
    kind: &'static str,
    what: String,
    /// Its time has come.
    is_late: bool,
}

pub(crate) async fn run(args: &Agenda, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let folded = fold::view_at(&args.view, args.at.unwrap_or(Timestamp::MAX), config).await?;
    let now = args.at.unwrap_or_else(|| node::Clock::real().now());
    let until = now
        .saturating_add(hours(24 * i64::from(args.days)))
        .unwrap_or(Timestamp::MAX);
    let mut items: Vec<(Item, TimeZone)> = Vec::new();
    for chart in folded.engine.charts() {
        items.extend(
            items_of(&chart, folded.policy(), now, until)
                .into_iter()
                .map(|item| (item, chart.zone())),
        );
    }
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    if output.json() {
        output.value(&items.iter().map(|(item, _)| item).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    output.table(
        &["when", "patient", "what", ""],
        items.iter().map(|(item, zone)| cells(item, zone)).collect(),
    )?;
    output.note(format!(
        "{} things from {} on, {} days",
        items.len(),
        now.strftime("%Y-%m-%d %H:%M UTC"),
        args.days
    ));
    Ok(ExitCode::SUCCESS)
}

fn items_of(chart: &Chart, policy: &Policy, now: Timestamp, until: Timestamp) -> Vec<Item> {
    let item = |at: Timestamp, kind, what| Item {
        at,
        patient: chart.patient.clone(),
        kind,
        what,
        is_late: at < now,
    };
    let mut items = Vec::new();
    for (id, session) in &chart.sessions {
        if let (Some(start), Some(kind)) = (session.start(), session.modality())
            && session.status().occupies()
            && start >= now
            && start < until
        {
            items.push(item(
                start,
                "session",
                format!("{} {id}, {}", modality(kind), session.status().code()),
            ));
        }
    }
    let waits = |a: &alerts::Line| a.state == alerts::State::Open && a.severity != Severity::Info;
    for alert in alerts::of(chart, policy).into_iter().filter(waits) {
        let what = format!(
            "{} alert {} waits for an answer: carebus ack {}",
            alert.severity.code(),
            alert.rule,
            alert.alert_id
        );
        items.push(item(alert.raised_at, "alert", what));
    }
    if chart.is_active() {
        items.extend(
            oswestries(chart, policy, now, until)
                .into_iter()
                .map(|(at, what)| item(at, "oswestry", what)),
        );
        items.extend(course_review(chart, policy).map(|(at, what)| item(at, "course_review", what)));
    }
    items.retain(|item| item.at < until);
    items
}

/// Dues of the plan's grid that are not answered: from the open window on, up to the end.
fn oswestries(chart: &Chart, policy: &Policy, now: Timestamp, until: Timestamp) -> Vec<(Timestamp, String)> {
    let Some(clock) = oswestry::clock(chart, policy) else {
        return Vec::new();
    };
    let Some(settings) = chart.plan().and_then(|r| r.plan()).and_then(|p| p.oswestry) else {
        return Vec::new();
    };
    let every = settings.every_days.unwrap_or(policy.oswestry.every_days);
    let zone = chart.zone();
    let due = |k: u32| {
        let days = Span::new().try_days(i64::from(every) * i64::from(k)).ok()?;
        let on = settings.baseline_on.checked_add(days).ok()?;
        Some((on, on.to_zoned(zone.clone()).ok()?.timestamp()))
    };
    let mut found = Vec::new();
    for k in 0.. {
        let Some((on, at)) = due(k).filter(|(_, at)| *at < until) else {
            break;
        };
        let says = match clock.state(k, now) {
            Some(State::Upcoming | State::Open | State::Due) => "due",
            Some(State::Overdue | State::Late) => "overdue",
            _ => continue,
        };
        found.push((at, format!("Oswestry {k} {says} on {on}")));
    }
    found
}

/// The review a course waits for: so many days after its last session, as the policy says.
fn course_review(chart: &Chart, policy: &Policy) -> Option<(Timestamp, String)> {
    let reviewed = |t: &&care::chart::Taken| matches!(t.assessment.body, Body::CourseReview(_));
    let last = chart
        .taken()
        .into_iter()
        .filter(reviewed)
        .map(|t| t.assessment.head.performed_at)
        .max();
    let attended = chart.attended_ea();
    let since = attended
        .iter()
        .filter_map(|(_, s)| s.end())
        .filter(|end| last.is_none_or(|last| *end > last));
    let course = usize::from(policy.scheduling.course_sessions);
    let ended = since.collect::<Vec<_>>().get(course.checked_sub(1)?).copied()?;
    let due = ended
        .checked_add(hours(24 * i64::from(policy.rules.course_review_days)))
        .ok()?;
    Some((due, format!("course review after {course} EA sessions")))
}

fn cells(item: &Item, zone: &TimeZone) -> Vec<Value> {
    let late = if item.is_late {
        Value::toned("now", Tone::Warn)
    } else {
        "".into()
    };
    vec![
        moment(item.at, zone).into(),
        item.patient.as_str().into(),
        item.what.as_str().into(),
        late,
    ]
}
