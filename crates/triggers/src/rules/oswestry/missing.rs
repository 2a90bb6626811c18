//! Pain is written down, but no Oswestry is done.

use care::chart::{OswestryReading, PainReading};
use care::fact::ours::{Evidence, Severity};
use care::role::Role;
use care::time::{SignedDuration, Timestamp, hours};

use super::{GROUP, accepted};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};

pub(crate) const RULE: Rule = Rule::new(&DIARY, diary).waking(wake);

pub(crate) static DIARY: RuleInfo = RuleInfo {
    id: "diary-without-odi",
    name: "Pain diary kept but no Oswestry",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::CareCoordinator],
    effect: "Shown in the digest.",
    dedupe: "one per 28 days",
    rearm: "an Oswestry, then 28 days without",
    evidence: Evidence::Assumption,
    evidence_note: "The numbers have no source.",
    source: Origin::SourceText,
    condition: Condition::Standing,
    scope: Scope::Plan,
    ends_as: "answered",
    ..RuleInfo::BASE
};

/// An Oswestry is missing when none was done for 28 days: two intervals of 14.
const WITHOUT: SignedDuration = hours(24 * 28);
/// Pain reports count for 14 days.
const REPORTS: SignedDuration = hours(24 * 14);

/// One finding per 28 days without an Oswestry in which the reports came together at some instant.
fn diary(case: &Case<'_>) -> Vec<Finding> {
    let Some((anchor, from)) = anchor(case) else {
        return Vec::new();
    };
    // By time: those that are yet to be felt stand at the end.
    let pains = &case.pains[..case.pains.partition_point(|p| p.at <= case.now)];
    let least = usize::from(case.policy.rules.diary_reports_min).max(1);
    let mut found = Vec::new();
    // Only the 28 days that a fortnight with enough reports reaches can have a finding; the first one counts.
    for (index, last) in pains.iter().enumerate().skip(least - 1) {
        let together = &pains[index + 1 - least..=index];
        let (together_from, together_until) = (
            last.at,
            together[0].at.saturating_add(REPORTS).unwrap_or(Timestamp::MAX),
        );
        // A fortnight reaches into two stretches of 28 days at most.
        let numbers = [
            stretch_at(from, together_from),
            stretch_at(from, together_until.min(case.now)),
        ];
        for number in numbers.into_iter().flatten() {
            let since = together_from.max(begin(from, number));
            let is_true = since < together_until && since <= case.now;
            if is_true && !found.iter().any(|(n, _)| *n == number) {
                found.push((number, finding(case, anchor, number, since, together)));
            }
        }
    }
    found.into_iter().map(|(_, finding)| finding).collect()
}

fn finding(
    case: &Case<'_>,
    anchor: Option<&OswestryReading>,
    number: i64,
    since: Timestamp,
    together: &[PainReading],
) -> Finding {
    let after = anchor.map_or("none", |r| r.assessment_id.as_str());
    let key = format!("{}/{after}/{number}", case.plan_key());
    let decisive = &together[together.len() - 1].stamp;
    let finding = Finding::new(&DIARY, key, since, decisive)
        .value("pain_reports_14_days", together.len())
        .value(
            "last_oswestry_on",
            anchor.map_or("none".to_owned(), |r| r.on.to_string()),
        )
        .threshold(
            "pain_reports_14_days_at_least",
            case.policy.rules.diary_reports_min,
        )
        .threshold("days_without_oswestry", 28)
        .task("ask-for-oswestry")
        .truth(if case.is_active() {
            Truth::Holds
        } else {
            Truth::Lasts
        });
    together.iter().fold(finding, |f, p| f.because(&p.stamp))
}

/// The last Oswestry, and when 28 days without one are over; before the first one they count as over from the start.
fn anchor<'c>(case: &'c Case<'_>) -> Option<(Option<&'c OswestryReading>, Timestamp)> {
    let last = accepted(case)
        .into_iter()
        .map(|(r, _)| r)
        .rfind(|r| r.at <= case.now);
    let from = match last {
        Some(reading) => reading.at.checked_add(WITHOUT).ok()?,
        None => case.chart.episode_start()?,
    };
    Some((last, from))
}

/// Number of the 28 days that hold an instant, from 0; none before they begin.
fn stretch_at(from: Timestamp, at: Timestamp) -> Option<i64> {
    let since = at.duration_since(from);
    (since >= SignedDuration::ZERO).then(|| since.as_secs() / WITHOUT.as_secs())
}

fn begin(from: Timestamp, number: i64) -> Timestamp {
    let offset = SignedDuration::from_secs(number.saturating_mul(WITHOUT.as_secs()));
    from.checked_add(offset).unwrap_or(Timestamp::MAX)
}

/// The beginning of the next 28 days, if a report can still count then.
fn wake(case: &Case<'_>) -> Option<Timestamp> {
    let (_, from) = anchor(case).filter(|_| case.is_active())?;
    let next = stretch_at(from, case.now).map_or(from, |number| begin(from, number + 1));
    let counts = |p: &PainReading| p.at.checked_add(REPORTS).is_ok_and(|until| until > next);
    case.pains.iter().any(counts).then_some(next)
}
