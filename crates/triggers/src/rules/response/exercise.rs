//! Movement beside the needles: weeks without exercise in central sensitisation, late sessions without PT.

use std::collections::BTreeMap;

use care::chart::Stamp;
use care::fact::assessment::Body;
use care::fact::ours::{Evidence, Severity};
use care::fact::session::Modality;
use care::fact::value::Tri;
use care::role::Role;
use care::time::{Date, Timestamp};

use super::GROUP;
use crate::case::{Case, Told};
use crate::episode::{Episode, Verdict, episodes};
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};

pub(crate) const SENSITISATION_RULE: Rule = Rule::new(&SENSITISATION, weeks).waking(next_check);
pub(crate) const REHAB_RULE: Rule = Rule::new(&REHAB, without_rehab);

pub(crate) static SENSITISATION: RuleInfo = RuleInfo {
    id: "central-sensitisation-no-exercise",
    name: "Central sensitisation without graded exercise",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::PhysicalTherapist, Role::Physiatrist, Role::Acupuncturist],
    effect: "Every week from day 8 on: fewer than 3 of the 7 days before had exercise at home or PT. After 3 such \
             weeks in a row it goes to the physiatrist alone, and then every 4 weeks. EA is not touched.",
    dedupe: "one per ISO week; from the third week in a row on, one every 4 weeks",
    rearm: "a week with enough exercise, then one without",
    evidence: Evidence::Partly,
    evidence_note: "A review finds that exercise probably lowers pain and disability; how often it takes is not \
                    known, three times a week is an example of the source text.",
    source: Origin::SourceText,
    condition: Condition::Event,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

pub(crate) static REHAB: RuleInfo = RuleInfo {
    id: "rehab-absent-late",
    name: "Sessions from the seventh on without movement re-education",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::PhysicalTherapist, Role::Physiatrist, Role::CareCoordinator],
    effect: "At session 7 and every third one after it: neither PT nor exercise in the 14 days before. Asks for a \
             PT booking to be offered.",
    dedupe: "one per session looked at",
    rearm: "the next session looked at",
    evidence: Evidence::Partly,
    evidence_note: "Guidelines put exercise first in chronic low back pain; the numbers have no source.",
    source: Origin::SourceText,
    condition: Condition::Event,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

/// Days with exercise or PT, and the facts that say so.
type Movement<'c> = BTreeMap<Date, Vec<&'c Stamp>>;

fn movement<'c>(case: &'c Case<'_>) -> Movement<'c> {
    let exercise = case.live().filter_map(|t| match t.body() {
        Body::Exercise(e) if e.minutes != Some(0) => Some((e.on, t.stamp())),
        _ => None,
    });
    let pt = case.chart.attended(Modality::Pt).into_iter();
    let pt = pt.filter_map(|(_, s)| Some((case.date(s.start()?), &s.newest()?.0.stamp)));
    let mut days = Movement::new();
    for (day, stamp) in exercise.chain(pt) {
        days.entry(day).or_default().push(stamp);
    }
    days
}

fn verdict(told: &Told<'_>) -> Verdict {
    match told.body() {
        Body::CentralSensitisation(c) => match c.value {
            Tri::Yes => Verdict::Yes,
            Tri::No => Verdict::Clear,
            Tri::Unknown => Verdict::Nothing,
        },
        _ => Verdict::Nothing,
    }
}

/// Two episodes never meet in one week: the second is looked at eight days after it began, at the earliest.
fn weeks(case: &Case<'_>) -> Vec<Finding> {
    let movement = movement(case);
    let enough = usize::from(case.policy.response.exercise_days_per_week);
    let mut found = Vec::new();
    for episode in episodes(case, verdict) {
        let mut in_a_row = 0_u16;
        for week in Weeks::of(case, &episode).take_while(|week| week.check <= case.now) {
            let days: Vec<_> = movement
                .range(week.first..=week.last)
                .map(|(_, said)| said)
                .collect();
            if days.len() >= enough {
                in_a_row = 0;
                continue;
            }
            in_a_row = in_a_row.saturating_add(1);
            found.extend(lacking(case, &episode, &week, in_a_row, &days));
        }
    }
    found
}

/// Seven whole local days, and the moment at which they are over.
struct Week {
    first: Date,
    last: Date,
    check: Timestamp,
}

/// The weeks of an episode, from the day after the flag on; those before the plan are nobody's.
struct Weeks<'c> {
    case: &'c Case<'c>,
    before: Date,
    until: Option<Timestamp>,
}

impl<'c> Weeks<'c> {
    fn of(case: &'c Case<'c>, episode: &Episode<'_>) -> Self {
        let flagged = case.date(episode.first().at());
        let began = case.plan().map_or(flagged, |plan| plan.started_on);
        let cleared = episode.cleared.as_ref().map(Told::at);
        let ended = case.ended().map(|ended| ended.time);
        Self {
            case,
            before: flagged.max(began),
            until: cleared.into_iter().chain(ended).min(),
        }
    }
}

impl Iterator for Weeks<'_> {
    type Item = Week;

    fn next(&mut self) -> Option<Week> {
        let first = Case::days_after(self.before, 1)?;
        self.before = Case::days_after(self.before, 7)?;
        let check = self.case.day_start(Case::days_after(self.before, 1)?)?;
        let is_open = self.until.is_none_or(|until| check < until);
        is_open.then_some(Week {
            first,
            last: self.before,
            check,
        })
    }
}

fn lacking(
    case: &Case<'_>,
    episode: &Episode<'_>,
    week: &Week,
    in_a_row: u16,
    days: &[&Vec<&Stamp>],
) -> Option<Finding> {
    let policy = &case.policy.response;
    let (escalate, repeat) = (
        policy.exercise_escalate_weeks,
        policy.exercise_repeat_weeks.max(1),
    );
    let is_long = in_a_row >= escalate;
    if is_long && !(in_a_row - escalate).is_multiple_of(repeat) {
        return None;
    }
    let iso = week.last.tomorrow().ok()?.iso_week_date();
    let key = format!("{}/{}-W{:02}", case.plan_key(), iso.year(), iso.week());
    let finding = Finding::new(&SENSITISATION, key, week.check, episode.first().stamp())
        .value("exercise_days_of_7", days.len())
        .value("week_until", week.last)
        .value("weeks_in_a_row", in_a_row)
        .threshold("exercise_days_of_7_at_least", policy.exercise_days_per_week)
        .truth(asked(case, week.check));
    let said = days.iter().flat_map(|stamps| stamps.iter().copied());
    let mut finding = said.fold(finding, Finding::because);
    if is_long {
        finding.roles = vec![Role::Physiatrist];
        return Some(finding.task("review-exercise-plan"));
    }
    Some(finding.task("graded-exercise"))
}

/// Nobody is asked about weeks before the plan went on.
fn asked(case: &Case<'_>, check: Timestamp) -> Truth {
    let since = case.record.and_then(|record| record.status_since());
    if since.is_some_and(|since| check < since.time) {
        return Truth::Lasts;
    }
    case.while_active()
}

fn next_check(case: &Case<'_>) -> Option<Timestamp> {
    let open = episodes(case, verdict).into_iter().filter(|_| case.is_active());
    open.filter_map(|episode| {
        Weeks::of(case, &episode)
            .map(|week| week.check)
            .find(|at| *at > case.now)
    })
    .min()
}

/// One finding per session looked at.
fn without_rehab(case: &Case<'_>) -> Vec<Finding> {
    let policy = &case.policy.response;
    let from = usize::from(policy.rehab_from_session.max(1));
    let every = usize::from(policy.rehab_every_sessions.max(1));
    let movement = movement(case);
    let attended = case.chart.attended_ea();
    let looked_at = attended.iter().enumerate().skip(from - 1).step_by(every);
    let without = looked_at.filter_map(|(index, (id, session))| {
        let (start, end) = (session.start()?, session.end()?);
        let day = case.date(start);
        let oldest = Case::days_after(day, -i64::from(policy.rehab_days))?;
        if movement.range(oldest..=day).next().is_some() {
            return None;
        }
        let completed = &session.newest()?.0.stamp;
        let key = format!("{}/ea-{}", case.plan_key(), index + 1);
        let finding = Finding::new(&REHAB, key, end, completed)
            .value("session", index + 1)
            .value("session_id", id)
            .threshold("days_without_movement", policy.rehab_days)
            .task("offer-pt-booking")
            .truth(case.while_active());
        Some(finding)
    });
    without.collect()
}
