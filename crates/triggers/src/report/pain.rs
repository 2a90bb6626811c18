//! Pain over the plan on one scale and one question, and what became of sleep aids.

use std::collections::BTreeMap;

use care::chart::PainReading;
use care::fact::assessment::{Body, MedicationClass, MedicationStatus};
use care::fact::ours::{ReportChange, ReportPoint};
use care::measure::pain::{Context, Reduction, Scale, compare};
use care::time::{Date, hours};

use super::content::{of_plan, shown};
use super::counts::count;
use crate::case::Case;
use crate::rules::response::pain_baseline;

/// Pain over time.
#[derive(Default)]
pub(super) struct Trend {
    pub(super) scale: Option<Scale>,
    pub(super) context: Option<Context>,
    pub(super) points: Vec<ReportPoint>,
    pub(super) change: Option<ReportChange>,
}

/// From the baseline on; without one, scores of the scale and question that were used most.
pub(super) fn trend(case: &Case<'_>) -> Trend {
    let attended = case.chart.attended_ea();
    let baseline = attended
        .first()
        .and_then(|(_, session)| pain_baseline(case, session.start()?));
    let scores = scores(case);
    let Some(model) = baseline.or_else(|| most_used(&scores)) else {
        return Trend::default();
    };
    let alike = scores
        .into_iter()
        .filter(|p| compare(&model.pain, &p.pain).is_ok() && baseline.is_none_or(|base| p.at >= base.at));
    let days = by_day(case, baseline, alike);
    let points: Vec<ReportPoint> = days
        .iter()
        .map(|(on, reading)| ReportPoint {
            on: *on,
            value: f64::from(reading.pain.value()),
            better_by: baseline
                .filter(|base| base.assessment_id != reading.assessment_id)
                .and_then(|base| compare(&base.pain, &reading.pain).ok())
                .map(|change| f64::from(change.points())),
            band: None,
        })
        .collect();
    let last = days.last_key_value().map(|(_, reading)| *reading);
    Trend {
        scale: Some(model.pain.scale()),
        context: Some(model.pain.context()),
        change: baseline
            .zip(last)
            .and_then(|(base, last)| change(case, base, last, points.len())),
        points,
    }
}

/// Scores that may say something about response, while the plan ran; a baseline may be 14 days older than the plan.
fn scores<'c>(case: &'c Case<'_>) -> Vec<&'c PainReading> {
    let ended = case.ended().map(|ended| ended.time);
    let from = case
        .chart
        .episode_start()
        .and_then(|start| start.checked_sub(hours(24 * 14)).ok());
    let in_plan = |p: &&PainReading| {
        p.pain.context().counts_for_response()
            && ended.is_none_or(|ended| p.at < ended)
            && from.is_none_or(|from| p.at >= from)
    };
    case.pains.iter().filter(in_plan).collect()
}

fn most_used<'c>(scores: &[&'c PainReading]) -> Option<&'c PainReading> {
    let uses = |p: &PainReading| {
        let alike = scores.iter().filter(|q| compare(&p.pain, &q.pain).is_ok());
        alike.count()
    };
    // Of equals the first, because `max_by_key` takes the last.
    scores.iter().rev().max_by_key(|p| uses(p)).copied()
}

/// The last score of each day, the baseline standing for its own.
fn by_day<'c>(
    case: &Case<'_>,
    baseline: Option<&'c PainReading>,
    scores: impl Iterator<Item = &'c PainReading>,
) -> BTreeMap<Date, &'c PainReading> {
    let mut days: BTreeMap<Date, &PainReading> = scores.map(|p| (case.date(p.at), p)).collect();
    if let Some(base) = baseline {
        days.insert(case.date(base.at), base);
    }
    days
}

fn change(case: &Case<'_>, base: &PainReading, last: &PainReading, n: usize) -> Option<ReportChange> {
    let change = compare(&base.pain, &last.pain).ok()?;
    (last.assessment_id != base.assessment_id).then(|| ReportChange {
        baseline_on: case.date(base.at),
        baseline: f64::from(base.pain.value()),
        now_on: case.date(last.at),
        now: f64::from(last.pain.value()),
        better_by_points: f64::from(change.points()),
        better_by_percent: change.reduction().map(|r| shown(r.percent_x10())),
        n: count(n),
        improved: change.reduction().is_some_and(Reduction::at_least_30),
        worse: change.clearly_worse(),
        low_baseline: change.low_baseline(),
    })
}

/// How many percent fewer doses of sleep aids than on the first day they were counted.
pub(super) fn sleep_aid(case: &Case<'_>) -> Option<f64> {
    let mut told: Vec<_> = of_plan(case).collect();
    told.reverse();
    let mut doses: BTreeMap<&str, i64> = BTreeMap::new();
    let mut first: Option<(Date, i64)> = None;
    let mut reports = 0_u32;
    for told in told {
        let Body::Medication(medication) = told.body() else {
            continue;
        };
        let counted = match medication.status {
            MedicationStatus::Stopped => Some(0),
            MedicationStatus::Active => medication.doses.map(i64::from),
        };
        let Some(counted) = counted.filter(|_| medication.class == MedicationClass::SleepAid) else {
            continue;
        };
        doses.insert(&medication.medication_id, counted);
        reports += 1;
        let day = case.date(told.at());
        if first.is_none_or(|(of, _)| of == day) {
            first = Some((day, doses.values().sum()));
        }
    }
    let (_, from) = first.filter(|(_, from)| *from > 0 && reports > 1)?;
    let fewer = from - doses.values().sum::<i64>();
    // One decimal, half away from zero, as everywhere else.
    Some(shown((2000 * fewer + from * fewer.signum()) / (2 * from)))
}
