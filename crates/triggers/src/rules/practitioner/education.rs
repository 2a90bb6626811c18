//! Continuing education about the reporting of adverse events, once a year.

use care::fact::ours::{Evidence, Severity};
use care::role::Role;
use care::time::{Date, Timestamp, ToSpan};

use super::GROUP;
use crate::finding::{Finding, Truth};
use crate::practice::Practice;
use crate::rule::{Condition, Origin, Rule, RuleInfo};

pub(crate) const RECORDED_ROW: Rule = Rule::listed(&RECORDED);

pub(crate) static RECORDED: RuleInfo = RuleInfo {
    id: "practitioner-continuing-education",
    name: "No continuing education about adverse events",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::CareCoordinator],
    effect: "Asks for the record of a course about reporting adverse events; changes no booking. Looks only at those \
             who publish credentials.",
    dedupe: "one per practitioner and year without a course, for all patients",
    rearm: "another year without one, or a gap after a course",
    evidence: Evidence::Unverified,
    evidence_note: "That updates are asked for each year is stated by the source text alone.",
    source: Origin::SourceText,
    condition: Condition::Standing,
    ends_as: "recorded",
    ..RuleInfo::BASE
};

/// The topic, as credentials name it.
const TOPIC: &str = "adverse_event_reporting";

/// What the records say today.
struct Record {
    /// The last course that has taken place.
    last: Option<Date>,
    /// The next one that is in the record already.
    next: Option<Date>,
    /// Last day on which the last course is enough.
    through: Option<Date>,
    today: Date,
}

impl Record {
    fn of(practice: &Practice<'_>) -> Self {
        let today = practice.date(practice.subject.now);
        let months = i64::from(practice.subject.policy.practitioners.education_months);
        let courses = || {
            let all = practice.known.credentials.values();
            let all = all.flat_map(|c| &c.value.continuing_education);
            all.filter(|course| course.topic == TOPIC).map(|course| course.on)
        };
        let last = courses().filter(|on| *on <= today).max();
        let through = last.and_then(|on| on.checked_add(months.months()).ok());
        Self {
            last,
            next: courses().filter(|on| *on > today).min(),
            through,
            today,
        }
    }

    /// First day of the year without a course that today is in: years count from the day after the last course
    /// ceased to be enough, and are those of the calendar where there was none; none while there is no gap.
    fn year(&self) -> Option<Date> {
        let Some(through) = self.through else {
            return Some(self.today.first_of_year());
        };
        let began = through.tomorrow().ok().filter(|day| *day <= self.today)?;
        let years = self.today.year() - began.year();
        let nth = |n: i16| began.checked_add(n.years()).ok();
        // The anniversary of this calendar year, or the one before if it is still ahead.
        nth(years)
            .filter(|day| *day <= self.today)
            .or_else(|| nth(years - 1))
    }
}

pub(crate) fn recorded(practice: &Practice<'_>) -> Vec<Finding> {
    let Some(stamp) = practice.newest_credential() else {
        return Vec::new();
    };
    let record = Record::of(practice);
    let Some(year) = record.year() else {
        return Vec::new();
    };
    // What was published later could not have been told earlier.
    let since = practice
        .day_start(year)
        .map_or(stamp.time, |day| day.max(stamp.time));
    let last = record.last.map_or_else(|| "none".to_owned(), |on| on.to_string());
    let months = practice.subject.policy.practitioners.education_months;
    let this = Finding::new(&RECORDED, year.to_string(), since, stamp)
        .value("last_course", last)
        .threshold("months", months)
        .task("record-a-course");
    let over = Truth::Over {
        outcome: "another-year",
        by: None,
    };
    let before = year.checked_sub(1.year()).ok();
    let before = before.map(|year| Finding::new(&RECORDED, year.to_string(), since, stamp).truth(over));
    std::iter::once(this).chain(before).collect()
}

/// A course ceases to be enough, another year begins, or a course takes place that is in the record already.
pub(crate) fn wake(practice: &Practice<'_>) -> Option<Timestamp> {
    practice.newest_credential()?;
    let record = Record::of(practice);
    let next = match record.year() {
        Some(year) => year.checked_add(1.year()).ok(),
        None => record.through.and_then(|day| day.tomorrow().ok()),
    };
    let days = next.into_iter().chain(record.next);
    days.filter_map(|day| practice.day_start(day)).min()
}
