//! What every report about a patient shows, whatever led to it.

use care::Draft;
use care::chart::OswestryReading;
use care::fact::assessment::{Body, CourseDecision};
use care::fact::ours::{Report, ReportChange, ReportPoint};
use care::measure::odi::{Scored, compare};

use super::{counts, next, pain};
use crate::case::{Case, Told};
use crate::rules::oswestry;

/// Points a report holds at most, as the contract says.
const POINTS: usize = 2000;

/// A report without its own name and reason.
pub(super) fn of(case: &Case<'_>, said: &[Draft]) -> Report {
    let pain = pain::trend(case);
    let oswestry = results(case);
    let mut counts = counts::of(case);
    counts.insert("oswestry_results".to_owned(), counts::count(oswestry.len()));
    counts.insert("pain_days".to_owned(), counts::count(pain.points.len()));
    let open_alerts = counts::open_alerts(case, said);
    counts.insert("open_alerts".to_owned(), counts::count(open_alerts.len()));
    Report {
        plan_id: case.plan().map(|p| p.plan_id.clone()),
        oswestry_change: change(case, oswestry.len()),
        oswestry: newest(oswestry),
        pain_scale: pain.scale,
        pain_context: pain.context,
        pain_change: pain.change,
        pain: newest(pain.points),
        goal_met: goal_met(case),
        sleep_aid_fewer_percent: pain::sleep_aid(case),
        review: review(case),
        counts,
        open_alerts,
        next: next::steps(case),
        ..Report::default()
    }
}

/// The first point and the newest ones.
fn newest(mut points: Vec<ReportPoint>) -> Vec<ReportPoint> {
    if points.len() > POINTS {
        points.drain(1..=points.len() - POINTS);
    }
    points
}

/// Usable results while the plan ran, of one version of the instrument: the baseline's, or the newest where there is no baseline.
pub(super) fn results(case: &Case<'_>) -> Vec<ReportPoint> {
    let accepted = in_plan(case);
    let baseline = oswestry::baseline(case);
    let version = match baseline {
        Some((_, scored)) => &scored.version,
        None => match accepted.last() {
            Some((_, scored)) => &scored.version,
            None => return Vec::new(),
        },
    };
    let alike = accepted.iter().filter(|(_, scored)| scored.version == *version);
    alike
        .map(|(reading, scored)| ReportPoint {
            on: reading.on,
            value: percent(scored),
            better_by: baseline
                .filter(|(base, _)| base.assessment_id != reading.assessment_id)
                .and_then(|(_, from)| compare(from, scored).ok())
                .map(|change| shown(change.points_x10())),
            band: Some(scored.score.band()),
        })
        .collect()
}

fn in_plan<'c>(case: &'c Case<'_>) -> Vec<(&'c OswestryReading, &'c Scored)> {
    let accepted = oswestry::accepted(case).into_iter();
    accepted
        .filter(|(r, _)| !oswestry::is_after_end(case, r))
        .collect()
}

fn percent(scored: &Scored) -> f64 {
    f64::from(scored.score.percent_x10()) / 10.0
}

/// Tenths as the number they show.
pub(super) fn shown(x10: i64) -> f64 {
    // Tenths of a percent stay far below 2^53.
    x10 as f64 / 10.0
}

fn change(case: &Case<'_>, n: usize) -> Option<ReportChange> {
    let (base, from) = oswestry::baseline(case)?;
    let (last, to, change) = in_plan(case)
        .into_iter()
        .rev()
        .find_map(|(reading, to)| Some((reading, to, compare(from, to).ok()?)))?;
    (last.assessment_id != base.assessment_id).then(|| ReportChange {
        baseline_on: base.on,
        baseline: percent(from),
        now_on: last.on,
        now: percent(to),
        better_by_points: shown(change.points_x10()),
        better_by_percent: change.relative_x10().map(shown),
        n: counts::count(n),
        improved: change.improved(),
        worse: change.worse_10_points(),
        low_baseline: false,
    })
}

/// Assessments of the current plan, while it ran, newest first.
pub(super) fn of_plan<'c>(case: &'c Case<'_>) -> impl Iterator<Item = &'c Told<'c>> {
    let from = case.chart.episode_start();
    let until = case.ended().map(|ended| ended.time);
    case.live()
        .rev()
        .filter(move |t| from.is_none_or(|from| t.at() >= from) && until.is_none_or(|end| t.at() < end))
}

fn goal_met(case: &Case<'_>) -> Option<bool> {
    of_plan(case).find_map(|t| match t.body() {
        Body::Function(function) => function.goal_met,
        _ => None,
    })
}

fn review(case: &Case<'_>) -> Option<CourseDecision> {
    of_plan(case).find_map(|t| match t.body() {
        Body::CourseReview(review) => Some(review.decision),
        _ => None,
    })
}
