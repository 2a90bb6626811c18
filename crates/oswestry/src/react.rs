//! The worker: scores, reminders and misses that ought to exist for a chart and do not yet.

use std::collections::BTreeSet;

use care::chart::{OswestryReading, PlanRecord, PlanStatus, Reminder};
use care::fact::assessment::{Body, Oswestry};
use care::fact::ours::{OswestryReminder, OswestryScored};
use care::fact::plan::{OswestrySettings, PlanReason};
use care::id::AssessmentId;
use care::time::{Date, Timestamp};
use care::{About, Chart, Draft, Fact, Policy, Reaction, Worker};

use crate::clock::Clock;
use crate::facts::{Facts, Pause};
use crate::grid::Grid;
use crate::state::Ought;

/// What ought to exist now, and when the answer may next differ without a new fact.
///
/// An Oswestry is scored once, as it was seen when it was scored: a result that comes late and answers the same due
/// does not change the score of another. Whoever needs the present truth asks [`clock`] or the chart's readings.
#[must_use]
pub fn react(chart: &Chart, policy: &Policy, now: Timestamp) -> Reaction {
    let readings = chart.oswestries(policy.oswestry.max_missing);
    let clock = clock_of(chart, policy, &readings);
    let mut reaction = Reaction::default();
    reaction.facts.extend(scores(chart, &readings, clock.as_ref()));
    if let (Some(clock), Some(record)) = (clock, chart.plan()) {
        let new = |ought: &Ought| !chart.reminders.contains_key(&(ought.due_on, ought.reminder));
        reaction.facts.extend(
            clock
                .ought(now)
                .into_iter()
                .filter(new)
                .map(|ought| reminder(chart, record, ought)),
        );
        reaction.look_again = clock.wake_after(now);
    }
    reaction
}

/// The clock of the current plan; `None` without a plan or without Oswestry settings in it.
#[must_use]
pub fn clock(chart: &Chart, policy: &Policy) -> Option<Clock> {
    clock_of(chart, policy, &chart.oswestries(policy.oswestry.max_missing))
}

fn clock_of(chart: &Chart, policy: &Policy, readings: &[OswestryReading]) -> Option<Clock> {
    let record = chart.plan()?;
    let settings = record.plan()?.oswestry?;
    let ended = ended(record);
    Some(Clock::new(Facts {
        grid: grid(&settings, policy)?,
        zone: record.zone(),
        remind_at: policy.oswestry.remind_at,
        since: since(record)?,
        ended,
        pauses: admission(record).into_iter().collect(),
        recorded: recorded(chart),
        days: readings
            .iter()
            .filter(|r| r.validity.is_valid() && in_plan(r, ended))
            .map(|r| r.on)
            .collect(),
    }))
}

fn grid(settings: &OswestrySettings, policy: &Policy) -> Option<Grid> {
    // An interval of zero days is none: the policy's stands in for it as for an absent one.
    let every_days = settings
        .every_days
        .filter(|days| *days > 0)
        .unwrap_or(policy.oswestry.every_days);
    let grid = Grid::new(settings.baseline_on, every_days)?;
    Some(grid.reminding(policy.oswestry.overdue_days, policy.oswestry.late_days))
}

/// When the present snapshot came, or the plan was activated or resumed after it. What closed before was closed on
/// another grid, or during a hold of which the chart no longer says whether it was an admission.
fn since(record: &PlanRecord) -> Option<Timestamp> {
    let snapshot = record.snapshot.as_ref()?.version.stamp.time;
    let active = record
        .status_since()
        .filter(|_| record.status() == PlanStatus::Active);
    Some(active.map_or(snapshot, |stamp| stamp.time.max(snapshot)))
}

fn ended(record: &PlanRecord) -> Option<Timestamp> {
    let over = matches!(record.status(), PlanStatus::Completed | PlanStatus::Revoked);
    record.status_since().filter(|_| over).map(|stamp| stamp.time)
}

/// The admission that stands, until the end of its last day if that is known.
fn admission(record: &PlanRecord) -> Option<Pause> {
    let state = record.state.as_ref()?;
    if state.value.status != PlanStatus::Held || state.value.reason != Some(PlanReason::Admission) {
        return None;
    }
    let end_of = |day: Date| {
        day.tomorrow()
            .ok()?
            .to_zoned(record.zone())
            .ok()
            .map(|zoned| zoned.timestamp())
    };
    Some(Pause {
        from: state.version.stamp.time,
        until: state.value.until.and_then(end_of),
    })
}

fn recorded(chart: &Chart) -> BTreeSet<Date> {
    chart
        .reminders
        .keys()
        .filter(|(_, which)| *which == Reminder::Missed)
        .map(|(due_on, _)| *due_on)
        .collect()
}

/// Done before the plan ended: what a discharged patient sends is stored and unscheduled.
fn in_plan(reading: &OswestryReading, ended: Option<Timestamp>) -> bool {
    ended.is_none_or(|ended| reading.at < ended)
}

/// A score for each result that has none. The same answers again on the same day are no second result.
fn scores(chart: &Chart, readings: &[OswestryReading], clock: Option<&Clock>) -> Vec<Draft> {
    readings
        .iter()
        .filter(|r| !chart.scored.contains_key(&r.assessment_id) && !repeats_another(chart, readings, r))
        .map(|r| Draft {
            worker: Worker::Oswestry,
            about: About::Patient(chart.patient.clone()),
            key: r.assessment_id.to_string(),
            causation: Some(r.stamp.id.clone()),
            correlation: Some(r.stamp.chain().clone()),
            fact: Fact::OswestryScored(scored(r, clock.and_then(|clock| answers(chart, clock, r)))),
        })
        .collect()
}

fn scored(reading: &OswestryReading, answers_due: Option<Date>) -> OswestryScored {
    let valid = reading.validity.is_valid();
    let score = reading.scored.as_ref().map(|scored| scored.score);
    let usable = score.filter(|_| valid);
    OswestryScored {
        assessment_id: reading.assessment_id.clone(),
        sum: score.map_or(0, |score| score.sum()),
        answered: score.map_or(0, |score| score.answered()),
        percent: usable.map(|score| f64::from(score.percent_x10()) / 10.0),
        band: usable.map(|score| score.band()),
        valid,
        answers_due,
    }
}

/// The due that a result answers, unless it is invalid, later than the plan, or replaced on its own day by other
/// answers.
fn answers(chart: &Chart, clock: &Clock, reading: &OswestryReading) -> Option<Date> {
    let replaced = reading
        .superseded_by
        .as_ref()
        .is_some_and(|by| answer(chart, by) != content(chart, reading));
    let counts = reading.validity.is_valid() && in_plan(reading, chart.plan().and_then(ended)) && !replaced;
    counts
        .then(|| clock.answers(reading.on))
        .flatten()
        .map(|window| window.due_on)
}

fn repeats_another(chart: &Chart, readings: &[OswestryReading], reading: &OswestryReading) -> bool {
    let sent = |r: &OswestryReading| (r.stamp.time, r.stamp.id.clone());
    readings
        .iter()
        .filter(|other| other.on == reading.on && sent(other) < sent(reading))
        .any(|other| content(chart, other) == content(chart, reading))
}

fn content<'a>(chart: &'a Chart, reading: &OswestryReading) -> Option<&'a Oswestry> {
    answer(chart, &reading.assessment_id)
}

/// What was submitted, version and answers.
fn answer<'a>(chart: &'a Chart, id: &AssessmentId) -> Option<&'a Oswestry> {
    match &chart.assessments.get(id)?.assessment.body {
        Body::Oswestry(oswestry) => Some(oswestry),
        _ => None,
    }
}

fn reminder(chart: &Chart, record: &PlanRecord, ought: Ought) -> Draft {
    let told = |step| OswestryReminder {
        due_on: ought.due_on,
        k: ought.k,
        step,
    };
    let (fact, what) = match ought.reminder {
        Reminder::Due => (Fact::OswestryDue(told(None)), "due".to_owned()),
        Reminder::Overdue(step) => (Fact::OswestryOverdue(told(Some(step))), format!("overdue-{step}")),
        Reminder::Missed => (Fact::OswestryMissed(told(None)), "missed".to_owned()),
    };
    let plan = record.snapshot.as_ref().map(|snapshot| &snapshot.version.stamp);
    Draft {
        worker: Worker::Oswestry,
        about: About::Patient(chart.patient.clone()),
        // The date and not the number: a rebuilt grid that keeps a date has already said it.
        key: format!("{}/{what}", ought.due_on),
        causation: plan.map(|stamp| stamp.id.clone()),
        correlation: plan.map(|stamp| stamp.chain().clone()),
        fact,
    }
}
