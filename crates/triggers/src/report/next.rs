//! What comes next: the Oswestry due, the sessions ahead, the look back after the plan.

use care::chart::PlanStatus;
use care::fact::ours::ReportStep;
use care::fact::session::Modality;
use care::time::Date;

use crate::case::Case;
use crate::rules::oswestry;

/// Days from the end of a completed plan to the look at how it lasted.
const LOOK_BACK_DAYS: i64 = 182;

/// Soonest first.
pub(super) fn steps(case: &Case<'_>) -> Vec<ReportStep> {
    let mut steps: Vec<ReportStep> = match case.ended() {
        Some(ended) => {
            let completed = case.record.map(|r| r.status()) == Some(PlanStatus::Completed);
            let look_back = Case::days_after(case.date(ended.time), LOOK_BACK_DAYS);
            look_back
                .filter(|_| completed)
                .map(|on| step("six-month-check", on))
                .into_iter()
                .collect()
        }
        None => [
            session(case, Modality::Ea).map(|on| step("ea-session", on)),
            session(case, Modality::Pt).map(|on| step("pt-session", on)),
            due(case).map(|on| step("oswestry-due", on)),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    steps.sort_by_key(|step| step.on);
    steps
}

fn step(what: &str, on: Date) -> ReportStep {
    ReportStep {
        what: what.to_owned(),
        on: Some(on),
    }
}

/// The day of the next session that is expected.
fn session(case: &Case<'_>, modality: Modality) -> Option<Date> {
    let all = case.chart.sessions.values();
    let ahead = all
        .filter(|s| s.modality() == Some(modality) && Case::is_expected(s))
        .filter_map(|s| s.start())
        .filter(|start| *start > case.now);
    ahead.min().map(|start| case.date(start))
}

/// The first due whose window is open or ahead and that no result answers.
fn due(case: &Case<'_>) -> Option<Date> {
    let first = oswestry::baseline_on(case)?;
    let today = case.date(case.now);
    let accepted = oswestry::accepted(case);
    let every = oswestry::every_days(case);
    let passed = i64::from(first.until(today).ok()?.get_days()) / every;
    // The window of the due before may still be open; two answered in a row are the most there can be ahead.
    ((passed - 1).max(0)..(passed + 4).max(1)).find_map(|k| {
        let due_on = Case::days_after(first, every * k)?;
        let (opens, closes) = oswestry::window(case, due_on)?;
        let is_open = closes >= today && !accepted.iter().any(|(r, _)| (opens..=closes).contains(&r.on));
        is_open.then_some(due_on)
    })
}
