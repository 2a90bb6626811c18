//! Sleep, morning stiffness and mood of an episode, each as a median before and a median after.

use std::collections::btree_map::BTreeMap;

use care::Chart;
use care::fact::assessment::{Body, Diary};
use care::policy::Response;
use care::time::{Date, Timestamp};

use super::Attended;
use super::span::{Ending, Span, days};
use crate::assumed::{EARLY, LATE_DIARY_DAYS};
use crate::statistics::median;

/// A median before and a median after, where both are there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Of the days up to the first session.
    pub before: f64,
    /// Of the later days.
    pub after: f64,
}

/// What the diary shows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Diaries {
    /// Minutes to fall asleep, in the days after the third session.
    pub sleep_early: Option<Pair>,
    /// Minutes of morning stiffness, in the same days.
    pub stiffness_early: Option<Pair>,
    /// Minutes to fall asleep, in the last days of the course.
    pub sleep_late: Option<Pair>,
    /// Mood, 0 to 10, in the same days.
    pub mood_late: Option<Pair>,
}

type Field = fn(&Diary) -> Option<u16>;

pub(super) fn diaries(
    chart: &Chart,
    span: &Span,
    attended: &[Attended],
    ending: Option<&Ending>,
    policy: &Response,
    now: Timestamp,
) -> Diaries {
    let Some(first) = attended.first().map(|a| span.date(a.start)) else {
        return Diaries::default();
    };
    let sleep: Field = |d| d.sleep_onset_min;
    let stiffness: Field = |d| d.morning_stiffness_min;
    let mood: Field = |d| d.mood.map(u16::from);
    let before = |day: Date| (0..=i64::from(policy.baseline_max_days)).contains(&days(day, first));
    let pair = |field: Field, after: &dyn Fn(Date) -> bool| {
        let pages = pages(chart, field, now);
        Some(Pair {
            before: middle(&pages, before)?,
            after: middle(&pages, after)?,
        })
    };
    let third = attended.get(EARLY.0 - 1).map(|a| span.date(a.start));
    let third = third.filter(|third| days(*third, span.date(now)) > EARLY.1);
    let early = |day: Date| third.is_some_and(|third| (1..=EARLY.1).contains(&days(third, day)));
    let end = ending.map(|e| span.date(e.at));
    let late =
        |day: Date| day > first && end.is_some_and(|end| (0..LATE_DIARY_DAYS).contains(&days(day, end)));
    Diaries {
        sleep_early: pair(sleep, &early),
        stiffness_early: pair(stiffness, &early),
        sleep_late: pair(sleep, &late),
        mood_late: pair(mood, &late),
    }
}

/// One field by day; of two pages of one day the one performed later.
fn pages(chart: &Chart, field: Field, now: Timestamp) -> BTreeMap<Date, f64> {
    let taken = chart.taken();
    let live = taken.iter().filter(|t| t.assessment.head.performed_at < now);
    live.filter_map(|t| match &t.assessment.body {
        Body::Diary(diary) => Some((diary.on, f64::from(field(diary)?))),
        _ => None,
    })
    .collect()
}

fn middle(pages: &BTreeMap<Date, f64>, of: impl Fn(Date) -> bool) -> Option<f64> {
    let values: Vec<f64> = pages
        .iter()
        .filter(|(day, _)| of(**day))
        .map(|(_, value)| *value)
        .collect();
    median(&values)
}
