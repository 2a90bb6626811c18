//! Progress: an Oswestry that changed by a meaningful amount, and each course review.

use care::fact::assessment::Body;
use care::fact::ours::Report;
use care::measure::odi::compare;
use care::time::{Timestamp, hours};

use super::{Wanted, id};
use crate::case::Case;
use crate::rules::oswestry;

/// Progress worth telling now. When the plan has ended the closing report says it all.
pub(super) fn wanted<'c>(case: &'c Case<'_>) -> Vec<Wanted<'c>> {
    if case.plan().is_none() || case.ended().is_some() {
        return Vec::new();
    }
    let mut wanted = changes(case);
    wanted.extend(reviews(case));
    wanted
}

fn is_useful(case: &Case<'_>, at: Timestamp) -> bool {
    let until = at.saturating_add(hours(24 * i64::from(case.policy.reports.useful_days)));
    until.is_ok_and(|until| case.now <= until)
}

/// One per result, in either direction, always against the baseline.
fn changes<'c>(case: &'c Case<'_>) -> Vec<Wanted<'c>> {
    let Some((base, from)) = oswestry::baseline(case) else {
        return Vec::new();
    };
    let later = oswestry::accepted(case)
        .into_iter()
        .filter(|(r, _)| r.assessment_id != base.assessment_id && is_useful(case, r.at));
    later
        .filter_map(|(reading, to)| {
            let change = compare(from, to).ok()?;
            let reason = match () {
                () if change.improved() => Report::IMPROVED,
                () if change.worse_10_points() => Report::WORSE,
                () => return None,
            };
            Some(Wanted {
                id: id(case, &format!("oswestry/{}", reading.assessment_id)),
                reason,
                assessment: Some(reading.assessment_id.clone()),
                decisive: &reading.stamp,
            })
        })
        .collect()
}

fn reviews<'c>(case: &'c Case<'_>) -> Vec<Wanted<'c>> {
    let from = case.chart.episode_start();
    let of_plan = case
        .live()
        .filter(|t| matches!(t.body(), Body::CourseReview(_)) && from.is_none_or(|from| t.at() >= from));
    of_plan
        .filter(|t| is_useful(case, t.at()))
        .map(|t| Wanted {
            id: id(case, &format!("review/{}", t.id())),
            reason: Report::COURSE_REVIEW,
            assessment: Some(t.assessment_id().clone()),
            decisive: t.stamp(),
        })
        .collect()
}
