//! The pace of a course: too fast at its last session, too slow as soon as that can be known.

use care::chart::{Session, Stamp};
use care::fact::ours::{Evidence, Severity};
use care::role::Role;
use care::time::Timestamp;

use super::GROUP;
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};

pub(crate) const RULE: Rule = Rule::new(&PACE, paces).waking(wake);

pub(crate) static PACE: RuleInfo = RuleInfo {
    id: "course-pace",
    name: "Six sessions faster or slower than two to three weeks",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::Acupuncturist, Role::CareCoordinator],
    effect: "Says that the sixth session came too soon after the first, or, at the end of the last day, that the \
             course cannot be done in time any more. Nothing is moved.",
    dedupe: "once per plan",
    rearm: "a new plan",
    evidence: Evidence::Unverified,
    evidence_note: "Trials mostly give two sessions a week, which fits; twelve days are what two or three a week \
                    can end on.",
    source: Origin::SourceText,
    condition: Condition::Event,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

fn paces(case: &Case<'_>) -> Vec<Finding> {
    let Some(course) = Course::of(case) else {
        return Vec::new();
    };
    course
        .slow(case)
        .or_else(|| course.fast(case))
        .into_iter()
        .collect()
}

/// The first sessions of the plan, and when they have to be done.
struct Course<'a> {
    length: usize,
    first: (Timestamp, &'a Stamp),
    last: Option<(Timestamp, &'a Session, &'a Stamp)>,
    attended: usize,
    /// The last day in time is over.
    closes: Timestamp,
}

impl<'a> Course<'a> {
    fn of(case: &Case<'a>) -> Option<Self> {
        let length = usize::from(case.policy.scheduling.course_sessions);
        let attended = case.chart.attended_ea();
        let (_, first) = attended.first().filter(|_| length > 1)?;
        let (start, stamp) = (first.start()?, &first.newest()?.0.stamp);
        let last_day = i64::from(case.policy.course.pace_max_days);
        let closes = case.day_start(Case::days_after(case.date(start), last_day + 1)?)?;
        let last = attended
            .get(length - 1)
            .and_then(|(_, session)| Some((session.start()?, *session, &session.newest()?.0.stamp)));
        let in_time = |(_, session): &&(_, &Session)| session.start().is_some_and(|at| at < closes);
        Some(Self {
            length,
            first: (start, stamp),
            last,
            attended: attended.iter().filter(in_time).count(),
            closes,
        })
    }

    fn is_slow(&self) -> bool {
        self.last.is_none_or(|(start, ..)| start >= self.closes)
    }

    /// A course that was closed before its time was up is not late.
    fn is_open(&self, case: &Case<'_>) -> bool {
        case.ended().is_none_or(|ended| ended.time >= self.closes)
    }

    fn slow(&self, case: &Case<'_>) -> Option<Finding> {
        let is_true = self.is_slow() && self.is_open(case) && case.now >= self.closes;
        let finding = || {
            self.finding(case, self.closes, self.first.1)
                .value("pace", "cannot finish in time")
                .value("attended_in_time", self.attended)
                .truth(case.while_active())
        };
        is_true.then(finding)
    }

    fn fast(&self, case: &Case<'_>) -> Option<Finding> {
        let (start, session, stamp) = self.last?;
        let days = case.days_between(self.first.0, start);
        let is_true = days < i64::from(case.policy.course.pace_min_days);
        let finding = || {
            self.finding(case, session.end().unwrap_or(start), stamp)
                .because(self.first.1)
                .value("pace", "too fast")
                .value("days", days)
        };
        is_true.then(finding)
    }

    fn finding(&self, case: &Case<'_>, since: Timestamp, decisive: &Stamp) -> Finding {
        let policy = &case.policy.course;
        Finding::new(&PACE, format!("{}/pace", case.plan_key()), since, decisive)
            .threshold("sessions", self.length)
            .threshold(
                "days",
                format!("{} to {}", policy.pace_min_days, policy.pace_max_days),
            )
    }
}

fn wake(case: &Case<'_>) -> Option<Timestamp> {
    let course = Course::of(case).filter(|course| course.is_slow() && case.is_active())?;
    Some(course.closes)
}
