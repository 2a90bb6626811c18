//! Course and people: how many sessions and how fast, the review after them, and whether everybody can be told.

pub(crate) mod claims;
pub(crate) mod minimum;
pub(crate) mod pace;

use care::chart::Stamp;
use care::fact::assessment::{Body, CourseReview};
use care::fact::ours::{Evidence, Severity};
use care::fact::plan::Member;
use care::policy::Consent;
use care::role::Role;
use care::time::{Date, Timestamp};

use crate::case::{Case, Told};
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};

pub(crate) const REASSESSMENT_RULE: Rule = Rule::new(&REASSESSMENT, reassessments).waking(wake);
pub(crate) const TEAM_RULE: Rule = Rule::new(&TEAM, team);

const GROUP: &str = "course and people";

pub(crate) static REASSESSMENT: RuleInfo = RuleInfo {
    id: "course-reassessment-due",
    name: "Reassessment due after the course",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::Acupuncturist, Role::Physiatrist, Role::CareCoordinator],
    effect: "Asks for a course review, with its due day; told once more on the day after it. EA past the \
             course and its grace is not placed without one.",
    dedupe: "one per six attended sessions; overdue once",
    rearm: "the next six attended sessions",
    evidence: Evidence::Policy,
    evidence_note: "A payer grants further sessions only with improvement; the seven days are an assumption.",
    source: Origin::SourceText,
    condition: Condition::Standing,
    scope: Scope::Plan,
    ends_as: "corrected",
    ..RuleInfo::BASE
};

pub(crate) static TEAM: RuleInfo = RuleInfo {
    id: "care-team-complete",
    name: "Care team incomplete",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::CareCoordinator],
    effect: "What that role should be told goes to the coordinator, marked as an undeliverable role.",
    dedupe: "one per role",
    rearm: "the role filled, then empty or refused again",
    evidence: Evidence::Assumption,
    evidence_note: "Mail between treating providers is allowed with reasonable safeguards; that all three \
                    are needed is the loop the source text describes.",
    source: Origin::SourceText,
    condition: Condition::Standing,
    scope: Scope::Plan,
    ends_as: "filled",
    ..RuleInfo::BASE
};

/// One finding per finished course: sessions 6, 12, 18 and so on.
fn reassessments(case: &Case<'_>) -> Vec<Finding> {
    let length = usize::from(case.policy.scheduling.course_sessions).max(1);
    let attended = case.chart.attended_ea();
    let mut found = Vec::new();
    for (course, (id, session)) in attended.iter().skip(length - 1).step_by(length).enumerate() {
        let (Some(start), Some(end), Some((version, _))) = (session.start(), session.end(), session.newest())
        else {
            continue;
        };
        let Some(due_on) = due_on(case, end) else { continue };
        let review = case
            .live()
            .find(|t| course_review(t).is_some() && t.at() >= start);
        let truth = match review {
            Some(review) => Truth::Over {
                outcome: "reviewed",
                by: Some(review.stamp().clone()),
            },
            None if case.is_active() => Truth::Holds,
            None => Truth::Lasts,
        };
        let key = format!("{}/course/{}", case.plan_key(), course + 1);
        let mut finding = Finding::new(&REASSESSMENT, key, end, &version.stamp)
            .value("attended_sessions", length * (course + 1))
            .value("last_session", id)
            .value("due_on", due_on)
            .threshold("attended_sessions", length)
            .threshold("days_to_review", case.policy.rules.course_review_days)
            .task("course-review")
            .truth(truth);
        finding.overdue_from = overdue_from(case, due_on);
        found.push(finding);
    }
    found
}

fn course_review<'a>(told: &Told<'a>) -> Option<&'a CourseReview> {
    match told.body() {
        Body::CourseReview(review) => Some(review),
        _ => None,
    }
}

fn due_on(case: &Case<'_>, end: Timestamp) -> Option<Date> {
    Case::days_after(case.date(end), i64::from(case.policy.rules.course_review_days))
}

/// The day after the due day begins.
fn overdue_from(case: &Case<'_>, due_on: Date) -> Option<Timestamp> {
    case.day_start(due_on.tomorrow().ok()?)
}

fn wake(case: &Case<'_>) -> Option<Timestamp> {
    let open = reassessments(case)
        .into_iter()
        .filter(|f| f.truth == Truth::Holds);
    open.filter_map(|f| f.overdue_from)
        .filter(|at| *at > case.now)
        .min()
}

/// Who has to be reachable.
const NEEDED: [Role; 3] = [Role::Pcp, Role::Physiatrist, Role::Acupuncturist];

fn team(case: &Case<'_>) -> Vec<Finding> {
    let Some(record) = case.record else {
        return Vec::new();
    };
    let Some(snapshot) = record.snapshot.as_ref() else {
        return Vec::new();
    };
    let finding = |role: Role| {
        let holders: Vec<&Member> = record.holders(role).collect();
        let problem = match () {
            () if holders.is_empty() => "missing",
            () if !holders.iter().any(|m| has_address(m)) => "no address",
            () if !holders.iter().any(|m| has_address(m) && consents(case, m)) => "no consent",
            () => "address refused",
        };
        // The log keeps what the plan says, not since when: the newest revision says it now.
        let stamp = match problem {
            "address refused" => refused(case, &holders)?,
            _ => &snapshot.version.stamp,
        };
        Some(
            Finding::new(&TEAM, format!("{}/{role}", case.plan_key()), stamp.time, stamp)
                .value("role", role)
                .value("problem", problem)
                .task("complete-the-team")
                .truth(if case.is_active() {
                    Truth::Holds
                } else {
                    Truth::Lasts
                }),
        )
    };
    NEEDED.into_iter().filter_map(finding).collect()
}

/// When the last of those who could be told was refused by a mail server; none while one can be.
fn refused<'c>(case: &'c Case<'_>, holders: &[&Member]) -> Option<&'c Stamp> {
    let able = holders.iter().filter(|m| has_address(m) && consents(case, m));
    let refusals: Option<Vec<&Stamp>> = able.map(|m| case.chart.refused_address(&m.member_id)).collect();
    refusals?.into_iter().max()
}

fn has_address(member: &Member) -> bool {
    member
        .email
        .as_ref()
        .is_some_and(|email| email.expose().contains('@'))
}

/// An empty list is a refusal; a missing one is what the policy says.
fn consents(case: &Case<'_>, member: &Member) -> bool {
    match &member.consent {
        Some(given) => !given.is_empty(),
        None => case.policy.mail.consent == Consent::Assumed,
    }
}
